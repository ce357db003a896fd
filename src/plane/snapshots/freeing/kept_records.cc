#include "plane/snapshots/freeing/kept_records.h"

#include "meta/keys.h"

namespace tp::plane {
namespace {

using kv::Space;

/// Extents that one transaction takes from one inode.
constexpr size_t kExtentsAtOnce = 64;

Bytes just_after(Bytes key) {
  return key + '\0';
}

}  // namespace

KeptRecords::KeptRecords(Namespace& names, const VolumeEntry& volume)
    : names_(names), txn_(names.txn()), volume_(volume) {
  txn_.enter(meta::WriteScope());
}

Result<std::vector<meta::KeptKey>> KeptRecords::of_epoch(Epoch at, size_t limit) {
  std::vector<meta::KeptKey> found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView key, BytesView) {
    auto kept = meta::parse_kept_index_key(key);
    if (kept)
      found.push_back(std::move(*kept));
    else
      parsed = std::unexpected(std::move(kept).error());
    return parsed.has_value() && found.size() < limit;
  };
  TP_TRY_VOID(
      txn_.scan(Space::kHistory, meta::kept_index_begin(at, volume_.id), meta::kept_index_end(at, volume_.id), visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

Result<bool> KeptRecords::release(const meta::KeptKey& kept, Epoch from, Epoch to) {
  if (kept.held()) return release_held(kept, from, to);
  TP_TRY_VOID(release_record(kept, from, to));
  return true;
}

Result<void> KeptRecords::release_record(const meta::KeptKey& kept, Epoch from, Epoch to) {
  const Bytes key = meta::history_key(volume_.id, kept.space, kept.key, from);
  TP_TRY(const auto stored, txn_.get(Space::kHistory, key));
  erase_entry(kept, from);
  if (!stored) return ok;  // check says so
  txn_.erase(Space::kHistory, key);
  if (to && meta::inode_of_key(kept.key).value < to.value) {
    // The entry is gone for this transaction: what comes first now says whether the older one has its own.
    TP_TRY(const auto first, first_kept(kept.space, kept.key, to));
    if (!first || *first > from) {
      keep(kept.space, kept.key, to, *stored);
      return ok;
    }
  }
  TP_TRY(const meta::KeptValue value, meta::decode_kept(*stored));
  if (kept.space != Space::kExtents || value.kind != meta::KeptKind::kValue) return ok;
  return drop_extent(kept.key, value.value);
}

Result<bool> KeptRecords::release_held(const meta::KeptKey& kept, Epoch from, Epoch to) {
  const InodeId inode = kept.inode();
  if (to && inode.value < to.value) {
    // Its record went to history when it was held: if that is what the older one sees, it sees the rest as it is, too.
    TP_TRY(const auto first, first_kept(Space::kInodes, meta::inode_key(inode), to));
    if (first && *first >= from) {
      erase_entry(kept, from);
      txn_.put(Space::kHistory, meta::kept_index_key(to, volume_.id, meta::kHeldSpace, kept.key), Bytes());
      return true;
    }
    TP_TRY(const bool all, erase_records(inode, to, kExtentsAtOnce));
    if (all) erase_entry(kept, from);
    return all;
  }
  TP_TRY(const bool all, erase_records(inode, Epoch(), kExtentsAtOnce));
  if (all) erase_entry(kept, from);
  return all;
}

Result<bool> KeptRecords::erase_inode(InodeId inode, size_t limit) {
  return erase_records(inode, Epoch(), limit);
}

Result<std::optional<Epoch>> KeptRecords::first_kept(Space space, BytesView key, Epoch at) {
  std::optional<Epoch> first;
  Result<void> parsed = ok;
  auto visit = [&](BytesView found, BytesView) {
    auto parts = meta::parse_history_key(found);
    if (parts)
      first = parts->at;
    else
      parsed = std::unexpected(std::move(parts).error());
    return false;
  };
  TP_TRY_VOID(txn_.scan(Space::kHistory, meta::history_key(volume_.id, space, key, at),
                        just_after(meta::history_key(volume_.id, space, key, Epoch(UINT64_MAX))), visit));
  TP_TRY_VOID(std::move(parsed));
  return first;
}

void KeptRecords::keep(Space space, BytesView key, Epoch at, Bytes stored) {
  txn_.put(Space::kHistory, meta::history_key(volume_.id, space, key, at), std::move(stored));
  txn_.put(Space::kHistory, meta::kept_index_key(at, volume_.id, space, key), Bytes());
}

void KeptRecords::erase_entry(const meta::KeptKey& kept, Epoch at) {
  txn_.erase(Space::kHistory, meta::kept_index_key(at, volume_.id, kept.space, kept.key));
}

Result<void> KeptRecords::drop_extent(BytesView key, BytesView value) {
  if (key.size() != 2 * sizeof(uint64_t)) return fail(Code::kCorruption, "the key of an extent does not parse");
  TP_TRY(const meta::Extent extent, meta::decode_extent(get_be<uint64_t>(key.data() + sizeof(uint64_t)), value));
  TP_TRY_VOID(names_.drop_reference(extent.blob));
  return ok;
}

KeptRecords::Place KeptRecords::place_of(Space space, InodeId inode) const {
  const Bytes begin = meta::inode_key(inode);
  Bytes end = meta::inode_key(InodeId(inode.value + 1));
  if (!volume_.base_at || inode.value >= volume_.base_at.value) return {space, begin, std::move(end), 0};
  return {Space::kOverlay, meta::overlay_key(volume_.id, space, begin), meta::overlay_key(volume_.id, space, end),
          meta::kOverlayPrefixBytes};
}

Result<bool> KeptRecords::erase_records(InodeId inode, Epoch to, size_t limit) {
  for (const Space space : {Space::kExtents, Space::kData, Space::kInodes}) {
    const Place place = place_of(space, inode);
    std::vector<std::pair<Bytes, Bytes>> records;
    auto visit = [&](BytesView key, BytesView value) {
      records.emplace_back(key, value);
      return records.size() < limit;
    };
    TP_TRY_VOID(txn_.scan(place.space, place.begin, place.end, visit));
    for (const auto& [key, stored] : records) {
      txn_.erase(place.space, key);
      const BytesView own_key = BytesView(key).substr(place.prefix_bytes);
      std::optional<Bytes> value = stored;
      if (place.prefix_bytes != 0) {
        TP_TRY(value, meta::decode_overlay(stored));
      }
      if (to) {
        TP_TRY(const auto first, first_kept(space, own_key, to));
        if (!first) {
          const auto kind = value ? meta::KeptKind::kValue : meta::KeptKind::kAbsent;
          keep(space, own_key, to, meta::encode_kept(kind, value ? BytesView(*value) : BytesView()));
          continue;
        }
      }
      if (space == Space::kExtents && value) TP_TRY_VOID(drop_extent(own_key, *value));
    }
    if (records.size() >= limit) return false;
  }
  return true;
}

}  // namespace tp::plane
