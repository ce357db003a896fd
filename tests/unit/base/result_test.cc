#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace tp {
namespace {

enum class Reason : uint16_t { kNone, kNoSuchVolume = 7 };

Result<int> parse(bool good) {
  if (!good) return fail(Code::kMalformed, "not a number");
  return 4;
}
Result<int> twice(bool good) {
  TP_TRY(const int value, parse(good));
  TP_TRY(const int again, parse(good));
  return value + again;
}
Result<void> check(bool good) {
  TP_TRY_VOID(twice(good));
  return ok;
}
Result<std::unique_ptr<int>> make() { return std::make_unique<int>(5); }
Result<int> unwrap() {
  TP_TRY(auto pointer, make());
  return *pointer;
}

TEST(Result, TryYieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(twice(true).value(), 8);
  ASSERT_FALSE(twice(false));
  EXPECT_EQ(twice(false).error().code, Code::kMalformed);
  EXPECT_EQ(twice(false).error().message, "not a number");
  EXPECT_TRUE(check(true));
  EXPECT_EQ(check(false).error().code, Code::kMalformed);
}

TEST(Result, TryMovesWhatCannotBeCopied) { EXPECT_EQ(unwrap().value(), 5); }

TEST(Error, ContextGoesBeforeTheMessageAndKeepsTheRest) {
  Error error(Code::kNotFound, Reason::kNoSuchVolume, "no such volume");
  error.applied = Applied::kMaybe;
  const Error outer = std::move(error).with_context("open");
  EXPECT_EQ(outer.to_string(), "kNotFound: open: no such volume");
  EXPECT_EQ(outer.reason, 7);
  EXPECT_EQ(outer.applied, Applied::kMaybe);
}

TEST(Error, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i < kCodeCount; ++i) names.insert(code_name(static_cast<Code>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(kCodeCount));
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(code_name(Code::kInvalidArgument), "kInvalidArgument");
  EXPECT_EQ(code_name(Code::kIo), "kIo");
  EXPECT_EQ(code_name(Code::kInternal), "kInternal");
}

TEST(Error, OnlyPassingTroublesAreRetryable) {
  std::set<Code> retryable;
  for (int i = 0; i < kCodeCount; ++i) {
    if (Error(static_cast<Code>(i), "").retryable()) retryable.insert(static_cast<Code>(i));
  }
  EXPECT_EQ(retryable, (std::set<Code>{Code::kBusy, Code::kUnavailable, Code::kTimeout, Code::kConflict}));
}

}  // namespace
}  // namespace tp
