// EngineFixture: cache volumes over a disk in memory under a manual clock, stepped by hand, to be closed, crashed and
// opened again. Owner: a test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "backend/memory/memory_file_system.h"
#include "cache/engine/engine.h"
#include "cache/token_cache.h"
#include "rt/env/rng.h"

namespace tp::cache {

/// The same bytes for the same seed.
inline Value make_value(uint64_t seed, size_t size) {
  Value value = Value::allocate(size);
  rt::Rng rng(seed);
  MutableBytes out = value.fill();
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    const uint64_t word = rng.next();
    std::memcpy(out.data() + i, &word, std::min(sizeof word, size - i));
  }
  return value;
}

class EngineFixture : public testing::Test {
 protected:
  explicit EngineFixture(unsigned loops = 1)
      : runtime_({.loops = loops, .blocking_threads = 1, .clock = &clock_}) {
    settings_.dram_bytes = 16 << 20;
    settings_.policy = "lru";
  }
  ~EngineFixture() override { close(); }

  void open() {
    TokenCache::Options options;
    options.runtime = &runtime_;
    options.files = &files_;
    options.background = false;
    auto cache = run(TokenCache::open(options));
    ASSERT_TRUE(cache) << cache.error().to_string();
    cache_ = std::move(*cache);
    auto volume = run(cache_->open_volume(VolumeId(7), "kv", settings_));
    ASSERT_TRUE(volume) << volume.error().to_string();
    volume_ = std::static_pointer_cast<CacheEngine>(*volume);
    space_ = open_space("llama", "alice");
  }
  void close() {
    if (cache_) {
      const auto closed = run(cache_->close());
      EXPECT_TRUE(closed) << closed.error().to_string();
    }
    volume_.reset();
    cache_.reset();
    space_ = nullptr;
  }
  /// The power goes; what runs meets a disk that is gone. Then open again.
  void crash(uint64_t seed) {
    memory::FaultPlan gone;
    gone.fail_at = 1;
    gone.and_all_after = true;
    files_.set_plan(gone);
    (void)run(cache_->close());
    volume_.reset();
    cache_.reset();
    files_.crash(seed);
    files_.set_plan({});
    open();
  }
  void reopen() {
    close();
    open();
  }

  template <class T>
  Result<T> run(Task<T> task, unsigned loop = 0) {
    return runtime_.block_on(std::move(task), loop);
  }
  Space* open_space(const std::string& model, const std::string& tenant) {
    Identity identity;
    identity.model = model;
    const auto space = volume_->space(identity, tenant);
    EXPECT_TRUE(space);
    return space ? *space : nullptr;
  }
  Result<void> put(Space* space, BytesView key, Value value, const PutOptions& options = {}) {
    const auto section = volume_->write_section(*space, {&key, 1});
    return section->put(key, std::move(value), options);
  }
  Result<void> put(BytesView key, BytesView value, const PutOptions& options = {}) {
    return put(space_, key, Value::copy_of(value), options);
  }
  bool erase(BytesView key) { return volume_->write_section(*space_, {&key, 1})->erase(key); }
  bool expire(BytesView key, int64_t at_ms) {
    return volume_->write_section(*space_, {&key, 1})->set_expiry(key, at_ms);
  }
  bool pin(BytesView key, bool pinned = true) {
    return volume_->write_section(*space_, {&key, 1})->set_pinned(key, pinned);
  }
  std::optional<EntryView> find(BytesView key) { return volume_->read_section(*space_, {&key, 1})->find(key); }
  /// The value, from whatever tier; nothing if it is not there.
  std::optional<Bytes> get(Space* space, BytesView key) {
    auto found = volume_->get_now(*space, key);
    if (!found && found.error().code == Code::kWouldBlock) found = run(volume_->get(*space, Bytes(key)));
    if (!found) return std::nullopt;
    return Bytes(found->value.view());
  }
  std::optional<Bytes> get(BytesView key) { return get(space_, key); }
  int64_t now_ms() const { return clock_.wall_now() / rt::kMillisecond; }
  LedgerCounts ledger(const std::string& tenant = "alice") { return volume_->ledger()[tenant]; }

  rt::ManualClock clock_;
  memory::MemoryFileSystem files_;
  rt::Runtime runtime_;
  CacheSettings settings_;
  std::unique_ptr<TokenCache> cache_;
  std::shared_ptr<CacheEngine> volume_;
  Space* space_ = nullptr;
};

}  // namespace tp::cache
