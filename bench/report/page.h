// The pieces of the page.
#pragma once

#include <ostream>

#include "bench/report/plots.h"
#include "bench/report/results.h"

namespace muster::bench::report {

void write_promises(const Results& results, std::ostream& page);
void write_plot(const Plot& plot, std::ostream& page);
/// All rows of all cells, folded away.
void write_all_results(const Results& results, std::ostream& page);
void write_machines(const Results& results, std::ostream& page);

}  // namespace muster::bench::report
