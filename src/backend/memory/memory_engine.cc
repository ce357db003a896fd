#include "backend/memory/memory_engine.h"

#include <array>
#include <map>
#include <mutex>
#include <set>

namespace tp::memory {

namespace {

// The values of one key, oldest first; nullopt: erased.
struct Versions {
  std::vector<std::pair<uint64_t, std::optional<Bytes>>> list;

  const std::optional<Bytes>* at(uint64_t sequence) const {
    for (auto version = list.rbegin(); version != list.rend(); ++version) {
      if (version->first <= sequence) return &version->second;
    }
    return nullptr;
  }
};
using Table = std::map<Bytes, Versions, std::less<>>;

struct Fault {
  uint64_t at = 0;  // call count; 0: none
  bool sticky = false;
  MemoryEngine::Effect effect = MemoryEngine::Effect::kNothing;
  Error error;
};

struct Undo {
  kv::Space space;
  Bytes key;
  std::optional<Bytes> value;
};

}  // namespace

struct MemoryEngine::State {
  mutable std::mutex mutex;
  std::array<Table, kv::kSpaceCount> tables;
  uint64_t sequence = 0;
  std::multiset<uint64_t> snapshots;
  std::vector<Undo> unsynced;
  std::array<Fault, 2> faults;
  std::array<uint64_t, 2> calls{};
  uint64_t syncs = 0;
  bool cached = true;
  std::function<void()> hook;

  // Counts the call; the fault that hits it, if any.
  std::optional<Fault> count(Call kind) {
    const auto index = static_cast<size_t>(kind);
    const uint64_t call = ++calls[index];
    const Fault& fault = faults[index];
    if (fault.at == 0 || call < fault.at || (call > fault.at && !fault.sticky)) return std::nullopt;
    return fault;
  }

  Result<void> check_read(kv::ReadMode mode) {
    if (auto fault = count(Call::kRead)) return std::unexpected(fault->error);
    if (mode == kv::ReadMode::kCachedOnly && !cached) return fail(Code::kWouldBlock, "not in memory");
    return ok;
  }

  std::optional<Bytes> find(kv::Space space, BytesView key, uint64_t at) const {
    const Table& table = tables[static_cast<size_t>(space)];
    const auto found = table.find(key);
    if (found == table.end()) return std::nullopt;
    const auto* value = found->second.at(at);
    return value == nullptr ? std::nullopt : *value;
  }

  void apply(kv::Space space, const Bytes& key, std::optional<Bytes> value) {
    Table& table = tables[static_cast<size_t>(space)];
    Versions& versions = table[key];
    versions.list.emplace_back(sequence, std::move(value));
    prune(table, key, versions);
  }

  // Drops the versions that no snapshot sees.
  void prune(Table& table, const Bytes& key, Versions& versions) {
    const uint64_t oldest = snapshots.empty() ? sequence : *snapshots.begin();
    size_t needed = versions.list.size() - 1;
    while (needed > 0 && versions.list[needed].first > oldest) --needed;
    versions.list.erase(versions.list.begin(), versions.list.begin() + static_cast<ptrdiff_t>(needed));
    if (versions.list.size() == 1 && !versions.list[0].second && versions.list[0].first <= oldest) table.erase(key);
  }

  void note_unsynced(kv::Space space, const Bytes& key) {
    unsynced.push_back({space, key, find(space, key, sequence)});
  }
};

namespace {

// Holds a sequence number as long as it lives. Templates, because MemoryEngine::State is private.
template <class State>
class Pin {
 public:
  Pin(std::shared_ptr<State> state, std::optional<uint64_t> at) : state_(std::move(state)) {
    const std::lock_guard lock(state_->mutex);
    sequence_ = at.value_or(state_->sequence);
    state_->snapshots.insert(sequence_);
  }
  ~Pin() {
    const std::lock_guard lock(state_->mutex);
    state_->snapshots.erase(state_->snapshots.find(sequence_));
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  uint64_t sequence() const { return sequence_; }
  State& state() const { return *state_; }

 private:
  std::shared_ptr<State> state_;
  uint64_t sequence_ = 0;
};

class SequenceHolder : public kv::Snapshot {
 public:
  virtual uint64_t sequence() const = 0;
};

template <class State>
class MemorySnapshot final : public SequenceHolder {
 public:
  explicit MemorySnapshot(std::shared_ptr<State> state) : pin_(std::move(state), std::nullopt) {}
  uint64_t sequence() const override { return pin_.sequence(); }

 private:
  Pin<State> pin_;
};

std::optional<uint64_t> sequence_of(const kv::Snapshot* snapshot) {
  if (snapshot == nullptr) return std::nullopt;
  return static_cast<const SequenceHolder*>(snapshot)->sequence();
}

template <class State>
class MemoryIterator final : public kv::Iterator {
 public:
  MemoryIterator(std::shared_ptr<State> state, kv::Space space, kv::IterateOptions options)
      : pin_(std::move(state), sequence_of(options.snapshot)), space_(space), options_(std::move(options)) {}

  void seek(BytesView target) override { forward(std::max(target, BytesView(options_.lower_bound)), true); }
  void seek_for_prev(BytesView target) override {
    const bool cut = !options_.upper_bound.empty() && target >= options_.upper_bound;
    backward(cut ? BytesView(options_.upper_bound) : target, !cut);
  }
  void next() override { forward(Bytes(key_), false); }
  void prev() override { backward(Bytes(key_), false); }
  bool valid() const override { return valid_; }
  BytesView key() const override { return key_; }
  BytesView value() const override { return value_; }
  Result<void> status() const override {
    if (error_) return std::unexpected(*error_);
    return ok;
  }

 private:
  // Key and value are copied out under the lock: the map may change before the next move.
  bool take(const Bytes& key, const Versions& versions) {
    const auto* value = versions.at(pin_.sequence());
    if (value == nullptr || !*value) return false;
    key_ = key;
    value_ = **value;
    valid_ = true;
    return true;
  }
  bool begin_move() {
    valid_ = false;
    error_.reset();
    if (auto allowed = pin_.state().check_read(options_.mode); !allowed) {
      error_ = std::move(allowed).error();
      return false;
    }
    return true;
  }
  void forward(BytesView from, bool inclusive) {
    const std::lock_guard lock(pin_.state().mutex);
    if (!begin_move()) return;
    const auto& table = pin_.state().tables[static_cast<size_t>(space_)];
    for (auto at = inclusive ? table.lower_bound(from) : table.upper_bound(from); at != table.end(); ++at) {
      if (!options_.upper_bound.empty() && at->first >= options_.upper_bound) return;
      if (take(at->first, at->second)) return;
    }
  }
  void backward(BytesView from, bool inclusive) {
    const std::lock_guard lock(pin_.state().mutex);
    if (!begin_move()) return;
    const auto& table = pin_.state().tables[static_cast<size_t>(space_)];
    auto at = inclusive ? table.upper_bound(from) : table.lower_bound(from);
    while (at != table.begin()) {
      --at;
      if (at->first < options_.lower_bound) return;
      if (take(at->first, at->second)) return;
    }
  }

  Pin<State> pin_;
  kv::Space space_;
  kv::IterateOptions options_;
  bool valid_ = false;
  Bytes key_, value_;
  std::optional<Error> error_;
};

}  // namespace

MemoryEngine::MemoryEngine() : state_(std::make_shared<State>()) {}
MemoryEngine::~MemoryEngine() = default;

Result<std::optional<Bytes>> MemoryEngine::get(kv::Space space, BytesView key, const kv::Snapshot* snapshot,
                                               kv::ReadMode mode) {
  const std::lock_guard lock(state_->mutex);
  TP_TRY_VOID(state_->check_read(mode));
  return state_->find(space, key, sequence_of(snapshot).value_or(state_->sequence));
}

Result<std::vector<std::optional<Bytes>>> MemoryEngine::multi_get(kv::Space space, std::span<const Bytes> keys,
                                                                  const kv::Snapshot* snapshot) {
  const std::lock_guard lock(state_->mutex);
  TP_TRY_VOID(state_->check_read(kv::ReadMode::kAny));
  std::vector<std::optional<Bytes>> values;
  values.reserve(keys.size());
  const uint64_t at = sequence_of(snapshot).value_or(state_->sequence);
  for (const Bytes& key : keys) values.push_back(state_->find(space, key, at));
  return values;
}

std::unique_ptr<kv::Iterator> MemoryEngine::iterate(kv::Space space, kv::IterateOptions options) {
  return std::make_unique<MemoryIterator<State>>(state_, space, std::move(options));
}

std::unique_ptr<kv::Snapshot> MemoryEngine::snapshot() { return std::make_unique<MemorySnapshot<State>>(state_); }

Result<void> MemoryEngine::write(std::span<const kv::Write> writes, kv::Durability durability) {
  std::function<void()> hook;
  {
    const std::lock_guard lock(state_->mutex);
    hook = state_->hook;
  }
  if (hook) hook();
  const std::lock_guard lock(state_->mutex);
  const auto fault = state_->count(Call::kWrite);
  if (fault && fault->effect == Effect::kNothing) return std::unexpected(fault->error);
  const bool sync = durability == kv::Durability::kSync;
  for (const kv::Write& write : writes) {
    if (!sync) state_->note_unsynced(write.space, write.key);
    ++state_->sequence;
    state_->apply(write.space, write.key, write.value);
  }
  if (fault) return std::unexpected(fault->error);
  if (sync) {
    state_->unsynced.clear();
    ++state_->syncs;
  }
  return ok;
}

Result<void> MemoryEngine::erase_range(kv::Space space, BytesView begin, BytesView end) {
  std::vector<kv::Write> erasures;
  {
    const std::lock_guard lock(state_->mutex);
    const Table& table = state_->tables[static_cast<size_t>(space)];
    for (auto at = table.lower_bound(begin); at != table.end() && at->first < end; ++at) {
      erasures.push_back({space, at->first, std::nullopt});
    }
  }
  return write(erasures, kv::Durability::kNoSync);
}

Result<void> MemoryEngine::verify() {
  const std::lock_guard lock(state_->mutex);
  return state_->check_read(kv::ReadMode::kAny);
}

std::vector<std::pair<std::string, uint64_t>> MemoryEngine::statistics() {
  const std::lock_guard lock(state_->mutex);
  uint64_t keys = 0;
  uint64_t bytes = 0;
  for (const Table& table : state_->tables) {
    keys += table.size();
    for (const auto& [key, versions] : table) {
      bytes += key.size();
      for (const auto& [sequence, value] : versions.list) bytes += value ? value->size() : 0;
    }
  }
  return {{"keys_estimate", keys}, {"memtable_bytes", bytes}};
}

void MemoryEngine::fail_at(Call kind, uint64_t nth, Error error, Effect effect, bool sticky) {
  const std::lock_guard lock(state_->mutex);
  const auto index = static_cast<size_t>(kind);
  state_->faults[index] = {state_->calls[index] + nth, sticky, effect, std::move(error)};
}

void MemoryEngine::clear_faults() {
  const std::lock_guard lock(state_->mutex);
  state_->faults = {};
}

void MemoryEngine::crash() {
  const std::lock_guard lock(state_->mutex);
  for (auto undo = state_->unsynced.rbegin(); undo != state_->unsynced.rend(); ++undo) {
    ++state_->sequence;
    state_->apply(undo->space, undo->key, std::move(undo->value));
  }
  state_->unsynced.clear();
  state_->faults = {};
}

void MemoryEngine::set_cached(bool cached) {
  const std::lock_guard lock(state_->mutex);
  state_->cached = cached;
}

void MemoryEngine::before_write(std::function<void()> hook) {
  const std::lock_guard lock(state_->mutex);
  state_->hook = std::move(hook);
}

uint64_t MemoryEngine::calls(Call kind) const {
  const std::lock_guard lock(state_->mutex);
  return state_->calls[static_cast<size_t>(kind)];
}

uint64_t MemoryEngine::syncs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

}  // namespace tp::memory
