// Keys and values of Space::kHistory and Space::kOverlay. Bytes: docs/formats/history.md.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "kv/engine.h"

namespace tp::meta {

/// What a record was at an epoch.
enum class KeptKind : uint8_t {
  kAbsent = 0,
  kValue = 1,
  kBase = 2,  // of a clone: it was as in the snapshot that the clone began as
};
struct KeptValue {
  KeptKind kind = KeptKind::kAbsent;
  Bytes value;  // of kValue
};

Bytes encode_kept(KeptKind kind, BytesView value);
Result<KeptValue> decode_kept(BytesView stored);

/// A record's value at `at`. Keys order by volume, space, the record's own key, epoch.
Bytes history_key(VolumeId volume, kv::Space space, BytesView key, Epoch at);
Bytes history_begin(VolumeId volume, kv::Space space);
Bytes history_end(VolumeId volume, kv::Space space);
struct HistoryKeyParts {
  Bytes key;
  Epoch at;
};
/// Of a key in [history_begin, history_end) of one volume and space.
Result<HistoryKeyParts> parse_history_key(BytesView key);

/// In indexes of epochs: not a record, but an inode that was dropped with all its records left where they are.
inline constexpr kv::Space kHeldSpace = kv::Space::kMeta;

/// What one epoch keeps. Held inodes come first.
Bytes kept_index_key(Epoch at, VolumeId volume, kv::Space space, BytesView key);
Bytes kept_index_begin(Epoch at, VolumeId volume);
Bytes kept_index_end(Epoch at, VolumeId volume);
/// One entry of an epoch's index.
struct KeptKey {
  VolumeId volume;
  kv::Space space = kHeldSpace;
  Bytes key;  // the record's; of a held inode: inode_key()
  bool held() const { return space == kHeldSpace; }
  InodeId inode() const { return InodeId(get_be<uint64_t>(key.data())); }
};
Result<KeptKey> parse_kept_index_key(BytesView key);

/// A clone's own record of an inode that it has from its base: a value, or none where the base has one.
Bytes overlay_key(VolumeId volume, kv::Space space, BytesView key);
Bytes overlay_begin(VolumeId volume, kv::Space space);
Bytes overlay_end(VolumeId volume, kv::Space space);
/// All of a volume's.
Bytes overlays_begin(VolumeId volume);
Bytes overlays_end(VolumeId volume);
/// What stands before the record's own key.
inline constexpr size_t kOverlayPrefixBytes = sizeof(uint64_t) + 1;
Bytes encode_overlay(const std::optional<Bytes>& value);
/// nullopt: there is no such record.
Result<std::optional<Bytes>> decode_overlay(BytesView stored);

/// The inode that a key of a tracked space begins with; zero if the key is too short to.
InodeId inode_of_key(BytesView key);

}  // namespace tp::meta
