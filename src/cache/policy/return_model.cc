#include "cache/policy/return_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tp::cache {
namespace {
constexpr double kLowestOdds = -8, kOddsRange = 14;
constexpr uint32_t kWindowTicks = 16 * ReturnModel::kTicksOfCapacity;  // that the sample should look back
constexpr uint32_t kFitEvery = ReturnModel::kTicksOfCapacity / 8;
constexpr double kStep = 0.15;      // of the way to the best weights a fit
constexpr double kWeightPrior = 5;  // records that hold a weight at zero
constexpr double kTimesPrior = 20;  // records spread evenly over the logarithm of time
constexpr double kGroupPrior = 30;  // records of all gaps that a gap's own times begin with

uint32_t spread(uint64_t key_hash) {
  key_hash = (key_hash ^ (key_hash >> 31)) * 0x9E3779B97F4A7C15u;
  return static_cast<uint32_t>(key_hash >> 32);
}

double probability(double log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

// Ages in ticks at which bins begin: the first four a tick each, then five an octave.
std::array<double, ReturnModel::kBins + 1> make_starts() {
  std::array<double, ReturnModel::kBins + 1> starts;
  for (unsigned at = 0; at <= ReturnModel::kBins; ++at) starts[at] = at < 4 ? at : 4 * std::exp2((at - 4) / 5.0);
  return starts;
}
const std::array<double, ReturnModel::kBins + 1> kStarts = make_starts();

std::array<uint8_t, 8192> make_bins() {
  std::array<uint8_t, 8192> bins;
  unsigned at = 0;
  for (size_t ticks = 0; ticks < bins.size(); ++ticks) {
    while (at + 1 < ReturnModel::kBins && kStarts[at + 1] <= static_cast<double>(ticks)) ++at;
    bins[ticks] = static_cast<uint8_t>(at);
  }
  return bins;
}
const std::array<uint8_t, 8192> kBinOf = make_bins();

std::array<uint8_t, ReturnModel::kFeatures> values(const ReturnModel::Features& features) {
  return {features.uses, features.fresh, features.length, features.gap, features.place};
}
}  // namespace

unsigned ReturnModel::bin(uint32_t ticks) {
  return kBinOf[std::min<size_t>(ticks, kBinOf.size() - 1)];
}
uint8_t ReturnModel::gap_bucket(uint32_t ticks) {
  return static_cast<uint8_t>(1 + std::min(14u, static_cast<unsigned>(std::bit_width(ticks))));
}
uint8_t ReturnModel::size_bucket(unsigned entries) {
  return static_cast<uint8_t>(std::min(15u, static_cast<unsigned>(std::bit_width(entries))));
}
uint8_t ReturnModel::uses_bucket(unsigned uses) {
  return static_cast<uint8_t>(std::min(uses, 15u));
}

ReturnModel::ReturnModel() : by_key_(kBuckets, kNone), by_id_(kBuckets, kNone) {
  // Before anything is seen: more uses, more to come; the end of a request seldom returns as it is; times even in log.
  for (unsigned uses = 0; uses < kValues; ++uses) weights_[0][uses] = 0.35 * std::min(uses, 6u);
  weights_[4][0] = -2;
  records_.reserve(kMostRecords);
  fit_times({});
  build_index();
}

double ReturnModel::log_odds(const Features& features) const {
  const auto at = values(features);
  double sum = bias_;
  for (unsigned feature = 0; feature < kFeatures; ++feature) sum += weights_[feature][at[feature]];
  return sum;
}

uint8_t ReturnModel::level(const Features& features) const {
  const double scaled = (log_odds(features) - kLowestOdds) * kLevels / kOddsRange;
  return static_cast<uint8_t>(std::clamp(scaled, 0.0, kLevels - 1.0));
}

double ReturnModel::share_returned(unsigned gap, uint32_t ticks) const {
  const unsigned at = bin(ticks);
  const double within = std::clamp((ticks - kStarts[at]) / (kStarts[at + 1] - kStarts[at]), 0.0, 1.0);
  return returned_[gap][at] + (returned_[gap][at + 1] - returned_[gap][at]) * within;
}

// ---- the sample

uint32_t ReturnModel::find_key(uint32_t key) const {
  uint32_t number = by_key_[key % kBuckets];
  while (number != kNone && records_[number].key != key) number = records_[number].next_of_key;
  return number;
}

uint32_t ReturnModel::find_id(EntryId id) const {
  uint32_t number = by_id_[id % kBuckets];
  while (number != kNone && records_[number].id != id) number = records_[number].next_of_id;
  return number;
}

void ReturnModel::unlink_key(uint32_t number) {
  uint32_t* link = &by_key_[records_[number].key % kBuckets];
  while (*link != kNone && *link != number) link = &records_[*link].next_of_key;
  if (*link == number) *link = records_[number].next_of_key;
}

void ReturnModel::unlink_id(uint32_t number) {
  if (records_[number].id == kNoEntry) return;
  uint32_t* link = &by_id_[records_[number].id % kBuckets];
  while (*link != kNone && *link != number) link = &records_[*link].next_of_id;
  if (*link == number) *link = records_[number].next_of_id;
  records_[number].id = kNoEntry;
}

void ReturnModel::set_id(uint32_t number, EntryId id) {
  records_[number].id = id;
  records_[number].next_of_id = by_id_[id % kBuckets];
  by_id_[id % kBuckets] = number;
}

// Only open records can be found by key or id.
void ReturnModel::drop_record(uint32_t number) {
  if (records_[number].gap != kOpen) return;
  unlink_key(number);
  unlink_id(number);
}

void ReturnModel::open(EntryId id, uint32_t key, uint32_t now, const Features& features) {
  uint32_t number = oldest_;
  if (records_.size() < kMostRecords) {
    number = static_cast<uint32_t>(records_.size());
    records_.emplace_back();
  } else {
    drop_record(number);
    oldest_ = (oldest_ + 1) % kMostRecords;
    // A sample that looks back too short a time is thinned.
    if (++since_adjusted_ >= kMostRecords / 2) {
      since_adjusted_ = 0;
      const double span = now - records_[oldest_].time;
      if (span < kWindowTicks)
        sampled_below_ = static_cast<uint32_t>(sampled_below_ * std::max(0.5, span / kWindowTicks));
    }
  }
  records_[number] = {.key = key, .time = now, .next_of_key = by_key_[key % kBuckets], .features = features};
  by_key_[key % kBuckets] = number;
  set_id(number, id);
}

void ReturnModel::used(EntryId id, uint64_t key_hash, uint32_t now, const Features& features) {
  const uint32_t key = spread(key_hash);
  if (key > sampled_below_) return;
  if (const uint32_t last = find_key(key); last != kNone) {
    drop_record(last);
    records_[last].gap = now - records_[last].time;
  }
  open(id, key, now, features);
}

void ReturnModel::used_again(EntryId id, uint32_t now, const Features& features) {
  const uint32_t last = find_id(id);
  if (last == kNone) return;
  const uint32_t key = records_[last].key;
  drop_record(last);
  records_[last].gap = now - records_[last].time;
  if (key <= sampled_below_) open(id, key, now, features);
}

void ReturnModel::amend(EntryId id, const Features& features) {
  if (const uint32_t last = find_id(id); last != kNone) records_[last].features = features;
}

void ReturnModel::left(EntryId id) {
  if (const uint32_t last = find_id(id); last != kNone) unlink_id(last);
}

// ---- the fit: one step of expectation maximization

void ReturnModel::fit_odds(uint32_t now, Sums* returns, bool collect) {
  std::array<std::array<double, kValues>, kFeatures> slope{}, curve{};
  double bias_slope = 0, bias_curve = 0;
  Sums waiting{};
  for (const Record& record : records_) {
    if (now - record.time > kWindowTicks) continue;
    const unsigned gap = record.features.gap;
    const double p = probability(log_odds(record.features));
    double returned = 1;
    if (record.gap != kOpen) {
      if (collect) (*returns)[gap][bin(record.gap)] += 1;
    } else {
      const double before = share_returned(gap, now - record.time);
      returned = p * (1 - before) / (1 - p * before + 1e-12);
      if (collect) waiting[gap][bin(now - record.time)] += returned;
    }
    const double error = returned - p, weight = p * (1 - p);
    bias_slope += error;
    bias_curve += weight;
    const auto at = values(record.features);
    for (unsigned feature = 0; feature < kFeatures; ++feature) {
      slope[feature][at[feature]] += error;
      curve[feature][at[feature]] += weight;
    }
  }
  bias_ += 0.5 * bias_slope / (bias_curve + 1);
  for (unsigned feature = 0; feature < kFeatures; ++feature) {
    for (unsigned value = 0; value < kValues; ++value) {
      double& weight = weights_[feature][value];
      weight += kStep * (slope[feature][value] - kWeightPrior * weight) / (curve[feature][value] + kWeightPrior);
    }
  }
  if (!collect) return;
  // What waits still will return, if it does, after its age.
  for (unsigned gap = 0; gap < kGroups; ++gap) {
    double ahead = 0;
    for (unsigned at = 0; at < kBins; ++at) {
      const double rest = 1 - returned_[gap][at];
      if (waiting[gap][at] > 0 && rest > 1e-9) ahead += waiting[gap][at] / rest;
      (*returns)[gap][at] += ahead * (returned_[gap][at + 1] - returned_[gap][at]);
    }
  }
}

void ReturnModel::fit_times(const Sums& returns) {
  std::array<double, kBins> all{};
  double total = 0;
  for (const auto& group : returns) {
    for (unsigned at = 0; at < kBins; ++at) {
      all[at] += group[at];
      total += group[at];
    }
  }
  const double range = std::log((kStarts[kBins] + 4) / 4);
  for (unsigned at = 0; at < kBins; ++at) {
    const double even = std::log((kStarts[at + 1] + 4) / (kStarts[at] + 4)) / range;
    all[at] = (all[at] + kTimesPrior * even) / (total + kTimesPrior);
  }
  for (unsigned gap = 0; gap < kGroups; ++gap) {
    double own = 0, sum = 0;
    for (const double count : returns[gap]) own += count;
    for (unsigned at = 0; at < kBins; ++at) {
      returned_[gap][at] = sum;
      sum += (returns[gap][at] + kGroupPrior * all[at]) / (own + kGroupPrior);
    }
    returned_[gap][kBins] = 1;
  }
}

void ReturnModel::build_index() {
  for (unsigned level = 0; level < kLevels; ++level) {
    const double p = probability((level + 0.5) * kOddsRange / kLevels + kLowestOdds);
    for (unsigned gap = 0; gap < kGroups; ++gap) {
      std::array<double, kBins + 1> alive, time;
      time[0] = 0;
      for (unsigned at = 0; at <= kBins; ++at) alive[at] = 1 - p * returned_[gap][at];
      for (unsigned at = 0; at < kBins; ++at) {
        time[at + 1] = time[at] + (alive[at] + alive[at + 1]) / 2 * (kStarts[at + 1] - kStarts[at]);
      }
      for (unsigned at = 0; at < kBins; ++at) {
        double best = 0;
        for (unsigned until = at + 1; until <= kBins; ++until) {
          best = std::max(best, (alive[at] - alive[until]) / (time[until] - time[at]));
        }
        index_[level][gap][at] = static_cast<float>(best);
      }
    }
  }
}

void ReturnModel::fit(uint32_t now) {
  next_fit_ = now + kFitEvery;
  if (records_.size() >= next_count_) next_count_ = static_cast<uint32_t>(records_.size()) * 2;
  Sums returns{};
  fit_odds(now, &returns, true);
  fit_odds(now, &returns, false);
  fit_times(returns);
  build_index();
}

uint64_t ReturnModel::state_bytes() const {
  return sizeof(*this) + records_.capacity() * sizeof(Record) + (by_key_.size() + by_id_.size()) * sizeof(uint32_t);
}

}  // namespace tp::cache
