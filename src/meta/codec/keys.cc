#include "meta/keys.h"

namespace tp::meta {

namespace {

// First bytes where several kinds of record share a space.
constexpr char kVolume = 'v', kCounters = 'c', kUser = 'u', kOrphan = 'o', kNote = 'n',
               kRewrite = 'w', kMove = 'm';  // Space::kMeta
constexpr char kBlob = 'b', kReferences = 'r', kPlace = 'p';                // Space::kBlobs
constexpr char kUpload = 'u', kPart = 'p', kCompleted = 'd';                // Space::kUploads

// Object keys stand in the middle of upload keys: 0x00 is written as 00 ff and the end as 00 01, which keeps the order.
constexpr char kEscape = '\x00', kEscapedZero = '\xff', kEnd = '\x01';

class KeyBuilder {
 public:
  explicit KeyBuilder(size_t size) { key_.reserve(size); }
  KeyBuilder& byte(char value) {
    key_.push_back(value);
    return *this;
  }
  template <class Int>
  KeyBuilder& number(Int value) {
    append_be(key_, value);
    return *this;
  }
  KeyBuilder& text(BytesView value) {
    key_.append(value);
    return *this;
  }
  KeyBuilder& escaped(BytesView value) {
    for (const char each : value) {
      key_.push_back(each);
      if (each == kEscape) key_.push_back(kEscapedZero);
    }
    return byte(kEscape).byte(kEnd);
  }
  Bytes take() { return std::move(key_); }

 private:
  Bytes key_;
};

// The first key after all that start with `prefix`; empty (no bound) if there is none.
Bytes after_prefix(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

Bytes number_key(uint64_t number) { return KeyBuilder(8).number(number).take(); }
Bytes tagged_number_key(char tag, uint64_t number) { return KeyBuilder(9).byte(tag).number(number).take(); }
Bytes tagged_text_key(char tag, BytesView text) { return KeyBuilder(1 + text.size()).byte(tag).text(text).take(); }

}  // namespace

Bytes name_key(InodeId parent, BytesView name, bool directory) {
  KeyBuilder key(9 + name.size());
  key.number(parent.value).text(name);
  if (directory) key.byte('/');
  return key.take();
}

Bytes names_begin(InodeId parent) { return number_key(parent.value); }
Bytes names_end(InodeId parent) { return after_prefix(number_key(parent.value)); }

Result<NameParts> parse_name_key(BytesView key) {
  if (key.size() < 8) return fail(Code::kCorruption, "a stored name's key is too short");
  NameParts parts;
  parts.parent = InodeId(get_be<uint64_t>(key.data()));
  parts.name = key.substr(8);
  parts.directory = !parts.name.empty() && parts.name.back() == '/';
  if (parts.directory) parts.name.remove_suffix(1);
  return parts;
}

Bytes inode_key(InodeId inode) { return number_key(inode.value); }
Bytes data_key(InodeId inode) { return number_key(inode.value); }
Bytes extent_key(InodeId inode, uint64_t offset) {
  return KeyBuilder(16).number(inode.value).number(offset).take();
}
Bytes extents_begin(InodeId inode) { return number_key(inode.value); }
Bytes extents_end(InodeId inode) { return after_prefix(number_key(inode.value)); }

Bytes volume_key(BytesView name) { return tagged_text_key(kVolume, name); }
Bytes volumes_begin() { return Bytes(1, kVolume); }
Bytes volumes_end() { return after_prefix(volumes_begin()); }
Bytes counters_key(VolumeId volume) { return tagged_number_key(kCounters, volume.value); }
Bytes user_key(BytesView user_id) { return tagged_text_key(kUser, user_id); }
Bytes users_begin() { return Bytes(1, kUser); }
Bytes users_end() { return after_prefix(users_begin()); }
Bytes orphan_key(VolumeId volume, InodeId inode) {
  return KeyBuilder(17).byte(kOrphan).number(volume.value).number(inode.value).take();
}
Bytes orphans_begin() { return Bytes(1, kOrphan); }
Bytes orphans_end() { return after_prefix(orphans_begin()); }
Bytes rewrite_key(VolumeId volume, InodeId inode) {
  return KeyBuilder(17).byte(kRewrite).number(volume.value).number(inode.value).take();
}
Bytes rewrites_begin() { return Bytes(1, kRewrite); }
Bytes rewrites_end() { return after_prefix(rewrites_begin()); }
Bytes move_key(VolumeId volume, InodeId inode) {
  return KeyBuilder(17).byte(kMove).number(volume.value).number(inode.value).take();
}
Result<std::pair<VolumeId, InodeId>> parse_move_key(BytesView key) {
  if (key.size() != 17 || key[0] != kMove) return fail(Code::kCorruption, "the key of a queued move does not parse");
  return std::pair(VolumeId(get_be<uint64_t>(key.data() + 1)), InodeId(get_be<uint64_t>(key.data() + 9)));
}
Bytes moves_begin() { return Bytes(1, kMove); }
Bytes moves_end() { return after_prefix(moves_begin()); }
Bytes note_key(BytesView name) { return tagged_text_key(kNote, name); }

Bytes blob_key(BlobId blob) { return tagged_number_key(kBlob, blob.value); }
Bytes blobs_begin() { return Bytes(1, kBlob); }
Bytes blobs_end() { return after_prefix(blobs_begin()); }
Bytes blob_references_key(BlobId blob) { return tagged_number_key(kReferences, blob.value); }
Bytes blob_place_key(uint8_t tier, SegmentId segment, uint64_t offset) {
  return KeyBuilder(18).byte(kPlace).number(tier).number(segment.value).number(offset).take();
}
Bytes blob_places_begin(uint8_t tier, SegmentId segment) {
  return KeyBuilder(10).byte(kPlace).number(tier).number(segment.value).take();
}
Bytes blob_places_end(uint8_t tier, SegmentId segment) { return after_prefix(blob_places_begin(tier, segment)); }

Bytes upload_key(VolumeId volume, BytesView object_key, UploadId upload) {
  KeyBuilder key(19 + object_key.size());
  return key.byte(kUpload).number(volume.value).escaped(object_key).number(upload.value).take();
}
Bytes uploads_begin(VolumeId volume) { return tagged_number_key(kUpload, volume.value); }
Bytes uploads_end(VolumeId volume) { return after_prefix(uploads_begin(volume)); }
Bytes uploads_from(VolumeId volume, BytesView object_key) {
  return KeyBuilder(11 + object_key.size()).byte(kUpload).number(volume.value).escaped(object_key).take();
}

Result<UploadKeyParts> parse_upload_key(BytesView key) {
  constexpr size_t kHead = 1 + 8, kTail = 2 + 8;
  if (key.size() < kHead + kTail || key[0] != kUpload) {
    return fail(Code::kCorruption, "a stored upload's key is too short");
  }
  UploadKeyParts parts;
  parts.volume = VolumeId(get_be<uint64_t>(key.data() + 1));
  size_t at = kHead;
  while (at + 1 < key.size()) {
    if (key[at] != kEscape) {
      parts.object_key.push_back(key[at++]);
      continue;
    }
    const char after = key[at + 1];
    at += 2;
    if (after == kEnd && key.size() - at == 8) {
      parts.upload = UploadId(get_be<uint64_t>(key.data() + at));
      return parts;
    }
    if (after != kEscapedZero) break;
    parts.object_key.push_back('\0');
  }
  return fail(Code::kCorruption, "a stored upload's key does not parse");
}

Bytes part_key(UploadId upload, uint16_t part_number) {
  return KeyBuilder(11).byte(kPart).number(upload.value).number(part_number).take();
}
Bytes parts_begin(UploadId upload) { return tagged_number_key(kPart, upload.value); }
Bytes parts_end(UploadId upload) { return after_prefix(parts_begin(upload)); }
Bytes completed_upload_key(UploadId upload) { return tagged_number_key(kCompleted, upload.value); }
Bytes completed_uploads_begin() { return Bytes(1, kCompleted); }
Bytes completed_uploads_end() { return after_prefix(completed_uploads_begin()); }

Bytes journal_key(JournalSeq sequence) { return number_key(sequence.value); }

}  // namespace tp::meta
