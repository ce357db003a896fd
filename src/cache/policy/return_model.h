// ReturnModel: learns online when what was used comes back. Of a sample of keys it remembers the last uses and what was
// known at each (Features), whether the entry stayed in the cache or not, and fits a mixture to them: with probability
// p (logistic in the features) the key is used again, after a time whose distribution depends on its previous gap; else
// never. From that follows the index of an entry at an age: the most uses a unit of time and space that holding it on,
// for the best length of time, can bring. Time counts in ticks, 1/512 of the cache's capacity in bytes that were used,
// so nothing here depends on a clock, on sizes or on rates. About 1.5 MiB, whatever the cache's size. Not thread-safe;
// PrefixPolicy owns one.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cache/policy/policy.h"

namespace tp::cache {

class ReturnModel {
 public:
  static constexpr unsigned kFeatures = 5, kValues = 16, kLevels = 32, kGroups = 16, kBins = 56;
  static constexpr uint32_t kTicksOfCapacity = 512;

  /// What is known of an entry when it is used, each a number below kValues.
  struct Features {
    uint8_t uses = 0;    // so far
    uint8_t fresh = 0;   // how many entries its request added
    uint8_t length = 0;  // how many entries its request had
    uint8_t gap = 0;     // since the use before this; 0: there was none
    uint8_t place = 0;   // 0 the last of its request, 1 added by it, 2 found by it; +2: below a shared prefix
  };

  ReturnModel();
  /// A bucket of Features::gap.
  static uint8_t gap_bucket(uint32_t ticks);
  static uint8_t uses_bucket(unsigned uses);
  static uint8_t size_bucket(unsigned entries);

  /// The probability of a return as a level; an entry keeps it.
  uint8_t level(const Features& features) const;
  /// Uses a tick to expect of an entry of this level and gap bucket, last used `age_ticks` ago.
  float index(uint8_t level, uint8_t gap, uint32_t age_ticks) const { return index_[level][gap][bin(age_ticks)]; }

  /// A use of a key: ends what is open of it, opens another record. Does nothing for keys outside the sample.
  void used(EntryId id, uint64_t key_hash, uint32_t now, const Features& features);
  /// The same for an entry that is known by its id.
  void used_again(EntryId id, uint32_t now, const Features& features);
  /// More became known of the last use.
  void amend(EntryId id, const Features& features);
  /// The id names another entry from now on; the key is still followed.
  void left(EntryId id);
  /// Fits again if it is time.
  void advance(uint32_t now) {
    if (now >= next_fit_ || records_.size() == next_count_) fit(now);
  }
  uint64_t state_bytes() const;

 private:
  static constexpr uint32_t kNone = ~0u, kOpen = ~0u;
  static constexpr uint32_t kMostRecords = 32768, kBuckets = 32768;
  struct Record {
    uint32_t key = 0, time = 0, gap = kOpen;
    EntryId id = kNoEntry;
    uint32_t next_of_key = kNone, next_of_id = kNone;
    Features features;
  };
  using Sums = std::array<std::array<double, kBins>, kGroups>;

  static unsigned bin(uint32_t ticks);
  double log_odds(const Features& features) const;
  double share_returned(unsigned gap, uint32_t ticks) const;
  void open(EntryId id, uint32_t key, uint32_t now, const Features& features);
  void drop_record(uint32_t number);
  uint32_t find_key(uint32_t key) const;
  uint32_t find_id(EntryId id) const;
  void unlink_key(uint32_t number);
  void unlink_id(uint32_t number);
  void set_id(uint32_t number, EntryId id);
  void fit(uint32_t now);
  void fit_odds(uint32_t now, Sums* returns, bool collect);
  void fit_times(const Sums& returns);
  void build_index();

  std::array<std::array<double, kValues>, kFeatures> weights_{};
  double bias_ = -1;
  std::array<std::array<double, kBins + 1>, kGroups> returned_{};  // of what returns, the share before a bin's start
  std::array<std::array<std::array<float, kBins>, kGroups>, kLevels> index_{};
  std::vector<Record> records_;  // a ring once it is full
  std::vector<uint32_t> by_key_, by_id_;
  uint32_t oldest_ = 0, since_adjusted_ = 0, next_fit_ = 0, next_count_ = 64;
  uint32_t sampled_below_ = ~0u;  // keys whose hash is below
};

}  // namespace tp::cache
