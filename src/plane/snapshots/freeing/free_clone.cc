#include "plane/snapshots/freeing/free_clone.h"

#include <algorithm>

#include "meta/keys.h"
#include "meta/versions/version_record.h"
#include "plane/core/object_lookup.h"
#include "plane/reason.h"
#include "plane/snapshots/freeing/kept_records.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {
namespace {

using kv::Space;

constexpr std::string_view kNotes = "removed-clone/";
/// Records of a transaction: others wait while it runs.
constexpr size_t kRecordsAtOnce = 256;
constexpr size_t kUploadsAtOnce = 4;

Bytes note_of(VolumeId volume) {
  return meta::note_key(std::string(kNotes) + std::to_string(volume.value));
}

struct Stored {
  Bytes key, value;
};

/// One transaction's work on one removed clone: uploads, versions, files without names, then what it has of its own of
/// its base's directories and all below.
class CloneRemoval {
 public:
  CloneRemoval(Namespace& names, const VolumeEntry& volume)
      : names_(names), txn_(names.txn()), volume_(volume), records_(names, volume) {}

  /// False: nothing was left.
  Result<bool> free_some() {
    TP_TRY_VOID(free_uploads());
    if (budget_ == kRecordsAtOnce) TP_TRY_VOID(free_versions());
    if (budget_ == kRecordsAtOnce) TP_TRY_VOID(free_orphans());
    if (budget_ == kRecordsAtOnce) TP_TRY_VOID(free_overlay());
    return budget_ != kRecordsAtOnce;
  }

 private:
  bool own(InodeId inode) const { return inode.value >= volume_.base_at.value; }
  /// False when the transaction is full.
  bool spend() { return budget_ > 0 && --budget_ > 0; }

  Result<std::vector<Stored>> first(Space space, BytesView begin, BytesView end, size_t limit) {
    std::vector<Stored> found;
    auto visit = [&](BytesView key, BytesView value) {
      found.push_back({Bytes(key), Bytes(value)});
      return found.size() < limit;
    };
    TP_TRY_VOID(txn_.scan(space, begin, end, visit));
    return found;
  }

  Result<void> free_uploads() {
    TP_TRY(const auto uploads,
           first(Space::kUploads, meta::uploads_begin(volume_.id), meta::uploads_end(volume_.id), kUploadsAtOnce));
    for (const Stored& upload : uploads) {
      TP_TRY(const auto parts, meta::parse_upload_key(upload.key));
      TP_TRY_VOID(drop_upload(names_, parts.object_key, parts.upload));
      (void)spend();
    }
    return ok;
  }

  /// The inode's records if they are the clone's own; what it has of its base's goes with the overlay. False: more of
  /// it is left.
  Result<bool> erase_file(InodeId inode) {
    if (!inode || !own(inode)) return true;
    return records_.erase_inode(inode, kRecordsAtOnce);
  }

  Result<void> free_versions() {
    TP_TRY(const auto versions,
           first(Space::kVersions, meta::versions_begin(volume_.id), meta::versions_end(volume_.id), kRecordsAtOnce));
    for (const Stored& version : versions) {
      const bool more = spend();
      TP_TRY(const auto parts, meta::parse_version_key(version.key));
      if (parts.order != 0) {
        TP_TRY(const auto record, meta::decode_version(version.value));
        TP_TRY(const bool whole, erase_file(record.inode));
        if (!whole) return ok;
      }
      txn_.erase(Space::kVersions, version.key);
      if (!more) return ok;
    }
    return ok;
  }

  Result<void> free_orphans() {
    std::vector<Bytes> orphans;
    auto visit = [&](BytesView key, BytesView value) {
      const auto volume = decode_orphan(value);
      if (volume && *volume == volume_.id) orphans.emplace_back(key);
      return orphans.size() < kRecordsAtOnce;
    };
    TP_TRY_VOID(txn_.scan(Space::kMeta, meta::orphans_begin(), meta::orphans_end(), visit));
    for (const Bytes& orphan : orphans) {
      const bool more = spend();
      const InodeId inode(get_be<uint64_t>(orphan.data() + orphan.size() - sizeof(uint64_t)));
      TP_TRY(const bool whole, erase_file(inode));
      if (!whole) return ok;
      txn_.erase(Space::kMeta, orphan);
      if (!more) return ok;
    }
    return ok;
  }

  Result<void> free_overlay() {
    TP_TRY(const auto entries,
           first(Space::kOverlay, meta::overlays_begin(volume_.id), meta::overlays_end(volume_.id), kRecordsAtOnce));
    for (const Stored& entry : entries) {
      const bool more = spend();
      TP_TRY(const auto value, meta::decode_overlay(entry.value));
      const auto space = static_cast<Space>(entry.key[meta::kOverlayPrefixBytes - 1]);
      const BytesView key = BytesView(entry.key).substr(meta::kOverlayPrefixBytes);
      bool whole = true;
      if (value && space == Space::kNames) {
        TP_TRY(whole, free_name(key, *value));
      } else if (value && space == Space::kExtents) {
        TP_TRY_VOID(records_.drop_extent(key, *value));
      }
      if (!whole) return ok;
      txn_.erase(Space::kOverlay, entry.key);
      if (!more) return ok;
    }
    return ok;
  }

  /// What the name leads to, with all below; false: more of it is left.
  Result<bool> free_name(BytesView key, BytesView value) {
    TP_TRY(const meta::NameRecord name, meta::decode_name(value));
    if (!own(name.inode)) return true;
    TP_TRY(const auto parts, meta::parse_name_key(key));
    if (!parts.directory) return erase_file(name.inode);
    return free_directory(name.inode);
  }

  /// Depth first, without recursion: the path down is found again where the transaction is full.
  Result<bool> free_directory(InodeId top) {
    std::vector<std::pair<InodeId, Bytes>> path = {{top, Bytes()}};  // and the name that leads there, below the top
    while (true) {
      const InodeId at = path.back().first;
      TP_TRY(const auto names, first(Space::kNames, meta::names_begin(at), meta::names_end(at), 1));
      if (!names.empty()) {
        TP_TRY(const meta::NameRecord name, meta::decode_name(names.front().value));
        TP_TRY(const auto parts, meta::parse_name_key(names.front().key));
        if (parts.directory && own(name.inode)) {
          path.emplace_back(name.inode, names.front().key);
          continue;
        }
        const bool more = spend();
        TP_TRY(const bool whole, erase_file(name.inode));
        if (!whole) return false;
        txn_.erase(Space::kNames, names.front().key);
        if (!more) return false;
        continue;
      }
      txn_.erase(Space::kInodes, meta::inode_key(at));
      if (path.size() == 1) return true;
      txn_.erase(Space::kNames, path.back().second);
      path.pop_back();
      if (!spend()) return false;
    }
  }

  Namespace& names_;
  meta::Txn& txn_;
  const VolumeEntry& volume_;
  KeptRecords records_;
  size_t budget_ = kRecordsAtOnce;
};

/// False: that was all, and the note is gone.
Result<bool> free_batch(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  // What frees works on a volume; this one has no counters any more, so that nothing else does.
  txn.put(Space::kMeta, meta::counters_key(volume.id), meta::encode_counters({}));
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  CloneRemoval removal(names, volume);
  TP_TRY(const bool more, removal.free_some());
  TP_TRY_VOID(names.finish());
  txn.erase(Space::kMeta, meta::counters_key(volume.id));
  if (!more) txn.erase(Space::kMeta, note_of(volume.id));
  return more;
}

}  // namespace

Result<std::vector<meta::VolumeRecord>> removed_clones(meta::RecordSource& source) {
  std::vector<meta::VolumeRecord> found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView, BytesView value) {
    auto record = meta::decode_volume(value);
    if (record)
      found.push_back(std::move(*record));
    else
      parsed = std::unexpected(std::move(record).error());
    return parsed.has_value();
  };
  Bytes end = meta::note_key(kNotes);
  ++end.back();  // '/' -> '0'
  TP_TRY_VOID(source.scan(Space::kMeta, meta::note_key(kNotes), end, visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

Result<void> mark_clone_removed(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  TP_TRY(const auto value, txn.get(Space::kMeta, meta::volume_key(volume.name)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  TP_TRY(const meta::VolumeRecord record, meta::decode_volume(*value));
  if (record.id != volume.id) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  TP_TRY(const auto snapshots, load_snapshots(txn, record.id));
  if (!snapshots.empty()) {
    return fail(Code::kNotEmpty, Reason::kVolumeNotEmpty, record.name + " has snapshots: delete them first");
  }
  TP_TRY(auto all, load_snapshots(txn, record.base));
  for (meta::SnapshotRecord& base : all) {
    if (base.at != record.base_at) continue;
    if (base.clones > 0) --base.clones;
    TP_TRY_VOID(write_snapshot(core, txn, base));
  }
  txn.erase(Space::kMeta, meta::volume_key(record.name));
  txn.erase(Space::kMeta, meta::counters_key(record.id));
  txn.put(Space::kMeta, note_of(record.id), meta::encode_volume(record));
  meta::Change change;
  change.kind = meta::ChangeKind::kVolumeDeleted;
  change.volume = record.id;
  change.key = record.name;
  change.inode = record.root;
  change.time = txn.wall_now();
  txn.journal(std::move(change));
  txn.after_commit([&core, name = record.name] {
    core.volumes.erase(name);
    core.clones_being_freed.fetch_add(1);
  });
  return ok;
}

Task<bool> free_clone_batch(Core& core, const StillRead& still_read) {
  auto find = [](meta::ReadView& view) { return removed_clones(view); };
  TP_CO_TRY(const auto removed, co_await core.meta.read(std::move(find)));
  core.clones_being_freed.store(removed.size());
  const auto unread = [&](const meta::VolumeRecord& clone) { return !still_read || !still_read(clone.id.value); };
  const auto next = std::ranges::find_if(removed, unread);
  if (next == removed.end()) co_return false;
  VolumeEntry volume;
  static_cast<meta::VolumeRecord&>(volume) = *next;
  auto body = [&core, &volume](meta::Txn& txn) { return free_batch(core, txn, volume); };
  TP_CO_TRY_VOID(co_await core.change(std::move(body)));
  co_return true;
}

}  // namespace tp::plane
