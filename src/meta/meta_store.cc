#include "meta/meta_store.h"

#include "meta/codec/store_state.h"
#include "meta/commit/committer.h"
#include "meta/keys.h"
#include "rt/env/rng.h"

namespace tp::meta {

namespace {

constexpr size_t kStoreIdBytes = 16;
// Inode numbers leave 24 bits for it.
constexpr uint64_t kMaxStartNumber = (uint64_t{1} << 24) - 1;

Result<bool> has_records(kv::KvEngine& engine) {
  for (int i = 0; i < kv::kSpaceCount; ++i) {
    const auto iterator = engine.iterate(static_cast<kv::Space>(i), {});
    iterator->seek("");
    if (iterator->valid()) return true;
    TP_TRY_VOID(iterator->status());
  }
  return false;
}

Result<StoreState> load_state(kv::KvEngine& engine) {
  TP_TRY(auto stored, engine.get(kv::Space::kMeta, store_state_key()));
  if (stored) {
    TP_TRY(auto state, decode_store_state(*stored));
    if (state.format_version > kFormatVersion) {
      return fail(Code::kInvalidArgument, "the store has format " + std::to_string(state.format_version) +
                                              "; this version reads up to " + std::to_string(kFormatVersion));
    }
    return state;
  }
  TP_TRY(const bool used, has_records(engine));
  if (used) return fail(Code::kCorruption, "the store has records but not the one that says what it is");
  StoreState state;
  state.format_version = kFormatVersion;
  state.store_id.resize(kStoreIdBytes);
  rt::secure_random(state.store_id);
  return state;
}

// Formats before 3 named files without names, and files to be rewritten, by their inode alone: the volume was the
// value. Restartable: new keys are told from old ones by their size.
Result<void> add_volumes_to_keys(kv::KvEngine& engine, const Bytes& begin, const Bytes& end) {
  constexpr size_t kOldKeyBytes = 1 + 8, kVolumeBytes = 8, kBatch = 1000;
  Bytes from = begin;
  while (!from.empty()) {
    std::vector<kv::Write> writes;
    const auto iterator = engine.iterate(kv::Space::kMeta, {.lower_bound = begin, .upper_bound = end});
    for (iterator->seek(from); iterator->valid() && writes.size() < 2 * kBatch; iterator->next()) {
      const BytesView key = iterator->key(), volume = iterator->value();
      // What does not parse is left for check to name.
      if (key.size() != kOldKeyBytes || volume.size() != kVolumeBytes) continue;
      Bytes with_volume(key.substr(0, 1));
      with_volume.append(volume).append(key.substr(1));
      writes.push_back({kv::Space::kMeta, std::move(with_volume), Bytes(volume)});
      writes.push_back({kv::Space::kMeta, Bytes(key), std::nullopt});
    }
    TP_TRY_VOID(iterator->status());
    from = iterator->valid() ? Bytes(iterator->key()) : Bytes();
    if (!writes.empty()) TP_TRY_VOID(engine.write(writes, kv::Durability::kSync));
  }
  return ok;
}

constexpr uint32_t kVolumesInKeys = 3;

// The oldest and the newest sequence; zero if there is none.
Result<std::pair<JournalSeq, JournalSeq>> journal_ends(kv::KvEngine& engine) {
  std::pair<JournalSeq, JournalSeq> ends;
  const auto iterator = engine.iterate(kv::Space::kJournal, {});
  iterator->seek("");
  TP_TRY_VOID(iterator->status());
  if (!iterator->valid()) return ends;
  if (iterator->key().size() != 8) return fail(Code::kCorruption, "a journal key does not parse");
  ends.first = JournalSeq(get_be<uint64_t>(iterator->key().data()));
  iterator->seek_for_prev(journal_key(JournalSeq(UINT64_MAX)));
  TP_TRY_VOID(iterator->status());
  if (!iterator->valid() || iterator->key().size() != 8) {
    return fail(Code::kCorruption, "a journal key does not parse");
  }
  ends.second = JournalSeq(get_be<uint64_t>(iterator->key().data()));
  return ends;
}

}  // namespace

MetaStore::MetaStore(Options options, kv::KvEngine& engine)
    : options_(std::move(options)), engine_(engine), runtime_(*options_.runtime) {}

MetaStore::~MetaStore() = default;

Result<std::unique_ptr<MetaStore>> MetaStore::open(Options options) {
  kv::KvEngine& engine = *options.engine;
  TP_TRY(auto state, load_state(engine));
  if (state.start_number >= kMaxStartNumber) return fail(Code::kCorruption, "the store's start number is too large");
  ++state.start_number;
  if (state.format_version < kVolumesInKeys) {
    TP_TRY_VOID(add_volumes_to_keys(engine, orphans_begin(), orphans_end()));
    TP_TRY_VOID(add_volumes_to_keys(engine, rewrites_begin(), rewrites_end()));
  }
  state.format_version = kFormatVersion;  // every older one reads as this one does
  const kv::Write write{kv::Space::kMeta, store_state_key(), encode_store_state(state)};
  TP_TRY_VOID(engine.write({&write, 1}, kv::Durability::kSync));
  TP_TRY(const auto ends, journal_ends(engine));

  std::unique_ptr<MetaStore> store(new MetaStore(std::move(options), engine));
  store->start_number_ = state.start_number;
  store->store_id_ = to_hex(state.store_id);
  store->committer_ = std::make_unique<Committer>(store->options_, state.start_number, ends.first, ends.second);
  return store;
}

bool MetaStore::enqueue(Request* request) { return committer_->submit(request); }

bool MetaStore::read_only() const { return committer_->read_only(); }

MetaStats MetaStore::stats() const {
  MetaStats stats = committer_->stats();
  stats.engine = engine_.statistics();
  return stats;
}

Result<std::vector<std::pair<JournalSeq, Change>>> MetaStore::journal_after(JournalSeq after, size_t limit) {
  std::vector<std::pair<JournalSeq, Change>> changes;
  if (after.value == UINT64_MAX || limit == 0) return changes;
  kv::IterateOptions options;
  options.lower_bound = journal_key(JournalSeq(after.value + 1));
  const auto iterator = engine_.iterate(kv::Space::kJournal, std::move(options));
  for (iterator->seek(journal_key(JournalSeq(after.value + 1))); iterator->valid(); iterator->next()) {
    if (iterator->key().size() != 8) return fail(Code::kCorruption, "a journal key does not parse");
    TP_TRY(auto change, decode_change(iterator->value()));
    changes.emplace_back(JournalSeq(get_be<uint64_t>(iterator->key().data())), std::move(change));
    if (changes.size() >= limit) return changes;
  }
  TP_TRY_VOID(iterator->status());
  return changes;
}

}  // namespace tp::meta
