#include "cache/ledger/ledger.h"

namespace tp::cache {

LedgerCounts& LedgerCounts::operator+=(const LedgerCounts& other) {
  lookups += other.lookups;
  hits_dram += other.hits_dram;
  hits_flash += other.hits_flash;
  misses += other.misses;
  hit_tokens_dram += other.hit_tokens_dram;
  hit_tokens_flash += other.hit_tokens_flash;
  miss_tokens += other.miss_tokens;
  hit_bytes_dram += other.hit_bytes_dram;
  hit_bytes_flash += other.hit_bytes_flash;
  writes += other.writes;
  written_bytes += other.written_bytes;
  written_tokens += other.written_tokens;
  evictions += other.evictions;
  evicted_bytes += other.evicted_bytes;
  evicted_tokens += other.evicted_tokens;
  expired += other.expired;
  corrupt += other.corrupt;
  refused += other.refused;
  saved_seconds += other.saved_seconds;
  saved_dollars += other.saved_dollars;
  return *this;
}

}  // namespace tp::cache
