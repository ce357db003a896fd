// allocate, deallocate, seek, copy_range, clone_range.
#include "unit/plane/content/bytes_fixture.h"

namespace tp::test {
namespace {

constexpr uint64_t kKiB = 1 << 10;

class Ranges : public BytesFixture {
 protected:
  Result<plane::Files::Sought> seek(FileId file, uint64_t offset, bool data) {
    return run(files().seek(file, offset, data));
  }
  Result<plane::FileChange> punch(FileId file, uint64_t offset, uint64_t size) {
    return run(files().deallocate(root_user(), file, offset, size, plane::AccessCheck::kByMode));
  }
  Result<plane::FileChange> reserve(FileId file, uint64_t offset, uint64_t size) {
    return run(files().allocate(root_user(), file, offset, size, plane::AccessCheck::kByMode));
  }
  Result<uint64_t> copy(FileId from, uint64_t from_offset, FileId to, uint64_t to_offset, uint64_t size,
                        plane::FileCaller caller = root_user()) {
    return run(
        files().copy_range(std::move(caller), from, from_offset, to, to_offset, size, plane::AccessCheck::kByMode));
  }
  Result<void> clone(FileId from, uint64_t from_offset, FileId to, uint64_t to_offset, uint64_t size,
                     plane::FileCaller caller = root_user()) {
    return run(
        files().clone_range(std::move(caller), from, from_offset, to, to_offset, size, plane::AccessCheck::kByMode));
  }
  /// Where data and holes begin, as a walk with seek finds them: "data 0, hole 100, ...".
  std::string map_of(FileId file) {
    std::string text;
    const uint64_t size = attributes(file)->size_bytes;
    bool data = true;
    for (uint64_t at = 0; at < size; data = !data) {
      const auto found = seek(file, at, data);
      if (!found) return found.error().to_string();
      if (found->end_of_file) break;
      if (found->offset == size) break;
      text += (text.empty() ? "" : ", ") + std::string(data ? "data " : "hole ") + std::to_string(found->offset);
      at = found->offset;
    }
    return text;
  }
};

TEST_F(Ranges, SeekFindsDataAndHolesAndTheEnd) {
  const FileId file = make("f");
  ASSERT_TRUE(write(file, 300 * kKiB, make_data(1, 100 * kKiB)));
  ASSERT_TRUE(write(file, 100 * kKiB, make_data(2, 100 * kKiB)));
  ASSERT_TRUE(resize(file, 500 * kKiB));
  EXPECT_EQ(map_of(file), "data 102400, hole 204800, data 307200, hole 409600");
  EXPECT_EQ(seek(file, 150 * kKiB, true)->offset, 150 * kKiB);
  EXPECT_EQ(seek(file, 150 * kKiB, false)->offset, 200 * kKiB);
  EXPECT_EQ(seek(file, 0, false)->offset, 0u);
  EXPECT_EQ(seek(file, 250 * kKiB, true)->offset, 300 * kKiB);
  EXPECT_TRUE(seek(file, 450 * kKiB, true)->end_of_file);
  EXPECT_FALSE(seek(file, 450 * kKiB, false)->end_of_file);
  EXPECT_TRUE(failed_with(seek(file, 500 * kKiB, true), Code::kOutOfRange));
  EXPECT_TRUE(failed_with(seek(file, UINT64_MAX, false), Code::kOutOfRange));
  EXPECT_TRUE(failed_with(seek(root(), 0, true), Code::kInvalidArgument, plane::Reason::kIsDirectory));
}

TEST_F(Ranges, SeekInSmallDataFindsDataUpToTheEnd) {
  const FileId file = make_of("f", "hello");
  EXPECT_EQ(seek(file, 2, true)->offset, 2u);
  EXPECT_EQ(seek(file, 2, false)->offset, 5u);
  EXPECT_TRUE(failed_with(seek(file, 5, false), Code::kOutOfRange));
  EXPECT_TRUE(failed_with(seek(make("empty"), 0, false), Code::kOutOfRange));
}

TEST_F(Ranges, DeallocatingFreesBlobsAndLeavesTheSize) {
  Bytes model = make_data(1, 900 * kKiB);
  const FileId file = make_of("f", model);
  const auto change = punch(file, 100 * kKiB, 700 * kKiB);
  ASSERT_TRUE(change);
  EXPECT_GT(change->after.changed, change->before.changed);
  model.replace(100 * kKiB, 700 * kKiB, 700 * kKiB, '\0');
  EXPECT_EQ(all(file), model);
  EXPECT_EQ(*get("f"), model);
  EXPECT_EQ(map_of(file), "data 0, hole 102400, data 819200");
  EXPECT_EQ(counters().bytes, 200 * kKiB);
  // Up to the end and beyond: what is not there cannot go.
  ASSERT_TRUE(punch(file, 50 * kKiB, plane::kMaxFileBytes - 50 * kKiB));
  model.replace(50 * kKiB, model.size(), model.size() - 50 * kKiB, '\0');
  EXPECT_EQ(all(file), model);
  EXPECT_EQ(counters().bytes, 50 * kKiB);
  ASSERT_TRUE(punch(file, 0, 900 * kKiB));
  EXPECT_EQ(all(file), Bytes(900 * kKiB, '\0'));
  EXPECT_EQ(counters().bytes, 0u);
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_TRUE(failed_with(punch(file, 0, 0), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(punch(file, 1, UINT64_MAX), Code::kTooLarge, plane::Reason::kFileTooLarge));
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, DeallocatingSmallDataZeroesIt) {
  const FileId file = make_of("f", "hello, world");
  ASSERT_TRUE(punch(file, 2, 3));
  EXPECT_EQ(all(file), Bytes("he\0\0\0, world", 12));
  ASSERT_TRUE(punch(file, 7, 1000));
  EXPECT_EQ(all(file), Bytes("he\0\0\0, \0\0\0\0\0", 12));
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, AllocatingGrowsTheFileAndKeepsItsBytes) {
  const FileId file = make_of("f", "hello");
  ASSERT_TRUE(reserve(file, 2, 2));
  EXPECT_EQ(all(file), "hello");
  ASSERT_TRUE(reserve(file, 100, 20));
  EXPECT_EQ(all(file), "hello" + Bytes(115, '\0'));
  ASSERT_TRUE(reserve(file, 0, 300 * kKiB));
  EXPECT_EQ(all(file), "hello" + Bytes(300 * kKiB - 5, '\0'));
  EXPECT_EQ(attributes(file)->size_bytes, 300 * kKiB);
  EXPECT_TRUE(failed_with(reserve(file, 0, 0), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(reserve(file, plane::kMaxFileBytes, 1), Code::kTooLarge, plane::Reason::kFileTooLarge));
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, ClonesShareBlobsAndPartWhenOneIsWritten) {
  const Bytes data = make_data(1, 700 * kKiB);
  const FileId source = make_of("source", data), target = make("target");
  ASSERT_TRUE(clone(source, 0, target, 0, 0));  // 0: to the end
  const uint64_t live = live_blob_bytes();
  EXPECT_LT(live, 2 * data.size());
  EXPECT_EQ(counters().bytes, 2 * data.size());
  Bytes changed = data;
  changed.replace(300 * kKiB, 5, "other");
  ASSERT_TRUE(write(target, 300 * kKiB, "other", plane::Stability::kFileSync));
  // Read over S3, which keeps nothing: what a file protocol reads stays for a while though its name goes.
  EXPECT_EQ(*get("source"), data);
  EXPECT_EQ(*get("target"), changed);
  ASSERT_TRUE(unlink(root(), "source"));
  EXPECT_EQ(live_blob_bytes(), live + 4 * kKiB);
  EXPECT_EQ(*get("target"), changed);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(unlink(root(), "target"));
  EXPECT_EQ(live_blob_bytes(), 0u);
}

TEST_F(Ranges, ClonesTakeUncommittedBytesAndHolesAlong) {
  const FileId source = make("source"), target = make_of("target", make_data(3, 400 * kKiB));
  const Bytes model = make_data(3, 400 * kKiB);
  ASSERT_TRUE(write(source, 200 * kKiB, make_data(2, 100 * kKiB)));
  ASSERT_TRUE(write(target, 399 * kKiB, "late"));
  ASSERT_TRUE(clone(source, 100 * kKiB, target, 50 * kKiB, 200 * kKiB));
  Bytes expected = model;
  expected.replace(399 * kKiB, 4, "late");
  expected.replace(50 * kKiB, 200 * kKiB, Bytes(100 * kKiB, '\0') + make_data(2, 100 * kKiB));
  EXPECT_EQ(all(target), expected);
  reopen();
  EXPECT_EQ(all(target), expected);
  EXPECT_EQ(*get("target"), expected);
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, ClonesWithinAFileMayNotOverlap) {
  Bytes model = make_data(1, 300 * kKiB);
  const FileId file = make_of("f", model);
  EXPECT_TRUE(failed_with(clone(file, 0, file, 100 * kKiB, 200 * kKiB), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(clone(file, 100, file, 0, 101), Code::kInvalidArgument));
  ASSERT_TRUE(clone(file, 0, file, 200 * kKiB, 100 * kKiB));
  model.replace(200 * kKiB, 100 * kKiB, model, 0, 100 * kKiB);
  EXPECT_EQ(all(file), model);
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, ClonesGoBeyondNeitherTheSourceNorTheLargestFile) {
  const FileId source = make_of("source", make_data(1, 100 * kKiB)), target = make("target");
  EXPECT_TRUE(failed_with(clone(source, 1, target, 0, 100 * kKiB), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(clone(source, UINT64_MAX, target, 0, 2), Code::kInvalidArgument));
  EXPECT_TRUE(
      failed_with(clone(source, 0, target, plane::kMaxFileBytes, 10), Code::kTooLarge, plane::Reason::kFileTooLarge));
  EXPECT_TRUE(failed_with(clone(source, 0, root(), 0, 10), Code::kInvalidArgument, plane::Reason::kIsDirectory));
  EXPECT_EQ(all(target), "");
}

TEST_F(Ranges, CopiesEndWhereTheSourceDoes) {
  const Bytes data = make_data(1, 200 * kKiB);
  const FileId source = make_of("source", data), target = make("target");
  const auto copied = copy(source, 150 * kKiB, target, 10, 100 * kKiB);
  ASSERT_TRUE(copied);
  EXPECT_EQ(*copied, 50 * kKiB);
  EXPECT_EQ(all(target), Bytes(10, '\0') + data.substr(150 * kKiB));
  EXPECT_EQ(*copy(source, 200 * kKiB, target, 0, 5), 0u);
  EXPECT_TRUE(failed_with(copy(source, 200 * kKiB + 1, target, 0, 5), Code::kInvalidArgument));
}

TEST_F(Ranges, CopiesBetweenSmallDataAndExtents) {
  const Bytes large = make_data(1, 200 * kKiB), tiny = "hello, world";
  const FileId extents = make_of("large", large), small = make_of("small", tiny), other = make_of("other", "12345");
  ASSERT_TRUE(copy(small, 7, other, 3, 5));
  EXPECT_EQ(all(other), "123world");
  ASSERT_TRUE(copy(small, 0, extents, 100 * kKiB, 12));
  Bytes model = large;
  model.replace(100 * kKiB, 12, tiny);
  EXPECT_EQ(all(extents), model);
  EXPECT_EQ(all(small), tiny);
  ASSERT_TRUE(copy(extents, 0, other, 8, 0));
  EXPECT_EQ(all(other), "123world" + model);
  for (const char* key : {"large", "small", "other"}) EXPECT_TRUE(get(key));
  EXPECT_EQ(damage(), "");
}

TEST_F(Ranges, CopiesAskForBothRights) {
  const FileId source = make_of("source", "secret"), target = make_of("target", "target");
  ASSERT_TRUE(set(source, mode(0600)));
  ASSERT_TRUE(set(target, mode(0666)));
  const auto denied = plane::Reason::kAccessDenied;
  EXPECT_TRUE(failed_with(copy(source, 0, target, 0, 6, user(7)), Code::kPermissionDenied, denied));
  ASSERT_TRUE(set(source, mode(0644)));
  ASSERT_TRUE(set(target, mode(0644)));
  EXPECT_TRUE(failed_with(copy(source, 0, target, 0, 6, user(7)), Code::kPermissionDenied, denied));
  EXPECT_TRUE(failed_with(clone(source, 0, target, 0, 6, user(7)), Code::kPermissionDenied, denied));
  EXPECT_EQ(all(target), "target");
}

}  // namespace
}  // namespace tp::test
