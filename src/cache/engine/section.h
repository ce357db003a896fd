// ReadSection and WriteSection: some keys of a space, locked for a short while. Owner: the front that asked, on its
// stack; a thread has one at a time.
#pragma once

#include "cache/engine/engine.h"

namespace tp::cache {

class ReadSection : public CacheVolume::Section {
 public:
  ReadSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys);
  ~ReadSection() override;
  ReadSection(const ReadSection&) = delete;
  ReadSection& operator=(const ReadSection&) = delete;

  std::optional<EntryView> find(BytesView key) override;
  void count_hit(BytesView key, const EntryView& found) override;
  void count_miss(BytesView key, uint32_t tokens) override;
  Result<void> put(BytesView key, Value value, const PutOptions& options) override;
  bool erase(BytesView key) override;
  bool set_expiry(BytesView key, int64_t expires_ms) override;
  bool set_pinned(BytesView key, bool pinned) override;

 protected:
  struct Alone {};
  ReadSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys, Alone);
  CacheEngine::At locate(BytesView key, bool* expired = nullptr);

  CacheEngine& engine_;
  Space& space_;
  uint64_t stripes_ = 0;
  uint32_t number_ = 0;
  int64_t now_ms_ = 0;   // 0: not asked yet
  bool missed_ = false;  // the policy was told of one
};

class WriteSection final : public ReadSection {
 public:
  WriteSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys);
  ~WriteSection() override;

  Result<void> put(BytesView key, Value value, const PutOptions& options) override;
  bool has_room(uint64_t bytes) override;
  bool erase(BytesView key) override;
  bool set_expiry(BytesView key, int64_t expires_ms) override;
  bool set_pinned(BytesView key, bool pinned) override;
};

}  // namespace tp::cache
