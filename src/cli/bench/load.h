// Load: a run of the load generator: prepares the objects, keeps every connection busy for the warm-up and the measured
// time, and adds up what happened.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "cli/bench/bench_options.h"
#include "cli/bench/latency_histogram.h"
#include "cli/bench/s3_client.h"
#include "rt/env/rng.h"
#include "rt/runtime.h"

namespace tp::bench {

struct KindTotals {
  uint64_t operations = 0, errors = 0, bytes = 0, keys_listed = 0;
  LatencyHistogram latency;
};

struct Totals {
  double seconds = 0;
  std::array<KindTotals, kKindCount> kinds;
  std::string first_error;
};

class Load {
 public:
  Load(const Options& options, rt::Runtime& runtime);

  /// Makes the bucket (fine if it is there) and the objects.
  Result<void> prepare();
  Result<Totals> run();
  Result<void> clean_up();

 private:
  enum class Phase : uint8_t { kWarmUp, kMeasure, kStop };
  struct Worker;

  std::string object_path(uint64_t index) const;
  Call make_call(Kind kind, Worker& worker);
  Kind choose(rt::Rng& rng) const;
  Task<void> fill(unsigned first, unsigned step, bool remove);
  Task<void> fill_on_loop(unsigned loop, bool remove);
  Task<void> work(unsigned number);
  Task<void> work_on_loop(unsigned loop);
  Task<void> list_step(Worker& worker, const Outcome& outcome);
  void count(Worker& worker, Kind kind, const Result<Outcome>& outcome, rt::Nanos duration);
  void note_error(std::string text);
  Result<void> run_on_all_loops(bool filling, bool remove);
  void show_progress(double elapsed);

  const Options& options_;
  rt::Runtime& runtime_;
  std::vector<Bytes> bodies_;
  std::vector<std::string> body_hashes_;
  unsigned total_weight_ = 0;
  std::atomic<Phase> phase_{Phase::kWarmUp};
  std::atomic<uint64_t> started_{0};    // operations begun, for the limit
  std::atomic<uint64_t> finished_{0};   // for the progress line
  std::atomic<uint64_t> next_key_;      // for create_keys
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  Totals totals_;
};

}  // namespace tp::bench
