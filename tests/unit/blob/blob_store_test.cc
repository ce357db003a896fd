#include "base/hash/crc.h"
#include "blob_fixture.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

class BlobStoreTest : public BlobFixture {};

TEST_F(BlobStoreTest, BlobsOfEverySizeComeBack) {
  ASSERT_TRUE(open(16 << 20));
  uint64_t seed = 0;
  for (const size_t size : {1ul, 4095ul, 4096ul, 4097ul, 65535ul, 65536ul, 65537ul, 262144ul, 262145ul, 1048576ul,
                            1048577ul, 5000000ul, 8388607ul, 8388608ul}) {
    const Bytes bytes = pattern(size, ++seed);
    for (unsigned loop = 0; loop < 2; ++loop) {
      const BlobRecord record = must_put(bytes, loop);
      EXPECT_EQ(record.length_bytes, size);
      EXPECT_EQ(record.offset % 4096, 0u);
      EXPECT_EQ(record.checksums.size(), (size + 65535) / 65536);
      for (int twice = 0; twice < 2; ++twice) {  // off the disk, out of the cache
        const auto back = read_back(record, 1 - loop);
        ASSERT_TRUE(back) << back.error().to_string();
        EXPECT_TRUE(*back == bytes) << size;
      }
      EXPECT_TRUE(runtime_.block_on(store_->verify(record)));
    }
  }
  EXPECT_GT(store_->stats().cache_hits, 0u);
  EXPECT_GT(store_->stats().cache_bytes, 0u);
}

TEST_F(BlobStoreTest, ReadsReturnExactlyTheRangeAskedFor) {
  ASSERT_TRUE(open(4 << 20));
  const Bytes bytes = pattern(700'001);
  const BlobRecord record = must_put(bytes);
  rt::Rng rng(5);
  for (int i = 0; i < 300; ++i) {
    const uint64_t offset = rng.below(bytes.size());
    const uint64_t size = 1 + rng.below(std::min<uint64_t>(bytes.size() - offset, 400'000));
    const auto back = runtime_.block_on(get(store_.get(), record, offset, size, rng.below(2) == 0));
    ASSERT_TRUE(back) << back.error().to_string();
    ASSERT_TRUE(*back == bytes.substr(offset, size)) << offset << "+" << size;
  }
  EXPECT_EQ(runtime_.block_on(store_->read(record, bytes.size(), 1, true)).error().code, Code::kOutOfRange);
  EXPECT_EQ(runtime_.block_on(store_->read(record, 0, 0, true)).error().code, Code::kOutOfRange);
}

TEST_F(BlobStoreTest, TheCacheAnswersWithoutWaiting) {
  ASSERT_TRUE(open(4 << 20));
  const Bytes bytes = pattern(300'000);
  const BlobRecord record = must_put(bytes);
  EXPECT_TRUE(store_->read_cached(record, 0, 100).bytes.empty());
  ASSERT_TRUE(read_back(record));
  {
    const auto region = store_->read_cached(record, 10, 1 << 20);
    EXPECT_EQ(region.bytes, BytesView(bytes).substr(10, 262144 - 10));
    EXPECT_FALSE(region.lendable) << "small blobs are copied";
  }
  EXPECT_EQ(store_->read_cached(record, 262144, 100).bytes, BytesView(bytes).substr(262144, 100));
}

TEST_F(BlobStoreTest, WhileEveryCacheSlotIsPinnedReadsStillAnswer) {
  constexpr uint64_t kSlots = 8;
  ASSERT_TRUE(open(kSlots * 256 << 10));
  std::vector<BlobRecord> records;
  std::vector<io::SendRegion> held;
  for (uint64_t i = 0; i < kSlots + 4; ++i) records.push_back(must_put(pattern(200'000, i)));
  for (const BlobRecord& record : records) {
    auto region = runtime_.block_on(store_->read(record, 0, 200'000, true));
    ASSERT_TRUE(region);
    held.push_back(std::move(*region));
  }
  for (uint64_t i = 0; i < records.size(); ++i) {
    EXPECT_TRUE(held[i].bytes == pattern(200'000, i)) << i;
    EXPECT_EQ(store_->read_cached(records[i], 0, 10).bytes.empty(), i >= kSlots) << i;
  }
}

TEST_F(BlobStoreTest, LargeBlobsAreLentAndComeBackRightWhenTheirSlotsAreReused) {
  ASSERT_TRUE(open(4 << 20));
  std::vector<BlobRecord> records;
  for (uint64_t i = 0; i < 5; ++i) records.push_back(must_put(pattern(3 << 20, i)));
  for (int round = 0; round < 4; ++round) {
    for (uint64_t i = 0; i < records.size(); ++i) EXPECT_TRUE(read_back(records[i]).value() == pattern(3 << 20, i));
  }
  const auto region = runtime_.block_on(store_->read(records[0], 0, 256 << 10, true));
  ASSERT_TRUE(region);
  if (local::AnonymousMemory::make(1).value()->detach_unit() != 0) EXPECT_TRUE(region->lendable);
}

TEST_F(BlobStoreTest, ALargerLimitThanNeededIsGivenBack) {
  ASSERT_TRUE(open());
  const auto first = runtime_.block_on(put(store_.get(), pattern(5000), kMaxBlobBytes));
  const auto second = runtime_.block_on(put(store_.get(), pattern(5000), kMaxBlobBytes));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->offset, first->offset + 8192);
}

Task<void> misuse(BlobStore* store) {
  EXPECT_EQ((co_await store->create(0)).error().code, Code::kInvalidArgument);
  EXPECT_EQ((co_await store->create(kMaxBlobBytes + 1)).error().code, Code::kInvalidArgument);
  TP_CO_TRY(auto writer, co_await store->create(100));
  EXPECT_EQ((co_await writer->finish()).error().code, Code::kInvalidArgument);
  TP_CO_TRY(Buffer empty, co_await store->buffers().take());
  EXPECT_EQ((co_await writer->append(std::move(empty))).error().code, Code::kInvalidArgument);
  TP_CO_TRY(Buffer large, co_await store->buffers().take());
  large.set_size(4097);
  EXPECT_EQ((co_await writer->append(std::move(large))).error().code, Code::kInvalidArgument);
  TP_CO_TRY(Buffer small, co_await store->buffers().take());
  small.set_size(100);
  TP_CO_TRY_VOID(co_await writer->append(std::move(small)));
  TP_CO_TRY(Buffer more, co_await store->buffers().take());
  more.set_size(100);
  EXPECT_EQ((co_await writer->append(std::move(more))).error().code, Code::kInvalidArgument) << "after a short one";
  TP_CO_TRY_VOID(co_await writer->finish());
  EXPECT_EQ((co_await writer->finish()).error().code, Code::kInvalidArgument);
  co_return ok;
}

TEST_F(BlobStoreTest, MisuseIsRefused) {
  ASSERT_TRUE(open());
  const auto result = runtime_.block_on(misuse(store_.get()));
  EXPECT_TRUE(result) << result.error().to_string();
}

Task<void> write_and_leave(BlobStore* store, size_t buffers) {
  TP_CO_TRY(auto writer, co_await store->create(kMaxBlobBytes));
  for (size_t i = 0; i < buffers; ++i) {
    TP_CO_TRY(Buffer buffer, co_await store->buffers().take());
    std::fill_n(buffer.data(), kBufferBytes, 'x');
    buffer.set_size(kBufferBytes);
    TP_CO_TRY_VOID(co_await writer->append(std::move(buffer)));
  }
  co_return ok;
}

TEST_F(BlobStoreTest, AnAbandonedBlobLeavesNoSpaceBehind) {
  ASSERT_TRUE(open());
  const BlobRecord first = must_put(pattern(10));
  for (size_t buffers = 0; buffers < 7; ++buffers) {
    ASSERT_TRUE(runtime_.block_on(write_and_leave(store_.get(), buffers)));
  }
  // The next allocation on that loop waits for nothing: eventually the tail is back where it was.
  BlobRecord next;
  for (int i = 0; i < 100; ++i) next = must_put(pattern(10));
  EXPECT_EQ(store_->stats().live_bytes, 101u * 4096);
  close();
  EXPECT_LT(files_.space()->total_bytes - files_.space()->free_bytes, 200u * 4096);
}

TEST_F(BlobStoreTest, FreedBlobsGiveTheirSpaceBackAndEmptySegmentsGo) {
  ASSERT_TRUE(open(0, 4 << 20));
  std::vector<BlobRecord> records;
  for (uint64_t i = 0; i < 20; ++i) records.push_back(must_put(pattern(1 << 20, i)));
  const size_t segments = store_->segments().size();
  EXPECT_GE(segments, 5u);
  const auto used = [this] { return files_.space()->total_bytes - files_.space()->free_bytes; };
  EXPECT_GT(used(), 20u << 20);
  ASSERT_TRUE(runtime_.block_on(store_->free(records[0])));
  EXPECT_LT(used(), 20u << 20);
  EXPECT_TRUE(read_back(records[1]));
  EXPECT_EQ(read_back(records[0]).error().code, Code::kCorruption);
  for (size_t i = 1; i < records.size(); ++i) ASSERT_TRUE(runtime_.block_on(store_->free(records[i])));
  EXPECT_EQ(store_->segments().size(), 1u) << "only the open one is left";
  EXPECT_TRUE(runtime_.block_on(store_->free(records[0]))) << "twice, as after a crash";
  EXPECT_LT(used(), 1u << 20);
  EXPECT_EQ(store_->stats().live_bytes, 0u);
}

TEST_F(BlobStoreTest, RelocatedBlobsKeepTheirIdAndBytes) {
  ASSERT_TRUE(open(4 << 20, 4 << 20));
  const Bytes bytes = pattern(3'300'000);
  const BlobRecord record = must_put(bytes);
  const auto moved = runtime_.block_on(store_->relocate(record), 1);
  ASSERT_TRUE(moved) << moved.error().to_string();
  EXPECT_EQ(moved->id, record.id);
  EXPECT_EQ(moved->checksums, record.checksums);
  EXPECT_NE(moved->segment, record.segment);
  ASSERT_TRUE(runtime_.block_on(store_->free(record)));
  EXPECT_TRUE(read_back(*moved).value() == bytes);
  files_.flip_bit(path_of(*moved), moved->offset + 3'000'000, 1);
  EXPECT_EQ(runtime_.block_on(store_->relocate(*moved)).error().code, Code::kCorruption);
}

TEST_F(BlobStoreTest, AnotherStartFindsAllAndReclaimsTheDead) {
  ASSERT_TRUE(open(0, 4 << 20));
  std::vector<BlobRecord> records;
  for (uint64_t i = 0; i < 12; ++i) records.push_back(must_put(pattern(1'000'000, i), i % 2));
  close();
  ASSERT_TRUE(open(0, 4 << 20));
  for (uint64_t i = 0; i < 12; ++i) EXPECT_TRUE(read_back(records[i]).value() == pattern(1'000'000, i));
  // Blobs 0 to 5 are live.
  for (const SegmentInfo& info : store_->segments()) {
    EXPECT_TRUE(info.sealed && info.from_earlier_start);
    std::vector<std::pair<uint64_t, uint64_t>> live;
    for (uint64_t i = 0; i < 6; ++i) {
      if (records[i].segment == info.id) live.emplace_back(records[i].offset, padded_length(records[i].length_bytes));
    }
    std::sort(live.begin(), live.end());
    ASSERT_TRUE(runtime_.block_on(store_->reclaim(info.id, live)));
  }
  EXPECT_EQ(store_->stats().live_bytes, 6 * padded_length(1'000'000));
  EXPECT_LT(files_.space()->total_bytes - files_.space()->free_bytes, 6u * 1'000'000 + (3 << 20));
  for (uint64_t i = 0; i < 6; ++i) EXPECT_TRUE(read_back(records[i])) << i;
  EXPECT_FALSE(read_back(records[11])) << "its segment is gone";
  const BlobRecord next = must_put(pattern(10));
  EXPECT_GT(next.id, records.back().id);
  EXPECT_GT(next.segment, records.back().segment);
}

TEST_F(BlobStoreTest, ReclaimBelievesNoImpossibleRecords) {
  ASSERT_TRUE(open());
  const BlobRecord record = must_put(pattern(10'000));
  close();
  ASSERT_TRUE(open());
  const SegmentId id = record.segment;
  const auto reclaim = [&](std::vector<std::pair<uint64_t, uint64_t>> live) {
    return runtime_.block_on(store_->reclaim(id, std::move(live)));
  };
  EXPECT_EQ(reclaim({{0, 4096}}).error().code, Code::kCorruption);
  EXPECT_EQ(reclaim({{4096, 100}}).error().code, Code::kCorruption);
  EXPECT_EQ(reclaim({{4096, 8192}, {8192, 4096}}).error().code, Code::kCorruption);
  EXPECT_EQ(reclaim({{1ull << 40, 4096}}).error().code, Code::kCorruption);
  EXPECT_TRUE(read_back(record));
  EXPECT_TRUE(reclaim({}));
  EXPECT_FALSE(read_back(record));
  EXPECT_TRUE(reclaim({})) << "gone already";
  EXPECT_EQ(reclaim({{4096, 4096}}).error().code, Code::kNotFound);
}

TEST_F(BlobStoreTest, OddFilesAreReportedAndNothingIsLost) {
  ASSERT_TRUE(open());
  const BlobRecord record = must_put(pattern(100'000));
  close();
  auto make = [](io::FileSystem* files, std::string name) -> Task<void> {
    TP_CO_TRY(auto file, co_await files->open(name, io::OpenMode::kCreate, io::Caching::kBuffered));
    co_return co_await file->write_at(0, "not ours");
  };
  ASSERT_TRUE(runtime_.block_on(make(&files_, "blobs/readme.txt")));
  ASSERT_TRUE(runtime_.block_on(make(&files_, "blobs/00000000000000ff.seg")));
  files_.flip_bit(path_of(record), 20, 3);
  ASSERT_TRUE(open());
  EXPECT_EQ(reports_.size(), 3u);
  EXPECT_TRUE(read_back(record).value() == pattern(100'000)) << "a damaged header does not hide good blobs";
}

TEST_F(BlobStoreTest, ANewerFormatAndAnOlderStartAreRefused) {
  ASSERT_TRUE(open());
  const BlobRecord record = must_put(pattern(10));
  close();
  --starts_;
  EXPECT_EQ(open().error().code, Code::kInvalidArgument);
  Bytes block(kSegmentHeaderBytes, '\0');
  encode_segment_header({record.segment, 77, 1}, block);
  put_be<uint32_t>(block.data() + 8, 9);
  put_be<uint32_t>(block.data() + 4092, crc32c(0, BytesView(block).substr(0, 4092)));
  files_.overwrite(path_of(record), 0, block);
  const auto refused = open();
  EXPECT_EQ(refused.error().code, Code::kNotImplemented);
  EXPECT_NE(refused.error().message.find(path_of(record)), std::string::npos);
}

Task<void> put_many(BlobStore* store, int count, int* good) {
  for (int i = 0; i < count; ++i) {
    auto record = co_await put_durably(store, pattern(5000 + static_cast<size_t>(i)));
    if (record) ++*good;
  }
  co_return ok;
}
Task<int> put_from_many(BlobStore* store, int tasks, int count) {
  int good = 0;
  rt::TaskGroup group;
  for (int i = 0; i < tasks; ++i) group.spawn(put_many(store, count, &good));
  co_await group.join();
  co_return good;
}

TEST_F(BlobStoreTest, ConcurrentSyncsShareTheFileSyncs) {
  ASSERT_TRUE(open());
  const uint64_t before = files_.file_syncs();
  EXPECT_EQ(runtime_.block_on(put_from_many(store_.get(), 50, 10)).value(), 500);
  const BlobStoreStats stats = store_->stats();
  EXPECT_EQ(stats.sync_requests, 500u);
  EXPECT_EQ(stats.syncs, files_.file_syncs() - before);
  EXPECT_LT(stats.syncs, 100u);
}

TEST_F(BlobStoreTest, BothLoopsWriteReadAndFreeAtOnce) {
  ASSERT_TRUE(open(1 << 20, 2 << 20));
  auto churn = [](BlobStore* store, uint64_t seed, int* wrong) -> Task<void> {
    rt::Rng rng(seed);
    std::vector<std::pair<BlobRecord, Bytes>> mine;
    for (int i = 0; i < 120; ++i) {
      Bytes bytes = pattern(1 + rng.below(300'000), seed * 1000 + static_cast<uint64_t>(i));
      TP_CO_TRY(auto record, co_await put_durably(store, bytes));
      mine.emplace_back(std::move(record), std::move(bytes));
      const size_t pick = rng.below(mine.size());
      TP_CO_TRY(const Bytes back, co_await get(store, mine[pick].first));
      if (back != mine[pick].second) ++*wrong;
      if (rng.below(3) == 0) {
        TP_CO_TRY_VOID(co_await store->free(mine[pick].first));
        mine.erase(mine.begin() + static_cast<ptrdiff_t>(pick));
      }
    }
    for (auto& [record, bytes] : mine) TP_CO_TRY_VOID(co_await store->free(record));
    co_return ok;
  };
  auto on_both = [](rt::Runtime* runtime, BlobStore* store, decltype(churn) work, int* wrong) -> Task<int> {
    rt::TaskGroup group;
    std::vector<Result<void>> results(6, Result<void>(ok));
    auto one = [](rt::Runtime* all, BlobStore* blobs, decltype(churn) task, uint64_t seed, int* bad,
                  Result<void>* result) -> Task<void> {
      co_await rt::resume_on(all->loop(seed % 2));
      int own = 0;
      *result = co_await task(blobs, seed, &own);
      co_await rt::resume_on(all->loop(0));
      *bad += own;
      co_return ok;
    };
    for (uint64_t i = 0; i < results.size(); ++i) group.spawn(one(runtime, store, work, i, wrong, &results[i]));
    co_await group.join();
    int failed = 0;
    for (const auto& result : results) failed += !result;
    co_return failed;
  };
  int wrong = 0;
  EXPECT_EQ(runtime_.block_on(on_both(&runtime_, store_.get(), churn, &wrong)).value(), 0);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(store_->stats().live_bytes, 0u);
  EXPECT_LE(store_->segments().size(), 2u);
}

}  // namespace
}  // namespace tp::blob
