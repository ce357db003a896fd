// Sparse files as S3 sees them: holes read as zeros, are copied as holes and count as nothing.
#include <gtest/gtest.h>

#include "plane/core/namespace.h"
#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

constexpr size_t kMiB = 1 << 20;

class SparseObjects : public FilesFixture {
 protected:
  /// The object `key` of `data`, then a hole of so many bytes.
  void put_sparse(const std::string& key, const Bytes& data, uint64_t hole_bytes) {
    ASSERT_TRUE(put(key, data));
    const InodeId inode = stat(key)->inode;
    meta::InodeRecord record = stat(key)->record;
    const meta::Extent hole{data.size(), hole_bytes, BlobId(), 0};
    record.size_bytes += hole_bytes;
    record.hole_bytes = hole_bytes;
    const plane::VolumeEntryPtr volume = *plane().core().volumes.find("vol");
    auto body = [&](meta::Txn& txn) -> Result<void> {
      TP_TRY(auto names, plane::Namespace::open(plane().core(), txn, *volume));
      names.put_extent(inode, hole);
      TP_TRY_VOID(names.update(inode, record));
      return names.finish();
    };
    ASSERT_TRUE(run(plane().core().change(std::move(body))));
  }
};

TEST_F(SparseObjects, ReadAsZerosWhereNothingIs) {
  const Bytes data = make_data(1, 3 * kMiB);
  put_sparse("s", data, 20 * kMiB);
  const Bytes whole = data + Bytes(20 * kMiB, '\0');
  EXPECT_TRUE(*get("s") == whole);
  EXPECT_TRUE(*get("s", ByteRange{2 * kMiB, 2 * kMiB}) == whole.substr(2 * kMiB, 2 * kMiB));
  EXPECT_TRUE(*get("s", ByteRange{22 * kMiB + 5, 7}) == Bytes(7, '\0'));
  EXPECT_EQ(counters().bytes, data.size());
  EXPECT_EQ(find("s")->space_bytes, data.size());
  EXPECT_EQ(damage(), "");
}

TEST_F(SparseObjects, AreCopiedWithTheirHoles) {
  const Bytes data = make_data(2, 2 * kMiB);
  put_sparse("s", data, 30 * kMiB);
  const Bytes whole = data + Bytes(30 * kMiB, '\0');
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("s"), ref("copy"), {})));
  EXPECT_TRUE(*get("copy") == whole);
  // A part of a hole that begins more than a blob before it.
  auto upload = run(plane().create_upload(operator_caller(), ref("parts"), {}));
  ASSERT_TRUE(upload);
  auto first = run(plane().copy_part(operator_caller(), ref("s"), plane::Plane::SourceRange{kMiB, 11 * kMiB}, {},
                                     ref("parts"), *upload, 1));
  ASSERT_TRUE(first) << first.error().to_string();
  auto second = run(plane().copy_part(operator_caller(), ref("s"), plane::Plane::SourceRange{25 * kMiB, 6 * kMiB}, {},
                                      ref("parts"), *upload, 2));
  ASSERT_TRUE(second) << second.error().to_string();
  plane::CompleteOptions complete;
  complete.parts = {{1, first->etag, {}}, {2, second->etag, {}}};
  ASSERT_TRUE(run(plane().complete_upload(operator_caller(), ref("parts"), *upload, complete)));
  EXPECT_TRUE(*get("parts") == whole.substr(kMiB, 11 * kMiB) + Bytes(6 * kMiB, '\0'));
  EXPECT_EQ(counters().bytes, 2 * data.size() + kMiB);
  EXPECT_EQ(damage(), "");
  for (const char* key : {"s", "copy", "parts"}) ASSERT_TRUE(remove(key));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(counters().bytes, 0u);
}

}  // namespace
}  // namespace tp::test
