// The same suite over both engines: what kv/engine.h promises.
#include "kv/engine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "backend/memory/memory_engine.h"
#include "backend/rocksdb/rocks_engine.h"
#include "unit/kv/temporary_folder.h"

namespace tp::kv {
namespace {

class MemoryHome {
 public:
  KvEngine& engine() { return engine_; }
  void reopen() { engine_.crash(); }

 private:
  memory::MemoryEngine engine_;
};

class RocksHome {
 public:
  RocksHome() { reopen(); }
  KvEngine& engine() { return *engine_; }
  void reopen() {
    engine_.reset();
    auto opened = rocks::RocksEngine::open({.path = folder_.path(), .block_cache_bytes = 8 << 20});
    ASSERT_TRUE(opened) << opened.error().to_string();
    engine_ = std::move(*opened);
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<KvEngine> engine_;
};

template <class Home>
class Engine : public testing::Test {
 protected:
  KvEngine& engine() { return home_.engine(); }
  void put(Space space, Bytes key, Bytes value) {
    const Write write{space, std::move(key), std::move(value)};
    ASSERT_TRUE(engine().write({&write, 1}, Durability::kSync));
  }
  void erase(Space space, Bytes key) {
    const Write write{space, std::move(key), std::nullopt};
    ASSERT_TRUE(engine().write({&write, 1}, Durability::kSync));
  }
  std::optional<Bytes> get(Space space, BytesView key, const Snapshot* snapshot = nullptr) {
    return engine().get(space, key, snapshot).value();
  }
  std::string keys(IterateOptions options, BytesView from = "") {
    const auto iterator = engine().iterate(Space::kNames, std::move(options));
    std::string all;
    for (iterator->seek(from); iterator->valid(); iterator->next()) all += Bytes(iterator->key()) + " ";
    EXPECT_TRUE(iterator->status());
    return all;
  }
  std::string keys_backwards(IterateOptions options, BytesView from) {
    const auto iterator = engine().iterate(Space::kNames, std::move(options));
    std::string all;
    for (iterator->seek_for_prev(from); iterator->valid(); iterator->prev()) all += Bytes(iterator->key()) + " ";
    EXPECT_TRUE(iterator->status());
    return all;
  }
  Home home_;
};

using Homes = testing::Types<MemoryHome, RocksHome>;
TYPED_TEST_SUITE(Engine, Homes);

TYPED_TEST(Engine, GetAnswersWhatWasWrittenAndNothingElse) {
  this->put(Space::kNames, "a", "1");
  this->put(Space::kInodes, "a", "2");
  this->put(Space::kNames, Bytes("\0\xff", 2), Bytes("\0", 1));
  this->put(Space::kNames, "empty", "");
  EXPECT_EQ(this->get(Space::kNames, "a"), "1");
  EXPECT_EQ(this->get(Space::kInodes, "a"), "2");
  EXPECT_EQ(this->get(Space::kNames, Bytes("\0\xff", 2)), Bytes("\0", 1));
  EXPECT_EQ(this->get(Space::kNames, "empty"), "");
  EXPECT_EQ(this->get(Space::kNames, "b"), std::nullopt);
  EXPECT_EQ(this->get(Space::kMeta, "a"), std::nullopt);
  this->erase(Space::kNames, "a");
  EXPECT_EQ(this->get(Space::kNames, "a"), std::nullopt);
}

TYPED_TEST(Engine, MultiGetAnswersInOrderOfTheKeys) {
  this->put(Space::kInodes, "b", "2");
  this->put(Space::kInodes, "a", "1");
  const std::vector<Bytes> keys{"b", "missing", "a", "b"};
  const auto values = this->engine().multi_get(Space::kInodes, keys).value();
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(values[0], "2");
  EXPECT_EQ(values[1], std::nullopt);
  EXPECT_EQ(values[2], "1");
  EXPECT_EQ(values[3], "2");
  EXPECT_TRUE(this->engine().multi_get(Space::kInodes, {}).value().empty());
}

TYPED_TEST(Engine, LaterWritesOfABatchWin) {
  const std::vector<Write> batch{{Space::kNames, "k", "1"},
                                 {Space::kNames, "k", std::nullopt},
                                 {Space::kNames, "k", "2"},
                                 {Space::kData, "k", "3"},
                                 {Space::kData, "k", std::nullopt}};
  ASSERT_TRUE(this->engine().write(batch, Durability::kSync));
  EXPECT_EQ(this->get(Space::kNames, "k"), "2");
  EXPECT_EQ(this->get(Space::kData, "k"), std::nullopt);
}

TYPED_TEST(Engine, IteratorsWalkInByteOrderWithinTheirBounds) {
  for (const char* key : {"b", "a", "d", "ab", "c"}) this->put(Space::kNames, key, "x");
  this->put(Space::kNames, "\xff", "x");
  EXPECT_EQ(this->keys({}), "a ab b c d \xff ");
  EXPECT_EQ(this->keys({}, "ac"), "b c d \xff ");
  EXPECT_EQ(this->keys({.lower_bound = "ab", .upper_bound = "d"}), "ab b c ");
  EXPECT_EQ(this->keys({.lower_bound = "ab", .upper_bound = "d"}, "c"), "c ");
  EXPECT_EQ(this->keys({.lower_bound = "x"}), "\xff ");
  EXPECT_EQ(this->keys({.lower_bound = "e", .upper_bound = "f"}), "");
  EXPECT_EQ(this->keys_backwards({}, "c"), "c b ab a ");
  EXPECT_EQ(this->keys_backwards({}, "bb"), "b ab a ");
  EXPECT_EQ(this->keys_backwards({.lower_bound = "ab", .upper_bound = "c"}, "zzz"), "b ab ");
  EXPECT_EQ(this->keys_backwards({}, "A"), "");
}

TYPED_TEST(Engine, IteratorsTurnAround) {
  for (const char* key : {"a", "b", "c"}) this->put(Space::kNames, key, Bytes("value of ") + key);
  const auto iterator = this->engine().iterate(Space::kNames, {});
  EXPECT_FALSE(iterator->valid());
  iterator->seek("b");
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->value(), "value of b");
  iterator->next();
  EXPECT_EQ(iterator->key(), "c");
  iterator->prev();
  EXPECT_EQ(iterator->key(), "b");
  iterator->prev();
  EXPECT_EQ(iterator->key(), "a");
  iterator->prev();
  EXPECT_FALSE(iterator->valid());
  EXPECT_TRUE(iterator->status());
}

TYPED_TEST(Engine, SnapshotsAndIteratorsSeeOnePointInTime) {
  this->put(Space::kNames, "a", "old");
  this->put(Space::kNames, "b", "old");
  const auto snapshot = this->engine().snapshot();
  const auto iterator = this->engine().iterate(Space::kNames, {});
  iterator->seek("");
  this->put(Space::kNames, "a", "new");
  this->erase(Space::kNames, "b");
  this->put(Space::kNames, "c", "new");
  EXPECT_EQ(this->get(Space::kNames, "a", snapshot.get()), "old");
  EXPECT_EQ(this->get(Space::kNames, "b", snapshot.get()), "old");
  EXPECT_EQ(this->get(Space::kNames, "c", snapshot.get()), std::nullopt);
  EXPECT_EQ(this->keys({.snapshot = snapshot.get()}), "a b ");
  EXPECT_EQ(this->keys({}), "a c ");
  iterator->next();
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "b");
  iterator->next();
  EXPECT_FALSE(iterator->valid());
}

TYPED_TEST(Engine, EraseRangeIsHalfOpen) {
  for (const char* key : {"a", "b", "c", "d"}) this->put(Space::kNames, key, "x");
  ASSERT_TRUE(this->engine().erase_range(Space::kNames, "b", "d"));
  EXPECT_EQ(this->keys({}), "a d ");
  ASSERT_TRUE(this->engine().erase_range(Space::kNames, "d", "b"));
  EXPECT_EQ(this->keys({}), "a d ");
}

TYPED_TEST(Engine, SyncedWritesSurviveReopening) {
  const Bytes large(100'000, 'L');
  this->put(Space::kData, "large", large);
  this->put(Space::kMeta, "small", "s");
  this->home_.reopen();
  EXPECT_EQ(this->get(Space::kData, "large"), large);
  EXPECT_EQ(this->get(Space::kMeta, "small"), "s");
  ASSERT_TRUE(this->engine().verify());
  EXPECT_FALSE(this->engine().statistics().empty());
}

TYPED_TEST(Engine, RandomBatchesMatchAMap) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<Bytes, Bytes> model;
  for (int round = 0; round < 200; ++round) {
    std::vector<Write> batch;
    for (int i = static_cast<int>(random() % 8); i >= 0; --i) {
      const Bytes key = std::to_string(random() % 300);
      if (random() % 3 == 0) {
        batch.push_back({Space::kNames, key, std::nullopt});
        model.erase(key);
      } else {
        const Bytes value(random() % 3000, static_cast<char>('a' + random() % 26));
        batch.push_back({Space::kNames, key, value});
        model[key] = value;
      }
    }
    ASSERT_TRUE(this->engine().write(batch, Durability::kSync));
    if (round % 50 == 49) this->home_.reopen();
  }
  const auto iterator = this->engine().iterate(Space::kNames, {});
  iterator->seek("");
  for (const auto& [key, value] : model) {
    ASSERT_TRUE(iterator->valid());
    ASSERT_EQ(iterator->key(), key);
    ASSERT_EQ(iterator->value(), value);
    iterator->next();
  }
  EXPECT_FALSE(iterator->valid());
}

}  // namespace
}  // namespace tp::kv
