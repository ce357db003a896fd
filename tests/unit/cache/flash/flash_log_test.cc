// What is appended is read back, before and after it is written, and after a restart.
#include "base/hash/crc.h"
#include "flash_fixture.h"
#include "rt/await.h"

namespace tp::cache {
namespace {

class FlashLogTest : public FlashFixture {};

Task<void> one_turn() {
  co_await rt::yield();
  co_return ok;
}

TEST_F(FlashLogTest, ValuesOfEverySizeAreReadBackBeforeAndAfterWritingAndAfterARestart) {
  ASSERT_TRUE(open());
  std::vector<Put> puts;
  const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 65536, 200'000, 1 << 20, (5 << 20) + 3, 7};
  for (const size_t size : sizes) puts.push_back(entry(puts.size() + 1, size));
  for (Put& put : puts) {
    ASSERT_TRUE(append(put));
    expect_value(put);
  }
  EXPECT_EQ(log_->read_now(puts.back().place).view(), puts.back().value);
  ASSERT_TRUE(flush());
  EXPECT_FALSE(log_->read_now(puts.back().place));
  for (const Put& put : puts) expect_value(put, 1);
  reopen();
  EXPECT_EQ(found_.size(), puts.size());
  for (const Put& put : puts) {
    expect_found(put);
    expect_value(put, put.sequence % 2);
  }
  EXPECT_EQ(log_->stats().corrupt_records, 0u);
  EXPECT_TRUE(lost_.empty());
}

TEST_F(FlashLogTest, EveryFieldAndKindOfRecordIsRecovered) {
  ASSERT_TRUE(open());
  std::vector<Put> puts;
  puts.push_back(entry(900, 100));
  puts.back().type = 2;
  puts.back().pinned = true;
  puts.back().expires_ms = 1'800'000'000'123;
  puts.back().tokens = 16;
  puts.back().first_token = 4096;
  puts.back().parent_hash = 0xfedcba9876543210;
  puts.push_back(entry(901, 10));
  puts.back().key = Bytes(1024, 'k');
  puts.back().space = Bytes(kSpaceKeyBytes, '\xff');
  for (const RecordKind kind : {RecordKind::kErase, RecordKind::kTouch, RecordKind::kClearSpace}) {
    Put put;
    put.kind = kind;
    put.sequence = 902 + static_cast<uint64_t>(kind);
    if (kind != RecordKind::kClearSpace) put.key = "gone";
    if (kind == RecordKind::kTouch) put.expires_ms = 5;
    puts.push_back(put);
  }
  for (Put& put : puts) ASSERT_TRUE(append(put));
  reopen();  // from the table
  EXPECT_EQ(found_.size(), puts.size());
  for (const Put& put : puts) expect_found(put);
  const auto infos = log_->segments();
  ASSERT_EQ(infos.size(), 1u);
  EXPECT_TRUE(infos[0].sealed);
  EXPECT_EQ(infos[0].lowest_sequence, 900u);
  EXPECT_EQ(infos[0].highest_sequence, 906u);
  FoundMap listed;
  auto each = [&](const RecordHead& head, FlashPlace place) { listed.emplace(head.sequence, found_of(head, place)); };
  ASSERT_TRUE(runtime_.block_on(log_->for_each_record(infos[0].number, each)));
  EXPECT_EQ(listed.size(), puts.size());
  EXPECT_EQ(listed.at(901).put.key, puts[1].key);
}

TEST_F(FlashLogTest, RecordsThatMakeNoSenseAreRefused) {
  ASSERT_TRUE(open());
  Put long_key = entry(1, 1);
  long_key.key = Bytes(1025, 'k');
  Put no_key = entry(2, 1);
  no_key.key.clear();
  Put bad_space = entry(3, 1);
  bad_space.space = "short";
  Put clear_with_key = entry(4, 0);
  clear_with_key.kind = RecordKind::kClearSpace;
  for (Put* put : {&long_key, &no_key, &bad_space, &clear_with_key}) {
    const auto done = append(*put);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::kInvalidArgument);
  }
}

TEST_F(FlashLogTest, AReadGivesNothingButTheEntryItAsksFor) {
  ASSERT_TRUE(open());
  Put first = entry(1, 5000);
  Put second = entry(2, 5000);
  ASSERT_TRUE(append(first));
  ASSERT_TRUE(append(second));
  for (int round = 0; round < 2; ++round) {
    Put other_key = first;
    other_key.key = "kez1";
    Put other_space = first;
    other_space.space[3] = 'x';
    Put other_size = first;
    other_size.value.resize(4999);
    Put inside = first;
    inside.place.unit += 1;
    Put behind = first;
    behind.place.unit = 1 << 30;
    Put swapped = first;
    swapped.place = second.place;
    for (const Put& wrong : {other_key, other_space, other_size, inside, behind, swapped}) {
      const auto value = read(wrong);
      ASSERT_FALSE(value);
      EXPECT_EQ(value.error().code, Code::kCorruption);
    }
    Put nowhere = first;
    nowhere.place.segment = 77;
    EXPECT_EQ(read(nowhere).error().code, Code::kNotFound);
    ASSERT_TRUE(flush());  // once more from the disk
  }
}

TEST_F(FlashLogTest, SegmentsFillUpAndDroppedOnesMakeRoom) {
  capacity_bytes_ = 1 << 20;  // four segments
  ASSERT_TRUE(open());
  std::vector<Put> puts;
  while (log_->room(20'000)) {
    puts.push_back(entry(puts.size() + 1, 20'000));
    ASSERT_TRUE(append(puts.back()));
    ASSERT_LT(puts.size(), 100u);
  }
  EXPECT_GT(puts.size(), 40u);
  Put more = entry(1000, 20'000);
  EXPECT_EQ(append(more).error().code, Code::kNoSpace);
  Put huge = entry(1001, 4 << 20);
  EXPECT_EQ(append(huge).error().code, Code::kNoSpace);
  ASSERT_TRUE(flush());
  const uint32_t oldest = log_->segments().front().number;
  ASSERT_TRUE(runtime_.block_on(log_->drop(oldest)));
  EXPECT_EQ(read(puts.front()).error().code, Code::kNotFound);
  EXPECT_TRUE(log_->room(20'000));
  ASSERT_TRUE(append(more));
  EXPECT_NE(more.place.segment, oldest);
  reopen();
  EXPECT_FALSE(found_.contains(1));
  EXPECT_LE(log_->stats().bytes, capacity_bytes_);
  for (const Put& put : puts) {
    if (put.place.segment != oldest) expect_value(put);
  }
  expect_value(more);
}

Task<void> make_file(io::FileSystem* files, std::string name, Bytes bytes) {
  TP_CO_TRY(auto file, co_await files->open("cache/" + name, io::OpenMode::kCreate, io::Caching::kBuffered));
  co_return co_await file->write_at(0, bytes);
}

Task<void> drop_beside_a_read(FlashLog* log, const Put* put, Result<Value>* out) {
  struct Reader {
    static Task<void> run(FlashLog* log, const Put* put, Result<Value>* out) {
      *out = co_await log->read(put->place, put->space, put->key, static_cast<uint32_t>(put->value.size()));
      co_return ok;
    }
  };
  rt::TaskGroup group;
  group.spawn(Reader::run(log, put, out));
  auto dropped = co_await log->drop(put->place.segment);
  co_await group.join();
  co_return dropped;
}

TEST_F(FlashLogTest, AReadUnderWayOutlivesItsSegment) {
  for (const size_t size : {size_t{100}, size_t{9} << 20}) {
    ASSERT_TRUE(open());
    Put put = entry(1, size);
    ASSERT_TRUE(append(put));
    reopen();  // seals
    Result<Value> value = fail(Code::kInternal, "not read");
    ASSERT_TRUE(runtime_.block_on(drop_beside_a_read(log_.get(), &put, &value)));
    ASSERT_TRUE(value) << value.error().to_string();
    EXPECT_TRUE(value->view() == put.value);
    EXPECT_EQ(read(put).error().code, Code::kNotFound);
    EXPECT_TRUE(names().empty());
    ASSERT_TRUE(close());
  }
}

TEST_F(FlashLogTest, TheFlushIntervalMakesRecordsStable) {
  flush_interval_ = 500 * rt::kMillisecond;
  ASSERT_TRUE(open());
  Put put = entry(1, 100);
  ASSERT_TRUE(append(put));
  const uint64_t before = files_->file_syncs();
  clock_.advance(400 * rt::kMillisecond);
  ASSERT_TRUE(runtime_.block_on(one_turn()));
  EXPECT_EQ(files_->file_syncs(), before);
  clock_.advance(101 * rt::kMillisecond);
  while (log_->read_now(put.place) || files_->file_syncs() == before) std::this_thread::yield();
  (void)close();
  files_->crash(1);
  ASSERT_TRUE(open());
  expect_found(put);
  expect_value(put);
}

TEST_F(FlashLogTest, OtherFilesAreLeftAloneAndEmptySegmentsGo) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(close());
  for (const char* name :
       {"seg-1.tpc", "seg-0000000000.tpc", "seg-9999999999.tpc", "notes", "seg-0000000003.tpc.old"}) {
    ASSERT_TRUE(runtime_.block_on(make_file(files_.get(), name, "not ours")));
  }
  ASSERT_TRUE(runtime_.block_on(make_file(files_.get(), "seg-0000000005.tpc", Bytes(9000, 'x'))));
  ASSERT_TRUE(runtime_.block_on(make_file(files_.get(), "seg-0000000006.tpc", "")));
  ASSERT_TRUE(open());
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(names().size(), 5u);
  Put put = entry(1, 10);
  ASSERT_TRUE(append(put));
  EXPECT_EQ(put.place.segment, 7u);
}

TEST_F(FlashLogTest, ASegmentOfALaterVersionIsRefusedAndKept) {
  ASSERT_TRUE(open());
  Put put = entry(1, 10);
  ASSERT_TRUE(append(put));
  ASSERT_TRUE(close());
  const std::string name = "cache/" + segment_file_name(put.place.segment);
  Bytes block = files_->peek(name, 0, kSegmentBlockBytes);
  block[11] = 9;
  put_be<uint32_t>(block.data() + kSegmentBlockBytes - 4, crc32c(0, BytesView(block).substr(0, 4092)));
  ASSERT_TRUE(files_->overwrite(name, 0, block));
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kNotImplemented);
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(FlashLogTest, TheEngineMayStopARecovery) {
  ASSERT_TRUE(open());
  for (uint64_t i = 1; i <= 10; ++i) {
    Put put = entry(i, 10);
    ASSERT_TRUE(append(put));
  }
  ASSERT_TRUE(close());
  FlashLog::Options options;
  options.files = files_.get();
  options.clock = &clock_;
  options.directory = "cache";
  int seen = 0;
  const FlashLog::Recovered stop = [&seen](const RecordHead&, FlashPlace) { return ++seen < 3; };
  const auto opened = runtime_.block_on(FlashLog::open(options, stop));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCancelled);
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace tp::cache
