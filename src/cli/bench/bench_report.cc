#include "cli/bench/bench_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tp::bench {

namespace {

double microseconds(rt::Nanos duration) { return static_cast<double>(duration) / 1000.0; }

bool shown(const KindTotals& kind) { return kind.operations > 0 || kind.errors > 0; }

}  // namespace

std::string report_table(const Options& options, const Totals& totals) {
  std::string text = fmt::format("{} connections, {} B objects, {:.1f} s measured\n", options.connections,
                                 options.size_bytes, totals.seconds);
  text += fmt::format("{:<8}{:>12}{:>12}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "", "ops/s", "MB/s", "errors",
                      "mean us", "p50 us", "p90 us", "p99 us", "max us");
  for (size_t i = 0; i < kKindCount; ++i) {
    const auto& kind = totals.kinds[i];
    if (!shown(kind)) continue;
    const auto& latency = kind.latency;
    text += fmt::format("{:<8}{:>12.0f}{:>12.1f}{:>9}{:>10.0f}{:>10.0f}{:>10.0f}{:>10.0f}{:>10.0f}\n",
                        kind_name(static_cast<Kind>(i)), static_cast<double>(kind.operations) / totals.seconds,
                        static_cast<double>(kind.bytes) / totals.seconds / 1e6, kind.errors, latency.mean() / 1000,
                        microseconds(latency.percentile(0.5)), microseconds(latency.percentile(0.9)),
                        microseconds(latency.percentile(0.99)), microseconds(latency.max()));
    if (kind.keys_listed > 0) {
      text += fmt::format("        {:.0f} keys/s listed\n", static_cast<double>(kind.keys_listed) / totals.seconds);
    }
  }
  if (!totals.first_error.empty()) text += "first error: " + totals.first_error + "\n";
  return text;
}

std::string report_json(const Options& options, const Totals& totals) {
  nlohmann::json json = {{"seconds", totals.seconds},
                         {"connections", options.connections},
                         {"threads", options.threads},
                         {"size_bytes", options.size_bytes},
                         {"objects", options.objects},
                         {"range_bytes", options.range_bytes},
                         {"signed_payload", options.sign_payload},
                         {"anonymous", options.anonymous},
                         {"operations", nlohmann::json::object()}};
  if (!totals.first_error.empty()) json["first_error"] = totals.first_error;
  for (size_t i = 0; i < kKindCount; ++i) {
    const auto& kind = totals.kinds[i];
    if (!shown(kind)) continue;
    const auto& latency = kind.latency;
    json["operations"][kind_name(static_cast<Kind>(i))] = {
        {"count", kind.operations},
        {"errors", kind.errors},
        {"per_second", static_cast<double>(kind.operations) / totals.seconds},
        {"bytes_per_second", static_cast<double>(kind.bytes) / totals.seconds},
        {"keys_per_second", static_cast<double>(kind.keys_listed) / totals.seconds},
        {"latency_us",
         {{"mean", latency.mean() / 1000},
          {"p50", microseconds(latency.percentile(0.5))},
          {"p90", microseconds(latency.percentile(0.9))},
          {"p99", microseconds(latency.percentile(0.99))},
          {"p999", microseconds(latency.percentile(0.999))},
          {"max", microseconds(latency.max())}}}};
  }
  return json.dump(2);
}

}  // namespace tp::bench
