#include "lifecycle/due_records.h"

#include <algorithm>

#include "base/hash/sha256.h"

namespace tp::lifecycle {

namespace {

// First bytes of the keys.
constexpr char kCursor = 'c', kDue = 'd', kStamp = 'v', kWalk = 'w';
constexpr char kOfKey = 'k', kOfUploads = 'u';
constexpr size_t kNumberBytes = 8;
constexpr size_t kDueHeadBytes = 1 + 2 * kNumberBytes + 1, kWalkHeadBytes = 1 + kNumberBytes;

Bytes first(char kind) {
  return Bytes(1, kind);
}
Bytes past(char kind) {
  return Bytes(1, static_cast<char>(kind + 1));
}
std::unexpected<Error> bad() {
  return fail(Code::kCorruption, "a lifecycle record does not parse");
}

Bytes due_from(rt::Nanos at) {
  Bytes key(1, kDue);
  append_be(key, static_cast<uint64_t>(std::max<rt::Nanos>(at, 0)));
  return key;
}

}  // namespace

Bytes due_key(const DueEntry& entry) {
  Bytes key = due_from(entry.at);
  append_be(key, entry.volume.value);
  key += entry.uploads ? kOfUploads : kOfKey;
  return key + entry.key;
}
Bytes due_begin() {
  return first(kDue);
}
Bytes due_end() {
  return past(kDue);
}
Bytes due_end(rt::Nanos at) {
  return at == INT64_MAX ? due_end() : due_from(at + 1);
}

Result<DueEntry> parse_due_key(BytesView key) {
  if (key.size() < kDueHeadBytes || key[0] != kDue) return bad();
  const uint64_t at = get_be<uint64_t>(key.data() + 1);
  const char of = key[kDueHeadBytes - 1];
  if (at > INT64_MAX || (of != kOfKey && of != kOfUploads)) return bad();
  DueEntry entry;
  entry.at = static_cast<rt::Nanos>(at);
  entry.volume = VolumeId(get_be<uint64_t>(key.data() + 1 + kNumberBytes));
  entry.uploads = of == kOfUploads;
  entry.key = key.substr(kDueHeadBytes);
  return entry;
}

Bytes walk_key(const Walk& walk) {
  Bytes key(1, kWalk);
  append_be(key, walk.volume.value);
  return key + walk.prefix;
}
Bytes walks_begin() {
  return first(kWalk);
}
Bytes walks_end() {
  return past(kWalk);
}
Result<Walk> parse_walk_key(BytesView key) {
  if (key.size() < kWalkHeadBytes || key[0] != kWalk) return bad();
  return Walk{VolumeId(get_be<uint64_t>(key.data() + 1)), std::string(key.substr(kWalkHeadBytes))};
}

Bytes stamp_key(VolumeId volume) {
  Bytes key(1, kStamp);
  append_be(key, volume.value);
  return key;
}
Bytes stamps_begin() {
  return first(kStamp);
}
Bytes stamps_end() {
  return past(kStamp);
}
Result<VolumeId> parse_stamp_key(BytesView key) {
  if (key.size() != 1 + kNumberBytes || key[0] != kStamp) return bad();
  return VolumeId(get_be<uint64_t>(key.data() + 1));
}
Bytes stamp_of(BytesView rules) {
  return Bytes(as_view(sha256(rules)));
}

Bytes cursor_key() {
  return first(kCursor);
}
Bytes encode_cursor(JournalSeq cursor) {
  Bytes value;
  append_be(value, cursor.value);
  return value;
}
Result<JournalSeq> decode_cursor(BytesView value) {
  if (value.size() != kNumberBytes) return bad();
  return JournalSeq(get_be<uint64_t>(value.data()));
}

}  // namespace tp::lifecycle
