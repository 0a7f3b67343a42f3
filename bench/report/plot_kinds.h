// One function a plot; plots.h names them.
#pragma once

#include "bench/report/plots.h"

namespace muster::bench::report {

void draw_throughput(const Results& results, Plot& plot);
void draw_cpu_ratio(const Results& results, Plot& plot);
void draw_cost_by_hosts(const Results& results, Plot& plot);
void draw_latency(const Results& results, Plot& plot);
void draw_parts(const Results& results, Plot& plot);
void draw_space(const Results& results, Plot& plot);

}  // namespace muster::bench::report
