// Byte ranges against a model that knows the owner of every single byte.
#include "front/nfs/state/range_locks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "rt/env/rng.h"

namespace tp::test {
namespace {

using nfs::state::byte_range_of;
using nfs::state::ByteRange;
using nfs::state::LockKind;
using nfs::state::RangeLocks;
using nfs::state::wire_range_of;

constexpr LockKind kRead = LockKind::kRead, kWrite = LockKind::kWrite;

TEST(RangeLocks, RangesAreAsLockNamesThem) {
  EXPECT_FALSE(byte_range_of({0, 0}));
  EXPECT_EQ(byte_range_of({5, 1}), (ByteRange{5, 5}));
  EXPECT_EQ(byte_range_of({0, UINT64_MAX}), (ByteRange{0, UINT64_MAX}));
  EXPECT_EQ(byte_range_of({UINT64_MAX, UINT64_MAX}), (ByteRange{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(byte_range_of({UINT64_MAX, 1}), (ByteRange{UINT64_MAX, UINT64_MAX}));
  EXPECT_FALSE(byte_range_of({UINT64_MAX, 2}));
  EXPECT_FALSE(byte_range_of({3, UINT64_MAX - 1}));
  EXPECT_EQ(byte_range_of({1, UINT64_MAX - 1}), (ByteRange{1, UINT64_MAX - 1}));
  EXPECT_EQ(byte_range_of({2, UINT64_MAX - 1}), (ByteRange{2, UINT64_MAX}));
  EXPECT_EQ(wire_range_of({3, UINT64_MAX}).length, UINT64_MAX);
  EXPECT_EQ(wire_range_of({3, 4}).length, 2u);
}

TEST(RangeLocks, NeighboursOfOneKindAreOneRange) {
  RangeLocks locks;
  locks.set(1, {0, 9}, kWrite);
  locks.set(1, {20, 29}, kWrite);
  EXPECT_EQ(locks.count(1), 2u);
  locks.set(1, {10, 19}, kWrite);
  EXPECT_EQ(locks.count(1), 1u);
  EXPECT_EQ(locks.conflict(2, {5, 5}, kRead)->range, (ByteRange{0, 29}));
  locks.set(1, {30, UINT64_MAX}, kRead);
  EXPECT_EQ(locks.count(1), 2u);
  locks.set(1, {30, UINT64_MAX}, kWrite);
  EXPECT_EQ(locks.count(1), 1u);
}

TEST(RangeLocks, ADowngradeOfTheMiddleSplitsInThree) {
  RangeLocks locks;
  locks.set(1, {0, UINT64_MAX}, kWrite);
  locks.set(1, {10, 19}, kRead);
  EXPECT_EQ(locks.count(1), 3u);
  EXPECT_FALSE(locks.conflict(2, {10, 19}, kRead));
  EXPECT_EQ(locks.conflict(2, {10, 20}, kRead)->range, (ByteRange{20, UINT64_MAX}));
  EXPECT_EQ(locks.conflict(2, {9, 9}, kRead)->range, (ByteRange{0, 9}));
  EXPECT_EQ(locks.conflict(2, {15, 15}, kWrite)->range, (ByteRange{10, 19}));
}

TEST(RangeLocks, TheLastByteOfAllIsALockOfItsOwn) {
  RangeLocks locks;
  locks.set(1, {UINT64_MAX, UINT64_MAX}, kWrite);
  EXPECT_FALSE(locks.conflict(2, {0, UINT64_MAX - 1}, kWrite));
  EXPECT_TRUE(locks.conflict(2, {0, UINT64_MAX}, kRead));
  locks.clear(1, {0, UINT64_MAX});
  EXPECT_TRUE(locks.empty());
}

TEST(RangeLocks, TheConflictThatBeginsFirstIsTold) {
  RangeLocks locks;
  locks.set(3, {50, 59}, kRead);
  locks.set(2, {30, 39}, kRead);
  locks.set(1, {10, 19}, kRead);
  const auto held = locks.conflict(4, {0, 100}, kWrite);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->owner, 1u);
  EXPECT_EQ(locks.conflict(1, {0, 100}, kWrite)->owner, 2u);
  EXPECT_FALSE(locks.conflict(4, {0, 100}, kRead));
}

/// Bytes 0..63, the last of which stands for all from there to the end.
class PerByteModel {
 public:
  static constexpr uint64_t kBytes = 64, kOwners = 4;
  bool free_for(uint64_t owner, ByteRange range, LockKind kind) const {
    for (uint64_t other = 1; other <= kOwners; ++other) {
      if (other == owner) continue;
      for (uint64_t byte = range.first; byte <= range.last; ++byte) {
        const auto held = held_.find({other, byte});
        if (held != held_.end() && (kind == kWrite || held->second == kWrite)) return false;
      }
    }
    return true;
  }
  void set(uint64_t owner, ByteRange range, LockKind kind) {
    for (uint64_t byte = range.first; byte <= range.last; ++byte) held_[{owner, byte}] = kind;
  }
  void clear(uint64_t owner, ByteRange range) {
    for (uint64_t byte = range.first; byte <= range.last; ++byte) held_.erase({owner, byte});
  }
  bool holds(uint64_t owner, uint64_t byte, LockKind* kind) const {
    const auto held = held_.find({owner, byte});
    if (held == held_.end()) return false;
    *kind = held->second;
    return true;
  }
  /// How many ranges of one kind the owner's bytes make.
  size_t count(uint64_t owner) const {
    size_t count = 0;
    for (uint64_t byte = 0; byte < kBytes; ++byte) {
      LockKind kind{}, before{};
      if (!holds(owner, byte, &kind)) continue;
      if (byte == 0 || !holds(owner, byte - 1, &before) || before != kind) ++count;
    }
    return count;
  }

 private:
  std::map<std::pair<uint64_t, uint64_t>, LockKind> held_;
};

/// The model's range as the real one: the last byte reaches to the end.
ByteRange real(ByteRange range) {
  if (range.last == PerByteModel::kBytes - 1) range.last = UINT64_MAX;
  return range;
}

void compare(const RangeLocks& locks, const PerByteModel& model) {
  constexpr uint64_t kStranger = 77;
  for (uint64_t owner = 1; owner <= PerByteModel::kOwners; ++owner) {
    ASSERT_EQ(locks.count(owner), model.count(owner)) << "owner " << owner;
  }
  for (uint64_t byte = 0; byte < PerByteModel::kBytes; ++byte) {
    for (const LockKind kind : {kRead, kWrite}) {
      ASSERT_EQ(!locks.conflict(kStranger, real({byte, byte}), kind), model.free_for(kStranger, {byte, byte}, kind))
          << "byte " << byte;
    }
  }
}

TEST(RangeLocks, RandomStepsDoWhatTheModelOfBytesDoes) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    rt::Rng rng(seed);
    RangeLocks locks;
    PerByteModel model;
    for (int step = 0; step < 400; ++step) {
      const uint64_t owner = 1 + rng.below(PerByteModel::kOwners);
      const uint64_t first = rng.below(PerByteModel::kBytes);
      const uint64_t last = first + rng.below(std::min<uint64_t>(PerByteModel::kBytes - first, 1 + rng.below(20)));
      const ByteRange range{first, last};
      const LockKind kind = rng.below(2) == 0 ? kRead : kWrite;
      const uint64_t what = rng.below(20);
      if (what == 0) {
        locks.drop(owner);
        model.clear(owner, {0, PerByteModel::kBytes - 1});
      } else if (what < 7) {
        locks.clear(owner, real(range));
        model.clear(owner, range);
      } else {
        const auto held = locks.conflict(owner, real(range), kind);
        ASSERT_EQ(!held, model.free_for(owner, range, kind));
        if (held) {
          ASSERT_NE(held->owner, owner);
          ASSERT_LE(held->range.first, real(range).last);
          ASSERT_GE(held->range.last, range.first);
          continue;
        }
        locks.set(owner, real(range), kind);
        model.set(owner, range, kind);
      }
      compare(locks, model);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tp::test
