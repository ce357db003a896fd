// How a run's totals are shown: a table for people, JSON for programs.
#pragma once

#include <string>

#include "cli/bench/load.h"

namespace tp::bench {

std::string report_table(const Options& options, const Totals& totals);
/// {"seconds", "connections", "size_bytes", ..., "operations": {"get": {"per_second", "bytes_per_second", "errors",
/// "keys_per_second", "latency_us": {"mean", "p50", "p90", "p99", "p999", "max"}}}}
std::string report_json(const Options& options, const Totals& totals);

}  // namespace tp::bench
