// Replay: sends a trace's requests to a RESP server, one after the other: which leading blocks are there, their bytes,
// then the blocks that were missing. Every byte that comes back is compared with what was put under its key; a server
// that goes away is waited for, and the request is made again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cache/profile/profile.h"
#include "cache/sim/trace.h"
#include "cli/bench/latency_histogram.h"
#include "cli/bench/replay/resp_client.h"

namespace tp::bench {

struct ReplayOptions {
  RespServer server;
  cache::Profile profile;
  double scale = 1;                // bytes of a value by bytes of the real one
  double slo_seconds = 2;          // a load that takes longer is worth nothing
  uint32_t block_tokens = 512;
  double patience_seconds = 60;    // how long a server that went away is waited for
  uint64_t lease_ms = 10000;
  bool progress = false;
};

struct ReplayTotals {
  uint64_t requests = 0, blocks = 0, input_tokens = 0;
  uint64_t hit_blocks = 0, hit_tokens = 0;       // of leading runs whose every byte was right
  uint64_t valid_tokens = 0;                     // of them, those loaded in time
  uint64_t wrong_entries = 0;                    // one voids the run
  uint64_t vanished = 0;                         // found by the lookup, gone at the read
  uint64_t refused = 0;                          // writes that the server refused
  uint64_t reconnects = 0;
  uint64_t loaded_bytes = 0, stored_bytes = 0;
  double first_second = 0, last_second = 0;      // of the trace
  double saved_seconds = 0;                      // modelled prefill of the valid tokens
  double stall_seconds = 0;                      // measured time of the loads
  LatencyHistogram load;                         // of requests with hits: lookup and all reads
  std::string first_refusal;
  int64_t capacity_bytes = 0;                    // of the volume (TP.STAT); 0: not said
  std::map<std::string, int64_t> ledger;         // what the server counted meanwhile (TP.STAT), where it is a number
};

class Replay {
 public:
  Replay(rt::Runtime& runtime, ReplayOptions options)
      : runtime_(runtime), options_(std::move(options)), client_(runtime, options_.server) {}
  /// Connects and reads the ledger. kUnavailable, kUnauthenticated ...
  Task<void> begin();
  Task<void> request(cache::sim::TraceRequest request);
  Task<void> finish();
  const ReplayTotals& totals() const { return totals_; }

 private:
  struct Step;
  Task<void> reconnect();
  Task<void> attempt(const cache::sim::TraceRequest& request, Step* step);
  Task<void> look_up(const cache::sim::TraceRequest& request, Step* step);
  Task<void> load(const cache::sim::TraceRequest& request, Step* step);
  Task<void> store(const cache::sim::TraceRequest& request, Step* step);
  Task<void> store_answers(uint64_t count, Step* step);
  Task<std::map<std::string, int64_t>> ledger();
  void count(const cache::sim::TraceRequest& request, const Step& step);
  uint64_t tokens_of(const cache::sim::TraceRequest& request, size_t block) const;
  void make_value(uint64_t block, uint64_t tokens, Bytes* out) const;

  rt::Runtime& runtime_;
  ReplayOptions options_;
  RespClient client_;
  ReplayTotals totals_;
  std::map<std::string, int64_t> ledger_before_;
};

}  // namespace tp::bench
