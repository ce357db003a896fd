#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "base/hash/sha256.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;

constexpr size_t kKiB = 1024, kMiB = 1024 * kKiB;

class Objects : public PlaneFixture {};

class ObjectSizes : public PlaneFixture, public testing::WithParamInterface<size_t> {};
INSTANTIATE_TEST_SUITE_P(Edges, ObjectSizes,
                         testing::Values(0, 1, 4095, 64 * kKiB - 1, 64 * kKiB, 64 * kKiB + 1, kMiB, kMiB + 1,
                                         8 * kMiB - 1, 8 * kMiB, 8 * kMiB + 1, 20 * kMiB + 12345));

TEST_P(ObjectSizes, ComeBackAsTheyWentWithAndWithoutAKnownLength) {
  Bytes data = make_data(GetParam() + 1, GetParam());
  for (bool known : {true, false}) {
    plane::WriteOptions options;
    if (known) options.size_bytes = data.size();
    options.compute_sha256 = true;
    plane::ExpectedDigests expected;
    expected.md5 = Bytes(as_view(md5(data)));
    expected.sha256 = Bytes(as_view(sha256(data)));
    expected.checksum = digest(ChecksumAlgorithm::kCrc64Nvme, data);
    auto put_result = put("a/b/object", data, options, expected);
    ASSERT_TRUE(put_result) << put_result.error().to_string();
    EXPECT_EQ(put_result->etag, to_hex(as_view(md5(data))));
    EXPECT_EQ(put_result->size_bytes, data.size());
    EXPECT_EQ(put_result->checksum.value, *expected.checksum);
    auto read = get("a/b/object");
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_TRUE(*read == data);
    auto again = get("a/b/object");  // out of the cache
    ASSERT_TRUE(again);
    EXPECT_TRUE(*again == data);
  }
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(counters().bytes, data.size());
}

TEST_P(ObjectSizes, ComeBackAfterARestart) {
  Bytes data = make_data(GetParam() + 2, GetParam());
  ASSERT_TRUE(put("object", data));
  reopen();
  auto read = get("object");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(*read == data);
}

TEST_P(ObjectSizes, SurviveAPowerFailureOnceAcknowledged) {
  Bytes data = make_data(GetParam() + 3, GetParam());
  ASSERT_TRUE(put("object", data));
  memory_.crash(GetParam());
  ASSERT_TRUE(memory_.open());
  ASSERT_TRUE(memory_.tidy_up());
  auto read = get("object");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(*read == data);
}

TEST_F(Objects, GiveAnyRange) {
  Bytes data = make_data(7, 9 * kMiB + 17);
  ASSERT_TRUE(put("large", data));
  Bytes small = make_data(8, 1000);
  ASSERT_TRUE(put("small", small));
  rt::Rng rng(11);
  for (int i = 0; i < 50; ++i) {
    uint64_t offset = rng.below(data.size()), size = rng.below(data.size() - offset) + 1;
    if (i % 2 == 0) size = std::min<uint64_t>(size, 100'000);
    auto part = get("large", ByteRange{offset, size});
    ASSERT_TRUE(part);
    ASSERT_TRUE(*part == data.substr(offset, size)) << offset << " + " << size;
  }
  EXPECT_EQ(*get("small", ByteRange{10, 20}), small.substr(10, 20));
  EXPECT_EQ(*get("small", ByteRange{999, 5}), small.substr(999));
}

TEST_F(Objects, OfEveryChecksumAlgorithmKeepItsDigest) {
  Bytes data = make_data(5, 200 * kKiB);
  for (auto algorithm : {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kSha1,
                         ChecksumAlgorithm::kSha256, ChecksumAlgorithm::kXxh3}) {
    plane::WriteOptions options;
    options.checksum_algorithm = algorithm;
    auto put_result = put("k", data, options);
    ASSERT_TRUE(put_result);
    EXPECT_EQ(put_result->checksum.value, digest(algorithm, data));
    EXPECT_EQ(stat("k")->record.checksum.value, digest(algorithm, data));
  }
}

TEST_F(Objects, AreNotStoredIfTheBytesAreNotWhatWasClaimed) {
  for (size_t size : {size_t{100}, 3 * kMiB}) {
    Bytes data = make_data(size, size);
    plane::WriteOptions options;
    options.compute_sha256 = true;
    plane::ExpectedDigests expected;
    expected.md5 = Bytes(16, 'x');
    EXPECT_TRUE(failed_with(put("k", data, options, expected), Code::kInvalidArgument, Reason::kBadDigest));
    expected = {};
    expected.sha256 = Bytes(32, 'x');
    EXPECT_TRUE(failed_with(put("k", data, options, expected), Code::kInvalidArgument, Reason::kContentSha256Mismatch));
    expected = {};
    expected.checksum = Bytes(8, 'x');
    EXPECT_TRUE(failed_with(put("k", data, options, expected), Code::kInvalidArgument, Reason::kChecksumMismatch));
    options.size_bytes = size + 1;
    EXPECT_TRUE(failed_with(put("k", data, options), Code::kInvalidArgument, Reason::kIncompleteBody));
    options.size_bytes = size - 1;
    EXPECT_TRUE(failed_with(put("k", data, options), Code::kInvalidArgument, Reason::kIncompleteBody));
  }
  EXPECT_TRUE(failed_with(get("k"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(counters().objects, 0u);
}

Task<void> write_and_leave(plane::Plane* plane, plane::ObjectRef object, Bytes data) {
  TP_CO_TRY(auto writer, co_await plane->open_writer(operator_caller(), std::move(object), {}));
  BytesView rest = data;
  while (!rest.empty()) {
    TP_CO_TRY(const MutableBytes space, co_await writer->space());
    const size_t size = std::min(space.size(), rest.size());
    std::memcpy(space.data(), rest.data(), size);
    TP_CO_TRY_VOID(co_await writer->filled(size));
    rest.remove_prefix(size);
  }
  co_return ok;
}

TEST_F(Objects, GivenUpHalfWayLeaveNothing) {
  ASSERT_TRUE(run(write_and_leave(&plane(), ref("k"), make_data(1, 21 * kMiB))));
  ASSERT_TRUE(run(write_and_leave(&plane(), ref("k"), make_data(1, 21))));
  ASSERT_TRUE(run(plane().core().join_clean_ups()));
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 0u);
  EXPECT_TRUE(failed_with(get("k"), Code::kNotFound, Reason::kNoSuchKey));
}

TEST_F(Objects, OverwrittenOrRemovedGiveTheirBlobsBack) {
  ASSERT_TRUE(put("k", make_data(1, 10 * kMiB)));
  EXPECT_EQ(live_blob_bytes(), 10 * kMiB);
  ASSERT_TRUE(put("k", make_data(2, 3 * kMiB)));
  EXPECT_EQ(live_blob_bytes(), 3 * kMiB);
  ASSERT_TRUE(put("k", make_data(2, 3)));
  EXPECT_EQ(live_blob_bytes(), 0u);
  ASSERT_TRUE(put("k", make_data(2, kMiB)));
  ASSERT_TRUE(remove("k"));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(records(kv::Space::kBlobs), 0u);
  EXPECT_EQ(records(kv::Space::kExtents), 0u);
  EXPECT_EQ(records(kv::Space::kData), 0u);
  EXPECT_EQ(records(kv::Space::kInodes), 1u);  // the volume's root
}

Task<Bytes> read_while_it_goes(MemoryPlane* memory, plane::ObjectRef object, Bytes next) {
  plane::PlaneImpl& plane = memory->plane();
  TP_CO_TRY(auto reader, co_await plane.open_reader(operator_caller(), object));
  TP_CO_TRY(io::SendRegion first, co_await reader->next());
  Bytes data(first.bytes);
  TP_CO_TRY_VOID(co_await put_object(&plane, object, std::move(next)));
  TP_CO_TRY_VOID(co_await plane.remove(operator_caller(), object, {}));
  TP_CO_TRY_VOID(co_await plane.core().dead_blobs.collect());
  while (reader->remaining() > 0) {
    TP_CO_TRY(io::SendRegion region, co_await reader->next());
    data += region.bytes;
  }
  co_return data;
}

TEST_F(Objects, AreReadToTheEndAsTheyWereWhenOpened) {
  for (size_t size : {size_t{5000}, 12 * kMiB}) {
    Bytes data = make_data(size, size);
    ASSERT_TRUE(put("k", data));
    auto read = run(read_while_it_goes(&memory_, ref("k"), make_data(99, size)));
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_TRUE(*read == data);
    EXPECT_EQ(live_blob_bytes(), 0u);
  }
}

Task<void> open_and_leave(plane::Plane* plane, plane::ObjectRef object) {
  TP_CO_TRY(auto reader, co_await plane->open_reader(operator_caller(), std::move(object)));
  TP_CO_TRY_VOID(co_await reader->next());
  co_return ok;
}

TEST_F(Objects, LeftByAReaderThatReadsAheadAreFreedAfterIt) {
  ASSERT_TRUE(put("k", make_data(3, 20 * kMiB)));
  ASSERT_TRUE(run(open_and_leave(&plane(), ref("k"))));
  ASSERT_TRUE(run(plane().core().join_clean_ups()));
  ASSERT_TRUE(remove("k"));
  EXPECT_EQ(live_blob_bytes(), 0u);
}

TEST_F(Objects, WithManyExtentsAreReadThroughAWindow) {
  // Appends of 1000 bytes to an object in blobs: one extent each.
  Bytes all = make_data(1, 70'000);
  ASSERT_TRUE(put("k", all));
  for (uint64_t i = 0; i < 150; ++i) {
    plane::WriteOptions options;
    options.append_offset = all.size();
    Bytes more = make_data(i + 10, 1000);
    auto appended = put("k", more, options);
    ASSERT_TRUE(appended) << appended.error().to_string();
    all += more;
  }
  EXPECT_EQ(records(kv::Space::kExtents), 151u);
  auto read = get("k");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(*read == all);
  EXPECT_EQ(*get("k", ByteRange{all.size() - 500, 500}), all.substr(all.size() - 500));
  EXPECT_EQ(*get("k", ByteRange{69'999, 20'000}), all.substr(69'999, 20'000));
  auto read_old = run(read_while_it_goes(&memory_, ref("k"), "new"));
  ASSERT_TRUE(read_old) << read_old.error().to_string();
  EXPECT_TRUE(*read_old == all);
}

TEST_F(Objects, KeepWhatWasSaidOfThem) {
  plane::WriteOptions options;
  options.attributes.headers = {{"content-type", "text/plain"}, {"cache-control", "no-cache"}};
  options.attributes.user_metadata = {{"a", "1"}};
  options.attributes.tags = {{"t", "x"}};
  options.attributes.storage_class = "GLACIER";
  ASSERT_TRUE(put("k", "data", options));
  reopen();
  auto info = stat("k");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->record.headers, options.attributes.headers);
  EXPECT_EQ(info->record.user_metadata, options.attributes.user_metadata);
  EXPECT_EQ(info->record.tags, options.attributes.tags);
  EXPECT_EQ(info->record.storage_class, "GLACIER");
  EXPECT_EQ(info->record.owner, plane::kRootUserId);
  ASSERT_TRUE(run(plane().set_tags(operator_caller(), ref("k"), {{"n", "y"}})));
  EXPECT_EQ(stat("k")->record.tags, (meta::TagSet{{"n", "y"}}));
  EXPECT_EQ(stat("k")->inode, info->inode);
  EXPECT_EQ(*get("k"), "data");
}

TEST_F(Objects, HaveKeysWithinTheRules) {
  EXPECT_TRUE(failed_with(put("", "x"), Code::kInvalidArgument, Reason::kInvalidKey));
  EXPECT_TRUE(failed_with(put(std::string(1025, 'k'), "x"), Code::kInvalidArgument, Reason::kInvalidKey));
  EXPECT_TRUE(failed_with(put("\xff\xfe", "x"), Code::kInvalidArgument, Reason::kInvalidKey));
  for (std::string key : {std::string(1024, '/'), std::string(1024, 'k'), std::string("a"), std::string("a/b"),
                          std::string("a/"), std::string("a//b"), std::string("/"), std::string("../x"),
                          std::string("./."), std::string("nul\0key", 7), std::string("ä/ö")}) {
    ASSERT_TRUE(put(key, key)) << key;
    ASSERT_EQ(*get(key), key);
  }
}

TEST_F(Objects, CorruptOnDiskAreAnErrorAndNeverAnAnswer) {
  Bytes data = make_data(4, 300'000);
  ASSERT_TRUE(put("k", data));
  auto names = run(memory_.files().list("blobs"));
  ASSERT_TRUE(names);
  for (const std::string& name : *names) memory_.files().flip_bit("blobs/" + name, 4096 + 200'000, 3);
  EXPECT_TRUE(failed_with(get("k"), Code::kCorruption));
}

TEST_F(Objects, OfAFullDiskAreRefusedAndTheOthersStay) {
  Bytes data = make_data(4, 2 * kMiB);
  ASSERT_TRUE(put("old", data));
  memory_.files().set_plan({.fail_at = 1, .and_all_after = true, .code = Code::kNoSpace, .only_writes = true});
  auto refused = put("new", make_data(5, 70 * kMiB));
  EXPECT_FALSE(refused);
  memory_.files().set_plan({});
  EXPECT_TRUE(*get("old") == data);
  EXPECT_TRUE(failed_with(get("new"), Code::kNotFound, Reason::kNoSuchKey));
}

class ObjectsWithFewBuffers : public PlaneFixture {
 protected:
  ObjectsWithFewBuffers() : PlaneFixture({.upload_buffers_per_loop = 4}) {}
};

Task<void> put_and_count(plane::Plane* plane, plane::ObjectRef object, Bytes data, int* stored) {
  if (co_await put_object(plane, std::move(object), std::move(data))) ++*stored;
  co_return ok;
}

Task<int> put_side_by_side(plane::Plane* plane, int uploads) {
  rt::TaskGroup group;
  int stored = 0;
  for (int i = 0; i < uploads; ++i) {
    Bytes data = make_data(static_cast<uint64_t>(i), 3 * kMiB + 100);
    group.spawn(put_and_count(plane, {"vol", "k" + std::to_string(i)}, std::move(data), &stored));
  }
  co_await group.join();
  co_return stored;
}

TEST_F(ObjectsWithFewBuffers, WaitTheirTurnAndNotForOneAnother) {
  EXPECT_EQ(*run(put_side_by_side(&plane(), 40)), 40);
  for (int i = 0; i < 40; i += 13) {
    EXPECT_TRUE(*get("k" + std::to_string(i)) == make_data(static_cast<uint64_t>(i), 3 * kMiB + 100));
  }
}

class ObjectsWithDigestThreads : public PlaneFixture {
 protected:
  ObjectsWithDigestThreads() : PlaneFixture({.digest_service = true}) {}
};

TEST_F(ObjectsWithDigestThreads, HaveTheSameEtags) {
  Bytes data = make_data(6, 10 * kMiB + 5);
  auto result = put("k", data);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->etag, to_hex(as_view(md5(data))));
  EXPECT_TRUE(*get("k") == data);
}

}  // namespace
}  // namespace tp::test
