// What keeps a version, and how that may change.
#include "plane/locks/lock_rules.h"

#include <gtest/gtest.h>

#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using meta::RetentionMode;
using plane::Reason;
using plane::Retention;

constexpr rt::Nanos kNow = 1'800'000'000 * rt::kSecond;
constexpr rt::Nanos kDay = 86'400 * rt::kSecond;

meta::InodeRecord retained(RetentionMode mode, rt::Nanos until) {
  meta::InodeRecord record;
  record.retention = mode;
  record.retain_until = until;
  return record;
}

::testing::AssertionResult is_kept(const Result<void>& result) {
  return failed_with(result, Code::kPermissionDenied, Reason::kLocked);
}

TEST(LockRules, AVersionWithoutLocksIsFree) {
  EXPECT_TRUE(plane::require_unlocked({}, kNow));
  EXPECT_FALSE(plane::is_locked({}, kNow));
}

TEST(LockRules, RetentionKeepsAVersionUntilItsTime) {
  for (const RetentionMode mode : {RetentionMode::kGovernance, RetentionMode::kCompliance}) {
    const auto record = retained(mode, kNow);
    EXPECT_TRUE(is_kept(plane::require_unlocked(record, kNow - 1)));
    EXPECT_TRUE(plane::require_unlocked(record, kNow));
    EXPECT_TRUE(plane::is_locked(record, kNow - 1));
    EXPECT_FALSE(plane::is_locked(record, kNow));
  }
}

TEST(LockRules, OnlyGovernanceIsBypassed) {
  EXPECT_TRUE(plane::require_unlocked(retained(RetentionMode::kGovernance, kNow + 1), kNow, true));
  EXPECT_TRUE(is_kept(plane::require_unlocked(retained(RetentionMode::kCompliance, kNow + 1), kNow, true)));
}

TEST(LockRules, ALegalHoldKeepsAVersionWhateverItsRetention) {
  auto record = retained(RetentionMode::kGovernance, kNow - 1);
  record.legal_hold = true;
  EXPECT_TRUE(is_kept(plane::require_unlocked(record, kNow, true)));
  EXPECT_TRUE(plane::is_locked(record, kNow));
}

TEST(LockRules, DirectoriesWithFilesDoNotMoveWhereLocksAre) {
  meta::VolumeRecord volume;
  meta::InodeRecord directory;
  directory.live_children = 1;
  EXPECT_TRUE(plane::require_unlocked_below(volume, directory));
  volume.lock.enabled = true;
  EXPECT_TRUE(is_kept(plane::require_unlocked_below(volume, directory)));
  directory.live_children = 0;
  EXPECT_TRUE(plane::require_unlocked_below(volume, directory));
}

TEST(LockRules, RetentionBeginsInTheFuture) {
  for (const rt::Nanos until : {rt::Nanos{0}, kNow - 1, kNow}) {
    EXPECT_TRUE(failed_with(plane::check_retention_change({}, {RetentionMode::kGovernance, until}, kNow, false),
                            Code::kInvalidArgument, Reason::kInvalidRetention));
  }
  EXPECT_TRUE(plane::check_retention_change({}, {RetentionMode::kCompliance, kNow + 1}, kNow, false));
}

TEST(LockRules, RetentionGrowsButDoesNotShrink) {
  for (const RetentionMode mode : {RetentionMode::kGovernance, RetentionMode::kCompliance}) {
    const auto record = retained(mode, kNow + kDay);
    EXPECT_TRUE(plane::check_retention_change(record, {mode, kNow + kDay}, kNow, false));
    EXPECT_TRUE(plane::check_retention_change(record, {mode, kNow + 2 * kDay}, kNow, false));
    EXPECT_TRUE(is_kept(plane::check_retention_change(record, {mode, kNow + kDay - 1}, kNow, false)));
    EXPECT_TRUE(is_kept(plane::check_retention_change(record, {}, kNow, false)));
    const bool governed = mode == RetentionMode::kGovernance;
    EXPECT_EQ(plane::check_retention_change(record, {mode, kNow + 1}, kNow, true).has_value(), governed);
    EXPECT_EQ(plane::check_retention_change(record, {}, kNow, true).has_value(), governed);
  }
}

TEST(LockRules, TheModeChangesOnlyByBypass) {
  const auto governed = retained(RetentionMode::kGovernance, kNow + kDay);
  const Retention stricter{RetentionMode::kCompliance, kNow + 2 * kDay};
  EXPECT_TRUE(is_kept(plane::check_retention_change(governed, stricter, kNow, false)));
  EXPECT_TRUE(plane::check_retention_change(governed, stricter, kNow, true));
  const auto complied = retained(RetentionMode::kCompliance, kNow + kDay);
  const Retention weaker{RetentionMode::kGovernance, kNow + 2 * kDay};
  EXPECT_TRUE(is_kept(plane::check_retention_change(complied, weaker, kNow, true)));
}

TEST(LockRules, RetentionThatIsOverBindsNobody) {
  const auto over = retained(RetentionMode::kCompliance, kNow);
  EXPECT_TRUE(plane::check_retention_change(over, {}, kNow, false));
  EXPECT_TRUE(plane::check_retention_change(over, {RetentionMode::kGovernance, kNow + 1}, kNow, false));
}

TEST(LockRules, NewVersionsGetTheVolumesDefaultUnlessTheRequestSaysMore) {
  meta::VolumeRecord volume;
  volume.lock = {true, RetentionMode::kGovernance, 10, 0};
  meta::InodeRecord record;
  plane::lock_new_version(volume, {}, kNow, &record);
  EXPECT_EQ(record.retention, RetentionMode::kGovernance);
  EXPECT_EQ(record.retain_until, kNow + 10 * kDay);
  EXPECT_FALSE(record.legal_hold);
  volume.lock = {true, RetentionMode::kCompliance, 0, 2};
  plane::lock_new_version(volume, {}, kNow, &record);
  EXPECT_EQ(record.retain_until, kNow + 730 * kDay);
  plane::ObjectAttributes asked;
  asked.retention = RetentionMode::kGovernance;
  asked.retain_until = kNow + 5;
  asked.legal_hold = true;
  plane::lock_new_version(volume, asked, kNow, &record);
  EXPECT_EQ(record.retention, RetentionMode::kGovernance);
  EXPECT_EQ(record.retain_until, kNow + 5);
  EXPECT_TRUE(record.legal_hold);
  volume.lock = {true, RetentionMode::kNone, 0, 0};
  plane::lock_new_version(volume, {}, kNow, &record);
  EXPECT_EQ(record.retention, RetentionMode::kNone);
  EXPECT_FALSE(record.legal_hold);
}

TEST(LockRules, ACenturyFromTheEndOfTimeIsTheEndOfTime) {
  EXPECT_EQ(plane::default_retention({true, RetentionMode::kCompliance, 0, 100}, INT64_MAX - 1).until, INT64_MAX);
}

class LockChange : public testing::Test {
 protected:
  LockChange() { record_.versioning = meta::Versioning::kEnabled; }
  Result<void> change(meta::LockRules rules) {
    plane::VolumeChange change;
    change.lock = rules;
    return plane::apply_lock_change(change, &record_);
  }
  meta::VolumeRecord record_;
};

TEST_F(LockChange, LocksNeedVersions) {
  for (const auto versioning : {meta::Versioning::kOff, meta::Versioning::kSuspended}) {
    record_.versioning = versioning;
    EXPECT_TRUE(failed_with(change({true, RetentionMode::kNone, 0, 0}), Code::kInvalidArgument,
                            Reason::kVersioningState));
    EXPECT_FALSE(record_.lock.enabled);
  }
  record_.versioning = meta::Versioning::kEnabled;
  ASSERT_TRUE(change({true, RetentionMode::kNone, 0, 0}));
  record_.versioning = meta::Versioning::kSuspended;
  EXPECT_TRUE(failed_with(plane::apply_lock_change({}, &record_), Code::kInvalidArgument, Reason::kVersioningState));
}

TEST_F(LockChange, LocksAreForGood) {
  ASSERT_TRUE(change({true, RetentionMode::kGovernance, 1, 0}));
  EXPECT_TRUE(failed_with(change({}), Code::kInvalidArgument, Reason::kVersioningState));
  EXPECT_TRUE(record_.lock.enabled);
  ASSERT_TRUE(change({true, RetentionMode::kNone, 0, 0}));
}

TEST_F(LockChange, ADefaultIsOfOneUnitAndBounded) {
  const auto refused = [](const Result<void>& result) {
    return failed_with(result, Code::kInvalidArgument, Reason::kInvalidRetention);
  };
  EXPECT_TRUE(refused(change({true, RetentionMode::kGovernance, 0, 0})));
  EXPECT_TRUE(refused(change({true, RetentionMode::kGovernance, 1, 1})));
  EXPECT_TRUE(refused(change({true, RetentionMode::kNone, 1, 0})));
  EXPECT_TRUE(refused(change({true, RetentionMode::kGovernance, 36'501, 0})));
  EXPECT_TRUE(refused(change({true, RetentionMode::kGovernance, 0, 101})));
  EXPECT_TRUE(change({true, RetentionMode::kCompliance, 36'500, 0}));
  EXPECT_TRUE(change({true, RetentionMode::kCompliance, 0, 100}));
}

TEST_F(LockChange, ACacheVolumeHasNoLocks) {
  record_.kind = meta::VolumeKind::kCache;
  EXPECT_FALSE(change({true, RetentionMode::kNone, 0, 0}));
}

}  // namespace
}  // namespace tp::test
