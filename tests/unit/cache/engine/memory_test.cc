// What the index weighs: at most 40 bytes an entry besides its key, everything counted.
#include <malloc.h>

#include "engine_fixture.h"

namespace tp::cache {
namespace {

class IndexMemory : public EngineFixture {
 protected:
  static constexpr uint64_t kEntries = 1'000'000;
  static constexpr double kMostBytes = 40;

  void fill(size_t key_bytes) {
    PutOptions options;
    for (uint64_t i = 0; i < kEntries; ++i) {
      char key[1024];
      std::memset(key, 'k', sizeof key);
      std::memcpy(key, &i, sizeof i);
      options.tokens = 512;
    // Chains of a hundred blocks whose last one is not full.
      if (i % 100 == 99) options.tokens = static_cast<uint32_t>(1 + i % 511);
      const auto done = put(space_, BytesView(key, key_bytes), Value::copy_of("v"), options);
      ASSERT_TRUE(done) << done.error().to_string();
    }
  }
};

TEST_F(IndexMemory, an_entry_weighs_at_most_forty_bytes_besides_its_key) {
  settings_.dram_bytes = 1 << 30;
  settings_.policy = "prefix";
  open();
  const size_t before = mallinfo2().uordblks;
  fill(24);
  const auto stats = volume_->stats();
  ASSERT_EQ(stats.entries, kEntries);
  const double each = static_cast<double>(stats.index_bytes) / kEntries;
  RecordProperty("index_bytes_per_entry", std::to_string(each));
  std::printf("index: %.2f bytes an entry besides its key\n", each);
  EXPECT_LE(each, kMostBytes);
  EXPECT_EQ(stats.key_bytes, kEntries * 24);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // What malloc gave agrees with what is counted: index, keys, values.
  const auto taken = static_cast<double>(mallinfo2().uordblks - before);
  const auto counted = static_cast<double>(stats.index_bytes + stats.key_bytes + stats.dram_bytes);
  std::printf("malloc: %.2f bytes an entry in all, %.2f counted\n", taken / kEntries, counted / kEntries);
  EXPECT_LE(taken, counted * 1.02);
#endif
}

}  // namespace
}  // namespace tp::cache
