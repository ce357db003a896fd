// What RocksDB's files may look like after a crash or on a bad disk, and what opening and reading then say.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "backend/rocksdb/log_check.h"
#include "backend/rocksdb/rocks_engine.h"
#include "unit/kv/temporary_folder.h"

namespace tp::kv {
namespace {

namespace fs = std::filesystem;
using rocks::RocksEngine;

constexpr int kRecords = 50;
Bytes value_of(int i) { return Bytes(3000, static_cast<char>('a' + i % 26)); }

Result<std::unique_ptr<KvEngine>> open(const std::string& path) {
  return RocksEngine::open({.path = path, .block_cache_bytes = 8 << 20});
}

void put(KvEngine& engine, Space space, Bytes key, Bytes value) {
  const Write write{space, std::move(key), std::move(value)};
  ASSERT_TRUE(engine.write({&write, 1}, Durability::kSync));
}

Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}
void write_file(const fs::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<fs::path> files_with(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension && entry.file_size() != 0) found.push_back(entry.path());
  }
  return found;
}

// Files may go while they are copied.
void copy_living(const std::string& from, const std::string& to) {
  for (const auto& entry : fs::directory_iterator(from)) {
    std::error_code gone;
    fs::copy(entry.path(), fs::path(to) / entry.path().filename(), gone);
  }
}

// A store that was killed after kRecords synced writes, and its log.
class CrashedStore : public testing::Test {
 protected:
  CrashedStore() {
    auto engine = std::move(*open(living_.path()));
    for (int i = 0; i < kRecords; ++i) {
      if (i == kRecords - 1) before_last_ = fs::file_size(files_with(living_.path(), ".log").at(0));
      put(*engine, Space::kNames, std::to_string(i), value_of(i));
    }
    fs::copy(living_.path(), image_.path(), fs::copy_options::recursive);
    fs::copy(image_.path(), crashed_.path(), fs::copy_options::recursive);
    log_ = files_with(crashed_.path(), ".log").at(0);
    whole_ = read_file(log_);
  }
  // How many of the records are there, and that they are the first ones.
  int survivors() {
    auto engine = open(crashed_.path());
    EXPECT_TRUE(engine) << engine.error().to_string();
    if (!engine) return -1;
    int count = 0;
    for (int i = 0; i < kRecords; ++i) {
      const auto value = (*engine)->get(Space::kNames, std::to_string(i)).value();
      if (!value) continue;
      EXPECT_EQ(*value, value_of(i));
      EXPECT_EQ(count, i);
      ++count;
    }
    return count;
  }
  // The store as it was at the crash, with another log.
  void reset(const Bytes& log) {
    fs::remove_all(crashed_.path());
    fs::copy(image_.path(), crashed_.path(), fs::copy_options::recursive);
    write_file(log_, log);
  }

  TemporaryFolder living_, image_, crashed_;
  fs::path log_;
  Bytes whole_;
  size_t before_last_ = 0;
};

TEST_F(CrashedStore, ReopensWithEverythingAcknowledged) { EXPECT_EQ(survivors(), kRecords); }

TEST_F(CrashedStore, ATornLastRecordIsCutOff) {
  for (const size_t size : {whole_.size() - 1, (before_last_ + whole_.size()) / 2, before_last_ + 7, before_last_ + 3,
                            before_last_}) {
    SCOPED_TRACE(size);
    reset(whole_.substr(0, size));
    EXPECT_EQ(survivors(), kRecords - 1);
    EXPECT_EQ(survivors(), kRecords - 1);
  }
}

TEST_F(CrashedStore, ALastRecordOfZerosOrRubbishIsCutOff) {
  for (const char fill : {'\0', 'Q'}) {
    for (const size_t from : {before_last_, before_last_ + 3, before_last_ + 7, before_last_ + 500}) {
      SCOPED_TRACE(from);
      Bytes log = whole_;
      std::fill(log.begin() + static_cast<ptrdiff_t>(from), log.end(), fill);
      reset(log);
      EXPECT_EQ(survivors(), kRecords - 1);
    }
  }
}

TEST_F(CrashedStore, ACutLogIsWhole) {
  for (const size_t size : {whole_.size() - 1, before_last_ + 3, size_t{40'000}, size_t{32768 + 3}, size_t{5}}) {
    SCOPED_TRACE(size);
    reset(whole_.substr(0, size));
    const auto torn = rocks::check_logs(crashed_.path()).value();
    ASSERT_TRUE(torn);
    EXPECT_EQ(torn->path, log_.string());
    EXPECT_LE(torn->whole_bytes, size);
    ASSERT_TRUE(rocks::cut_tail(*torn));
    EXPECT_FALSE(rocks::check_logs(crashed_.path()).value());
    EXPECT_EQ(read_file(log_), whole_.substr(0, torn->whole_bytes));
  }
}

// RocksDB removes a log some time after the next one has begun.
TEST_F(CrashedStore, ACutLogBesideItsSuccessorIsNoDamage) {
  reset(whole_.substr(0, whole_.size() - 10));
  ASSERT_TRUE(rocks::cut_tail(*rocks::check_logs(crashed_.path()).value()));
  const Bytes cut = read_file(log_);
  TemporaryFolder again;
  {
    auto engine = std::move(*open(crashed_.path()));
    put(*engine, Space::kNames, "after", "x");
    copy_living(crashed_.path(), again.path());
  }
  write_file(fs::path(again.path()) / log_.filename(), cut);
  auto engine = open(again.path());
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_EQ((*engine)->get(Space::kNames, "after").value(), "x");
}

TEST_F(CrashedStore, WritesAfterATornTailSurviveTheNextCrash) {
  reset(whole_.substr(0, whole_.size() - 10));
  TemporaryFolder again;
  {
    auto engine = std::move(*open(crashed_.path()));
    put(*engine, Space::kNames, "after", "x");
    copy_living(crashed_.path(), again.path());
  }
  auto engine = open(again.path());
  ASSERT_TRUE(engine) << engine.error().to_string();
  EXPECT_EQ((*engine)->get(Space::kNames, "after").value(), "x");
  EXPECT_EQ((*engine)->get(Space::kNames, "0").value(), value_of(0));
}

TEST_F(CrashedStore, DamageBeforeTheLastRecordIsRefusedAndNamed) {
  for (size_t at = 0; at < before_last_; at += 997) {
    SCOPED_TRACE(at);
    Bytes log = whole_;
    log[at] = static_cast<char>(log[at] ^ 0x10);
    reset(log);
    const auto engine = open(crashed_.path());
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().code, Code::kCorruption);
    EXPECT_NE(engine.error().message.find(log_.filename().string()), std::string::npos);
  }
}

TEST_F(CrashedStore, DamageOfAnyHeaderByteIsRefused) {
  // The header of the first record, and one in a later block, where the length decides what is read next.
  for (const size_t header : {size_t{0}, size_t{32768}}) {
    for (size_t byte = 0; byte < 7; ++byte) {
      SCOPED_TRACE(header + byte);
      Bytes log = whole_;
      log[header + byte] = static_cast<char>(log[header + byte] ^ 0x41);
      reset(log);
      const auto state = rocks::check_logs(crashed_.path());
      ASSERT_FALSE(state);
      EXPECT_EQ(state.error().code, Code::kCorruption);
    }
  }
}

TEST_F(CrashedStore, AHoleOfWholeBlocksIsRefused) {
  Bytes log = whole_;
  std::fill(log.begin() + 32768, log.begin() + 65536, '\0');
  reset(log);
  EXPECT_EQ(open(crashed_.path()).error().code, Code::kCorruption);
}

TEST(RocksEngine, AFolderWithoutLogsIsWhole) {
  const TemporaryFolder folder;
  EXPECT_FALSE(rocks::check_logs(folder.path()).value());
  EXPECT_FALSE(rocks::check_logs(folder.path() + "/absent").value());
}

TEST(RocksEngine, ASecondOpenIsToldThatTheStoreIsInUse) {
  const TemporaryFolder folder;
  const auto first = open(folder.path());
  ASSERT_TRUE(first);
  const auto second = open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos);
}

TEST(RocksEngine, APathThatCannotBeAFolderIsAnError) {
  const TemporaryFolder folder;
  write_file(folder.path() + "/file", "x");
  EXPECT_FALSE(open(folder.path() + "/file"));
  EXPECT_FALSE(open(folder.path() + "/file/below"));
}

TEST(RocksEngine, CachedReadsNeverTouchTheDisk) {
  const TemporaryFolder folder;
  const Bytes small(3000, 's');
  {
    auto engine = std::move(*open(folder.path()));
    for (int i = 0; i < 1000; ++i) put(*engine, Space::kNames, std::to_string(i), "value");
    put(*engine, Space::kData, "small", small);
    EXPECT_EQ(engine->get(Space::kData, "small", nullptr, ReadMode::kCachedOnly).value(), small);
  }
  // The first open moves the log's records into files, the second starts with a cold cache.
  ASSERT_TRUE(open(folder.path()));
  auto engine = std::move(*open(folder.path()));
  EXPECT_EQ(engine->get(Space::kNames, "7", nullptr, ReadMode::kCachedOnly).error().code, Code::kWouldBlock);
  EXPECT_EQ(engine->get(Space::kData, "small", nullptr, ReadMode::kCachedOnly).error().code, Code::kWouldBlock);
  {
    const auto iterator = engine->iterate(Space::kNames, {.mode = ReadMode::kCachedOnly});
    iterator->seek("7");
    EXPECT_FALSE(iterator->valid());
    ASSERT_FALSE(iterator->status());
    EXPECT_EQ(iterator->status().error().code, Code::kWouldBlock);
  }
  EXPECT_EQ(engine->get(Space::kNames, "7").value(), "value");
  EXPECT_EQ(engine->get(Space::kData, "small").value(), small);
  EXPECT_EQ(engine->get(Space::kNames, "7", nullptr, ReadMode::kCachedOnly).value(), "value");
  EXPECT_EQ(engine->get(Space::kData, "small", nullptr, ReadMode::kCachedOnly).value(), small);
  const auto iterator = engine->iterate(Space::kNames, {.mode = ReadMode::kCachedOnly});
  iterator->seek("7");
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "7");
}

// Flips a byte in the middle of every file of a kind.
void damage(const std::string& folder, const std::string& extension) {
  const auto files = files_with(folder, extension);
  ASSERT_FALSE(files.empty());
  for (const fs::path& path : files) {
    Bytes bytes = read_file(path);
    const size_t at = bytes.size() / 3;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x01);
    write_file(path, bytes);
  }
}

TEST(RocksEngine, DamagedTablesAndBlobFilesAreFound) {
  for (const char* extension : {".sst", ".blob"}) {
    SCOPED_TRACE(extension);
    const TemporaryFolder folder;
    {
      auto engine = std::move(*open(folder.path()));
      for (int i = 0; i < 100; ++i) {
        put(*engine, Space::kNames, std::to_string(i), value_of(i));
        put(*engine, Space::kData, std::to_string(i), value_of(i));
      }
    }
    ASSERT_TRUE(open(folder.path()));
    {
      auto engine = std::move(*open(folder.path()));
      ASSERT_TRUE(engine->verify());
    }
    damage(folder.path(), extension);
    auto engine = open(folder.path());
    if (!engine) {
      EXPECT_EQ(engine.error().code, Code::kCorruption);
      continue;
    }
    const auto verified = (*engine)->verify();
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, Code::kCorruption);
    int wrong = 0;
    for (int i = 0; i < 100; ++i) {
      for (const Space space : {Space::kNames, Space::kData}) {
        const auto value = (*engine)->get(space, std::to_string(i));
        if (value) EXPECT_EQ(*value, value_of(i));
        if (!value) EXPECT_EQ(value.error().code, Code::kCorruption);
        wrong += !value;
      }
    }
    EXPECT_GT(wrong, 0);
  }
}

}  // namespace
}  // namespace tp::kv
