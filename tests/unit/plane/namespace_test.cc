// Directories that come and go, copies, renames, appends.
#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;

constexpr size_t kMiB = 1 << 20;

class Names : public PlaneFixture {
 protected:
  Result<plane::PutResult> copy(const std::string& from, const std::string& to, plane::CopyOptions options = {}) {
    return run(plane().copy(operator_caller(), ref(from), ref(to), std::move(options)));
  }
  Result<plane::PutResult> append(const std::string& key, uint64_t offset, Bytes data) {
    plane::WriteOptions options;
    options.append_offset = offset;
    return put(key, std::move(data), options);
  }
};

TEST_F(Names, LeaveNoDirectoriesBehind) {
  ASSERT_TRUE(put("a/b/c/1", "x"));
  ASSERT_TRUE(put("a/b/2", "x"));
  ASSERT_TRUE(put("a/b", "x"));
  EXPECT_EQ(records(kv::Space::kInodes), 1u + 3 + 3);
  ASSERT_TRUE(remove("a/b/c/1"));
  EXPECT_EQ(records(kv::Space::kInodes), 1u + 2 + 2);
  ASSERT_TRUE(remove("a/b/2"));
  EXPECT_EQ(records(kv::Space::kInodes), 1u + 1 + 1);
  EXPECT_EQ(*get("a/b"), "x");
  ASSERT_TRUE(remove("a/b"));
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(records(kv::Space::kNames), 0u);
  EXPECT_EQ(counters().objects, 0u);
  ASSERT_TRUE(put("a/b/c/1", "again"));
  EXPECT_EQ(*get("a/b/c/1"), "again");
}

TEST_F(Names, RemovedTwiceSayTheyWereNotThere) {
  ASSERT_TRUE(put("k", "x"));
  EXPECT_TRUE(remove("k")->existed);
  EXPECT_FALSE(remove("k")->existed);
  EXPECT_FALSE(remove("no/such/directory")->existed);
}

TEST_F(Names, RemovedTogetherAnswerOneByOne) {
  std::vector<plane::DeleteEntry> entries;
  for (int i = 0; i < 250; ++i) {
    std::string key = "d/" + std::to_string(i);
    if (i % 5 != 0) ASSERT_TRUE(put(key, "x"));
    plane::DeleteEntry entry;
    entry.key = key;
    if (i % 7 == 1) entry.conditions.if_match = "\"wrong\"";
    entries.push_back(entry);
  }
  entries.push_back({"", {}});
  auto results = run(plane().remove_many(operator_caller(), "vol", entries));
  ASSERT_TRUE(results);
  uint64_t left = 0;
  for (int i = 0; i < 250; ++i) {
    const auto& result = (*results)[static_cast<size_t>(i)];
    if (i % 7 == 1) {
      EXPECT_FALSE(result) << i;
      if (i % 5 != 0) ++left;
    } else {
      ASSERT_TRUE(result) << i;
      EXPECT_EQ(result->existed, i % 5 != 0);
    }
  }
  EXPECT_TRUE(failed_with(results->back(), Code::kInvalidArgument, Reason::kInvalidKey));
  EXPECT_EQ(counters().objects, left);
}

TEST_F(Names, CopiedShareTheirBytes) {
  Bytes data = make_data(1, 10 * kMiB);
  ASSERT_TRUE(put("a", data));
  ASSERT_TRUE(put("small", "bytes"));
  ASSERT_TRUE(copy("a", "x/b"));
  ASSERT_TRUE(copy("x/b", "c"));
  ASSERT_TRUE(copy("small", "small2"));
  EXPECT_EQ(live_blob_bytes(), 10 * kMiB);
  ASSERT_TRUE(remove("a"));
  ASSERT_TRUE(remove("small"));
  EXPECT_EQ(live_blob_bytes(), 10 * kMiB);
  EXPECT_TRUE(*get("x/b") == data);
  ASSERT_TRUE(remove("x/b"));
  EXPECT_TRUE(*get("c") == data);
  EXPECT_EQ(*get("small2"), "bytes");
  ASSERT_TRUE(remove("c"));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(records(kv::Space::kBlobs), 0u);
  EXPECT_EQ(counters().bytes, 5u);
}

TEST_F(Names, CopiedOntoThemselvesMustChangeSomething) {
  Bytes data = make_data(2, 3 * kMiB);
  ASSERT_TRUE(put("a", data));
  EXPECT_TRUE(failed_with(copy("a", "a"), Code::kInvalidArgument, Reason::kCopyOntoItself));
  plane::CopyOptions options;
  options.replace_metadata = true;
  options.attributes.user_metadata = {{"new", "1"}};
  ASSERT_TRUE(copy("a", "a", options));
  EXPECT_TRUE(*get("a") == data);
  EXPECT_EQ(stat("a")->record.user_metadata, options.attributes.user_metadata);
  EXPECT_EQ(live_blob_bytes(), 3 * kMiB);
  EXPECT_EQ(counters().bytes, data.size());
}

TEST_F(Names, CopiedWithAnotherChecksumGetThatOfTheirBytes) {
  Bytes data = make_data(2, 3 * kMiB);
  ASSERT_TRUE(put("a", data));
  plane::CopyOptions options;
  options.checksum_algorithm = ChecksumAlgorithm::kSha256;
  auto copied = copy("a", "b", options);
  ASSERT_TRUE(copied) << copied.error().to_string();
  EXPECT_EQ(copied->checksum.value, digest(ChecksumAlgorithm::kSha256, data));
}

TEST_F(Names, CopiedUnderConditionsHeedThem) {
  auto first = put("a", "one");
  ASSERT_TRUE(put("b", "two"));
  plane::CopyOptions options;
  options.source_conditions.if_match = "\"other\"";
  EXPECT_TRUE(failed_with(copy("a", "c", options), Code::kPreconditionFailed, Reason::kSourceConditionFailed));
  options.source_conditions.if_match = "\"" + first->etag + "\"";
  options.conditions.if_none_match_any = true;
  EXPECT_TRUE(failed_with(copy("a", "b", options), Code::kPreconditionFailed));
  EXPECT_TRUE(copy("a", "c", options));
  EXPECT_TRUE(failed_with(copy("none", "d"), Code::kNotFound, Reason::kNoSuchKey));
}

TEST_F(Names, RenamedKeepTheirInodeAndMoveNoData) {
  Bytes data = make_data(3, 2 * kMiB);
  ASSERT_TRUE(put("a/b/old", data));
  InodeId inode = stat("a/b/old")->inode;
  ASSERT_TRUE(rename("a/b/old", "c/new"));
  EXPECT_EQ(stat("a/b/old"), nullptr);
  EXPECT_EQ(stat("c/new")->inode, inode);
  EXPECT_TRUE(*get("c/new") == data);
  EXPECT_EQ(records(kv::Space::kInodes), 1u + 1 + 1);
  ASSERT_TRUE(put("d", "in the way"));
  plane::WriteConditions none;
  none.if_none_match_any = true;
  EXPECT_TRUE(failed_with(rename("c/new", "d", none), Code::kPreconditionFailed));
  EXPECT_EQ(*get("d"), "in the way");
  ASSERT_TRUE(rename("c/new", "d"));
  EXPECT_TRUE(*get("d") == data);
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(counters().bytes, data.size());
  ASSERT_TRUE(rename("d", "d"));
  EXPECT_TRUE(*get("d") == data);
  EXPECT_TRUE(failed_with(rename("none", "x"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_EQ(records(kv::Space::kNames), 1u);
}

TEST_F(Names, UnderAPrefixMoveWithIt) {
  for (const char* key : {"p/1", "p/q/2", "p/q/r/3", "p/", "other"}) ASSERT_TRUE(put(key, key));
  EXPECT_EQ(*get("p/q/2"), "p/q/2");
  ASSERT_TRUE(rename("p/", "new/place/"));
  EXPECT_EQ(stat("p/q/2"), nullptr);
  EXPECT_EQ(*get("new/place/q/2"), "p/q/2");
  EXPECT_EQ(*get("new/place/q/r/3"), "p/q/r/3");
  EXPECT_EQ(*get("new/place/"), "p/");
  EXPECT_EQ(*get("other"), "other");
  EXPECT_EQ(counters().objects, 5u);
  ASSERT_TRUE(put("p/q/2", "fresh"));
  EXPECT_EQ(*get("p/q/2"), "fresh");
  EXPECT_EQ(*get("new/place/q/2"), "p/q/2");
}

TEST_F(Names, UnderAPrefixStayIfTheMoveMakesNoSense) {
  ASSERT_TRUE(put("a/1", "x"));
  ASSERT_TRUE(put("b/c/1", "x"));
  EXPECT_TRUE(failed_with(rename("a/", "b/"), Code::kNotEmpty));
  EXPECT_TRUE(failed_with(rename("b/", "b/c/d/"), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(rename("b/c/", "b/"), Code::kNotEmpty));
  EXPECT_TRUE(failed_with(rename("none/", "c/"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_TRUE(failed_with(rename("a/", "c"), Code::kInvalidArgument, Reason::kInvalidKey));
  ASSERT_TRUE(rename("a/", "a/"));
  ASSERT_TRUE(rename("b/c/", "b/d/"));
  EXPECT_EQ(*get("b/d/1"), "x");
  EXPECT_EQ(*get("a/1"), "x");
  for (const char* key : {"a/1", "b/d/1"}) ASSERT_TRUE(remove(key));
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(records(kv::Space::kNames), 0u);
}

TEST_F(Names, AppendedToGrowFromSmallDataIntoBlobs) {
  Bytes all;
  rt::Rng rng(3);
  for (uint64_t i = 0; i < 40; ++i) {
    Bytes more = make_data(i + 1, 1 + rng.below(i < 20 ? 5000 : 300'000));
    auto appended = append("log", all.size(), more);
    ASSERT_TRUE(appended) << i << ": " << appended.error().to_string();
    all += more;
    EXPECT_EQ(appended->size_bytes, all.size());
    EXPECT_EQ(appended->checksum.value, digest(ChecksumAlgorithm::kCrc64Nvme, all)) << i;
    auto read = get("log");
    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_TRUE(*read == all) << i;
  }
  EXPECT_EQ(counters().bytes, all.size());
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(records(kv::Space::kData), 0u);
  EXPECT_NE(stat("log")->record.etag.find('-'), std::string::npos);
  reopen();
  EXPECT_TRUE(*get("log") == all);
  ASSERT_TRUE(remove("log"));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(records(kv::Space::kBlobs), 0u);
}

TEST_F(Names, AppendedToElsewhereThanAtTheirEndAreRefused) {
  ASSERT_TRUE(put("k", "12345"));
  EXPECT_TRUE(failed_with(append("k", 4, "x"), Code::kInvalidArgument, Reason::kWriteOffset));
  EXPECT_TRUE(failed_with(append("k", 6, "x"), Code::kInvalidArgument, Reason::kWriteOffset));
  EXPECT_TRUE(failed_with(append("k", 0, "x"), Code::kInvalidArgument, Reason::kWriteOffset));
  EXPECT_TRUE(failed_with(append("none", 1, "x"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_EQ(*get("k"), "12345");
  ASSERT_TRUE(append("new", 0, "first"));
  EXPECT_EQ(*get("new"), "first");
}

Task<plane::PutResult> append_late(plane::Plane* plane, plane::ObjectRef object, uint64_t offset, Bytes meanwhile) {
  plane::WriteOptions options;
  options.append_offset = offset;
  TP_CO_TRY(auto writer, co_await plane->open_writer(operator_caller(), object, options));
  TP_CO_TRY_VOID(co_await put_object(plane, object, meanwhile));
  co_return co_await write_all(writer.get(), "tail", {});
}

TEST_F(Names, ReplacedWhileBeingAppendedToKeepTheNewBytes) {
  ASSERT_TRUE(put("k", "12345"));
  EXPECT_TRUE(failed_with(run(append_late(&plane(), ref("k"), 5, "abcde")), Code::kConflict));
  EXPECT_EQ(*get("k"), "abcde");
  auto shorter = run(append_late(&plane(), ref("k"), 5, "abc"));
  EXPECT_TRUE(failed_with(shorter, Code::kInvalidArgument, Reason::kWriteOffset));
  EXPECT_EQ(*get("k"), "abc");
}

}  // namespace
}  // namespace tp::test
