// Conditions on reads and writes, also when many writers race.
#include <gtest/gtest.h>

#include <atomic>

#include "plane/core/namespace.h"
#include "rt/await.h"
#include "support/sanitized.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::ReadConditions;
using plane::ReadVerdict;
using plane::Reason;
using plane::WriteConditions;

TEST(ReadConditionsTest, AreJudgedInTheOrderThatS3Has) {
  meta::InodeRecord record;
  record.etag = "abc";
  record.modified = 1000 * rt::kSecond + 5;
  ReadConditions none;
  EXPECT_EQ(evaluate(none, record), ReadVerdict::kProceed);
  ReadConditions match{.if_match = "\"x\", \"abc\""};
  EXPECT_EQ(evaluate(match, record), ReadVerdict::kProceed);
  match.if_unmodified_since = 900 * rt::kSecond;  // false, but If-Match is true
  EXPECT_EQ(evaluate(match, record), ReadVerdict::kProceed);
  match.if_match = "\"x\"";
  EXPECT_EQ(evaluate(match, record), ReadVerdict::kFailed);
  ReadConditions unmodified{.if_unmodified_since = 1000 * rt::kSecond};
  EXPECT_EQ(evaluate(unmodified, record), ReadVerdict::kProceed);
  unmodified.if_unmodified_since = 999 * rt::kSecond;
  EXPECT_EQ(evaluate(unmodified, record), ReadVerdict::kFailed);
  ReadConditions other{.if_none_match = "W/\"abc\""};
  EXPECT_EQ(evaluate(other, record), ReadVerdict::kNotModified);
  other.if_none_match = "\"x\"";
  other.if_modified_since = 2000 * rt::kSecond;  // true by ETag beats this one's "not modified"
  EXPECT_EQ(evaluate(other, record), ReadVerdict::kProceed);
  ReadConditions since{.if_modified_since = 1000 * rt::kSecond};
  EXPECT_EQ(evaluate(since, record), ReadVerdict::kNotModified);
  since.if_modified_since = 999 * rt::kSecond;
  EXPECT_EQ(evaluate(since, record), ReadVerdict::kProceed);
}

TEST(EtagLists, AreReadAsTheyAreSent) {
  EXPECT_TRUE(plane::etag_listed("*", "abc"));
  EXPECT_TRUE(plane::etag_listed("abc", "abc"));
  EXPECT_TRUE(plane::etag_listed(" \"x\" ,\t\"abc\"", "abc"));
  EXPECT_FALSE(plane::etag_listed("\"abc", "abc"));
  EXPECT_FALSE(plane::etag_listed("", "abc"));
  EXPECT_FALSE(plane::etag_listed("\"\"", ""));
  EXPECT_FALSE(plane::etag_listed(",,,", "abc"));
}

class Conditions : public PlaneFixture {
 protected:
  Conditions() : PlaneFixture({.loops = 2}) {}
  plane::WriteOptions with(WriteConditions conditions) {
    plane::WriteOptions options;
    options.conditions = std::move(conditions);
    return options;
  }
};

TEST_F(Conditions, OnWritesHoldOrNothingHappens) {
  EXPECT_TRUE(failed_with(put("k", "1", with({.if_match = "\"x\""})), Code::kNotFound, Reason::kNoSuchKey));
  auto first = put("k", "1", with({.if_none_match_any = true}));
  ASSERT_TRUE(first);
  EXPECT_TRUE(failed_with(put("k", "2", with({.if_none_match_any = true})), Code::kPreconditionFailed));
  EXPECT_TRUE(failed_with(put("k", "2", with({.if_match = "\"x\""})), Code::kPreconditionFailed));
  EXPECT_EQ(*get("k"), "1");
  EXPECT_TRUE(put("k", "2", with({.if_match = "\"" + first->etag + "\""})));
  EXPECT_TRUE(failed_with(put("k", "3", with({.if_match = "\"" + first->etag + "\""})), Code::kPreconditionFailed));
  EXPECT_EQ(*get("k"), "2");
}

TEST_F(Conditions, OnRemovalsHoldOrNothingHappens) {
  auto first = put("k", "12");
  EXPECT_TRUE(failed_with(remove("k", {.if_match = "\"x\""}), Code::kPreconditionFailed));
  EXPECT_TRUE(failed_with(remove("k", {.if_size = 3}), Code::kPreconditionFailed));
  EXPECT_TRUE(failed_with(remove("k", {.if_modified_time = first->modified + rt::kSecond}), Code::kPreconditionFailed));
  WriteConditions all{.if_match = first->etag, .if_modified_time = first->modified, .if_size = 2};
  EXPECT_TRUE(remove("k", all));
  EXPECT_TRUE(failed_with(remove("k", {.if_match = "\"x\""}), Code::kNotFound, Reason::kNoSuchKey));
}

struct Race {
  std::atomic<int> won{0}, lost{0}, broken{0};
};

Task<void> compete(plane::Plane* plane, std::string key, Bytes data, WriteConditions conditions, Race* race) {
  plane::WriteOptions options;
  options.conditions = std::move(conditions);
  auto result = co_await put_object(plane, {"vol", key}, std::move(data), std::move(options));
  if (result) ++race->won;
  else if (result.error().code == Code::kPreconditionFailed) ++race->lost;
  else ++race->broken;
  co_return ok;
}

Task<void> compete_many(plane::Plane* plane, rt::Runtime* runtime, std::string key, WriteConditions conditions,
                        Race* race) {
  rt::TaskGroup groups[2];
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await rt::resume_on(runtime->loop(loop));
    for (int i = 0; i < 20; ++i) {
      Bytes data = make_data(static_cast<uint64_t>(i), i % 2 == 0 ? 10 : 100'000);
      groups[loop].spawn(compete(plane, key, std::move(data), conditions, race));
    }
  }
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await rt::resume_on(runtime->loop(loop));
    co_await groups[loop].join();
  }
  co_await rt::resume_on(runtime->loop(0));
  co_return ok;
}

TEST_F(Conditions, LetExactlyOneOfManyWritersWin) {
  for (int round = 0; round < 10; ++round) {
    std::string key = "race/" + std::to_string(round);
    Race create;
    WriteConditions absent{.if_none_match_any = true};
    ASSERT_TRUE(run(compete_many(&plane(), &memory_.runtime(), key, absent, &create)));
    EXPECT_EQ(create.won, 1);
    EXPECT_EQ(create.lost, 39);
    EXPECT_EQ(create.broken, 0);
    Race replace;
    WriteConditions same{.if_match = stat(key)->record.etag};
    ASSERT_TRUE(put(key, "other bytes", with(same)));
    ASSERT_TRUE(run(compete_many(&plane(), &memory_.runtime(), key, same, &replace)));
    EXPECT_EQ(replace.won, 0);
    EXPECT_EQ(replace.lost, 40);
  }
  EXPECT_EQ(counters().objects, 10u);
}

/// Writes ever greater numbers and notes the last one acknowledged; readers must never see a smaller one than that.
struct Latest {
  std::atomic<uint64_t> acknowledged{0};
  std::atomic<bool> done{false};
  std::atomic<int> stale{0}, failed{0}, reads{0};
};

// Readers that spin take the processor from the threads that a write needs, so that on a busy machine a write takes
// long and sees very many reads: as many are enough for fewer writes.
constexpr uint64_t kMostWrites = kSanitized ? 100 : 300, kFewestWrites = 40;
constexpr int kManyReads = 20'000;

Task<void> write_numbers(plane::Plane* plane, Latest* latest) {
  for (uint64_t i = 1; i <= kMostWrites && (i <= kFewestWrites || latest->reads < kManyReads); ++i) {
    auto written = co_await put_object(plane, {"vol", "n"}, std::to_string(i) + Bytes(i % 3 == 0 ? 70'000 : 10, ' '));
    if (!written) ++latest->failed;
    latest->acknowledged = i;
  }
  latest->done = true;
  co_return ok;
}

Task<void> read_numbers(plane::Plane* plane, Latest* latest) {
  while (!latest->done) {
    uint64_t at_least = latest->acknowledged;
    auto read = co_await get_object(plane, {"vol", "n"});
    ++latest->reads;
    if (!read) {
      if (at_least > 0) ++latest->failed;
    } else if (std::stoull(*read) < at_least) {
      ++latest->stale;
    }
    co_await rt::yield();
  }
  co_return ok;
}

Task<void> read_and_write(plane::Plane* plane, rt::Runtime* runtime, Latest* latest) {
  rt::TaskGroup here, there;
  for (int i = 0; i < 4; ++i) here.spawn(read_numbers(plane, latest));
  co_await rt::resume_on(runtime->loop(1));
  for (int i = 0; i < 4; ++i) there.spawn(read_numbers(plane, latest));
  there.spawn(write_numbers(plane, latest));
  co_await there.join();
  co_await rt::resume_on(runtime->loop(0));
  co_await here.join();
  co_return ok;
}

TEST_F(Conditions, ReadersNeverSeeLessThanWhatWasAcknowledged) {
  Latest latest;
  ASSERT_TRUE(run(read_and_write(&plane(), &memory_.runtime(), &latest)));
  EXPECT_EQ(latest.stale, 0);
  EXPECT_EQ(latest.failed, 0);
  EXPECT_GT(latest.reads, 100) << latest.acknowledged;
}

}  // namespace
}  // namespace tp::test
