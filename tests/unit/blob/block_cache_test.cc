#include "blob/hot/block_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tp::blob {
namespace {

// Memory that remembers what was detached.
class WatchedMemory final : public io::SharedMemory {
 public:
  WatchedMemory(size_t size, uint64_t unit, std::vector<uint64_t>* detached)
      : bytes_(size, '\0'), unit_(unit), detached_(detached) {}
  MutableBytes bytes() override { return bytes_; }
  uint64_t detach_unit() const override { return unit_; }
  void detach(uint64_t offset, uint64_t size) override {
    EXPECT_EQ(size, unit_);
    EXPECT_EQ(offset % unit_, 0u);
    detached_->push_back(offset / unit_);
  }

 private:
  Bytes bytes_;
  uint64_t unit_;
  std::vector<uint64_t>* detached_;
};

using Lend = BlockCache::Lend;

class BlockCacheTest : public testing::Test {
 protected:
  void make(size_t slots, size_t extent_slots = 2) {
    cache_ = std::make_unique<BlockCache>(
        std::make_unique<WatchedMemory>(slots * kPieceBytes, extent_slots * kPieceBytes, &detached_));
  }
  /// Fills all of a piece with one letter; false if no slot could be had.
  bool fill(uint64_t blob, char letter, uint8_t mask = 0xf, Lend lend = Lend::kNo) {
    auto slot = cache_->begin_fill({BlobId(blob), 0});
    if (!slot) return false;
    for (unsigned unit = 0; unit < 4; ++unit) {
      const MutableBytes memory = slot->memory();
      if ((mask >> unit & 1) != 0) std::fill_n(memory.begin() + (unit << 16), 1 << 16, letter);
    }
    const unsigned first = static_cast<unsigned>(__builtin_ctz(mask));
    [[maybe_unused]] const auto region = std::move(*slot).publish(mask, first << 16, (first << 16) + 10, lend);
    EXPECT_EQ(region.bytes, Bytes(10, letter));
    return true;
  }
  io::SendRegion get(uint64_t blob, uint64_t from = 0, uint64_t to = kPieceBytes) {
    return cache_->get({BlobId(blob), 0}, from, to, Lend::kNo);
  }
  std::vector<uint64_t> detached_;  // extents, in order
  std::unique_ptr<BlockCache> cache_;
};

TEST_F(BlockCacheTest, ReturnsWhatIsValidWithoutAGap) {
  make(4);
  EXPECT_TRUE(get(1).bytes.empty());
  ASSERT_TRUE(fill(1, 'a', 0b1011));
  EXPECT_EQ(get(1).bytes.size(), 2u << 16);
  EXPECT_EQ(get(1, 100, 200).bytes, Bytes(100, 'a'));
  EXPECT_TRUE(get(1, 2 << 16).bytes.empty());
  EXPECT_EQ(get(1, 3 << 16).bytes.size(), 1u << 16);
  EXPECT_EQ(cache_->valid_bytes(), 3u << 16);
  ASSERT_TRUE(fill(1, 'a', 0b0100));
  EXPECT_EQ(get(1).bytes.size(), kPieceBytes);
}

TEST_F(BlockCacheTest, OnlyOneFillsAPieceAtATime) {
  make(4);
  auto first = cache_->begin_fill({BlobId(1), 0});
  ASSERT_TRUE(first);
  EXPECT_FALSE(cache_->begin_fill({BlobId(1), 0}));
  EXPECT_TRUE(cache_->begin_fill({BlobId(1), 1}));
  first.reset();  // gave up
  EXPECT_TRUE(get(1).bytes.empty());
  EXPECT_TRUE(fill(1, 'b'));
}

TEST_F(BlockCacheTest, PinnedPiecesKeepTheirBytes) {
  make(4);
  std::vector<io::SendRegion> pinned;
  for (uint64_t blob = 1; blob <= 4; ++blob) {
    ASSERT_TRUE(fill(blob, static_cast<char>('a' + blob)));
    pinned.push_back(get(blob));
  }
  EXPECT_FALSE(fill(9, 'z')) << "all slots are pinned";
  for (uint64_t blob = 1; blob <= 4; ++blob) {
    EXPECT_EQ(pinned[blob - 1].bytes, Bytes(kPieceBytes, static_cast<char>('a' + blob)));
  }
  pinned.erase(pinned.begin() + 2);
  // CLOCK first takes back the second chances, so a few tries may be needed; never more than a round.
  EXPECT_TRUE(fill(9, 'z'));
  EXPECT_TRUE(get(3).bytes.empty());
  EXPECT_EQ(get(4).bytes, Bytes(kPieceBytes, 'e'));
}

TEST_F(BlockCacheTest, WhatIsUsedAgainOutlivesWhatIsNot) {
  make(8);
  for (uint64_t blob = 1; blob <= 8; ++blob) ASSERT_TRUE(fill(blob, 'x'));
  for (uint64_t next = 100; next < 120; ++next) {
    EXPECT_FALSE(get(3).bytes.empty()) << next;
    ASSERT_TRUE(fill(next, 'y'));
  }
  EXPECT_FALSE(get(3).bytes.empty());
  EXPECT_TRUE(get(4).bytes.empty());
}

TEST_F(BlockCacheTest, ALentSlotIsReusedOnlyWithItsWholeExtentDetached) {
  make(4);
  for (uint64_t blob = 1; blob <= 4; ++blob) ASSERT_TRUE(fill(blob, 'x', 0xf, blob == 1 ? Lend::kYes : Lend::kNo));
  {
    const auto pinned = get(2);  // the neighbour in blob 1's extent
    ASSERT_TRUE(fill(10, 'y'));
    ASSERT_TRUE(fill(11, 'y'));
    EXPECT_TRUE(detached_.empty()) << "blobs 3 and 4 had to go instead";
    EXPECT_FALSE(get(1).bytes.empty());
    EXPECT_EQ(pinned.bytes, Bytes(kPieceBytes, 'x'));
  }
  for (uint64_t blob = 20; blob < 24; ++blob) ASSERT_TRUE(fill(blob, 'z'));
  EXPECT_EQ(detached_, std::vector<uint64_t>{0}) << "once, for both slots";
  EXPECT_TRUE(get(1).bytes.empty());
  EXPECT_TRUE(get(2).bytes.empty());
}

TEST_F(BlockCacheTest, WhatWasNotLentNeedsNoDetaching) {
  make(2);
  for (uint64_t blob = 1; blob <= 9; ++blob) {
    ASSERT_TRUE(fill(blob, 'a'));
    EXPECT_FALSE(get(blob).lendable);
  }
  EXPECT_TRUE(detached_.empty());
}

TEST_F(BlockCacheTest, MemoryThatCannotBeDetachedIsNeverLent) {
  make(2, 0);
  ASSERT_TRUE(fill(1, 'a', 0xf, Lend::kYes));
  EXPECT_FALSE(cache_->get({BlobId(1), 0}, 0, kPieceBytes, Lend::kYes).lendable);
  ASSERT_TRUE(fill(2, 'b'));
  ASSERT_TRUE(fill(3, 'c'));
  EXPECT_TRUE(detached_.empty());
}

TEST_F(BlockCacheTest, NoMemoryIsNoCache) {
  make(0);
  EXPECT_FALSE(fill(1, 'a'));
  EXPECT_TRUE(get(1).bytes.empty());
}

}  // namespace
}  // namespace tp::blob
