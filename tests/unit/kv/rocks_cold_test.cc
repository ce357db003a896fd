// Reads that may not touch the disk, of a store that was just opened and has more files than opening looks at.
#include <gtest/gtest.h>

#include "backend/rocksdb/rocks_engine.h"
#include "unit/kv/temporary_folder.h"

namespace tp::kv {
namespace {

constexpr int kStarts = 6;  // each leaves a file a space

Bytes key_of(int start) { return "key of start " + std::to_string(start); }
Bytes value_of(int space, int start) { return "value " + std::to_string(space) + "/" + std::to_string(start); }

TEST(RocksColdTest, AReadOfWhatIsNotOpenYetSaysThatItWouldBlockAndNeverThatItIsEmpty) {
  const TemporaryFolder folder;
  const rocks::RocksOptions options{.path = folder.path(), .block_cache_bytes = 8 << 20, .max_open_files = 500};
  for (int start = 0; start < kStarts; ++start) {
    const auto engine = rocks::RocksEngine::open(options);
    ASSERT_TRUE(engine);
    std::vector<Write> writes;
    for (int space = 0; space < kSpaceCount; ++space) {
      writes.push_back({static_cast<Space>(space), key_of(start), value_of(space, start)});
    }
    ASSERT_TRUE((*engine)->write(writes, Durability::kSync));
  }
  const auto engine = rocks::RocksEngine::open(options);
  ASSERT_TRUE(engine);
  int would_block = 0;
  for (int start = 0; start < kStarts; ++start) {
    for (int space = 0; space < kSpaceCount; ++space) {
      const auto read = (*engine)->get(static_cast<Space>(space), key_of(start), nullptr, ReadMode::kCachedOnly);
      if (!read) {
        EXPECT_EQ(read.error().code, Code::kWouldBlock);
        ++would_block;
        continue;
      }
      EXPECT_EQ(*read, value_of(space, start));
    }
  }
  EXPECT_GT(would_block, 0) << "all was in memory: this says nothing";
  for (int start = 0; start < kStarts; ++start) {
    for (int space = 0; space < kSpaceCount; ++space) {
      EXPECT_EQ(*(*engine)->get(static_cast<Space>(space), key_of(start)), value_of(space, start));
    }
  }
}

}  // namespace
}  // namespace tp::kv
