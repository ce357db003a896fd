#include "meta/codec/common_fields.h"
#include "meta/journal.h"

namespace tp::meta {

namespace {
enum ChangeField : uint32_t { kKind = 1, kVolume = 2, kKey = 3, kNewKey = 4, kInode = 5, kSize = 6, kTime = 7 };
}

Bytes encode_change(const Change& change) {
  FieldWriter out(kValueVersion, 48 + change.key.size() + change.new_key.size());
  out.varint(kKind, static_cast<uint64_t>(change.kind));
  out.varint(kVolume, change.volume.value);
  out.bytes(kKey, change.key);
  out.bytes(kNewKey, change.new_key);
  out.varint(kInode, change.inode.value);
  out.varint(kSize, change.size_bytes);
  out.fixed64(kTime, static_cast<uint64_t>(change.time));
  return out.take();
}

Result<Change> decode_change(BytesView value) {
  FieldReader in(value, kValueVersion);
  Change change;
  bool has_kind = false;
  while (in.next()) {
    switch (in.number()) {
      case kKind:
        // A kind that this version does not know is a change it cannot pass on: better an error than a gap.
        change.kind = in.enumeration(ChangeKind::kVolumeCreated, ChangeKind::kSnapshotRemoved);
        has_kind = true;
        break;
      case kVolume:
        change.volume = VolumeId(in.varint());
        break;
      case kKey:
        change.key = Bytes(in.bytes());
        break;
      case kNewKey:
        change.new_key = Bytes(in.bytes());
        break;
      case kInode:
        change.inode = InodeId(in.varint());
        break;
      case kSize:
        change.size_bytes = in.varint();
        break;
      case kTime:
        change.time = read_time(in);
        break;
      default:
        break;
    }
  }
  in.require(has_kind);
  TP_TRY_VOID(in.finish("journal entry"));
  return change;
}

}  // namespace tp::meta
