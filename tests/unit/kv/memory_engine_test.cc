// The faults that the memory engine offers to other tests.
#include "backend/memory/memory_engine.h"

#include <gtest/gtest.h>

namespace tp::memory {
namespace {

using kv::Durability;
using kv::Space;
using Call = MemoryEngine::Call;
using Effect = MemoryEngine::Effect;

Result<void> put(MemoryEngine& engine, Bytes key, Bytes value, Durability durability = Durability::kSync) {
  const kv::Write write{Space::kNames, std::move(key), std::move(value)};
  return engine.write({&write, 1}, durability);
}
std::optional<Bytes> get(MemoryEngine& engine, BytesView key) { return engine.get(Space::kNames, key).value(); }

TEST(MemoryEngine, ACrashDropsWhatWasNotSynced) {
  MemoryEngine engine;
  ASSERT_TRUE(put(engine, "a", "synced"));
  ASSERT_TRUE(put(engine, "a", "1", Durability::kNoSync));
  ASSERT_TRUE(put(engine, "a", "2", Durability::kNoSync));
  ASSERT_TRUE(put(engine, "b", "1", Durability::kNoSync));
  EXPECT_EQ(get(engine, "a"), "2");
  engine.crash();
  EXPECT_EQ(get(engine, "a"), "synced");
  EXPECT_EQ(get(engine, "b"), std::nullopt);
}

TEST(MemoryEngine, ASyncKeepsAllBeforeIt) {
  MemoryEngine engine;
  ASSERT_TRUE(put(engine, "a", "1", Durability::kNoSync));
  ASSERT_TRUE(put(engine, "b", "1"));
  engine.crash();
  EXPECT_EQ(get(engine, "a"), "1");
  EXPECT_EQ(engine.syncs(), 1u);
}

TEST(MemoryEngine, TheChosenWriteFailsWithOrWithoutEffect) {
  MemoryEngine engine;
  engine.fail_at(Call::kWrite, 2, Error(Code::kIo, "x"));
  EXPECT_TRUE(put(engine, "a", "1"));
  EXPECT_EQ(put(engine, "a", "2").error().code, Code::kIo);
  EXPECT_EQ(get(engine, "a"), "1");
  EXPECT_TRUE(put(engine, "a", "3"));
  engine.fail_at(Call::kWrite, 1, Error(Code::kNoSpace, "x"), Effect::kAppliedAnyway);
  EXPECT_EQ(put(engine, "a", "4").error().code, Code::kNoSpace);
  EXPECT_EQ(get(engine, "a"), "4");
}

TEST(MemoryEngine, AStickyFaultStaysUntilCleared) {
  MemoryEngine engine;
  engine.fail_at(Call::kRead, 1, Error(Code::kIo, "x"), Effect::kNothing, true);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(engine.get(Space::kNames, "a"));
  EXPECT_FALSE(engine.verify());
  engine.clear_faults();
  EXPECT_TRUE(engine.get(Space::kNames, "a"));
}

TEST(MemoryEngine, OldVersionsGoWithTheirSnapshots) {
  MemoryEngine engine;
  const auto bytes = [&] { return engine.statistics()[1].second; };
  ASSERT_TRUE(put(engine, "a", Bytes(1000, 'x')));
  {
    const auto snapshot = engine.snapshot();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(engine, "a", Bytes(1000, 'y')));
    EXPECT_GE(bytes(), 2000u);
    EXPECT_EQ(engine.get(Space::kNames, "a", snapshot.get()).value(), Bytes(1000, 'x'));
  }
  ASSERT_TRUE(put(engine, "a", "z"));
  EXPECT_LE(bytes(), 10u);
}

TEST(MemoryEngine, UncachedReadsWouldBlock) {
  MemoryEngine engine;
  engine.set_cached(false);
  EXPECT_EQ(engine.get(Space::kNames, "a", nullptr, kv::ReadMode::kCachedOnly).error().code, Code::kWouldBlock);
  EXPECT_TRUE(engine.get(Space::kNames, "a"));
  const auto iterator = engine.iterate(Space::kNames, {.mode = kv::ReadMode::kCachedOnly});
  iterator->seek("");
  EXPECT_FALSE(iterator->valid());
  EXPECT_EQ(iterator->status().error().code, Code::kWouldBlock);
}

}  // namespace
}  // namespace tp::memory
