#include "lifecycle/rules.h"

#include <gtest/gtest.h>

#include "lifecycle/plan.h"

namespace tp::lifecycle {
namespace {

using Kind = Problem::Kind;

LifecycleRule rule(const std::string& id = "r") {
  LifecycleRule made;
  made.id = id;
  return made;
}

LifecycleRule expiring(int64_t days, const std::string& id = "r") {
  LifecycleRule made = rule(id);
  made.expiration = Expiration{days, std::nullopt, std::nullopt};
  return made;
}

LifecycleRule moving(Transition transition) {
  LifecycleRule made = rule();
  made.transitions.push_back(std::move(transition));
  return made;
}
Transition after_days(int64_t days, const std::string& storage_class) {
  return {days, std::nullopt, std::nullopt, storage_class};
}
Transition on_date(rt::Nanos date, const std::string& storage_class) {
  return {std::nullopt, date, std::nullopt, storage_class};
}

std::optional<Problem> problem_of(LifecycleRule one) {
  return validate({{std::move(one)}});
}

void expect_problem(const std::optional<Problem>& problem, Kind kind, const std::string& message) {
  ASSERT_TRUE(problem) << "nothing was found: " << message;
  EXPECT_EQ(problem->kind, kind) << problem->message;
  EXPECT_EQ(problem->message, message);
}

LifecycleRules all_there_is() {
  LifecycleRules rules;
  rules.transition_minimum = TransitionMinimum::kVariesByStorageClass;
  LifecycleRule& one = rules.rules.emplace_back(rule("one"));
  one.enabled = false;
  one.filter.form = FilterForm::kAnd;
  one.filter.prefix = std::string("a\0\xff/", 4);
  one.filter.has_prefix = true;
  one.filter.tags = {{"k", "v"}, {"l", ""}};
  one.filter.size_greater_than = 0;
  one.filter.size_less_than = 1'099'511'627'776'000;
  one.expiration = Expiration{std::nullopt, 20'000 * kDay, std::nullopt};
  one.noncurrent_expiration = NoncurrentExpiration{60, 3};
  one.transitions = {on_date(19'000 * kDay, "GLACIER")};
  one.noncurrent_transitions = {{30, std::nullopt, "STANDARD_IA"}, {40, 1, "GLACIER"}};
  LifecycleRule& two = rules.rules.emplace_back(rule("two"));
  two.expiration = Expiration{std::nullopt, std::nullopt, true};
  two.abort_upload = true;
  two.abort_upload_days = 7;
  two.transitions = {{std::nullopt, std::nullopt, 30, "GLACIER"}, after_days(0, "GLACIER_IR")};
  LifecycleRule& three = rules.rules.emplace_back(expiring(1, "three"));
  three.expiration = Expiration{std::nullopt, std::nullopt, false};
  return rules;
}

TEST(LifecycleRules, come_back_from_their_encoding_as_they_were) {
  const LifecycleRules rules = all_there_is();
  EXPECT_FALSE(validate(rules));
  const auto back = decode_rules(encode_rules(rules));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(*back, rules);
}

TEST(LifecycleRules, that_are_cut_or_changed_anywhere_do_not_crash_the_reader) {
  const std::string whole = encode_rules(all_there_is());
  size_t refused = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    if (!decode_rules(whole.substr(0, i))) ++refused;
    for (const int bit : {0, 3, 7}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      [[maybe_unused]] const auto read = decode_rules(changed);
    }
  }
  EXPECT_GT(refused, whole.size() / 2);
  EXPECT_FALSE(decode_rules(""));
  EXPECT_FALSE(decode_rules(std::string("\x07", 1)));
}

TEST(LifecycleRules, without_an_id_get_one_that_stays_the_same_and_is_nobody_elses) {
  LifecycleRules rules;
  rules.rules = {expiring(1, ""), expiring(1, ""), expiring(2, "given")};
  LifecycleRules again = rules;
  complete(&rules);
  complete(&again);
  EXPECT_EQ(rules, again);
  EXPECT_EQ(rules.rules[0].id.size(), 48u);
  EXPECT_NE(rules.rules[0].id, rules.rules[1].id);
  EXPECT_EQ(rules.rules[2].id, "given");
  EXPECT_FALSE(validate(rules));
}

TEST(LifecycleValidation, refuses_sets_of_rules_as_s3_does) {
  expect_problem(validate({}), Kind::kInvalidRequest, "At least one lifecycle rule must be specified.");
  LifecycleRules many;
  for (size_t i = 0; i <= kMaxRules; ++i) many.rules.push_back(expiring(1, std::to_string(i)));
  expect_problem(validate(many), Kind::kInvalidRequest,
                 "The number of lifecycle rules must not exceed the allowed limit of 1000 rules.");
  many.rules.pop_back();
  EXPECT_FALSE(validate(many));
  expect_problem(validate({{expiring(1, "x"), expiring(2, "x")}}), Kind::kInvalidArgument,
                 "Rule ID must be unique. Found same ID for more than one rule");
  expect_problem(problem_of(expiring(1, std::string(256, 'x'))), Kind::kInvalidArgument,
                 "ID length should not exceed allowed limit of 255");
  EXPECT_FALSE(problem_of(expiring(1, std::string(255, 'x'))));
  expect_problem(problem_of(rule()), Kind::kInvalidRequest, "At least one action needs to be specified in a rule");
}

TEST(LifecycleValidation, keeps_the_two_versions_of_the_document_apart) {
  LifecycleRule old_form = expiring(1, "old");
  old_form.filter.form = FilterForm::kPrefixElement;
  EXPECT_FALSE(problem_of(old_form));
  expect_problem(validate({{old_form, expiring(1, "new")}}), Kind::kInvalidRequest,
                 "Filter element can only be used in Lifecycle V2.");
  expect_problem(validate({{expiring(1, "new"), old_form}}), Kind::kInvalidRequest,
                 "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
  LifecycleRule below = old_form;
  below.id = "below";
  below.filter.prefix = "a/";
  expect_problem(validate({{old_form, below}}), Kind::kInvalidRequest,
                 "Found overlapping prefixes '' and 'a/' for same action type 'Expiration'");
  below.expiration.reset();
  below.abort_upload = true;
  below.abort_upload_days = 1;
  EXPECT_FALSE(validate({{old_form, below}}));
  LifecycleRule newer = old_form;
  newer.noncurrent_expiration = NoncurrentExpiration{1, 1};
  expect_problem(problem_of(newer), Kind::kInvalidRequest,
                 "NewerNoncurrentVersions element can only be used in Lifecycle V2.");
}

TEST(LifecycleValidation, refuses_filters_as_s3_does) {
  LifecycleRule one = expiring(1);
  one.filter.prefix = std::string(1025, 'x');
  expect_problem(problem_of(one), Kind::kInvalidArgument, "The maximum size of a prefix is 1024.");
  one.filter.prefix = "x";
  one.filter.tags = {{"k", "v"}};
  expect_problem(problem_of(one), Kind::kMalformedXml, "");  // two conditions want <And>
  one.filter.form = FilterForm::kAnd;
  EXPECT_FALSE(problem_of(one));
  one.filter.tags = {{"k", "v"}, {"k", "w"}};
  expect_problem(problem_of(one), Kind::kInvalidRequest, "Duplicate Tag Keys are not allowed.");
  one.filter.tags.clear();
  expect_problem(problem_of(one), Kind::kMalformedXml, "");  // one condition is not enough for <And>
  one.filter.size_greater_than = 10;
  one.filter.size_less_than = 10;
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  one.filter.size_less_than = 0;
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "'ObjectSizeLessThan' should be between 1 and 1099511627776000.");
  one.filter.size_greater_than = -1;
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "'ObjectSizeGreaterThan' should be between 0 and 1099511627776000.");
}

TEST(LifecycleValidation, refuses_expirations_as_s3_does) {
  for (const int64_t days : {int64_t{0}, int64_t{-1}}) {
    expect_problem(problem_of(expiring(days)), Kind::kInvalidArgument,
                   "'Days' for Expiration action must be a positive integer");
  }
  expect_problem(problem_of(expiring(int64_t{1} << 31)), Kind::kMalformedXml, "");
  LifecycleRule one = expiring(1);
  one.expiration->date = 0;
  expect_problem(problem_of(one), Kind::kMalformedXml, "");
  one.expiration = Expiration{std::nullopt, 20'000 * kDay + 1, std::nullopt};
  expect_problem(problem_of(one), Kind::kInvalidArgument, "'Date' must be at midnight GMT");
  one.expiration = Expiration{std::nullopt, std::nullopt, true};
  one.filter.tags = {{"k", "v"}};
  expect_problem(problem_of(one), Kind::kInvalidRequest, "ExpiredObjectDeleteMarker cannot be specified with Tags.");
  one = rule();
  one.abort_upload = true;
  expect_problem(problem_of(one), Kind::kMalformedXml, "");
  one.abort_upload_days = 0;
  expect_problem(problem_of(one), Kind::kInvalidArgument,
                 "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer");
  one.abort_upload_days = 1;
  one.filter.tags = {{"k", "v"}};
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "AbortIncompleteMultipartUpload cannot be specified with Tags.");
  one = rule();
  one.noncurrent_expiration = NoncurrentExpiration{std::nullopt, 1};
  expect_problem(problem_of(one), Kind::kMalformedXml, "");
  one.noncurrent_expiration = NoncurrentExpiration{1, 0};
  expect_problem(problem_of(one), Kind::kInvalidArgument,
                 "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer");
}

TEST(LifecycleValidation, refuses_transitions_as_s3_does) {
  expect_problem(problem_of(moving(after_days(1, "STANDARD"))), Kind::kMalformedXml, "");
  expect_problem(problem_of(moving(after_days(1, "MINE"))), Kind::kMalformedXml, "");
  const std::string own[] = {"MINE"};
  EXPECT_FALSE(validate({{moving(after_days(1, "MINE"))}}, own));
  expect_problem(problem_of(moving(after_days(29, "STANDARD_IA"))), Kind::kInvalidArgument,
                 "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'");
  EXPECT_FALSE(problem_of(moving(after_days(0, "GLACIER"))));
  expect_problem(problem_of(moving(after_days(-1, "GLACIER"))), Kind::kInvalidArgument,
                 "'Days' in Transition action must be nonnegative");
  LifecycleRule one = moving(after_days(1, "GLACIER"));
  one.transitions.push_back(after_days(2, "GLACIER"));
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=)'");
  one.transitions[1] = after_days(90, "STANDARD_IA");
  expect_problem(problem_of(one), Kind::kInvalidArgument,
                 "'Days' in the 'Transition' action for StorageClass 'GLACIER' for filter '(prefix=)' must be greater "
                 "than 'Days' in the 'Transition' action for StorageClass 'STANDARD_IA' for filter '(prefix=)'");
  one.transitions[1] = on_date(20'000 * kDay, "DEEP_ARCHIVE");
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '(prefix=)'");
  one.transitions.pop_back();
  one.expiration = Expiration{1, std::nullopt, std::nullopt};
  expect_problem(problem_of(one), Kind::kInvalidArgument,
                 "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition "
                 "action");
  one.expiration = Expiration{std::nullopt, 20'000 * kDay, std::nullopt};
  expect_problem(problem_of(one), Kind::kInvalidRequest,
                 "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter "
                 "'(prefix=)'");
  one = rule();
  one.noncurrent_transitions = {{10, std::nullopt, "GLACIER"}};
  one.noncurrent_expiration = NoncurrentExpiration{10, std::nullopt};
  expect_problem(problem_of(one), Kind::kInvalidArgument,
                 "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=)' must be greater "
                 "than 'NoncurrentDays' in the NoncurrentVersionTransition action");
}

}  // namespace
}  // namespace tp::lifecycle
