// A PUT makes a new file under the old one's name; who has the old one goes on with it.
#include "unit/plane/content/bytes_fixture.h"

namespace tp::test {
namespace {

constexpr uint32_t kPiece = 100'000;

class Replaced : public BytesFixture {
 protected:
  /// Replaces "f" after a third has been read, and reads the old file to its end.
  void read_across_a_put(FileId file, const Bytes& old, const Bytes& fresh, plane::AccessCheck check) {
    const auto piece = static_cast<uint32_t>(old.size() / 3 + 1);
    Bytes bytes = *part(file, 0, piece, check);
    ASSERT_TRUE(put("f", fresh));
    EXPECT_EQ(*get("f"), fresh);
    EXPECT_NE(find("f")->file.inode, file.inode);
    while (bytes.size() < old.size()) {
      const auto more = part(file, bytes.size(), piece, check);
      ASSERT_TRUE(more) << more.error().to_string();
      ASSERT_FALSE(more->empty());
      bytes += *more;
      ASSERT_TRUE(run(plane().core().dead_blobs.collect()));
    }
    EXPECT_EQ(bytes, old);
    EXPECT_EQ(all(find("f")->file), fresh);
  }
};

TEST_F(Replaced, AReaderWithoutOpensReadsTheOldBytesToTheirEnd) {
  const Bytes old = make_data(1, 3 * kPiece);
  const FileId file = make_of("f", old);
  read_across_a_put(file, old, make_data(2, 2 * kPiece), plane::AccessCheck::kByMode);
  EXPECT_EQ(damage(), "");
}

TEST_F(Replaced, SoDoesAReaderOfSmallData) {
  const Bytes old = make_data(1, 9'000);
  const FileId file = make_of("f", old);
  read_across_a_put(file, old, "small", plane::AccessCheck::kByMode);
  EXPECT_EQ(damage(), "");
}

TEST_F(Replaced, AnOpenFileIsThereUntilItIsClosed) {
  const Bytes old = make_data(1, 3 * kPiece);
  const FileId file = make_of("f", old);
  {
    const auto opened = open(root(), "f");
    ASSERT_TRUE(opened);
    read_across_a_put(file, old, make_data(2, 70'000), plane::AccessCheck::kOpened);
    // Also to write to; S3 sees nothing of it.
    ASSERT_TRUE(write(file, 10, "late", plane::Stability::kFileSync));
    EXPECT_EQ(*part(file, 10, 4), "late");
    EXPECT_EQ(attributes(file)->links, 0u);
    EXPECT_EQ(*get("f"), make_data(2, 70'000));
    EXPECT_EQ(damage(), "");
  }
  reopen();
  ASSERT_TRUE(run(files().end_of_grace()));
  EXPECT_TRUE(failed_with(part(file, 0, 10), Code::kNotFound, plane::Reason::kStale));
  EXPECT_EQ(*get("f"), make_data(2, 70'000));
  EXPECT_LT(live_blob_bytes(), 200'000u);
}

TEST_F(Replaced, NobodyKeepsAFileThatNobodyReads) {
  const FileId file = make_of("f", make_data(1, kPiece));
  ASSERT_TRUE(put("f", "fresh"));
  EXPECT_TRUE(failed_with(part(file, 0, 10), Code::kNotFound, plane::Reason::kStale));
  EXPECT_TRUE(failed_with(write(file, 0, "x"), Code::kNotFound, plane::Reason::kStale));
  EXPECT_EQ(live_blob_bytes(), 0u);
}

TEST_F(Replaced, BytesThatWereNotCommittedDoNotReachTheNewObject) {
  const FileId file = make_of("f", "old");
  ASSERT_TRUE(write(file, 0, "OLD and more"));
  ASSERT_TRUE(put("f", "fresh"));
  EXPECT_EQ(*get("f"), "fresh");
  EXPECT_EQ(all(find("f")->file), "fresh");
  EXPECT_FALSE(run(files().commit(file)));
  EXPECT_EQ(plane().core().open_files.dirty_bytes.load(), 0u);
  EXPECT_EQ(*get("f"), "fresh");
}

}  // namespace
}  // namespace tp::test
