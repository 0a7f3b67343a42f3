#include "bench/report/style.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace muster::bench::report {
namespace {

struct Theme {
  const char* paper;
  const char* ink;
  const char* note;
  const char* grid;
  const char* axis;
  std::array<const char*, 11> engines;  ///< by Measured::style: Muster, its variants, the others
  std::array<const char*, 6> parts;     ///< dark letters can be read on all of them
};

constexpr Theme kLight = {
    "#ffffff",
    "#1b2026",
    "#5b6570",
    "#e6e9ec",
    "#9aa3ab",
    {"#1d4fc4", "#7fa0e6", "#b58a5a", "#6f9a78", "#9c7aa8", "#c98686", "#5f9a9f", "#87909a",
     "#b3a24e", "#a4684c", "#56734f"},
    {"#cfe0dd", "#9cc8c0", "#66ab9f", "#c9cdd2", "#d9c9a8", "#e3d8e6"},
};

constexpr Theme kDark = {
    "#14181d",
    "#e4e8ec",
    "#9aa5b0",
    "#2a3138",
    "#5c6771",
    {"#7aa5ff", "#4668b8", "#c79d6e", "#84b08d", "#b391bf", "#d99a9a", "#74b0b5", "#98a2ac",
     "#c4b462", "#bd8063", "#75966d"},
    {"#dcebe8", "#a9d3cb", "#76b8ac", "#b4bac0", "#d9c9a8", "#d8c9dc"},
};

std::string colours(const Theme& theme) {
  std::string css = fmt::format(
      ".head,.title,.label{{fill:{0}}}.note,.small{{fill:{1}}}.grid{{stroke:{2}}}.axis{{stroke:{3}}"
      "}"
      ".reference{{stroke:{4}}}.mark{{stroke:{5}}}.hollow{{fill:{5}}}.neutral{{fill:{1}}}"
      ".neutral-line{{stroke:{1}}}\n",
      theme.ink, theme.note, theme.grid, theme.axis, theme.engines[0], theme.paper);
  for (std::size_t i = 0; i < theme.engines.size(); ++i) {
    css += fmt::format(".e{0}{{fill:{1}}}.s{0}{{stroke:{1}}}", i, theme.engines.at(i));
  }
  for (std::size_t i = 0; i < theme.parts.size(); ++i) {
    css += fmt::format(".p{}{{fill:{}}}", i, theme.parts.at(i));
  }
  return css + "\n";
}

constexpr const char* kShapes = R"(
svg text{font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif}
.head{font-size:14px;font-weight:600}.title{font-size:19px;font-weight:600}
.label{font-size:12px}.own{font-weight:700}.note{font-size:11px}
.small,.within{font-size:10px}.within{fill:#15202b}
.grid,.axis{stroke-width:1}.reference{stroke-width:1.5;stroke-dasharray:3 3}
.mark{stroke-width:1}.hollow{stroke-width:1.6}.faint{fill-opacity:.45}
.whisker{stroke-width:1.6;fill:none}.curve{stroke-width:1.6;fill:none;stroke-linejoin:round}
.own-curve{stroke-width:3}.leader{stroke-width:.8;stroke-opacity:.6}
)";

constexpr const char* kPage = R"(
:root{color-scheme:light dark;--paper:#ffffff;--ink:#1b2026;--note:#5b6570;--rule:#dfe3e7;
--soft:#f5f7f8;--link:#1d4fc4;--pass:#1f6b3a;--short:#8f4a00;--open:#5b6570;
--pass-soft:#e6f2ea;--short-soft:#fbeedd;--open-soft:#eef0f2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:60rem;background:var(--paper);
color:var(--ink);font:16px/1.5 "Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.2rem;line-height:1.3;margin:2.75rem 0 .4rem}
p,figcaption{margin:.4rem 0;max-width:44rem}
a{color:var(--link)}
.lead{font-size:1.05rem}
.quiet{color:var(--note);font-size:.875rem}
figure{margin:0}
svg{display:block;width:100%;height:auto;max-width:480px}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));
gap:1.75rem 2.25rem;margin-top:1rem}
.legend{margin-top:.75rem}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.4;
font-variant-numeric:tabular-nums}
th,td{padding:.4rem .75rem .4rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--rule)}
th{font-weight:600}
thead th{color:var(--note);font-weight:400;border-bottom-width:2px}
.number{text-align:right;white-space:nowrap}
.promises td:first-child{min-width:15rem}
.promises :is(th,td):nth-child(2),.promises :is(th,td):nth-child(3),
.promises :is(th,td):nth-child(4){min-width:5.5rem}
.promises :is(th,td):nth-child(6){min-width:10rem}
.verdict{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-weight:600;
font-size:.8125rem;white-space:nowrap;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.verdict.pass{color:var(--pass);background:var(--pass-soft)}
.verdict.short{color:var(--short);background:var(--short-soft)}
.verdict.open{color:var(--open);background:var(--open-soft)}
.why{display:block;color:var(--note);font-size:.8125rem}
.scroll{overflow-x:auto;margin-top:.75rem}
.results th,.results td{padding:.25rem .9rem .25rem 0;font-size:.8125rem;overflow-wrap:normal}
.results td{white-space:nowrap}
.results tbody th[colspan]{padding-top:1.1rem;border-bottom-color:var(--note)}
.results tbody th[colspan] span{font-weight:400;color:var(--note)}
.results .own{font-weight:700}
summary{cursor:pointer;color:var(--link)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;font-size:.875rem;
margin:.75rem 0 1.5rem}
dt{color:var(--note)}
dd{margin:0}
code{font:.8125rem/1.4 "Liberation Mono",Menlo,Consolas,monospace}
)";

/// Rows of the table of promises become cards where there is no room for columns.
constexpr const char* kNarrow = R"(
@media (max-width:40rem){
body{padding:1.25rem 1rem 3rem}
.panels{gap:1.5rem}
.promises thead{display:none}
.promises,.promises tbody{display:block}
.promises tr{display:flex;flex-wrap:wrap;align-items:baseline;padding:.6rem 0;
border-bottom:1px solid var(--rule)}
.promises td{order:2;border:0;padding:.1rem 1rem .1rem 0}
.promises td:first-child{order:0;flex-basis:100%}
.promises td:nth-child(5){order:1}
.promises td:last-child{order:3;flex-basis:100%}
.promises td[data-name]::before{content:attr(data-name) " ";color:var(--note)}
.promises td:empty{display:none}
.promises td:nth-child(n){min-width:0}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.4rem}
}
)";

constexpr const char* kDarkPage = R"(
:root{--paper:#14181d;--ink:#e4e8ec;--note:#9aa5b0;--rule:#2f373f;--soft:#1b2127;--link:#8fb2ff;
--pass:#8fd3a6;--short:#f0b878;--open:#a8b2bc;--pass-soft:#1b3324;--short-soft:#3a2a17;
--open-soft:#272e35}
)";

constexpr const char* kPrint = R"(
@media print{
@page{margin:15mm}
html{font-size:10pt}
body{max-width:none;padding:0;font-size:10pt}
.panels{grid-template-columns:1fr 1fr;gap:1.25rem 1.5rem}
.panels svg,tr,.keep{break-inside:avoid}
h2,figcaption,figcaption *,.legend{break-after:avoid;break-inside:avoid}
@page wide{size:A4 landscape;margin:12mm}
.all{page:wide}
details::details-content{content-visibility:visible;display:block}
summary{display:none}
.scroll{overflow:visible}
.results th,.results td,.results code{font-size:6pt}
.results th,.results td{padding:.1rem .35rem .1rem 0}
.results .wide{white-space:normal}
.results tbody{break-inside:avoid}
a{color:inherit;text-decoration:none}
}
)";

}  // namespace

std::string plot_style() {
  return std::string(kShapes) + colours(kLight) + fmt::format(".paper{{fill:{}}}\n", kLight.paper);
}

std::string page_style() {
  return std::string(kPage) + kShapes + colours(kLight) +
         "@media screen and (prefers-color-scheme:dark){" + kDarkPage + colours(kDark) + "}\n" +
         kNarrow + kPrint;
}

}  // namespace muster::bench::report
