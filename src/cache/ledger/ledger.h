// Ledger: what a cache volume served and missed, per tenant: tokens, bytes by tier, prefill seconds and dollars saved.
// Counters only grow; they are kept over restarts (a crash may forget the last second). Exact: every lookup of an entry
// counts once, where its answer is given. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tp::cache {

struct LedgerCounts {
  uint64_t lookups = 0;                                 // keys asked for
  uint64_t hits_dram = 0, hits_flash = 0, misses = 0;   // of them
  uint64_t hit_tokens_dram = 0, hit_tokens_flash = 0, miss_tokens = 0;
  uint64_t hit_bytes_dram = 0, hit_bytes_flash = 0;
  uint64_t writes = 0, written_bytes = 0, written_tokens = 0;
  uint64_t evictions = 0, evicted_bytes = 0, evicted_tokens = 0;
  uint64_t expired = 0, corrupt = 0;                    // entries that went by themselves, or by a checksum
  uint64_t refused = 0;                                 // writes refused by a quota
  double saved_seconds = 0, saved_dollars = 0;          // by the volume's profile: modelled
  LedgerCounts& operator+=(const LedgerCounts& other);
};

/// By tenant (user name; "" is who came without a name).
using LedgerPage = std::map<std::string, LedgerCounts>;

}  // namespace tp::cache
