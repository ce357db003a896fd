#include "meta/history/history.h"

#include "meta/snapshot_record.h"

namespace tp::meta {

using kv::Space;

namespace {

constexpr size_t kEpochBytes = sizeof(uint64_t);

/// Whether both are history of the same record.
bool same_record(BytesView one, BytesView other) {
  return one.size() == other.size() &&
         one.substr(0, one.size() - kEpochBytes) == other.substr(0, other.size() - kEpochBytes);
}

Epoch epoch_of(BytesView history_key) {
  return Epoch(get_be<uint64_t>(history_key.data() + history_key.size() - kEpochBytes));
}

}  // namespace

Result<std::optional<KeptValue>> kept_at(RecordSource& source, VolumeId volume, Space space, BytesView key, Epoch at) {
  TP_TRY(const auto stored, source.get(Space::kHistory, history_key(volume, space, key, at)));
  if (!stored) return std::nullopt;
  TP_TRY(KeptValue kept, decode_kept(*stored));
  return std::optional(std::move(kept));
}

Result<std::optional<KeptEntry>> first_kept(RecordSource& source, VolumeId volume, Space space, BytesView key,
                                            Epoch at) {
  const Bytes from = history_key(volume, space, key, at);
  std::optional<KeptEntry> found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView stored_key, BytesView stored) {
    if (!same_record(stored_key, from)) return false;
    auto kept = decode_kept(stored);
    if (!kept)
      parsed = std::unexpected(std::move(kept.error()));
    else
      found = KeptEntry{epoch_of(stored_key), std::move(*kept)};
    return false;
  };
  TP_TRY_VOID(source.scan(Space::kHistory, from, history_end(volume, space), visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

Result<Epoch> last_kept_before(RecordSource& source, VolumeId volume, Space space, BytesView key, Epoch at) {
  if (!at) return Epoch();
  const Bytes first = history_key(volume, space, key, Epoch());
  TP_TRY(const auto found,
         source.last_at_or_before(Space::kHistory, first, history_key(volume, space, key, Epoch(at.value - 1))));
  return found ? epoch_of(found->key) : Epoch();
}

Result<KeptPage> kept_by(RecordSource& source, VolumeId volume, Epoch at, BytesView begin, size_t limit) {
  KeptPage page;
  Result<void> parsed = ok;
  auto visit = [&](BytesView key, BytesView) {
    if (page.entries.size() == limit) {
      page.next = Bytes(key);
      return false;
    }
    auto entry = parse_kept_index_key(key);
    if (!entry)
      parsed = std::unexpected(std::move(entry.error()));
    else
      page.entries.push_back(std::move(*entry));
    return parsed.has_value();
  };
  const Bytes first = begin.empty() ? kept_index_begin(at, volume) : Bytes(begin);
  TP_TRY_VOID(source.scan(Space::kHistory, first, kept_index_end(at, volume), visit));
  TP_TRY_VOID(std::move(parsed));
  return page;
}

void put_kept(Txn& txn, Epoch at, const KeptKey& key, const KeptValue& what) {
  if (!key.held()) {
    txn.put(Space::kHistory, history_key(key.volume, key.space, key.key, at), encode_kept(what.kind, what.value));
  }
  txn.put(Space::kHistory, kept_index_key(at, key.volume, key.space, key.key), Bytes());
}

void erase_kept(Txn& txn, Epoch at, const KeptKey& key) {
  if (!key.held()) txn.erase(Space::kHistory, history_key(key.volume, key.space, key.key, at));
  txn.erase(Space::kHistory, kept_index_key(at, key.volume, key.space, key.key));
}

Result<Epoch> newest_snapshot(RecordSource& source, VolumeId volume, Epoch at) {
  const Bytes first = snapshot_key(volume, Epoch());
  while (at) {
    TP_TRY(const auto found, source.last_at_or_before(Space::kMeta, first, snapshot_key(volume, at)));
    if (!found) return Epoch();
    TP_TRY(const SnapshotRecord record, decode_snapshot(found->value));
    if (!record.deleting) return record.at;
    at = Epoch(record.at.value - 1);
  }
  return Epoch();
}

}  // namespace tp::meta
