#include "plane/content/parts/overlay.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace tp::plane {
namespace {

Payload payload(size_t size, char fill) {
  auto owner = std::make_shared<const Bytes>(size, fill);
  Payload data;
  data.bytes = *owner;
  data.owner = std::move(owner);
  return data;
}

TEST(Overlay, holds_what_an_array_of_bytes_would) {
  constexpr uint64_t kSpace = 400'000;
  std::mt19937_64 random(42);
  Overlay overlay;
  std::vector<std::optional<char>> model(kSpace);
  for (int step = 0; step < 2000; ++step) {
    const uint64_t offset = random() % (kSpace - 1);
    const uint64_t size = 1 + random() % std::min<uint64_t>(kSpace - offset, step % 10 == 0 ? 100'000 : 500);
    const char fill = static_cast<char>('a' + step % 26);
    overlay.write(offset, payload(size, fill));
    std::fill_n(model.begin() + static_cast<ptrdiff_t>(offset), size, fill);
    const uint64_t from = random() % kSpace, to = std::min(kSpace, from + random() % 1000);
    uint64_t at = from;
    for (const Overlay::Run& run : overlay.read(from, to)) {
      for (; at < run.offset; ++at) ASSERT_FALSE(model[at]) << at;
      for (const char byte : run.data.bytes) ASSERT_EQ(model[at++], byte);
    }
    for (; at < to; ++at) ASSERT_FALSE(model[at]) << at;
  }
}

TEST(Overlay, drops_what_was_committed_and_keeps_what_came_later) {
  Overlay overlay;
  overlay.write(0, payload(100, 'a'));
  const uint64_t committed = overlay.last_id();
  overlay.write(40, payload(10, 'b'));
  overlay.drop(committed);
  const auto runs = overlay.read(0, 1000);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].offset, 40u);
  EXPECT_EQ(runs[0].data.bytes, Bytes(10, 'b'));
  overlay.clear();
  EXPECT_TRUE(overlay.empty());
  EXPECT_EQ(overlay.charge(), 0u);
}

TEST(Overlay, gives_a_first_part_and_forgets_no_more_than_that) {
  Overlay overlay;
  for (uint64_t i = 0; i < 10; ++i) overlay.write(i * 100, payload(i < 3 ? 100 : 50, static_cast<char>('a' + i)));
  EXPECT_EQ(overlay.read(0, 1000, 1).size(), 1u);
  EXPECT_EQ(overlay.read(0, 1000, 250).size(), 3u);
  const auto runs = overlay.read(0, 1000, UINT64_MAX, 2);  // the first four follow one another
  ASSERT_EQ(runs.size(), 5u);
  EXPECT_EQ(runs.back().offset, 400u);
  const uint64_t taken = overlay.last_id();
  overlay.write(380, payload(50, 'z'));  // over the end of what was taken
  overlay.drop(taken, 100, 400);
  EXPECT_EQ(overlay.read(0, 1000).size(), 8u);
  EXPECT_EQ(overlay.read(0, 100).size(), 1u);
  EXPECT_EQ(overlay.read(100, 380).size(), 0u);
  EXPECT_EQ(overlay.read(380, 400).size(), 1u);
}

TEST(Overlay, a_remnant_does_not_keep_the_whole_write) {
  Overlay overlay;
  Payload large = payload(1 << 20, 'a');
  const std::weak_ptr<const void> owner = large.owner;
  overlay.write(0, std::move(large));
  EXPECT_FALSE(owner.expired());
  overlay.write(1, payload(1 << 20, 'b'));
  EXPECT_TRUE(owner.expired());
  EXPECT_EQ(overlay.read(0, 1)[0].data.bytes, "a");
}

}  // namespace
}  // namespace tp::plane
