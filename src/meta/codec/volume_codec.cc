#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum VolumeField : uint32_t {
  kId = 1,
  kName = 2,
  kKind = 3,
  kRoot = 4,
  kOwner = 5,
  kCreated = 6,
  kLocation = 7,
  kOwnership = 8,
  kAccess = 9,
  kTag = 10,
  kCors = 11,
  kPolicy = 12,
  kGeneration = 13,
  kExports = 14,
  kQuotaBytes = 15,
  kQuotaObjects = 16,
  kCacheSettings = 17,
  kVersioning = 18,
  kLock = 19,
  kLifecycle = 20,
  kSnapshotSchedule = 21,
  kBase = 22,
  kBaseAt = 23,
};

enum LockField : uint32_t { kLockEnabled = 1, kLockMode = 2, kLockDays = 3, kLockYears = 4 };

// Of cache volumes: a server that does not know them must not take one for a tree and write it back as such.
constexpr uint8_t kCacheVolumeVersion = 2;

enum ExportField : uint32_t {
  kReadOnly = 1,
  kSquash = 2,
  kAnonymousUid = 3,
  kAnonymousGid = 4,
  kNetwork = 5,
  kDefaultUid = 6,
  kDefaultGid = 7,
  kFileMode = 8,
  kDirectoryMode = 9,
};

// Left out where all is as by default: fields that are not there are zero otherwise.
void write_exports(FieldWriter& out, const ExportRules& rules) {
  if (rules == ExportRules()) return;
  FieldWriter inner;
  inner.varint(kReadOnly, rules.read_only ? 1 : 0);
  inner.varint(kSquash, static_cast<uint64_t>(rules.squash));
  inner.varint(kAnonymousUid, rules.anonymous_uid);
  inner.varint(kAnonymousGid, rules.anonymous_gid);
  for (const std::string& network : rules.networks) inner.element(kNetwork, network);
  inner.varint(kDefaultUid, rules.default_uid);
  inner.varint(kDefaultGid, rules.default_gid);
  inner.varint(kFileMode, rules.file_mode);
  inner.varint(kDirectoryMode, rules.directory_mode);
  out.message(kExports, inner);
}

void read_exports(FieldReader& in, ExportRules* rules) {
  FieldReader inner(in.bytes());
  *rules = {};
  rules->anonymous_uid = rules->anonymous_gid = rules->default_uid = rules->default_gid = 0;
  rules->file_mode = rules->directory_mode = 0;
  while (inner.next()) {
    if (inner.number() == kReadOnly) rules->read_only = inner.boolean();
    if (inner.number() == kSquash) rules->squash = inner.enumeration(Squash::kRoot, Squash::kNone);
    if (inner.number() == kAnonymousUid) rules->anonymous_uid = static_cast<uint32_t>(inner.varint(UINT32_MAX));
    if (inner.number() == kAnonymousGid) rules->anonymous_gid = static_cast<uint32_t>(inner.varint(UINT32_MAX));
    if (inner.number() == kNetwork) {
      inner.require(rules->networks.size() < kMaxListLength);
      rules->networks.push_back(read_string(inner));
    }
    if (inner.number() == kDefaultUid) rules->default_uid = static_cast<uint32_t>(inner.varint(UINT32_MAX));
    if (inner.number() == kDefaultGid) rules->default_gid = static_cast<uint32_t>(inner.varint(UINT32_MAX));
    if (inner.number() == kFileMode) rules->file_mode = static_cast<uint32_t>(inner.varint(07777));
    if (inner.number() == kDirectoryMode) rules->directory_mode = static_cast<uint32_t>(inner.varint(07777));
  }
  in.require(inner.good());
}

void write_lock(FieldWriter& out, const LockRules& rules) {
  if (rules == LockRules()) return;
  FieldWriter inner;
  inner.varint(kLockEnabled, rules.enabled ? 1 : 0);
  inner.varint(kLockMode, static_cast<uint64_t>(rules.mode));
  inner.varint(kLockDays, rules.days);
  inner.varint(kLockYears, rules.years);
  out.message(kLock, inner);
}

void read_lock(FieldReader& in, LockRules* rules) {
  FieldReader inner(in.bytes());
  *rules = {};
  while (inner.next()) {
    if (inner.number() == kLockEnabled) rules->enabled = inner.boolean();
    if (inner.number() == kLockMode) {
      rules->mode = inner.enumeration(RetentionMode::kNone, RetentionMode::kCompliance);
    }
    if (inner.number() == kLockDays) rules->days = static_cast<uint32_t>(inner.varint(UINT32_MAX));
    if (inner.number() == kLockYears) rules->years = static_cast<uint32_t>(inner.varint(UINT32_MAX));
  }
  in.require(inner.good());
}

void read_time_field(FieldReader& in, VolumeRecord* record) {
  switch (in.number()) {
    case kVersioning:
      record->versioning = in.enumeration(Versioning::kOff, Versioning::kSuspended);
      break;
    case kLock:
      read_lock(in, &record->lock);
      break;
    case kLifecycle:
      record->lifecycle = read_string(in);
      break;
    case kSnapshotSchedule:
      record->snapshot_schedule = read_string(in);
      break;
    case kBase:
      record->base = VolumeId(in.varint());
      break;
    case kBaseAt:
      record->base_at = Epoch(in.varint());
      break;
    default:
      break;
  }
}

}  // namespace

Bytes encode_volume(const VolumeRecord& record) {
  FieldWriter out(record.kind == VolumeKind::kCache ? kCacheVolumeVersion : kValueVersion, 128);
  out.varint(kId, record.id.value);
  out.bytes(kName, record.name);
  out.varint(kKind, static_cast<uint64_t>(record.kind));
  out.varint(kRoot, record.root.value);
  out.bytes(kOwner, record.owner);
  out.fixed64(kCreated, static_cast<uint64_t>(record.created));
  out.bytes(kLocation, record.location);
  out.varint(kOwnership, static_cast<uint64_t>(record.ownership));
  write_grants(out, kAccess, record.access);
  write_pairs(out, kTag, record.tags);
  out.bytes(kCors, record.cors);
  out.bytes(kPolicy, record.policy);
  out.varint(kGeneration, record.generation);
  write_exports(out, record.exports);
  out.varint(kQuotaBytes, record.quota_bytes);
  out.varint(kQuotaObjects, record.quota_objects);
  out.bytes(kCacheSettings, record.cache_settings);
  out.varint(kVersioning, static_cast<uint64_t>(record.versioning));
  write_lock(out, record.lock);
  out.bytes(kLifecycle, record.lifecycle);
  out.bytes(kSnapshotSchedule, record.snapshot_schedule);
  out.varint(kBase, record.base.value);
  out.varint(kBaseAt, record.base_at.value);
  return out.take();
}

Result<VolumeRecord> decode_volume(BytesView value) {
  const bool cache = !value.empty() && static_cast<uint8_t>(value[0]) == kCacheVolumeVersion;
  FieldReader in(value, cache ? kCacheVolumeVersion : kValueVersion);
  VolumeRecord record;
  bool has_kind = false;
  while (in.next()) {
    switch (in.number()) {
      case kId:
        record.id = VolumeId(in.varint());
        break;
      case kName:
        record.name = read_string(in);
        break;
      case kKind:
        record.kind = in.enumeration(VolumeKind::kTree, VolumeKind::kCache);
        has_kind = true;
        break;
      case kRoot:
        record.root = InodeId(in.varint());
        break;
      case kOwner:
        record.owner = read_string(in);
        break;
      case kCreated:
        record.created = read_time(in);
        break;
      case kLocation:
        record.location = read_string(in);
        break;
      case kOwnership:
        record.ownership = in.enumeration(Ownership::kObjectWriter, Ownership::kBucketOwnerEnforced);
        break;
      case kAccess:
        read_grant(in, &record.access);
        break;
      case kTag:
        read_pair(in, &record.tags);
        break;
      case kCors:
        record.cors = read_string(in);
        break;
      case kPolicy:
        record.policy = read_string(in);
        break;
      case kGeneration:
        record.generation = in.varint();
        break;
      case kExports:
        read_exports(in, &record.exports);
        break;
      case kQuotaBytes:
        record.quota_bytes = in.varint();
        break;
      case kQuotaObjects:
        record.quota_objects = in.varint();
        break;
      case kCacheSettings:
        record.cache_settings = read_string(in);
        break;
      default:
        read_time_field(in, &record);
        break;
    }
  }
  in.require(has_kind && record.id.value != 0 && cache == (record.kind == VolumeKind::kCache));
  TP_TRY_VOID(in.finish("volume"));
  return record;
}

Bytes encode_counters(const VolumeCounters& counters) {
  FieldWriter out(kValueVersion, 32);
  out.varint(1, counters.objects);
  out.varint(2, counters.bytes);
  out.varint(3, counters.uploads);
  out.varint(4, counters.upload_bytes);
  if (counters.latest) out.varint(5, counters.latest.value);
  if (counters.newest_marked) out.varint(6, counters.newest_marked.value);
  return out.take();
}

Result<VolumeCounters> decode_counters(BytesView value) {
  FieldReader in(value, kValueVersion);
  VolumeCounters counters;
  while (in.next()) {
    if (in.number() == 1) counters.objects = in.varint();
    if (in.number() == 2) counters.bytes = in.varint();
    if (in.number() == 3) counters.uploads = in.varint();
    if (in.number() == 4) counters.upload_bytes = in.varint();
    if (in.number() == 5) counters.latest = Epoch(in.varint());
    if (in.number() == 6) counters.newest_marked = Epoch(in.varint());
  }
  TP_TRY_VOID(in.finish("volume's counters"));
  return counters;
}

}  // namespace tp::meta
