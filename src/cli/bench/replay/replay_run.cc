#include "cli/bench/replay/replay_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cache/sim/simulate.h"

namespace tp::bench {

namespace {

namespace sim = cache::sim;

constexpr int kCurvePoints = 6;       // capacities of a curve, each half of the next
constexpr uint64_t kProgressEvery = 500;

/// The first requests of a trace.
class FirstRequests final : public sim::TraceReader {
 public:
  FirstRequests(std::unique_ptr<sim::TraceReader> whole, uint64_t most) : whole_(std::move(whole)), most_(most) {}
  Result<bool> next(sim::TraceRequest* request) override {
    if (most_ > 0 && read_ == most_) return false;
    ++read_;
    return whole_->next(request);
  }
  uint32_t block_tokens() const override { return whole_->block_tokens(); }

 private:
  std::unique_ptr<sim::TraceReader> whole_;
  uint64_t most_, read_ = 0;
};

/// A generated trace in a file of its own, which goes with it.
class GeneratedTrace {
 public:
  ~GeneratedTrace() {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }
  Result<std::string> make(const sim::GenerateOptions& options) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tokenplane-trace-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return fail(Code::kIo, "no temporary directory can be made");
    directory_ = pattern;
    const std::string path = directory_ + "/generated.jsonl";
    std::ofstream out(path, std::ios::binary);
    TP_TRY_VOID(sim::generate_trace(options, out));
    out.close();
    if (!out) return fail(Code::kIo, "cannot write " + path);
    return path;
  }

 private:
  std::string directory_;
};

Result<std::unique_ptr<sim::TraceReader>> open_trace(const ReplayRunOptions& options, const std::string& path) {
  TP_TRY(auto reader, sim::TraceReader::open(path, options.trace));
  return std::unique_ptr<sim::TraceReader>(std::make_unique<FirstRequests>(std::move(reader), options.most_requests));
}

void show_progress(const ReplayTotals& totals) {
  std::fprintf(stderr, "\r%llu requests, hit ratio %.3f ", static_cast<unsigned long long>(totals.requests),
               totals.blocks ? static_cast<double>(totals.hit_blocks) / static_cast<double>(totals.blocks) : 0.0);
}

Result<ReplayTotals> replay_trace(rt::Runtime& runtime, const ReplayOptions& options, sim::TraceReader& reader) {
  Replay replay(runtime, options);
  TP_TRY_VOID(runtime.block_on(replay.begin()));
  sim::TraceRequest request;
  while (true) {
    TP_TRY(const bool more, reader.next(&request));
    if (!more) break;
    TP_TRY_VOID(runtime.block_on(replay.request(std::move(request))));
    request = {};
    const ReplayTotals& totals = replay.totals();
    if (options.progress && totals.requests % kProgressEvery == 0) show_progress(totals);
  }
  if (options.progress) std::fprintf(stderr, "\n");
  TP_TRY_VOID(runtime.block_on(replay.finish()));
  return replay.totals();
}

Result<std::vector<PolicyPoint>> simulate_curves(const ReplayRunOptions& options, sim::TraceReader& reader,
                                                 double capacity_tokens) {
  std::vector<PolicyPoint> points;
  if (options.curve_policies.empty()) return points;
  TP_TRY(const sim::LoadedTrace trace, sim::load_trace(reader));
  const uint64_t all = uint64_t{trace.unique_blocks} * trace.block_tokens;
  std::vector<uint64_t> capacities;
  for (int i = 0; i < kCurvePoints; ++i) capacities.push_back(all >> i);
  if (capacity_tokens > 0 && capacity_tokens < static_cast<double>(all)) {
    capacities.push_back(static_cast<uint64_t>(capacity_tokens));
  }
  for (const std::string& policy : options.curve_policies) {
    for (const uint64_t capacity : capacities) {
      if (capacity < trace.block_tokens) continue;
      TP_TRY(const auto result, sim::simulate(trace, policy, capacity));
      points.push_back({policy, static_cast<double>(capacity), result.hit_ratio()});
    }
  }
  return points;
}

}  // namespace

Result<ReplayReport> run_replay(rt::Runtime& runtime, ReplayRunOptions options) {
  const cache::Profile& profile = options.replay.profile;
  if (profile.bytes_per_token <= 0) return fail(Code::kInvalidArgument, "the profile says no bytes_per_token");
  if (options.replay.scale <= 0 || options.replay.scale > 1) {
    return fail(Code::kInvalidArgument, "the scale is above 0 and at most 1");
  }
  GeneratedTrace generated;
  std::string path = options.trace_file;
  if (path.empty()) {
    TP_TRY(path, generated.make(options.generate));
  }
  // The readers know how many tokens a block has once they have read a request.
  TP_TRY(auto reader, open_trace(options, path));
  sim::TraceRequest first;
  TP_TRY(const bool any, reader->next(&first));
  if (!any) return fail(Code::kInvalidArgument, path + " has no requests");
  options.replay.block_tokens = reader->block_tokens();
  TP_TRY(reader, open_trace(options, path));

  ReplayReport report;
  TP_TRY(report.totals, replay_trace(runtime, options.replay, *reader));
  const auto said = report.totals.capacity_bytes;
  report.capacity_tokens = options.capacity_tokens > 0
                               ? options.capacity_tokens
                               : static_cast<double>(said) / (profile.bytes_per_token * options.replay.scale);
  report.trace = options.trace_file.empty() ? fmt::format("generated, seed {}", options.generate.seed)
                                            : std::filesystem::path(path).filename().string();
  report.scale = options.replay.scale;
  report.slo_seconds = options.replay.slo_seconds;
  report.block_tokens = options.replay.block_tokens;
  report.profile = profile;
  report.prices = options.prices;
  report.figures = compute_figures(report.totals, profile, options.prices, report.capacity_tokens, report.scale);
  TP_TRY(reader, open_trace(options, path));
  TP_TRY(report.curves, simulate_curves(options, *reader, report.capacity_tokens));
  return report;
}

}  // namespace tp::bench
