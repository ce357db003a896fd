#include "blob/archive/archive_tier.h"

#include <atomic>

#include "archive_fixture.h"

namespace tp::blob {
namespace {

class ArchiveTierTest : public ArchiveFixture {};

TEST_F(ArchiveTierTest, WhatIsPutComesBackFromAnyLoopAndTheNextStart) {
  must_open();
  std::vector<TierItem> items;
  std::vector<Bytes> datas;
  for (const size_t size : {size_t{1}, size_t{65536}, size_t{65537}, size_t{262144}, size_t{300000}, size_t{8} << 20}) {
    datas.push_back(noise(size, size));
    items.push_back(item_of(datas.size(), datas.back()));
  }
  auto records = put(items);
  ASSERT_TRUE(records) << records.error().to_string();
  ASSERT_EQ(records->size(), items.size());
  for (int start = 0; start < 2; ++start) {
    for (size_t i = 0; i < datas.size(); ++i) {
      const BlobRecord& record = (*records)[i];
      EXPECT_EQ(record.id, items[i].blob.id);
      EXPECT_EQ(record.checksums, items[i].blob.checksums);
      EXPECT_EQ(record.encoding, Encoding::kSealedFrames);
      const uint64_t middle = record.length_bytes / 2;
      EXPECT_TRUE(read(record).value() == datas[i]);
      EXPECT_TRUE(read(record, middle, record.length_bytes - middle, 1).value() == datas[i].substr(middle));
      EXPECT_TRUE(verify(record));
      EXPECT_EQ(read(record, record.length_bytes, 1).error().code, Code::kOutOfRange);
    }
    must_open();
  }
}

TEST_F(ArchiveTierTest, NothingReadableLeaves) {
  must_open();
  const Bytes text = "the quick brown fox jumps over the lazy dog ";
  ArchiveOptions raw = options();
  raw.frames.codec = Codec::kRaw;
  ASSERT_TRUE(open(std::move(raw)));
  Bytes data;
  while (data.size() < 200'000) data += text;
  const BlobRecord record = must_put(1, data);
  EXPECT_TRUE(read(record).value() == data);
  for (const auto& [name, object] : bucket_->objects) EXPECT_EQ(object->find("quick"), Bytes::npos);
  // Sealing adds 32 bytes to 256 KiB, and the pack has one small header.
  EXPECT_LT(record.stored_bytes(), data.size() + data.size() / 1000);
}

TEST_F(ArchiveTierTest, PacksAreAsLargeAsAllowedAndLossless) {
  must_open();
  std::vector<TierItem> items;
  for (uint64_t i = 0; i < 40; ++i) items.push_back(item_of(i + 1, noise(500'000, i)));
  ASSERT_TRUE(put(items));
  EXPECT_EQ(objects(), 5u);
  for (const auto& [name, object] : bucket_->objects) EXPECT_LE(object->size(), 4u << 20);
  EXPECT_EQ(tier_->stats().segments, 5u);
  EXPECT_EQ(tier_->stats().writes, 5u);
}

TEST_F(ArchiveTierTest, ARangeFetchesOnlyTheFramesItNeeds) {
  must_open();
  const Bytes data = noise(8 << 20, 1);
  const BlobRecord record = must_put(1, data);
  bucket_->requests.clear();
  for (const uint64_t frame : {20u, 3u, 29u, 11u}) {
    EXPECT_TRUE(read(record, frame * kFrameBytes + 1000, 5000).value() ==
                data.substr(frame * kFrameBytes + 1000, 5000));
  }
  ASSERT_EQ(bucket_->count("get"), 4u);
  for (const auto& request : bucket_->requests) EXPECT_LE(request.size_bytes, kFrameBytes + 64);
}

TEST_F(ArchiveTierTest, ReadingInOrderFetchesEverMoreAtOnce) {
  must_open();
  const Bytes data = noise(8 << 20, 1);
  auto records = put({item_of(1, data), item_of(2, data)});
  ASSERT_TRUE(records);
  bucket_->requests.clear();
  EXPECT_TRUE(read((*records)[0]).value() == data);
  EXPECT_LE(bucket_->count("get"), 7u);
  const uint64_t fetched = tier_->stats().bytes_read;
  EXPECT_EQ(fetched, (*records)[0].stored_bytes()) << "nothing twice, nothing in vain";
  ArchiveOptions none = options();
  none.read_ahead_frames = 0;
  ASSERT_TRUE(open(std::move(none)));
  bucket_->requests.clear();
  EXPECT_TRUE(read((*records)[0]).value() == data);
  EXPECT_EQ(bucket_->count("get"), 32u);
}

Task<void> read_into(Tier* tier, BlobRecord blob, uint64_t offset, const Bytes* data, int* good) {
  auto region = co_await tier->read(blob, offset, 1000);
  if (region && region->bytes == BytesView(*data).substr(offset, 1000)) ++*good;
  co_return ok;
}
Task<int> read_at_once(Tier* tier, BlobRecord blob, const Bytes* data, std::vector<uint64_t> offsets,
                       rt::ManualClock* clock) {
  int good = 0;
  rt::TaskGroup group;
  for (const uint64_t offset : offsets) group.spawn(read_into(tier, blob, offset, data, &good));
  while (group.running() > 0) {
    clock->advance(rt::kMillisecond);
    co_await rt::yield();
  }
  co_await group.join();
  co_return good;
}

TEST_F(ArchiveTierTest, WhoWantTheSameFrameAtTheSameTimeShareARequest) {
  must_open();
  const Bytes data = noise(2 << 20, 1);
  const BlobRecord record = must_put(1, data);
  bucket_->delay = 50 * rt::kMillisecond;
  bucket_->requests.clear();
  std::vector<uint64_t> offsets(30, 5 * kFrameBytes + 7);
  EXPECT_EQ(runtime_.block_on(read_at_once(tier_.get(), record, &data, offsets, &clock_)).value(), 30);
  EXPECT_EQ(bucket_->count("get"), 1u);
  // As a reader of objects looks ahead: pieces in order, all asked for at once, over a slow store.
  offsets.clear();
  for (uint64_t frame = 0; frame < 8; ++frame) offsets.push_back(frame * kFrameBytes);
  bucket_->requests.clear();
  EXPECT_EQ(runtime_.block_on(read_at_once(tier_.get(), record, &data, offsets, &clock_)).value(), 8);
  EXPECT_LE(bucket_->count("get"), 4u);
  EXPECT_GE(bucket_->most_at_once, 2u);
}

struct Crowd {
  Tier* tier = nullptr;
  rt::Runtime* runtime = nullptr;
  std::vector<BlobRecord> blobs;
  std::vector<Bytes> datas;
  std::atomic<int> good{0};
};

Task<void> live_on(Crowd* crowd, unsigned loop, uint64_t number) {
  rt::Loop& home = rt::Loop::current();
  co_await rt::resume_on(crowd->runtime->loop(loop));
  for (uint64_t i = 0; i < 12; ++i) {
    const size_t which = (number + i) % crowd->blobs.size();
    const uint64_t offset = (number * 7 + i * 3) % 8 * kFrameBytes;
    auto region = co_await crowd->tier->read(crowd->blobs[which], offset, 5000);
    if (region && region->bytes == BytesView(crowd->datas[which]).substr(offset, 5000)) ++crowd->good;
  }
  std::vector<TierItem> items = {item_of(1000 + number, noise(50'000, number))};
  auto put = co_await crowd->tier->put(std::move(items));
  EXPECT_TRUE(put);
  if (put) {
    auto checked = co_await crowd->tier->verify((*put)[0]);
    auto freed = co_await crowd->tier->free((*put)[0]);
    if (checked && freed) ++crowd->good;
  }
  co_await rt::resume_on(home);
  co_return ok;
}

Task<void> live_together(Crowd* crowd) {
  rt::TaskGroup group;
  for (uint64_t number = 0; number < 40; ++number) group.spawn(live_on(crowd, number % 2, number));
  co_await group.join();
  co_return ok;
}

TEST_F(ArchiveTierTest, AllLoopsReadAndWriteAtOnce) {
  must_open();
  Crowd crowd;
  crowd.tier = tier_.get();
  crowd.runtime = &runtime_;
  for (uint64_t i = 0; i < 4; ++i) {
    crowd.datas.push_back(noise(8 * kFrameBytes, i));
    crowd.blobs.push_back(must_put(i + 1, crowd.datas.back()));
  }
  EXPECT_TRUE(runtime_.block_on(live_together(&crowd)));
  EXPECT_EQ(crowd.good, 40 * 13);
  EXPECT_EQ(tier_->stats().segments, 4u);
  EXPECT_EQ(objects(), 4u);
}

TEST_F(ArchiveTierTest, BytesDamagedOnTheWayAreFetchedAgain) {
  must_open();
  const Bytes data = noise(300'000, 1);
  const BlobRecord record = must_put(1, data);
  int lies = 1;
  bucket_->lie = [&lies](const auto&, Bytes& bytes) {
    if (lies-- > 0) bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  };
  EXPECT_TRUE(read(record).value() == data);
  EXPECT_EQ(tier_->stats().checksum_failures, 1u);
  EXPECT_EQ(tier_->stats().retries, 1u);
}

TEST_F(ArchiveTierTest, AStoreThatLiesIsNeverBelieved) {
  must_open();
  const Bytes data = noise(600'000, 1);
  auto records = put({item_of(1, data), item_of(2, noise(600'000, 2))});
  ASSERT_TRUE(records);
  const BlobRecord record = (*records)[0], other = (*records)[1];
  const std::string name = name_of(record.segment);
  const auto expect_refused = [&](const char* what, Code code) {
    auto got = read(record);
    ASSERT_FALSE(got) << what;
    EXPECT_EQ(got.error().code, code) << what << ": " << got.error().to_string();
    EXPECT_FALSE(verify(record)) << what;
  };
  bucket_->lie = [](const auto&, Bytes& bytes) { bytes.back() = static_cast<char>(bytes.back() ^ 1); };
  expect_refused("a flipped bit", Code::kCorruption);
  bucket_->lie = [](const auto&, Bytes& bytes) { bytes.pop_back(); };
  expect_refused("an answer that is short", Code::kIo);
  bucket_->lie = nullptr;
  const Bytes whole = *bucket_->objects.at(name);
  change_object(name, [&](Bytes& bytes) {
    std::copy_n(whole.begin() + static_cast<long>(other.offset), 600'000,
                bytes.begin() + static_cast<long>(record.offset));
  });
  expect_refused("the bytes of another blob", Code::kCorruption);
  change_object(name, [&](Bytes& bytes) { bytes = whole.substr(0, record.offset + 100); });
  expect_refused("a pack cut short", Code::kCorruption);
  bucket_->objects.erase(name);
  expect_refused("no pack", Code::kCorruption);
  fail_all("get", Code::kPermissionDenied);
  expect_refused("rights that were taken away", Code::kUnavailable);
  fail_all("get", Code::kTimeout);
  expect_refused("a store that is away", Code::kUnavailable);
}

TEST_F(ArchiveTierTest, RecordsThatAreNotSoundAreRefused) {
  must_open();
  const BlobRecord good = must_put(1, noise(600'000, 1));
  const auto refused = [&](auto change) {
    BlobRecord bad = good;
    change(bad);
    return !read(bad, 0, 1) && !verify(bad);
  };
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.frames.pop_back(); }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.frames[0] = 0; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.frames[0] = UINT32_MAX; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.checksums.clear(); }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.length_bytes = UINT32_MAX; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.length_bytes = 0; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.offset = 0; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.offset = 1ull << 60; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.encoding = Encoding::kRaw; }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.id = BlobId(99); }));
  EXPECT_TRUE(refused([](BlobRecord& blob) { blob.segment = SegmentId(1); }));
  EXPECT_TRUE(read(good, 0, 1));
}

TEST_F(ArchiveTierTest, AnotherKeyFileReadsNothingAndAnExtendedOneAll) {
  must_open();
  const BlobRecord before = must_put(1, noise(100'000, 1));
  key_text_ = std::string(64, '2') + "\n";
  must_open();
  EXPECT_EQ(read(before).error().code, Code::kUnavailable);
  key_text_ += std::string(64, '1') + "\n";
  must_open();
  const BlobRecord after = must_put(2, noise(100'000, 2));
  EXPECT_TRUE(read(before));
  EXPECT_TRUE(read(after));
  key_text_ = std::string(64, '2');
  must_open();
  EXPECT_TRUE(read(after)) << "the first key seals";
}

TEST_F(ArchiveTierTest, OpeningTellsAtOnceWhatIsWrongAndWaitsForWhatIsAway) {
  for (const Code code : {Code::kPermissionDenied, Code::kNotFound, Code::kInvalidArgument}) {
    fail_all("list", code);
    auto opened = open(options());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code);
    EXPECT_NE(opened.error().message.find("memory://bucket"), std::string::npos);
  }
  EXPECT_TRUE(reports_.empty());
  fail_all("list", Code::kUnavailable);
  ASSERT_TRUE(open(options()));
  EXPECT_EQ(reports_.size(), 1u);
  EXPECT_FALSE(runtime_.block_on(tier_->segments())) << "no listing, no belief that nothing is there";
  bucket_->fault = nullptr;
  EXPECT_TRUE(runtime_.block_on(tier_->segments()));
  ArchiveOptions bad = options();
  bad.prefix = "/a";
  EXPECT_EQ(open(std::move(bad)).error().code, Code::kInvalidArgument);
  bad = options();
  bad.start_number = 0;
  EXPECT_EQ(open(std::move(bad)).error().code, Code::kInvalidArgument);
}

TEST_F(ArchiveTierTest, DataThatIsNotWhatItsRecordSaysIsRefused) {
  must_open();
  TierItem item = item_of(1, noise(1000, 1));
  item.blob.length_bytes = 999;
  EXPECT_EQ(put({item}).error().code, Code::kInvalidArgument);
  item.data = nullptr;
  EXPECT_EQ(put({item}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(put({}).value().size(), 0u);
  EXPECT_EQ(objects(), 0u);
}

}  // namespace
}  // namespace tp::blob
