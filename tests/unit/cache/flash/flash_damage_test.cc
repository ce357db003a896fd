// Bits turn anywhere in a segment file: what is read is right or is nothing.
#include "flash_fixture.h"

namespace tp::cache {
namespace {

Task<void> install(io::FileSystem* files, std::string name, Bytes bytes) {
  TP_CO_TRY_VOID(co_await files->make_directory("cache"));
  TP_CO_TRY(auto file, co_await files->open(name, io::OpenMode::kCreate, io::Caching::kBuffered));
  co_return co_await file->write_at(0, bytes);
}

class FlashDamageTest : public FlashFixture {
 protected:
  FlashDamageTest() { segment_bytes_ = 64 << 10; }

  /// Puts records into one segment and takes its bytes.
  Bytes make_segment(bool sealed) {
    EXPECT_TRUE(open());
    const size_t sizes[] = {0, 10, 300, 5000, 64, 20'000};
    for (const size_t size : sizes) puts_.push_back(entry(puts_.size() + 1, size));
    puts_.push_back(entry(puts_.size() + 1, 0));
    puts_.back().kind = RecordKind::kErase;
    for (Put& put : puts_) EXPECT_TRUE(append(put));
    name_ = "cache/" + segment_file_name(puts_[0].place.segment);
    Bytes bytes;
    if (sealed) {
      EXPECT_TRUE(close());
      bytes = files_->peek(name_, 0, segment_bytes_);
    } else {
      EXPECT_TRUE(flush());
      bytes = files_->peek(name_, 0, segment_bytes_);
      EXPECT_TRUE(close());
    }
    EXPECT_EQ(bytes.size(), segment_bytes_);
    return bytes;
  }

  /// Starts over these bytes: whatever recovery believes is what was put, or a read finds that it is not. How many
  /// records can be read.
  size_t whole_after(const Bytes& bytes) {
    files_ = std::make_unique<memory::MemoryFileSystem>();
    EXPECT_TRUE(runtime_.block_on(install(files_.get(), name_, bytes)));
    const auto opened = open();
    EXPECT_TRUE(opened) << opened.error().to_string();
    size_t whole = 0;
    for (const auto& [sequence, found] : found_) {
      EXPECT_TRUE(sequence >= 1 && sequence <= puts_.size());
      const Put& put = puts_[sequence - 1];
      expect_found(put);
      if (put.kind != RecordKind::kEntry) continue;
      const auto value = read(put);
      EXPECT_TRUE(value ? value->view() == put.value : value.error().code == Code::kCorruption);
      if (value) ++whole;
    }
    for (const FlashLog::SegmentInfo& info : log_->segments()) {
      auto each = [](const RecordHead&, FlashPlace) {};
      EXPECT_TRUE(runtime_.block_on(log_->for_each_record(info.number, each)));
    }
    EXPECT_TRUE(close());
    return whole;
  }

  std::vector<Put> puts_;
  std::string name_;
};

TEST_F(FlashDamageTest, AFlippedBitInASealedSegmentCostsAtMostItsRecord) {
  const Bytes bytes = make_segment(true);
  ASSERT_EQ(whole_after(bytes), 6u);
  for (size_t at = 0; at < bytes.size(); at += at < 6000 || at > 40'000 ? 37 : 211) {
    Bytes damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    EXPECT_GE(whole_after(damaged), 5u) << at;
  }
}

TEST_F(FlashDamageTest, AFlippedBitInAnUnsealedSegmentNeverGivesWrongBytes) {
  const Bytes bytes = make_segment(false);
  ASSERT_EQ(whole_after(bytes), 6u);
  for (size_t at = 0; at < bytes.size(); at += at < 6000 ? 37 : 211) {
    Bytes damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    whole_after(damaged);
  }
}

TEST_F(FlashDamageTest, ACutFileGivesWhatIsWhole) {
  for (const bool sealed : {true, false}) {
    puts_.clear();
    files_ = std::make_unique<memory::MemoryFileSystem>();
    const Bytes bytes = make_segment(sealed);
    for (size_t size = 0; size < bytes.size(); size += size < 40'000 ? 509 : 4096) {
      const size_t whole = whole_after(bytes.substr(0, size));
      if (size >= 36'864) EXPECT_EQ(whole, 6u) << size;  // all records and their padding are there
    }
  }
}

TEST_F(FlashDamageTest, ValuesThatLookLikeRecordsAreNotTakenForSome) {
  // A value full of heads that are right for the places where they lie, behind a head that is damaged.
  ASSERT_TRUE(open());
  Put bait = entry(1, 8192);
  Put forged = entry(66, 0);
  forged.key = "x";
  const uint64_t value_at = kSegmentBlockBytes + kRecordHeadBytes + 5;
  bait.key = "bait!";
  Bytes value;
  for (uint64_t at = value_at; at < value_at + 8192;) {
    if (at % kFlashUnit != 0 || value_at + 8192 - at < 128) {
      value.push_back('\0');
      ++at;
      continue;
    }
    forged.sequence++;
    append_record_head({1, static_cast<uint32_t>(at / kFlashUnit)}, forged.head(), 0, value);
    at = value_at + value.size();
  }
  bait.value = value;
  ASSERT_TRUE(append(bait));
  ASSERT_EQ(bait.place, (FlashPlace{1, 64}));
  ASSERT_TRUE(flush());
  const std::string name = "cache/" + segment_file_name(1);
  const Bytes bytes = files_->peek(name, 0, segment_bytes_);
  ASSERT_TRUE(close());
  for (size_t at = kSegmentBlockBytes; at < kSegmentBlockBytes + kRecordHeadBytes; ++at) {
    Bytes damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    files_ = std::make_unique<memory::MemoryFileSystem>();
    ASSERT_TRUE(runtime_.block_on(install(files_.get(), name, damaged)));
    ASSERT_TRUE(open());
    EXPECT_TRUE(found_.empty()) << at;
    ASSERT_TRUE(close());
  }
}

}  // namespace
}  // namespace tp::cache
