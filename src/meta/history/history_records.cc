#include "meta/history/history_records.h"

#include "meta/layer.h"

namespace tp::meta {

namespace {

constexpr char kHistory = 'h', kIndex = 'e';  // first bytes in Space::kHistory
constexpr size_t kHistoryHead = 1 + 8 + 1, kHistoryTail = 2 + 8;
constexpr size_t kIndexHead = 1 + 8 + 8 + 1;

// Record keys stand in the middle of history keys: 0x00 is written as 00 ff and the end as 00 01, which keeps the
// order.
constexpr char kEscape = '\x00', kEscapedZero = '\xff', kEnd = '\x01';

constexpr uint8_t kWhiteout = 0, kValue = 1;  // in Space::kOverlay

Bytes after_prefix(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

bool known_space(uint8_t space) {
  return space < kv::kSpaceCount &&
         (is_tracked(static_cast<kv::Space>(space)) || static_cast<kv::Space>(space) == kHeldSpace);
}

}  // namespace

Bytes encode_kept(KeptKind kind, BytesView value) {
  Bytes stored(1, static_cast<char>(kind));
  stored.append(value);
  return stored;
}

Result<KeptValue> decode_kept(BytesView stored) {
  if (stored.empty() || static_cast<uint8_t>(stored[0]) > static_cast<uint8_t>(KeptKind::kBase)) {
    return fail(Code::kCorruption, "a record's history does not parse");
  }
  KeptValue kept;
  kept.kind = static_cast<KeptKind>(stored[0]);
  if (kept.kind != KeptKind::kValue && stored.size() > 1) {
    return fail(Code::kCorruption, "a record's history does not parse");
  }
  kept.value = stored.substr(1);
  return kept;
}

Bytes history_begin(VolumeId volume, kv::Space space) {
  Bytes key(1, kHistory);
  append_be(key, volume.value);
  key.push_back(static_cast<char>(space));
  return key;
}

Bytes history_end(VolumeId volume, kv::Space space) {
  return after_prefix(history_begin(volume, space));
}

Bytes history_key(VolumeId volume, kv::Space space, BytesView key, Epoch at) {
  Bytes built = history_begin(volume, space);
  built.reserve(kHistoryHead + key.size() + 8 + kHistoryTail);
  for (const char each : key) {
    built.push_back(each);
    if (each == kEscape) built.push_back(kEscapedZero);
  }
  built.push_back(kEscape);
  built.push_back(kEnd);
  append_be(built, at.value);
  return built;
}

Result<HistoryKeyParts> parse_history_key(BytesView key) {
  HistoryKeyParts parts;
  for (size_t at = kHistoryHead; at + 1 < key.size();) {
    if (key[at] != kEscape) {
      parts.key.push_back(key[at++]);
      continue;
    }
    const char after = key[at + 1];
    at += 2;
    if (after == kEnd && key.size() - at == 8) {
      parts.at = Epoch(get_be<uint64_t>(key.data() + at));
      return parts;
    }
    if (after != kEscapedZero) break;
    parts.key.push_back('\0');
  }
  return fail(Code::kCorruption, "the key of a record's history does not parse");
}

Bytes kept_index_begin(Epoch at, VolumeId volume) {
  Bytes key(1, kIndex);
  append_be(key, at.value);
  append_be(key, volume.value);
  return key;
}

Bytes kept_index_end(Epoch at, VolumeId volume) {
  return after_prefix(kept_index_begin(at, volume));
}

Bytes kept_index_key(Epoch at, VolumeId volume, kv::Space space, BytesView key) {
  Bytes built = kept_index_begin(at, volume);
  built.push_back(static_cast<char>(space));
  built.append(key);
  return built;
}

Result<KeptKey> parse_kept_index_key(BytesView key) {
  if (key.size() < kIndexHead + 8 || key[0] != kIndex || !known_space(static_cast<uint8_t>(key[kIndexHead - 1]))) {
    return fail(Code::kCorruption, "an entry of what an epoch keeps does not parse");
  }
  KeptKey kept;
  kept.volume = VolumeId(get_be<uint64_t>(key.data() + 1 + 8));
  kept.space = static_cast<kv::Space>(key[kIndexHead - 1]);
  kept.key = key.substr(kIndexHead);
  if (kept.held() && kept.key.size() != 8) {
    return fail(Code::kCorruption, "an entry of what an epoch keeps does not parse");
  }
  return kept;
}

Bytes overlays_begin(VolumeId volume) {
  Bytes key;
  append_be(key, volume.value);
  return key;
}

Bytes overlays_end(VolumeId volume) {
  return after_prefix(overlays_begin(volume));
}

Bytes overlay_begin(VolumeId volume, kv::Space space) {
  Bytes key = overlays_begin(volume);
  key.push_back(static_cast<char>(space));
  return key;
}

Bytes overlay_end(VolumeId volume, kv::Space space) {
  return after_prefix(overlay_begin(volume, space));
}

Bytes overlay_key(VolumeId volume, kv::Space space, BytesView key) {
  Bytes built = overlay_begin(volume, space);
  built.append(key);
  return built;
}

Bytes encode_overlay(const std::optional<Bytes>& value) {
  Bytes stored(1, static_cast<char>(value ? kValue : kWhiteout));
  if (value) stored.append(*value);
  return stored;
}

Result<std::optional<Bytes>> decode_overlay(BytesView stored) {
  if (!stored.empty() && static_cast<uint8_t>(stored[0]) == kValue) return std::optional(Bytes(stored.substr(1)));
  if (stored.size() == 1 && static_cast<uint8_t>(stored[0]) == kWhiteout) return std::nullopt;
  return fail(Code::kCorruption, "a clone's record does not parse");
}

InodeId inode_of_key(BytesView key) {
  return key.size() < sizeof(uint64_t) ? InodeId() : InodeId(get_be<uint64_t>(key.data()));
}

}  // namespace tp::meta
