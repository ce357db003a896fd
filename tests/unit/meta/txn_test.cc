// Transactions against a plain map: what they read while they write, roll back and commit in groups.
#include "meta/txn.h"

#include <gtest/gtest.h>

#include <random>

#include "backend/memory/memory_engine.h"
#include "meta/commit/group.h"

namespace tp::meta {
namespace {

using kv::Space;
using Model = std::map<Bytes, Bytes>;

class Pair {
 public:
  explicit Pair(unsigned seed) : random_(seed), group_(engine_, 1) {}

  void run_transaction() {
    group_.begin();
    Txn txn(group_, 1);
    const Model before = model_;
    for (int i = static_cast<int>(random_() % 6); i >= 0; --i) step(txn);
    if (random_() % 3 == 0) {
      group_.rollback();
      model_ = before;
    }
    compare(txn);
  }
  void commit() {
    JournalSeq last;
    ASSERT_TRUE(engine_.write(group_.take_writes(&last), kv::Durability::kSync));
    group_.clear();
  }

 private:
  Bytes random_key() { return std::to_string(random_() % 40); }
  void step(Txn& txn) {
    const Bytes key = random_key();
    switch (random_() % 4) {
      case 0:
        txn.erase(Space::kNames, key);
        model_.erase(key);
        break;
      case 1:
        compare(txn);
        break;
      default:
        model_[key] = std::to_string(random_());
        txn.put(Space::kNames, key, model_[key]);
    }
  }
  void compare(Txn& txn) {
    Bytes begin = random_key(), end = random_key();
    if (random_() % 4 == 0) begin.clear();
    if (random_() % 4 == 0) end.clear();
    size_t limit = random_() % 2 == 0 ? SIZE_MAX : random_() % 10;
    std::vector<std::pair<Bytes, Bytes>> seen, expected;
    ASSERT_TRUE(txn.scan(Space::kNames, begin, end, [&](BytesView key, BytesView value) {
      seen.emplace_back(key, value);
      return seen.size() <= limit;
    }));
    for (auto at = model_.lower_bound(begin); at != model_.end() && (end.empty() || at->first < end); ++at) {
      expected.emplace_back(*at);
      if (expected.size() > limit) break;
    }
    ASSERT_EQ(seen, expected);
    compare_last(txn);
    std::vector<Bytes> keys;
    for (int i = 0; i < 5; ++i) keys.push_back(random_key());
    const auto values = txn.multi_get(Space::kNames, keys).value();
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto found = model_.find(keys[i]);
      const auto wanted = found == model_.end() ? std::nullopt : std::optional(found->second);
      ASSERT_EQ(values[i], wanted);
      ASSERT_EQ(txn.get(Space::kNames, keys[i]).value(), wanted);
    }
  }

  void compare_last(Txn& txn) {
    const Bytes begin = random_() % 4 == 0 ? Bytes() : random_key();
    const Bytes target = random_key();
    const auto last = txn.last_at_or_before(Space::kNames, begin, target);
    ASSERT_TRUE(last);
    auto after = model_.upper_bound(target);
    const bool found = after != model_.begin() && std::prev(after)->first >= begin;
    ASSERT_EQ(last->has_value(), found) << begin << " " << target;
    if (!found) return;
    ASSERT_EQ((*last)->key, std::prev(after)->first);
    ASSERT_EQ((*last)->value, std::prev(after)->second);
  }

  std::mt19937 random_;
  memory::MemoryEngine engine_;
  Group group_;
  Model model_;
};

TEST(Txn, ReadsMatchAMapThroughWritesRollbacksAndGroups) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (unsigned round = 0; round < 20; ++round) {
    Pair pair(seed + round);
    for (int i = 0; i < 100; ++i) {
      pair.run_transaction();
      if (testing::Test::HasFatalFailure()) return;
      if (i % 7 == 0) pair.commit();
    }
  }
}

class TxnTest : public testing::Test {
 protected:
  TxnTest() : group_(engine_, 1), txn_(group_, 1) { group_.begin(); }
  void store(std::vector<Bytes> keys) {
    for (const Bytes& key : keys) {
      const kv::Write write{Space::kNames, key, "stored"};
      ASSERT_TRUE(engine_.write({&write, 1}, kv::Durability::kSync));
    }
  }
  memory::MemoryEngine engine_;
  Group group_;
  Txn txn_;
};

TEST_F(TxnTest, AVisitorMayEraseWhatItVisitsAndWhatLiesAhead) {
  store({"a", "b", "c", "d"});
  txn_.put(Space::kNames, "bb", "own");
  txn_.put(Space::kNames, "x", "own");
  std::string seen;
  ASSERT_TRUE(txn_.scan(Space::kNames, "", "", [&](BytesView key, BytesView value) {
    txn_.erase(Space::kNames, Bytes(key));
    if (key == "a") txn_.erase(Space::kNames, "c");
    if (key == "bb") txn_.erase(Space::kNames, "x");
    seen += Bytes(key) + "=" + Bytes(value) + " ";
    return true;
  }));
  EXPECT_EQ(seen, "a=stored b=stored bb=own d=stored ");
  int left = 0;
  ASSERT_TRUE(txn_.scan(Space::kNames, "", "", [&](BytesView, BytesView) { return ++left > 0; }));
  EXPECT_EQ(left, 0);
}

TEST_F(TxnTest, AVisitorSeesWhatItPutsAhead) {
  store({"a", "c"});
  std::string seen;
  ASSERT_TRUE(txn_.scan(Space::kNames, "", "", [&](BytesView key, BytesView) {
    if (key == "a") txn_.put(Space::kNames, "b", "own");
    if (key == "b") txn_.put(Space::kNames, "bb", "own");
    if (key == "c") txn_.put(Space::kNames, "a", "behind");
    seen += Bytes(key) + " ";
    return true;
  }));
  EXPECT_EQ(seen, "a b bb c ");
}

TEST_F(TxnTest, TheLastRecordBeforeIsOneThatTheGroupHasNotErased) {
  store({"b", "d", "f"});
  const auto last = [&](BytesView begin, BytesView target) {
    const auto record = txn_.last_at_or_before(Space::kNames, begin, target).value();
    return record ? record->key + "=" + record->value : Bytes("none");
  };
  EXPECT_EQ(last("", "e"), "d=stored");
  EXPECT_EQ(last("", "d"), "d=stored");
  txn_.erase(Space::kNames, "d");
  EXPECT_EQ(last("", "e"), "b=stored");
  EXPECT_EQ(last("c", "e"), "none");
  txn_.put(Space::kNames, "c", "own");
  EXPECT_EQ(last("c", "e"), "c=own");
  txn_.put(Space::kNames, "d", "again");
  EXPECT_EQ(last("", "e"), "d=again");
  txn_.erase(Space::kNames, "d");
  txn_.erase(Space::kNames, "c");
  txn_.erase(Space::kNames, "b");
  EXPECT_EQ(last("", "e"), "none");
  EXPECT_EQ(last("", "z"), "f=stored");
  EXPECT_EQ(last("", "a"), "none");
}

TEST_F(TxnTest, AReadErrorReachesTheTransaction) {
  store({"a"});
  using Call = memory::MemoryEngine::Call;
  engine_.fail_at(Call::kRead, 1, Error(Code::kIo, "lost"));
  EXPECT_EQ(txn_.get(Space::kNames, "a").error().code, Code::kIo);
  engine_.fail_at(Call::kRead, 1, Error(Code::kIo, "lost"));
  const std::vector<Bytes> keys{"a"};
  EXPECT_EQ(txn_.multi_get(Space::kNames, keys).error().code, Code::kIo);
  for (const uint64_t nth : {1, 2}) {
    engine_.fail_at(Call::kRead, nth, Error(Code::kIo, "lost"));
    const auto scanned = txn_.scan(Space::kNames, "", "", [](BytesView, BytesView) { return true; });
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().code, Code::kIo);
  }
  engine_.fail_at(Call::kRead, 1, Error(Code::kIo, "lost"));
  const auto last = txn_.last_at_or_before(Space::kNames, "", "z");
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Code::kIo);
}

}  // namespace
}  // namespace tp::meta
