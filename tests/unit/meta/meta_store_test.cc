#include "meta/meta_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "backend/memory/memory_engine.h"
#include "meta/codec/store_state.h"
#include "meta/keys.h"

namespace tp::meta {
namespace {

using kv::Space;
using memory::MemoryEngine;

// Holds every engine write until opened, and tells when one is held.
class Gate {
 public:
  explicit Gate(MemoryEngine& engine) : engine_(engine) {
    engine.before_write([this] {
      std::unique_lock lock(mutex_);
      ++held_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    });
  }
  ~Gate() { engine_.before_write({}); }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_ > 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  MemoryEngine& engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int held_ = 0;
};

Task<void> put_one(MetaStore* store, Bytes key, Bytes value) {
  auto body = [&](Txn& txn) -> Result<void> {
    txn.put(Space::kNames, key, value);
    return ok;
  };
  co_return co_await store->transact(std::move(body));
}

Task<std::optional<Bytes>> get_one(MetaStore* store, Bytes key) {
  auto body = [&](ReadView& view) { return view.get(Space::kNames, key); };
  co_return co_await store->read(std::move(body));
}

class MetaStoreTest : public testing::Test {
 protected:
  MetaStoreTest() : runtime_({.loops = 2, .blocking_threads = 2}) { open(); }
  MetaStore::Options options() {
    MetaStore::Options options;
    options.engine = &engine_;
    options.runtime = &runtime_;
    return options;
  }
  void open() { open(options()); }
  void open(MetaStore::Options options) {
    store_.reset();
    auto opened = MetaStore::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  template <class Body>
  auto transact(Body body) {
    return runtime_.block_on(store_->transact(std::move(body)));
  }
  Result<void> put(Bytes key, Bytes value) { return runtime_.block_on(put_one(store_.get(), key, value)); }
  std::optional<Bytes> get(Bytes key) { return runtime_.block_on(get_one(store_.get(), key)).value(); }

  MemoryEngine engine_;
  rt::Runtime runtime_;
  std::unique_ptr<MetaStore> store_;
};

TEST_F(MetaStoreTest, WhatATransactionWroteCanBeRead) {
  ASSERT_TRUE(put("a", "1"));
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  engine_.crash();
  open();
  EXPECT_EQ(get("a"), "1");
}

TEST_F(MetaStoreTest, ATransactionReturnsItsBodysValueAndSeesItsOwnWrites) {
  auto result = transact([](Txn& txn) -> Result<int> {
    txn.put(Space::kNames, "a", "1");
    txn.put(Space::kNames, "b", "2");
    txn.erase(Space::kNames, "a");
    EXPECT_EQ(txn.get(Space::kNames, "a").value(), std::nullopt);
    EXPECT_EQ(txn.get(Space::kNames, "b").value(), "2");
    const std::vector<Bytes> keys{"a", "b", "c"};
    const auto values = txn.multi_get(Space::kNames, keys).value();
    EXPECT_EQ(values[1], "2");
    EXPECT_EQ(values[2], std::nullopt);
    return 7;
  });
  EXPECT_EQ(result.value(), 7);
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_EQ(get("b"), "2");
}

TEST_F(MetaStoreTest, AFailedBodyLeavesNothing) {
  ASSERT_TRUE(put("kept", "old"));
  const uint64_t syncs = engine_.syncs();
  bool acted = false;
  auto result = transact([&](Txn& txn) -> Result<int> {
    txn.put(Space::kNames, "kept", "new");
    txn.put(Space::kNames, "kept", "newer");
    txn.put(Space::kNames, "fresh", "x");
    txn.journal({.kind = ChangeKind::kObjectPut});
    txn.after_commit([&] { acted = true; });
    return fail(Code::kPreconditionFailed, "no");
  });
  EXPECT_EQ(result.error().code, Code::kPreconditionFailed);
  EXPECT_EQ(get("kept"), "old");
  EXPECT_EQ(get("fresh"), std::nullopt);
  EXPECT_FALSE(acted);
  EXPECT_EQ(engine_.syncs(), syncs);
  EXPECT_TRUE(store_->journal_after(JournalSeq(0), 10).value().empty());
}

TEST_F(MetaStoreTest, AnExceptionInABodyIsAnInternalErrorAndRollsBack) {
  auto result = transact([](Txn& txn) -> Result<int> {
    txn.put(Space::kNames, "fresh", "x");
    throw std::runtime_error("a bug");
  });
  EXPECT_EQ(result.error().code, Code::kInternal);
  EXPECT_EQ(get("fresh"), std::nullopt);
  EXPECT_TRUE(put("a", "1"));
}

Task<void> put_and_count(MetaStore* store, int i, std::atomic<int>* done) {
  [[maybe_unused]] auto put = co_await put_one(store, std::to_string(i), "x");
  EXPECT_TRUE(put);
  ++*done;
  co_return ok;
}
Task<void> many_puts(MetaStore* store, Gate* gate, int count) {
  rt::TaskGroup group;
  std::atomic<int> done{0};
  for (int i = 0; i < count; ++i) group.spawn(put_and_count(store, i, &done));
  gate->wait_until_held();
  EXPECT_EQ(done, 0);
  gate->open();
  co_await group.join();
  EXPECT_EQ(done, count);
  co_return ok;
}

TEST_F(MetaStoreTest, TransactionsThatWaitShareASync) {
  const uint64_t before = engine_.syncs();
  Gate gate(engine_);
  ASSERT_TRUE(runtime_.block_on(many_puts(store_.get(), &gate, 500)));
  // The first group took what was there when it began; all that came while it was held fit into the second.
  EXPECT_LE(engine_.syncs() - before, 2u);
  EXPECT_GE(store_->stats().largest_group, 250u);
  EXPECT_EQ(store_->stats().transactions, 500u);
}

TEST_F(MetaStoreTest, AGroupHasAtMostSoManyTransactions) {
  auto limited = options();
  limited.group_limit = 10;
  open(limited);
  const uint64_t before = engine_.syncs();
  {
    Gate gate(engine_);
    ASSERT_TRUE(runtime_.block_on(many_puts(store_.get(), &gate, 100)));
  }
  EXPECT_GE(engine_.syncs() - before, 10u);
  EXPECT_LE(store_->stats().largest_group, 10u);
}

Task<void> fill_queue(MetaStore* store, Gate* gate) {
  rt::TaskGroup group;
  std::atomic<int> done{0};
  group.spawn(put_and_count(store, 0, &done));
  gate->wait_until_held();
  for (int i = 1; i <= 3; ++i) group.spawn(put_and_count(store, i, &done));
  const auto refused = co_await put_one(store, "one too many", "x");
  EXPECT_FALSE(refused);
  if (!refused) EXPECT_EQ(refused.error().code, Code::kBusy);
  gate->open();
  co_await group.join();
  EXPECT_EQ(done, 4);
  co_return ok;
}

TEST_F(MetaStoreTest, AFullQueueIsBusy) {
  auto limited = options();
  limited.queue_limit = 3;
  open(limited);
  Gate gate(engine_);
  ASSERT_TRUE(runtime_.block_on(fill_queue(store_.get(), &gate)));
}

TEST_F(MetaStoreTest, AFailedWriteMakesTheStoreReadOnly) {
  ASSERT_TRUE(put("a", "1"));
  engine_.fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kIo, "the disk is gone"));
  const auto failed = put("a", "2");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kIo);
  EXPECT_EQ(failed.error().applied, Applied::kMaybe);
  EXPECT_TRUE(store_->read_only());
  const auto later = put("b", "1");
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, Code::kReadOnly);
  EXPECT_EQ(later.error().applied, Applied::kNo);
  EXPECT_NE(later.error().message.find("the disk is gone"), std::string::npos);
  EXPECT_EQ(get("a"), "1");
  open();
  EXPECT_TRUE(put("b", "1"));
}

TEST_F(MetaStoreTest, AFullDiskThatTheEngineSawInTimeIsNotTheEnd) {
  engine_.fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kNoSpace, "full"));
  const auto failed = put("a", "1");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kNoSpace);
  EXPECT_EQ(failed.error().applied, Applied::kNo);
  EXPECT_FALSE(store_->read_only());
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_TRUE(put("a", "1"));
}

TEST_F(MetaStoreTest, EveryFailingWriteIsEitherAppliedOrNot) {
  for (const auto effect : {MemoryEngine::Effect::kNothing, MemoryEngine::Effect::kAppliedAnyway}) {
    engine_.fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kIo, "lost"), effect);
    auto result = transact([](Txn& txn) -> Result<int> {
      txn.put(Space::kNames, "x", "1");
      txn.put(Space::kInodes, "y", "1");
      return 1;
    });
    EXPECT_EQ(result.error().applied, Applied::kMaybe);
    open();
    EXPECT_EQ(get("x").has_value(), engine_.get(Space::kInodes, "y").value().has_value());
  }
}

TEST_F(MetaStoreTest, AfterCommitRunsBeforeTheCallerResumes) {
  bool acted = false;
  bool durable = false;
  auto result = transact([&](Txn& txn) -> Result<int> {
    txn.put(Space::kNames, "a", "1");
    txn.after_commit([&] {
      acted = true;
      durable = engine_.get(Space::kNames, "a").value().has_value();
    });
    return 1;
  });
  EXPECT_TRUE(result);
  EXPECT_TRUE(acted);
  EXPECT_TRUE(durable);
}

TEST_F(MetaStoreTest, JournalEntriesAreNumberedWithoutGapsAcrossStarts) {
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(transact([&](Txn& txn) -> Result<int> {
      txn.journal({.kind = ChangeKind::kObjectPut, .key = std::to_string(i), .inode = InodeId(5)});
      return 1;
    }));
  }
  open();
  ASSERT_TRUE(transact([](Txn& txn) -> Result<int> {
    txn.journal({.kind = ChangeKind::kRenamed, .key = "4", .new_key = "5"});
    txn.journal({.kind = ChangeKind::kObjectRemoved, .key = "5"});
    return 1;
  }));
  const auto all = store_->journal_after(JournalSeq(0), 100).value();
  ASSERT_EQ(all.size(), 5u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].first.value, i + 1);
    EXPECT_EQ(all[i].second.key, std::to_string(i + 1));
    EXPECT_GT(all[i].second.time, 0);
  }
  EXPECT_EQ(all[3].second.new_key, "5");
  EXPECT_EQ(store_->journal_after(JournalSeq(2), 2).value().front().first.value, 3u);
  EXPECT_EQ(store_->journal_after(JournalSeq(2), 2).value().size(), 2u);
  EXPECT_TRUE(store_->journal_after(JournalSeq(5), 2).value().empty());
  EXPECT_TRUE(store_->journal_after(JournalSeq(UINT64_MAX), 2).value().empty());
}

TEST_F(MetaStoreTest, TheJournalKeepsItsNewestEntries) {
  auto limited = options();
  limited.journal_keep = 100;
  open(limited);
  constexpr int kEntries = 10'000;
  for (int i = 0; i < kEntries / 100; ++i) {
    ASSERT_TRUE(transact([](Txn& txn) -> Result<int> {
      for (int n = 0; n < 100; ++n) txn.journal({.kind = ChangeKind::kObjectPut});
      return 1;
    }));
  }
  const auto kept = store_->journal_after(JournalSeq(0), kEntries).value();
  EXPECT_GE(kept.size(), 100u);
  EXPECT_LT(kept.size(), 5000u);
  EXPECT_EQ(kept.back().first.value, static_cast<uint64_t>(kEntries));
  open(limited);
  ASSERT_TRUE(transact([](Txn& txn) -> Result<int> {
    txn.journal({.kind = ChangeKind::kObjectPut});
    return 1;
  }));
  EXPECT_EQ(store_->journal_after(JournalSeq(kEntries), 10).value().size(), 1u);
}

TEST_F(MetaStoreTest, EveryStartHasItsNumberAndInodesAreNeverReused) {
  const std::string id = store_->store_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(store_->start_number(), 1u);
  std::set<uint64_t> seen;
  for (int start = 1; start <= 3; ++start) {
    for (int i = 0; i < 100; ++i) {
      const bool fails = i % 3 == 0;
      uint64_t inode = 0;
      auto result = transact([&](Txn& txn) -> Result<int> {
        inode = txn.new_inode_id().value;
        if (fails) return fail(Code::kConflict, "no");
        return 1;
      });
      EXPECT_EQ(result.has_value(), !fails);
      EXPECT_EQ(inode >> 40, static_cast<uint64_t>(start));
      EXPECT_TRUE(seen.insert(inode).second);
    }
    open();
    EXPECT_EQ(store_->start_number(), static_cast<uint64_t>(start) + 1);
    EXPECT_EQ(store_->store_id(), id);
  }
}

TEST_F(MetaStoreTest, ANewerFormatIsRefusedInWords) {
  store_.reset();
  const kv::Write write{Space::kMeta, store_state_key(), encode_store_state({kFormatVersion + 1, 1, Bytes(16, 'x')})};
  ASSERT_TRUE(engine_.write({&write, 1}, kv::Durability::kSync));
  const auto opened = MetaStore::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalidArgument);
  EXPECT_NE(opened.error().message.find("format " + std::to_string(kFormatVersion + 1)), std::string::npos);
}

TEST_F(MetaStoreTest, AStoreOfFormat1IsTakenOverAndIsOfThisFormatThen) {
  ASSERT_TRUE(put("a", "1"));
  store_.reset();
  const kv::Write write{Space::kMeta, store_state_key(), encode_store_state({1, 7, Bytes(16, 'x')})};
  ASSERT_TRUE(engine_.write({&write, 1}, kv::Durability::kSync));
  open();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(store_->start_number(), 8u);
  EXPECT_EQ(store_->store_id(), to_hex(Bytes(16, 'x')));
  const auto state = decode_store_state(*engine_.get(Space::kMeta, store_state_key()).value()).value();
  EXPECT_EQ(state.format_version, kFormatVersion);
  static_assert(kFormatVersion >= 2);
}

TEST_F(MetaStoreTest, ItAddsTheVolumeToKeysOfFormat2) {
  store_.reset();
  StoreState state = *decode_store_state(**engine_.get(Space::kMeta, store_state_key()));
  state.format_version = 2;
  Bytes orphan("o"), rewrite("w"), volume;
  append_be(orphan, uint64_t{5});
  append_be(rewrite, uint64_t{6});
  append_be(volume, uint64_t{9});
  const std::vector<kv::Write> writes = {{Space::kMeta, store_state_key(), encode_store_state(state)},
                                         {Space::kMeta, orphan, volume},
                                         {Space::kMeta, rewrite, volume},
                                         {Space::kMeta, "w damaged", "x"}};
  ASSERT_TRUE(engine_.write(writes, kv::Durability::kSync));
  for (int i = 0; i < 2; ++i) {
    open();
    EXPECT_EQ(*engine_.get(Space::kMeta, orphan_key(VolumeId(9), InodeId(5))), volume);
    EXPECT_EQ(*engine_.get(Space::kMeta, rewrite_key(VolumeId(9), InodeId(6))), volume);
    EXPECT_EQ(*engine_.get(Space::kMeta, orphan), std::nullopt);
    EXPECT_EQ(*engine_.get(Space::kMeta, rewrite), std::nullopt);
    EXPECT_TRUE(*engine_.get(Space::kMeta, "w damaged")) << "what does not parse stays for check to name";
  }
}

TEST_F(MetaStoreTest, OutsideATransactionTheLastRecordBeforeIsFoundToo) {
  ASSERT_TRUE(put("b", "1"));
  ASSERT_TRUE(put("d", "2"));
  const auto last = [&](BytesView begin, BytesView target) {
    auto body = [&](ReadView& view) -> Result<Bytes> {
      TP_TRY(auto record, view.last_at_or_before(Space::kNames, begin, target));
      return record ? record->key + "=" + record->value : Bytes("none");
    };
    return runtime_.block_on(store_->read(std::move(body))).value();
  };
  EXPECT_EQ(last("", "c"), "b=1");
  EXPECT_EQ(last("", "d"), "d=2");
  EXPECT_EQ(last("", "z"), "d=2");
  EXPECT_EQ(last("c", "c"), "none");
  EXPECT_EQ(last("", "a"), "none");
}

TEST_F(MetaStoreTest, AStoreWithoutItsStateIsNotTakenForANewOne) {
  ASSERT_TRUE(put("a", "1"));
  store_.reset();
  const kv::Write write{Space::kMeta, store_state_key(), std::nullopt};
  ASSERT_TRUE(engine_.write({&write, 1}, kv::Durability::kSync));
  const auto opened = MetaStore::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCorruption);
}

TEST_F(MetaStoreTest, OpeningOnAFailingEngineSaysSo) {
  store_.reset();
  for (const auto kind : {MemoryEngine::Call::kRead, MemoryEngine::Call::kWrite}) {
    for (uint64_t nth = 1;; ++nth) {
      const uint64_t calls = engine_.calls(kind);
      engine_.fail_at(kind, nth, Error(Code::kIo, "the disk is gone"));
      const auto opened = MetaStore::open(options());
      engine_.clear_faults();
      if (opened) {
        EXPECT_GT(nth, 1u);
        EXPECT_LT(engine_.calls(kind) - calls, nth);
        break;
      }
      EXPECT_EQ(opened.error().code, Code::kIo);
    }
  }
}

TEST_F(MetaStoreTest, ReadsThatWouldBlockRunOnThePool) {
  ASSERT_TRUE(put("a", "1"));
  engine_.set_cached(false);
  EXPECT_EQ(get("a"), "1");
  auto scan = [](ReadView& view) -> Result<std::string> {
    std::string all;
    TP_TRY_VOID(view.scan(Space::kNames, "", "", [&](BytesView key, BytesView value) {
      all += Bytes(key) + "=" + Bytes(value) + " ";
      return true;
    }));
    const std::vector<Bytes> keys{"b", "a"};
    TP_TRY(const auto values, view.multi_get(Space::kNames, keys));
    return all + *values[1];
  };
  EXPECT_EQ(runtime_.block_on(store_->read(scan)).value(), "a=1 1");
  engine_.set_cached(true);
  EXPECT_EQ(runtime_.block_on(store_->read(scan)).value(), "a=1 1");
}

TEST_F(MetaStoreTest, WallTimeNeverGoesBack) {
  rt::Nanos last = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(transact([&](Txn& txn) -> Result<int> {
      EXPECT_GE(txn.wall_now(), last);
      last = txn.wall_now();
      return 1;
    }));
  }
}

}  // namespace
}  // namespace tp::meta
