#include "meta/codec/common_fields.h"
#include "meta/snapshot_record.h"

namespace tp::meta {

namespace {

constexpr char kSnapshot = 't';  // in Space::kMeta

enum SnapshotField : uint32_t {
  kVolume = 1,
  kAt = 2,
  kName = 3,
  kCreated = 4,
  kSet = 5,
  kSchedule = 6,
  kDeleting = 7,
  kClones = 8,
  kCounters = 9,
};

}  // namespace

Bytes encode_snapshot(const SnapshotRecord& record) {
  FieldWriter out(kValueVersion, 64 + record.name.size());
  out.varint(kVolume, record.volume.value);
  out.varint(kAt, record.at.value);
  out.bytes(kName, record.name);
  out.fixed64(kCreated, static_cast<uint64_t>(record.created));
  out.varint(kSet, record.set);
  out.bytes(kSchedule, record.schedule);
  out.varint(kDeleting, record.deleting ? 1 : 0);
  out.varint(kClones, record.clones);
  out.bytes(kCounters, encode_counters(record.counters));
  return out.take();
}

Result<SnapshotRecord> decode_snapshot(BytesView value) {
  FieldReader in(value, kValueVersion);
  SnapshotRecord record;
  Bytes counters;
  while (in.next()) {
    switch (in.number()) {
      case kVolume:
        record.volume = VolumeId(in.varint());
        break;
      case kAt:
        record.at = Epoch(in.varint());
        break;
      case kName:
        record.name = read_string(in);
        break;
      case kCreated:
        record.created = read_time(in);
        break;
      case kSet:
        record.set = in.varint();
        break;
      case kSchedule:
        record.schedule = read_string(in);
        break;
      case kDeleting:
        record.deleting = in.boolean();
        break;
      case kClones:
        record.clones = static_cast<uint32_t>(in.varint(UINT32_MAX));
        break;
      case kCounters:
        counters = read_string(in);
        break;
      default:
        break;
    }
  }
  in.require(record.volume.value != 0 && record.at.value != 0 && !record.name.empty());
  TP_TRY_VOID(in.finish("snapshot"));
  TP_TRY(record.counters, decode_counters(counters));
  return record;
}

Bytes snapshot_key(VolumeId volume, Epoch at) {
  Bytes key(1, kSnapshot);
  append_be(key, volume.value);
  append_be(key, at.value);
  return key;
}

Bytes snapshots_begin() { return Bytes(1, kSnapshot); }
Bytes snapshots_end() { return Bytes(1, kSnapshot + 1); }

}  // namespace tp::meta
