// What the blob store promises when bits rot, disks fail and machines stop.
#include "blob_fixture.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

class BlobFaultsTest : public BlobFixture {};

TEST_F(BlobFaultsTest, AnyFlippedBitIsFoundAndNoWrongByteIsReturned) {
  ASSERT_TRUE(open(4 << 20));
  const Bytes bytes = pattern(200'000);
  const BlobRecord record = must_put(bytes);
  rt::Rng rng(11);
  for (int i = 0; i < 200; ++i) {
    const uint64_t at = i == 0 ? 0 : i == 1 ? bytes.size() - 1 : rng.below(bytes.size());
    const auto bit = static_cast<unsigned>(rng.below(8));
    ASSERT_TRUE(files_.flip_bit(path_of(record), record.offset + at, bit));
    EXPECT_EQ(runtime_.block_on(store_->verify(record)).error().code, Code::kCorruption) << at;
    const auto region = runtime_.block_on(store_->read(record, at, 1, true));
    EXPECT_EQ(region.error().code, Code::kCorruption) << at;
    // A unit without the flipped bit is still good.
    const uint64_t other = (at + 70'000) % bytes.size() / 65536 * 65536;
    if (other / 65536 != at / 65536) {
      EXPECT_EQ(runtime_.block_on(get(store_.get(), record, other, 10, false)).value(), bytes.substr(other, 10));
    }
    ASSERT_TRUE(files_.flip_bit(path_of(record), record.offset + at, bit));
  }
  EXPECT_TRUE(read_back(record).value() == bytes);
  EXPECT_GE(store_->stats().checksum_failures, 400u);
}

TEST_F(BlobFaultsTest, SwappedAndStaleBlobsAreFound) {
  ASSERT_TRUE(open());
  const BlobRecord one = must_put(pattern(65'536, 1));
  const BlobRecord two = must_put(pattern(65'536, 2));
  const BlobRecord twin = must_put(pattern(65'536, 1));
  ASSERT_EQ(one.segment, two.segment);
  const Bytes bytes_of_two = files_.peek(path_of(two), two.offset, 65'536);
  const Bytes bytes_of_one = files_.peek(path_of(one), one.offset, 65'536);
  files_.overwrite(path_of(one), one.offset, bytes_of_two);
  EXPECT_EQ(read_back(one).error().code, Code::kCorruption);
  files_.overwrite(path_of(one), one.offset, bytes_of_one);
  EXPECT_TRUE(read_back(one));
  // The same bytes under another id do not pass: a record that points at the wrong blob is found.
  BlobRecord misdirected = twin;
  misdirected.id = one.id;
  EXPECT_TRUE(twin.checksums != one.checksums);
  EXPECT_EQ(read_back(misdirected).error().code, Code::kCorruption);
  // Units of one blob in the wrong order do not pass either.
  const BlobRecord pair = must_put(Bytes(131'072, 'x'));
  EXPECT_NE(pair.checksums[0], pair.checksums[1]);
}

TEST_F(BlobFaultsTest, RecordsFromADamagedStoreAreNotBelieved) {
  ASSERT_TRUE(open(1 << 20));
  const BlobRecord good = must_put(pattern(100'000));
  const auto code_of = [&](auto change) {
    BlobRecord bad = good;
    change(bad);
    EXPECT_TRUE(store_->read_cached(bad, 0, 10).bytes.empty());
    const auto result = read_back(bad);
    return result ? Code::kInternal : result.error().code;
  };
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.offset += 1; }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.offset = ~0ull - 4095; }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.offset = 1ull << 40; }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.offset = 0; }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.length_bytes = 200'000; }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.checksums.pop_back(); }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.segment = SegmentId(12345); }), Code::kCorruption);
  EXPECT_EQ(code_of([](BlobRecord& bad) { bad.tier = 3; }), Code::kNotImplemented);
  EXPECT_EQ(runtime_.block_on(store_->read(BlobRecord(), 0, 1, true)).error().code, Code::kCorruption);
  EXPECT_TRUE(read_back(good));
}

TEST_F(BlobFaultsTest, AFailedSyncMakesTheStoreReadOnlyForGood) {
  ASSERT_TRUE(open());
  const BlobRecord before = must_put(pattern(50'000));
  files_.set_plan({.fail_at = 1, .only_syncs = true});
  auto record = runtime_.block_on(put(store_.get(), pattern(100)));
  ASSERT_TRUE(record);
  EXPECT_EQ(runtime_.block_on(sync_one(store_.get(), *record)).error().code, Code::kIo);
  EXPECT_TRUE(store_->read_only());
  // The disk would now claim success; the store must not ask it again.
  const uint64_t syncs = files_.file_syncs();
  EXPECT_EQ(runtime_.block_on(sync_one(store_.get(), *record)).error().code, Code::kReadOnly);
  EXPECT_EQ(files_.file_syncs(), syncs);
  EXPECT_EQ(runtime_.block_on(put(store_.get(), pattern(100))).error().code, Code::kReadOnly);
  EXPECT_EQ(runtime_.block_on(store_->free(before)).error().code, Code::kReadOnly);
  EXPECT_TRUE(read_back(before).value() == pattern(50'000)) << "reads go on";
  close();
  ASSERT_TRUE(open());
  EXPECT_FALSE(store_->read_only());
  must_put(pattern(100));
}

Task<int> sync_together(BlobStore* store, std::vector<BlobRecord> records, memory::MemoryFileSystem* files) {
  int failed = 0;
  auto one = [](BlobStore* blobs, BlobRecord record, int* count) -> Task<void> {
    if (!co_await sync_one(blobs, std::move(record))) ++*count;
    co_return ok;
  };
  rt::TaskGroup group;
  files->hold_syncs();
  for (auto& record : records) {
    group.spawn(one(store, record, &failed));
    co_await rt::yield();
  }
  files->release_syncs();
  co_await group.join();
  co_return failed;
}

TEST_F(BlobFaultsTest, EveryoneWhoSharesAFailedSyncIsTold) {
  ASSERT_TRUE(open());
  std::vector<BlobRecord> records;
  for (int i = 0; i < 10; ++i) records.push_back(runtime_.block_on(put(store_.get(), pattern(5000))).value());
  files_.set_plan({.fail_at = 1, .only_syncs = true});
  EXPECT_EQ(runtime_.block_on(sync_together(store_.get(), records, &files_)).value(), 10);
}

TEST_F(BlobFaultsTest, TheNthFailingCallIsAnErrorAndNothingStoredSuffers) {
  for (uint64_t n = 1;; ++n) {
    files_.set_plan({});
    ASSERT_TRUE(open(1 << 20, 4 << 20)) << n;
    const Bytes kept_bytes = pattern(300'000, n);
    const BlobRecord kept = must_put(kept_bytes);
    files_.set_plan({.fail_at = n, .code = n % 2 == 0 ? Code::kIo : Code::kNoSpace, .partial_write = n % 3 == 0});
    const Bytes bytes = pattern(6'000'000, n + 1);
    auto record = runtime_.block_on(put_durably(store_.get(), bytes));
    Result<Bytes> back = record ? read_back(*record) : std::unexpected(record.error());
    Result<void> freed = back ? runtime_.block_on(store_->free(*record)) : std::unexpected(back.error());
    const bool happened = files_.fault_happened();
    if (back) EXPECT_TRUE(*back == bytes) << n;
    if (happened && freed) EXPECT_GT(n, 3u) << "only give-backs of space may fail in silence";
    files_.set_plan({});
    EXPECT_TRUE(read_back(kept).value() == kept_bytes) << n;
    if (!store_->read_only()) must_put(pattern(1000));
    close();
    files_.crash(n);
    ASSERT_TRUE(open(0, 4 << 20)) << n;
    EXPECT_TRUE(read_back(kept).value() == kept_bytes) << n;
    close();
    if (!happened) break;
    ASSERT_LT(n, 200u);
  }
}

TEST_F(BlobFaultsTest, ADirectoryThatIsGoneIsADiskErrorAndNotAMissingBlob) {
  ASSERT_TRUE(open());
  const BlobRecord record = must_put(pattern(100), 0);
  files_.set_plan({.fail_at = 1, .and_all_after = true, .code = Code::kNotFound});
  EXPECT_EQ(runtime_.block_on(put(store_.get(), pattern(100)), 1).error().code, Code::kIo) << "no place for a segment";
  EXPECT_EQ(runtime_.block_on(put(store_.get(), pattern(100)), 0).error().code, Code::kIo) << "a write into nothing";
  EXPECT_EQ(read_back(record).error().code, Code::kIo);
  files_.set_plan({});
  EXPECT_TRUE(read_back(record));
  close();
  ASSERT_TRUE(open());
  ASSERT_TRUE(runtime_.block_on(files_.remove(path_of(record))));
  EXPECT_EQ(read_back(record).error().code, Code::kCorruption) << "the segment itself is gone";
}

TEST_F(BlobFaultsTest, AFullDiskIsNoSpaceAndReadsGoOn) {
  memory::MemoryFileSystem small(24 << 20);
  BlobStore::Options options;
  options.files = &small;
  options.runtime = &runtime_;
  options.min_free_bytes = 4 << 20;
  auto opened = runtime_.block_on(BlobStore::open(std::move(options)));
  ASSERT_TRUE(opened);
  store_ = std::move(*opened);
  std::vector<BlobRecord> records;
  Code last = Code::kInternal;
  for (uint64_t i = 0; i < 40; ++i) {
    auto record = runtime_.block_on(put_durably(store_.get(), pattern(1 << 20, i)));
    if (!record) {
      last = record.error().code;
      break;
    }
    records.push_back(std::move(*record));
  }
  EXPECT_EQ(last, Code::kNoSpace);
  EXPECT_GT(records.size(), 10u);
  EXPECT_FALSE(store_->read_only());
  for (uint64_t i = 0; i < records.size(); ++i) EXPECT_TRUE(read_back(records[i]).value() == pattern(1 << 20, i));
  close();
}

TEST_F(BlobFaultsTest, ACrashKeepsWhatWasSyncedWhateverItDoesToTheRest) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    ASSERT_TRUE(open(0, 4 << 20));
    std::vector<std::pair<BlobRecord, Bytes>> durable;
    std::vector<std::pair<BlobRecord, Bytes>> hopeful;
    rt::Rng rng(seed);
    for (int i = 0; i < 12; ++i) {
      Bytes bytes = pattern(1 + rng.below(1'500'000), rng.next());
      const auto loop = static_cast<unsigned>(rng.below(2));
      if (rng.below(2) == 0) {
        durable.emplace_back(must_put(bytes, loop), bytes);
      } else {
        auto record = runtime_.block_on(put(store_.get(), bytes), loop);
        ASSERT_TRUE(record);
        hopeful.emplace_back(std::move(*record), bytes);
      }
    }
    close();
    files_.crash(seed);
    ASSERT_TRUE(open(0, 4 << 20)) << "seed " << seed;
    for (const auto& [record, bytes] : durable) {
      const auto back = read_back(record);
      ASSERT_TRUE(back) << "seed " << seed << ": " << back.error().to_string();
      EXPECT_TRUE(*back == bytes) << "seed " << seed;
    }
    for (const auto& [record, bytes] : hopeful) {
      const auto back = read_back(record);
      if (back) {
        EXPECT_TRUE(*back == bytes) << "seed " << seed << ": unsynced bytes are right or an error";
      } else {
        EXPECT_EQ(back.error().code, Code::kCorruption) << "seed " << seed;
      }
    }
    for (const SegmentInfo& info : store_->segments()) ASSERT_TRUE(runtime_.block_on(store_->reclaim(info.id, {})));
    EXPECT_TRUE(store_->segments().empty());
    close();
  }
}

}  // namespace
}  // namespace tp::blob
