#include "plane/snapshots/snapshot_steps.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/entries/entry_objects.h"
#include "plane/reason.h"

namespace tp::plane {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::unexpected<Error> no_such_volume() {
  return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
}

/// Counters say what the changes keep, so that every transaction after this one in its group knows.
Result<void> write_scope(meta::Txn& txn, VolumeId volume) {
  TP_TRY(const auto value, txn.get(kv::Space::kMeta, meta::counters_key(volume)));
  if (!value) return no_such_volume();
  TP_TRY(auto counters, meta::decode_counters(*value));
  TP_TRY(const auto snapshots, load_snapshots(txn, volume));
  counters.latest = counters.newest_marked = Epoch();
  for (const meta::SnapshotRecord& snapshot : snapshots) {
    if (!snapshot.deleting) {
      counters.latest = snapshot.at;
      counters.newest_marked = Epoch();
    } else if (counters.latest) {
      counters.newest_marked = snapshot.at;
    }
  }
  txn.put(kv::Space::kMeta, meta::counters_key(volume), meta::encode_counters(counters));
  return ok;
}

}  // namespace

Result<VolumeEntryPtr> find_for_snapshots(Core& core, const Caller& caller, std::string_view volume) {
  TP_TRY(VolumeEntryPtr found, core.volumes.find(volume));
  if (!caller.root && (caller.anonymous() || caller.user_id != found->owner)) {
    return fail(Code::kPermissionDenied, Reason::kAccessDenied, "only the volume's owner may do this");
  }
  if (found->snapshot) return fail(Code::kInvalidArgument, "name the volume and its snapshot apart");
  if (is_cache(*found)) return fail(Code::kInvalidArgument, found->name + " is a cache volume, which has no snapshots");
  return found;
}

Result<void> check_snapshot_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxSnapshotNameBytes && name.front() != '.' &&
                    std::ranges::all_of(name, is_name_character);
  if (good) return ok;
  return fail(Code::kInvalidArgument,
              "a snapshot's name has 1 to 128 letters, digits, '-', '_' and '.', and does not begin with '.'");
}

std::unexpected<Error> no_such_snapshot(std::string_view name) {
  return fail(Code::kNotFound, Reason::kNoSuchSnapshot, "there is no snapshot " + std::string(name));
}

Result<std::vector<meta::SnapshotRecord>> load_snapshots(meta::RecordSource& source, VolumeId volume) {
  std::vector<meta::SnapshotRecord> found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView, BytesView value) {
    auto record = meta::decode_snapshot(value);
    if (record)
      found.push_back(std::move(*record));
    else
      parsed = std::unexpected(std::move(record).error());
    return parsed.has_value();
  };
  TP_TRY_VOID(source.scan(kv::Space::kMeta, meta::snapshot_key(volume, Epoch()),
                          meta::snapshot_key(VolumeId(volume.value + 1), Epoch()), visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

Result<meta::SnapshotRecord> load_snapshot(meta::RecordSource& source, VolumeId volume, std::string_view name) {
  TP_TRY(auto all, load_snapshots(source, volume));
  for (meta::SnapshotRecord& record : all) {
    if (!record.deleting && record.name == name) return std::move(record);
  }
  return no_such_snapshot(name);
}

Result<void> write_snapshot(Core& core, meta::Txn& txn, const meta::SnapshotRecord& record) {
  txn.put(kv::Space::kMeta, meta::snapshot_key(record.volume, record.at), meta::encode_snapshot(record));
  txn.after_commit([&core, record] { core.volumes.put_snapshot(record); });
  return write_scope(txn, record.volume);
}

Result<void> erase_snapshot(Core& core, meta::Txn& txn, const meta::SnapshotRecord& record) {
  txn.erase(kv::Space::kMeta, meta::snapshot_key(record.volume, record.at));
  txn.after_commit([&core, volume = record.volume, at = record.at] { core.volumes.erase_snapshot(volume, at); });
  return write_scope(txn, record.volume);
}

void journal_snapshot(meta::Txn& txn, meta::ChangeKind kind, const meta::SnapshotRecord& record) {
  meta::Change change;
  change.kind = kind;
  change.volume = record.volume;
  change.key = record.name;
  change.time = txn.wall_now();
  txn.journal(std::move(change));
}

}  // namespace tp::plane
