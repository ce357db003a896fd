// MemoryEngine: a key-value engine in memory that fails, forgets and stalls on demand: the fault model of tests.
// Invariant: it keeps every version of a value that a living snapshot can see. Thread-safe. Owner: a test; it may be
// handed to a new MetaStore after crash(), as a disk is to a new process.
//
// Faults: fail_at() makes the N-th call of a kind fail, writes either without effect or after taking effect; crash()
// drops what was written with kNoSync since the last kSync; set_cached(false) makes cached-only reads answer
// kWouldBlock; before_write() lets a test hold a write, so that others queue up behind it.
#pragma once

#include <functional>
#include <memory>

#include "kv/engine.h"

namespace tp::memory {

class MemoryEngine final : public kv::KvEngine {
 public:
  enum class Call : uint8_t { kRead, kWrite };
  enum class Effect : uint8_t { kNothing, kAppliedAnyway };

  MemoryEngine();
  ~MemoryEngine() override;

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key, const kv::Snapshot* snapshot = nullptr,
                                   kv::ReadMode mode = kv::ReadMode::kAny) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys,
                                                      const kv::Snapshot* snapshot = nullptr) override;
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, kv::IterateOptions options) override;
  std::unique_ptr<kv::Snapshot> snapshot() override;
  Result<void> write(std::span<const kv::Write> writes, kv::Durability durability) override;
  Result<void> erase_range(kv::Space space, BytesView begin, BytesView end) override;
  Result<void> verify() override;
  std::vector<std::pair<std::string, uint64_t>> statistics() override;

  /// The `nth` call of that kind from now on (1: the next) and, if `sticky`, all after it fail with `error`.
  void fail_at(Call kind, uint64_t nth, Error error, Effect effect = Effect::kNothing, bool sticky = false);
  void clear_faults();
  /// As after a power failure: unsynced writes are gone, faults too. No snapshot or iterator may be alive.
  void crash();
  void set_cached(bool cached);
  /// Called at the start of each write() with no lock held.
  void before_write(std::function<void()> hook);

  uint64_t calls(Call kind) const;
  /// Successful kSync writes.
  uint64_t syncs() const;

 private:
  struct State;
  // Shared with snapshots and iterators, which may be released on other threads.
  std::shared_ptr<State> state_;
};

}  // namespace tp::memory
