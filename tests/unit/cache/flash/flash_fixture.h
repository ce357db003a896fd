// FlashFixture: a flash log over a disk in memory, and what its tests say of records.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/memory/memory_file_system.h"
#include "cache/flash/flash_log.h"
#include "cache/flash/segment_format.h"
#include "rt/runtime.h"

namespace tp::cache {

inline constexpr rt::Nanos kNever = 3600 * rt::kSecond;

inline Bytes flash_pattern(size_t size, uint64_t seed) {
  Bytes bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

/// A record as a test remembers it.
struct Put {
  RecordKind kind = RecordKind::kEntry;
  uint64_t sequence = 0;
  Bytes space = Bytes(kSpaceKeyBytes, 's');
  Bytes key;
  Bytes value;
  uint8_t type = 0;
  bool pinned = false;
  int64_t expires_ms = 0;
  uint32_t tokens = 0, first_token = 0;
  uint64_t parent_hash = 0;
  FlashPlace place;

  RecordHead head() const {
    RecordHead head;
    head.kind = kind;
    head.type = type;
    head.pinned = pinned;
    head.sequence = sequence;
    head.space = space;
    head.key = key;
    head.expires_ms = expires_ms;
    head.tokens = tokens;
    head.first_token = first_token;
    head.parent_hash = parent_hash;
    head.value_bytes = static_cast<uint32_t>(value.size());
    return head;
  }
};

inline Put entry(uint64_t sequence, size_t size) {
  Put put;
  put.sequence = sequence;
  put.key = "key" + std::to_string(sequence);
  put.value = flash_pattern(size, sequence);
  return put;
}

/// What recovery told, by sequence (tests give each record its own).
struct Found {
  Put put;  // without its value
  uint32_t value_bytes = 0;
};
using FoundMap = std::map<uint64_t, Found>;

inline Found found_of(const RecordHead& head, FlashPlace place) {
  Found found;
  found.put = Put{head.kind,       head.sequence, Bytes(head.space), Bytes(head.key),  {},   head.type, head.pinned,
                  head.expires_ms, head.tokens,   head.first_token,  head.parent_hash, place};
  found.value_bytes = head.value_bytes;
  return found;
}

inline Task<FlashPlace> append_to(FlashLog* log, const Put* put) {
  RecordHead head = put->head();
  return log->append(head, put->kind == RecordKind::kEntry ? Value::copy_of(put->value) : Value());
}

class FlashFixture : public testing::Test {
 protected:
  FlashFixture() : files_(std::make_unique<memory::MemoryFileSystem>()), runtime_({.loops = 2, .clock = &clock_}) {}
  ~FlashFixture() override { close(); }

  Result<void> open() {
    found_.clear();
    FlashLog::Options options;
    options.files = files_.get();
    options.clock = &clock_;
    options.directory = "cache";
    options.capacity_bytes = capacity_bytes_;
    options.segment_bytes = segment_bytes_;
    options.run_bytes = run_bytes_;
    options.flush_interval = flush_interval_;
    options.lost = [this](const RecordHead& head, FlashPlace place) { lost_.push_back(found_of(head, place)); };
    const FlashLog::Recovered recovered = [this](const RecordHead& head, FlashPlace place) {
      EXPECT_TRUE(found_.emplace(head.sequence, found_of(head, place)).second) << "twice: " << head.sequence;
      return true;
    };
    TP_TRY(log_, runtime_.block_on(FlashLog::open(std::move(options), recovered)));
    return ok;
  }
  Result<void> close() {
    Result<void> closed = ok;
    if (log_ != nullptr) closed = runtime_.block_on(log_->close());
    log_.reset();
    return closed;
  }
  void reopen() {
    EXPECT_TRUE(close());
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().to_string();
  }
  Result<void> append(Put& put) {
    TP_TRY(put.place, runtime_.block_on(append_to(log_.get(), &put)));
    return ok;
  }
  Result<Value> read(const Put& put, unsigned loop = 0) {
    return runtime_.block_on(log_->read(put.place, put.space, put.key, static_cast<uint32_t>(put.value.size())), loop);
  }
  Result<void> flush() { return runtime_.block_on(log_->flush()); }
  void expect_value(const Put& put, unsigned loop = 0) {
    const auto value = read(put, loop);
    ASSERT_TRUE(value) << put.sequence << ": " << value.error().to_string();
    EXPECT_TRUE(value->view() == put.value) << put.sequence;
  }
  /// Whether recovery found the record as it was put, at the same place.
  void expect_found(const Put& put) {
    const auto at = found_.find(put.sequence);
    ASSERT_NE(at, found_.end()) << put.sequence;
    const Put& got = at->second.put;
    EXPECT_EQ(got.kind, put.kind);
    EXPECT_EQ(got.key, put.key);
    EXPECT_EQ(got.space, put.space);
    EXPECT_EQ(got.type, put.type);
    EXPECT_EQ(got.pinned, put.pinned);
    EXPECT_EQ(got.expires_ms, put.expires_ms);
    EXPECT_EQ(got.tokens, put.tokens);
    EXPECT_EQ(got.first_token, put.first_token);
    EXPECT_EQ(got.parent_hash, put.parent_hash);
    EXPECT_EQ(got.place, put.place);
    EXPECT_EQ(at->second.value_bytes, put.value.size());
  }
  std::vector<std::string> names() { return *runtime_.block_on(files_->list("cache")); }

  rt::ManualClock clock_;
  std::unique_ptr<memory::MemoryFileSystem> files_;
  rt::Runtime runtime_;
  std::unique_ptr<FlashLog> log_;
  FoundMap found_;
  std::vector<Found> lost_;
  uint64_t capacity_bytes_ = 64 << 20;
  uint32_t segment_bytes_ = 256 << 10;
  uint32_t run_bytes_ = 64 << 10;
  rt::Nanos flush_interval_ = kNever;
};

}  // namespace tp::cache
