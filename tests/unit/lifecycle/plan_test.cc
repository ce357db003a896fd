#include "lifecycle/plan.h"

#include <gtest/gtest.h>

#include "lifecycle/due_records.h"

namespace tp::lifecycle {
namespace {

using meta::Versioning;
using plane::UpkeepObject;

constexpr rt::Nanos kMidnight = 20'000 * kDay;
constexpr rt::Nanos kHour = 3600 * rt::kSecond;

LifecycleRules expire_after(int64_t days) {
  LifecycleRules rules;
  rules.rules.emplace_back();
  rules.rules[0].id = "r";
  rules.rules[0].expiration = Expiration{days, std::nullopt, std::nullopt};
  return rules;
}

UpkeepObject object(rt::Nanos modified, uint64_t size_bytes = 1) {
  UpkeepObject made;
  made.key = "k";
  made.inode = InodeId(7);
  made.modified = modified;
  made.size_bytes = size_bytes;
  return made;
}

TEST(LifecycleDays, are_rounded_up_to_the_next_midnight) {
  EXPECT_EQ(due_after(kMidnight + 10 * kHour, 3), kMidnight + 4 * kDay);
  EXPECT_EQ(due_after(kMidnight + 1, 0), kMidnight + kDay);
  EXPECT_EQ(due_after(kMidnight, 1), kMidnight + kDay);
  EXPECT_EQ(due_after(kMidnight - 1, 1), kMidnight + kDay);
}

TEST(LifecycleDays, of_times_beyond_reason_do_not_overflow) {
  const rt::Nanos last = due_after(INT64_MAX, INT32_MAX);
  EXPECT_EQ(last % kDay, 0);
  EXPECT_GT(last, INT64_MAX - kDay);
  EXPECT_EQ(due_after(0, INT64_MAX), last);
  EXPECT_EQ(due_after(INT64_MIN, 1), kDay);
  EXPECT_EQ(round_up_to_midnight(INT64_MAX), last);
}

TEST(LifecyclePlan, says_when_something_will_be_due_and_at_that_time_what) {
  const std::vector versions = {object(kMidnight + kHour)};
  const LifecycleRules rules = expire_after(3);
  const Plan before = plan_key(rules, Versioning::kOff, versions, kMidnight + 4 * kDay - 1);
  EXPECT_TRUE(before.steps.empty());
  EXPECT_EQ(before.next, kMidnight + 4 * kDay);
  const Plan then = plan_key(rules, Versioning::kOff, versions, kMidnight + 4 * kDay);
  ASSERT_EQ(then.steps.size(), 1u);
  EXPECT_EQ(then.steps[0].kind, Step::Kind::kExpire);
  EXPECT_FALSE(then.next);
}

TEST(LifecyclePlan, of_a_disabled_rule_is_nothing) {
  LifecycleRules rules = expire_after(1);
  rules.rules[0].enabled = false;
  const std::vector versions = {object(kMidnight)};
  const Plan plan = plan_key(rules, Versioning::kOff, versions, kMidnight + 100 * kDay);
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_FALSE(plan.next);
  EXPECT_FALSE(has_work(rules));
}

TEST(LifecyclePlan, deletes_for_good_rather_than_to_move_but_moves_before_a_delete_marker) {
  LifecycleRules rules = expire_after(40);
  rules.rules[0].transitions.push_back({30, std::nullopt, std::nullopt, "GLACIER"});
  const std::vector versions = {object(kMidnight, 1 << 20)};
  const rt::Nanos late = kMidnight + 50 * kDay;
  const Plan for_good = plan_key(rules, Versioning::kOff, versions, late);
  ASSERT_EQ(for_good.steps.size(), 1u);
  EXPECT_EQ(for_good.steps[0].kind, Step::Kind::kExpire);
  const Plan kept = plan_key(rules, Versioning::kEnabled, versions, late);
  ASSERT_EQ(kept.steps.size(), 2u);
  EXPECT_EQ(kept.steps[0].kind, Step::Kind::kTransition);
  EXPECT_EQ(kept.steps[0].storage_class, "GLACIER");
  EXPECT_EQ(kept.steps[1].kind, Step::Kind::kExpire);
}

TEST(LifecyclePlan, chooses_the_coldest_class_and_never_a_warmer_one) {
  LifecycleRules rules;
  for (const char* storage_class : {"GLACIER", "STANDARD_IA"}) {
    rules.rules.emplace_back().transitions.push_back({30, std::nullopt, std::nullopt, storage_class});
  }
  std::vector versions = {object(kMidnight, 1 << 20)};
  const rt::Nanos late = kMidnight + 50 * kDay;
  Plan plan = plan_key(rules, Versioning::kOff, versions, late);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].storage_class, "GLACIER");
  versions[0].storage_class = "DEEP_ARCHIVE";
  EXPECT_TRUE(plan_key(rules, Versioning::kOff, versions, late).steps.empty());
}

TEST(LifecyclePlan, leaves_small_objects_where_they_are_unless_a_filter_names_sizes) {
  LifecycleRules rules;
  rules.rules.emplace_back().transitions.push_back({1, std::nullopt, std::nullopt, "GLACIER"});
  const std::vector versions = {object(kMidnight, (128 << 10) - 1)};
  const rt::Nanos late = kMidnight + 50 * kDay;
  EXPECT_TRUE(plan_key(rules, Versioning::kOff, versions, late).steps.empty());
  rules.transition_minimum = TransitionMinimum::kVariesByStorageClass;
  EXPECT_EQ(plan_key(rules, Versioning::kOff, versions, late).steps.size(), 1u);
  rules.rules[0].transitions[0].storage_class = "GLACIER_IR";
  EXPECT_TRUE(plan_key(rules, Versioning::kOff, versions, late).steps.empty());
  rules.rules[0].filter.size_greater_than = 10;
  EXPECT_EQ(plan_key(rules, Versioning::kOff, versions, late).steps.size(), 1u);
}

TEST(LifecyclePlan, counts_from_the_last_access_or_change_whichever_is_later) {
  LifecycleRules rules;
  rules.rules.emplace_back().transitions.push_back({std::nullopt, std::nullopt, 10, "GLACIER"});
  EXPECT_TRUE(asks_for_access(rules));
  std::vector versions = {object(kMidnight, 1 << 20)};
  versions[0].accessed = kMidnight + 5 * kDay;
  EXPECT_EQ(plan_key(rules, Versioning::kOff, versions, kMidnight).next, kMidnight + 15 * kDay);
  versions[0].modified = kMidnight + 7 * kDay;
  EXPECT_EQ(plan_key(rules, Versioning::kOff, versions, kMidnight).next, kMidnight + 17 * kDay);
}

TEST(LifecyclePlan, takes_the_oldest_versions_first) {
  LifecycleRules rules;
  rules.rules.emplace_back().noncurrent_expiration = NoncurrentExpiration{1, 1};
  std::vector<UpkeepObject> versions(4, object(kMidnight));
  for (size_t i = 0; i < versions.size(); ++i) {
    versions[i].version = 10 - i;
    versions[i].current = i == 0;
    versions[i].superseded = i == 0 ? 0 : kMidnight;
  }
  const Plan plan = plan_key(rules, Versioning::kEnabled, versions, kMidnight + 5 * kDay);
  ASSERT_EQ(plan.steps.size(), 2u);
  EXPECT_EQ(plan.steps[0].object, 3u);
  EXPECT_EQ(plan.steps[1].object, 2u);
}

TEST(LifecyclePlan, removes_a_delete_marker_only_where_nothing_else_is_left) {
  LifecycleRules rules;
  rules.rules.emplace_back().expiration = Expiration{std::nullopt, std::nullopt, true};
  UpkeepObject marker = object(kMidnight + kHour);
  marker.inode = InodeId();
  std::vector versions = {marker};
  EXPECT_EQ(plan_key(rules, Versioning::kEnabled, versions, kMidnight + 2 * kHour).next, kMidnight + kDay);
  const Plan alone = plan_key(rules, Versioning::kEnabled, versions, kMidnight + kDay);
  ASSERT_EQ(alone.steps.size(), 1u);
  EXPECT_EQ(alone.steps[0].kind, Step::Kind::kExpireVersion);
  versions.push_back(object(kMidnight));
  versions[1].current = false;
  EXPECT_TRUE(plan_key(rules, Versioning::kEnabled, versions, kMidnight + kDay).steps.empty());
}

TEST(LifecycleExpiry, names_the_first_rule_to_apply) {
  LifecycleRules rules = expire_after(10);
  rules.rules.push_back(expire_after(5).rules[0]);
  rules.rules[1].id = "sooner";
  const auto expiry = expiry_of(rules, object(kMidnight + kHour));
  ASSERT_TRUE(expiry);
  EXPECT_EQ(expiry->at, kMidnight + 6 * kDay);
  EXPECT_EQ(expiry->rule_id, "sooner");
  rules.rules[0].filter.prefix = rules.rules[1].filter.prefix = "other";
  EXPECT_FALSE(expiry_of(rules, object(kMidnight)));
}

TEST(DueRecords, come_back_from_their_keys_and_order_by_time) {
  const DueEntry entry{kMidnight, VolumeId(3), false, std::string("a\0b\xff", 4)};
  const auto back = parse_due_key(due_key(entry));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, entry);
  const DueEntry later{kMidnight + 1, VolumeId(1), true, ""};
  EXPECT_LT(due_key(entry), due_key(later));
  EXPECT_LT(due_key(entry), due_end(kMidnight));
  EXPECT_GE(due_key(later), due_end(kMidnight));
  EXPECT_LT(due_key({INT64_MAX, VolumeId(UINT64_MAX), true, ""}), due_end(INT64_MAX));
  const Walk walk{VolumeId(9), "dir/"};
  EXPECT_EQ(*parse_walk_key(walk_key(walk)), walk);
  EXPECT_EQ(*parse_stamp_key(stamp_key(VolumeId(5))), VolumeId(5));
  EXPECT_EQ(*decode_cursor(encode_cursor(JournalSeq(77))), JournalSeq(77));
}

TEST(DueRecords, that_do_not_parse_are_corruption) {
  const Bytes good = due_key({kMidnight, VolumeId(3), false, ""});
  for (size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(parse_due_key(good.substr(0, i)));
  Bytes negative = good;
  negative[1] = '\xff';
  EXPECT_FALSE(parse_due_key(negative));
  Bytes other = good;
  other.back() = 'x';
  EXPECT_FALSE(parse_due_key(other));
  EXPECT_FALSE(parse_walk_key("w123"));
  EXPECT_FALSE(parse_stamp_key("v12345678x"));
  EXPECT_FALSE(decode_cursor("123"));
}

}  // namespace
}  // namespace tp::lifecycle
