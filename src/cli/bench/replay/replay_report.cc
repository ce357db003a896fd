#include "cli/bench/replay/replay_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/bench/replay/page.h"

namespace tp::bench {

namespace {

struct Row {
  std::string what, value, how;
};

const char* kMeasured = "measured";
const char* kModelled = "modelled";

std::string ledger_text(int agrees) {
  if (agrees < 0) return "not compared: the server restarted";
  return agrees > 0 ? "equal to the trace" : "DIFFERS from the trace";
}

std::vector<Row> rows_of(const ReplayReport& report) {
  const Figures& f = report.figures;
  const ReplayTotals& t = report.totals;
  return {
      {"trace", fmt::format("{} requests, {} blocks of {} tokens", t.requests, t.blocks, report.block_tokens), "trace"},
      {"window H", fmt::format("{:.2f} h", f.hours), "trace"},
      {"capacity", fmt::format("{:.0f} tokens, B = {:.4g} TB", report.capacity_tokens, f.terabytes), kModelled},
      {"scale", fmt::format("{:g} bytes stored for a real one", report.scale), "set"},
      {"hit ratio", fmt::format("{:.4f} of blocks, {:.4f} of tokens", f.hit_ratio_blocks, f.hit_ratio_tokens),
       kMeasured},
      {"valid hit tokens N", fmt::format("{:.0f} of {} hit", f.valid_tokens, t.hit_tokens), kMeasured},
      {"wrong entries", fmt::format("{}{}", t.wrong_entries, f.valid ? "" : ": THE RUN IS VOID"), kMeasured},
      {"vanished, refused, reconnects", fmt::format("{}, {}, {}", t.vanished, t.refused, t.reconnects), kMeasured},
      {"ledger", ledger_text(ledger_agrees(t)), kMeasured},
      {"load p50, p99", fmt::format("{:.2f} ms, {:.2f} ms", f.load_p50_ms, f.load_p99_ms), "measured at this scale"},
      {"cost C", fmt::format("${:.4g}", f.cost_dollars), kModelled},
      {"tokens per dollar per terabyte", fmt::format("{:.4g}", f.tokens_per_dollar_per_terabyte), "N measured"},
      {"tokens per dollar", fmt::format("{:.4g}", f.tokens_per_dollar), "N measured"},
      {"tokens per terabyte month", fmt::format("{:.4g}", f.tokens_per_terabyte_month), "N measured"},
      {"saved", fmt::format("${:.4g} ({:.0f} s of prefill)", f.saved_dollars, t.saved_seconds), kModelled},
      {"net", fmt::format("${:.4g}", f.net_dollars), kModelled},
      {"break-even reuses r*", fmt::format("{:.3g} a month of one token; here {:.3g}", f.break_even_reuses, f.reuses),
       kModelled}};
}

Chart hit_chart(const ReplayReport& report) {
  Chart chart{"Hit ratio against capacity", "capacity in tokens", "leading-run hit ratio over all blocks", true, {}};
  std::map<std::string, Series> by_policy;
  for (const PolicyPoint& point : report.curves) {
    Series& series = by_policy[point.policy];
    series.name = point.policy;
    series.points.emplace_back(point.capacity_tokens, point.hit_ratio);
  }
  for (auto& [name, series] : by_policy) {
    std::sort(series.points.begin(), series.points.end());
    chart.series.push_back(std::move(series));
  }
  chart.series.push_back({"this run", {{report.capacity_tokens, report.figures.hit_ratio_blocks}}});
  return chart;
}

Chart latency_chart(const ReplayTotals& totals) {
  Chart chart{"Load latency of requests with hits", "part of the requests", "ms, measured at this scale", false, {}};
  Series series{"load", {}};
  for (int percent = 1; percent <= 99; ++percent) {
    series.points.emplace_back(percent / 100.0, static_cast<double>(totals.load.percentile(percent / 100.0)) / 1e6);
  }
  series.points.emplace_back(0.999, static_cast<double>(totals.load.percentile(0.999)) / 1e6);
  chart.series.push_back(std::move(series));
  return chart;
}

/// What a terabyte earns and costs in a month, by how often one of its tokens is read.
Chart reuse_chart(const ReplayReport& report) {
  Chart chart{"Dollars against reuse", "reads of one token a month", "dollars a terabyte month, modelled", true, {}};
  const Figures& f = report.figures;
  const double tokens = report.profile.bytes_per_token > 0
                            ? 1e12 / (report.profile.bytes_per_token * report.prices.physical_bytes_per_byte)
                            : 0;
  const double rent = report.prices.dollars_per_terabyte_month();
  Series earned{"saved less rent", {}}, zero{"break even", {}};
  const double middle = f.break_even_reuses > 0 ? f.break_even_reuses : 1;
  for (double reuses = middle / 10; reuses <= middle * 10; reuses *= 1.2) {
    earned.points.emplace_back(reuses, tokens * reuses * f.prefill_dollars_per_token - rent);
    zero.points.emplace_back(reuses, 0);
  }
  chart.series = {std::move(earned), std::move(zero)};
  return chart;
}

}  // namespace

int ledger_agrees(const ReplayTotals& totals) {
  const auto count = [&](const char* name) {
    const auto found = totals.ledger.find(name);
    return found == totals.ledger.end() ? int64_t{-1} : found->second;
  };
  const int64_t dram = count("hit_tokens_dram"), flash = count("hit_tokens_flash"), missed = count("miss_tokens");
  if (totals.reconnects > 0 || dram < 0 || flash < 0 || missed < 0) return -1;
  if (totals.vanished > 0) return dram + flash >= static_cast<int64_t>(totals.hit_tokens) ? 1 : 0;
  const bool hits = dram + flash == static_cast<int64_t>(totals.hit_tokens);
  return hits && missed == static_cast<int64_t>(totals.input_tokens - totals.hit_tokens) ? 1 : 0;
}

std::string replay_table(const ReplayReport& report) {
  std::string out = fmt::format("trace {}, profile {}, prices {}\n", report.trace, report.profile.name,
                                report.prices.name);
  for (const Row& row : rows_of(report)) out += fmt::format("{:<32} {:<52} {}\n", row.what, row.value, row.how);
  if (!report.totals.first_refusal.empty()) out += "the first refused write: " + report.totals.first_refusal + "\n";
  return out;
}

std::string replay_json(const ReplayReport& report) {
  const Figures& f = report.figures;
  const ReplayTotals& t = report.totals;
  nlohmann::json json;
  json["trace"] = report.trace;
  json["profile"] = report.profile.name;
  json["prices"] = report.prices.name;
  json["scale"] = report.scale;
  json["block_tokens"] = report.block_tokens;
  json["capacity_tokens"] = report.capacity_tokens;
  json["measured"] = {{"requests", t.requests}, {"blocks", t.blocks}, {"input_tokens", t.input_tokens},
                      {"hit_blocks", t.hit_blocks}, {"hit_tokens", t.hit_tokens}, {"valid_tokens", t.valid_tokens},
                      {"hit_ratio", f.hit_ratio_blocks}, {"wrong_entries", t.wrong_entries}, {"vanished", t.vanished},
                      {"refused", t.refused}, {"reconnects", t.reconnects}, {"loaded_bytes", t.loaded_bytes},
                      {"stored_bytes", t.stored_bytes}, {"load_p50_ms", f.load_p50_ms}, {"load_p99_ms", f.load_p99_ms},
                      {"stall_seconds", t.stall_seconds}, {"ledger", t.ledger}};
  json["measured"]["ledger_agrees"] = ledger_agrees(t) > 0;
  json["modelled"] = {{"hours", f.hours}, {"terabytes", f.terabytes}, {"cost_dollars", f.cost_dollars},
                      {"saved_seconds", t.saved_seconds}, {"saved_dollars", f.saved_dollars},
                      {"net_dollars", f.net_dollars}, {"break_even_reuses", f.break_even_reuses}, {"reuses", f.reuses}};
  json["tokens_per_dollar_per_terabyte"] = f.tokens_per_dollar_per_terabyte;
  json["tokens_per_dollar"] = f.tokens_per_dollar;
  json["tokens_per_terabyte_month"] = f.tokens_per_terabyte_month;
  json["valid"] = f.valid;
  json["curves"] = nlohmann::json::array();
  for (const PolicyPoint& point : report.curves) {
    json["curves"].push_back({{"policy", point.policy}, {"capacity_tokens", point.capacity_tokens},
                              {"hit_ratio", point.hit_ratio}});
  }
  return json.dump(2);
}

std::string replay_page(const ReplayReport& report) {
  PageTable table{"Figures", {{"what", "value", "how"}}};
  for (const Row& row : rows_of(report)) table.rows.push_back({row.what, row.value, row.how});
  const std::string intro =
      fmt::format("Trace {}, profile {}, prices {}. One byte is stored for {:g} real ones.", report.trace,
                  report.profile.name, report.prices.name, 1 / report.scale);
  return render_page("Tokens per dollar per terabyte", intro, {table},
                     {hit_chart(report), latency_chart(report.totals), reuse_chart(report)});
}

}  // namespace tp::bench
