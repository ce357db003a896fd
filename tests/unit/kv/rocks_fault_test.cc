// Fails every operation on RocksDB's files once, then cuts the power: what was acknowledged must be there.
#include <gtest/gtest.h>

#include <random>

#include "backend/rocksdb/rocks_engine.h"
#include "unit/kv/fault_files.h"
#include "unit/kv/temporary_folder.h"

namespace tp::kv {
namespace {

using rocksdb::IOStatus;

constexpr int kWrites = 120;

// So small that logs, flushes, blob files and compactions happen within kWrites.
Result<std::unique_ptr<KvEngine>> open(const std::string& path, FaultFiles& files) {
  return rocks::RocksEngine::open({.path = path,
                                   .block_cache_bytes = 4 << 20,
                                   .memtable_bytes = 1 << 20,
                                   .max_log_bytes = 2 << 20,
                                   .env = files.env()});
}

Bytes value_of(int i) { return Bytes(static_cast<size_t>(i) * 7919 % 30'000, static_cast<char>('a' + i % 26)); }
std::vector<Write> batch_of(int i) {
  return {{Space::kNames, std::to_string(i), value_of(i % 3)}, {Space::kData, std::to_string(i), value_of(i)}};
}

struct Outcome {
  int acknowledged = 0;         // the first so many
  std::optional<Error> failure;  // of the first write that failed, if any did
};

// Writes until one fails, then checks that no later one succeeds unless the first said that nothing was applied.
Outcome write_all(KvEngine& engine) {
  Outcome outcome;
  for (int i = 0; i < kWrites; ++i) {
    auto written = engine.write(batch_of(i), Durability::kSync);
    if (!written) {
      outcome.failure = std::move(written).error();
      break;
    }
    ++outcome.acknowledged;
  }
  if (!outcome.failure) return outcome;
  for (int i = 0; i < 3; ++i) {
    const auto later = engine.write(batch_of(kWrites), Durability::kSync);
    if (outcome.failure->applied == Applied::kMaybe) {
      EXPECT_FALSE(later);
      if (!later) EXPECT_EQ(later.error().code, Code::kReadOnly);
    }
  }
  for (int i = 0; i < outcome.acknowledged; ++i) {
    EXPECT_EQ(engine.get(Space::kData, std::to_string(i)).value(), value_of(i)) << "reads go on";
  }
  return outcome;
}

void expect_survivors(KvEngine& engine, const Outcome& outcome) {
  for (int i = 0; i < outcome.acknowledged; ++i) {
    for (const Write& write : batch_of(i)) ASSERT_EQ(engine.get(write.space, write.key).value(), write.value) << i;
  }
  // What was not acknowledged is whole or not at all, and nothing after it is there.
  const Bytes next = std::to_string(outcome.acknowledged);
  EXPECT_EQ(engine.get(Space::kNames, next).value().has_value(), engine.get(Space::kData, next).value().has_value());
  if (outcome.acknowledged + 1 < kWrites) {
    EXPECT_FALSE(engine.get(Space::kNames, std::to_string(outcome.acknowledged + 1)).value());
  }
  ASSERT_TRUE(engine.verify());
}

// One life of a store with a fault at the `nth` operation after opening, then a power failure. False: no fault was met.
bool live_and_die(uint64_t nth, const IOStatus& error, bool sticky) {
  FaultFiles files;
  const TemporaryFolder folder;
  Outcome outcome;
  bool met = false;
  {
    auto engine = open(folder.path(), files);
    EXPECT_TRUE(engine) << engine.error().to_string();
    const uint64_t before = files.operations();
    files.fail_at(nth, error, sticky);
    outcome = write_all(**engine);
    met = files.operations() - before >= nth;
    files.cut_power();
  }
  files.lose_unsynced();
  auto engine = open(folder.path(), files);
  EXPECT_TRUE(engine) << engine.error().to_string();
  if (engine) expect_survivors(**engine, outcome);
  return met;
}

void fail_each_operation(const IOStatus& error, bool sticky) {
  // The first ones are one write each and alike; later steps are wider, with an offset, so that all kinds are met.
  uint64_t step = 1;
  for (uint64_t nth = 1; live_and_die(nth, error, sticky); nth += step) {
    SCOPED_TRACE(nth);
    if (nth > 12) step = 17;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(RocksFault, NothingAcknowledgedIsLostWhenOneOperationFails) {
  fail_each_operation(IOStatus::IOError("injected"), false);
}

TEST(RocksFault, NothingAcknowledgedIsLostWhenTheDiskIsGone) {
  fail_each_operation(IOStatus::IOError("injected"), true);
}

TEST(RocksFault, NothingAcknowledgedIsLostWhenTheDiskIsFull) {
  fail_each_operation(IOStatus::NoSpace("injected"), true);
}

TEST(RocksFault, NothingAcknowledgedIsLostWhenThePowerFails) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  FaultFiles files;
  const TemporaryFolder folder;
  int done = 0;
  for (int life = 0; life < 15; ++life) {
    {
      auto engine = open(folder.path(), files);
      ASSERT_TRUE(engine) << engine.error().to_string();
      for (int i = 0; i < done; ++i) {
        for (const Write& write : batch_of(i)) ASSERT_EQ((*engine)->get(write.space, write.key).value(), write.value);
      }
      for (auto left = static_cast<int>(random() % 60); left > 0; --left, ++done) {
        ASSERT_TRUE((*engine)->write(batch_of(done), Durability::kSync));
      }
      files.cut_power();
    }
    files.lose_unsynced();
  }
}

TEST(RocksFault, OpeningWhileOperationsFailIsAnErrorAndDoesNoHarm) {
  FaultFiles files;
  const TemporaryFolder folder;
  {
    auto engine = open(folder.path(), files);
    ASSERT_TRUE(engine);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE((*engine)->write(batch_of(i), Durability::kSync));
    files.cut_power();
  }
  files.lose_unsynced();
  for (uint64_t nth = 1; nth < 200; ++nth) {
    SCOPED_TRACE(nth);
    files.fail_at(nth, IOStatus::IOError("injected"), true);
    const bool opened = open(folder.path(), files).has_value();
    files.cut_power();
    files.lose_unsynced();
    if (opened) break;
  }
  auto engine = open(folder.path(), files);
  ASSERT_TRUE(engine) << engine.error().to_string();
  for (int i = 0; i < 20; ++i) EXPECT_EQ((*engine)->get(Space::kData, std::to_string(i)).value(), value_of(i));
}

}  // namespace
}  // namespace tp::kv
