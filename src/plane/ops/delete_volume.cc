#include "meta/keys.h"
#include "meta/versions/version_record.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/cache_volumes.h"
#include "plane/reason.h"
#include "plane/rights/rights.h"
#include "plane/snapshots/freeing/free_clone.h"
#include "plane/snapshots/freeing/free_snapshot.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {
namespace {

// Uploads in progress do not keep a bucket, as in S3: clients that empty one before they remove it do not look for
// them.
Result<void> drop_uploads(Namespace& names, VolumeId volume) {
  std::vector<meta::UploadKeyParts> uploads;
  Result<void> parsed = ok;
  auto collect = [&](BytesView key, BytesView) {
    auto parts = meta::parse_upload_key(key);
    if (!parts) {
      parsed = std::unexpected(std::move(parts).error());
      return false;
    }
    uploads.push_back(std::move(*parts));
    return true;
  };
  TP_TRY_VOID(
      names.txn().scan(kv::Space::kUploads, meta::uploads_begin(volume), meta::uploads_end(volume), collect));
  TP_TRY_VOID(std::move(parsed));
  for (const auto& upload : uploads) TP_TRY_VOID(drop_upload(names, upload.object_key, upload.upload));
  return ok;
}

/// What S3 does not see goes with the bucket, so much of it as one transaction may change.
constexpr size_t kMaxUnseen = 10'000;

std::unexpected<Error> not_empty() {
  return fail(Code::kNotEmpty, Reason::kVolumeNotEmpty, "the bucket is not empty");
}

/// Counters are only counters: what the tree says decides.
Result<void> drop_empty_directories(Namespace& names) {
  meta::Txn& txn = names.txn();
  std::vector<InodeId> directories = {names.volume().root};
  for (size_t next = 0; next < directories.size(); ++next) {
    std::vector<Bytes> keys;
    Result<void> outcome = ok;
    auto visit = [&](BytesView key, BytesView value) {
      const auto name = meta::decode_name(value);
      const auto parts = meta::parse_name_key(key);
      if (!name || !parts || !parts->directory || directories.size() > kMaxUnseen) {
        outcome = not_empty();
        return false;
      }
      directories.push_back(name->inode);
      keys.emplace_back(key);
      return true;
    };
    const InodeId at = directories[next];
    TP_TRY_VOID(txn.scan(kv::Space::kNames, meta::names_begin(at), meta::names_end(at), visit));
    TP_TRY_VOID(std::move(outcome));
    for (Bytes& key : keys) txn.erase(kv::Space::kNames, std::move(key));
    // The root goes with the volume. Nobody looks for the others by a name below an inode that is never given again.
    if (next > 0) txn.erase(kv::Space::kInodes, meta::inode_key(at));
  }
  return ok;
}

Result<void> drop_orphans(Namespace& names) {
  std::vector<InodeId> orphans;
  auto visit = [&](BytesView key, BytesView value) {
    const auto volume = decode_orphan(value);
    if (volume && *volume == names.volume().id) {
      orphans.push_back(InodeId(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t))));
    }
    return orphans.size() <= kMaxUnseen;
  };
  TP_TRY_VOID(names.txn().scan(kv::Space::kMeta, meta::orphans_begin(), meta::orphans_end(), visit));
  if (orphans.size() > kMaxUnseen) return not_empty();
  for (const InodeId orphan : orphans) TP_TRY_VOID(names.drop_orphan(orphan));
  return ok;
}

Result<bool> has_versions(Namespace& names) {
  bool any = false;
  const VolumeId volume = names.volume().id;
  auto seen = [&any](BytesView, BytesView) {
    any = true;
    return false;
  };
  TP_TRY_VOID(names.txn().scan(kv::Space::kVersions, meta::versions_begin(volume), meta::versions_end(volume), seen));
  return any;
}

Result<void> erase_volume(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  if (names.counters().objects != 0) return not_empty();
  TP_TRY(const bool versions, has_versions(names));
  if (versions) return not_empty();
  if (volume.base_at) return mark_clone_removed(core, txn, volume);
  TP_TRY(const auto snapshots, load_snapshots(txn, volume.id));
  if (!snapshots.empty()) {
    return fail(Code::kNotEmpty, Reason::kVolumeNotEmpty, "The bucket has snapshots: delete them first.");
  }
  TP_TRY_VOID(drop_empty_directories(names));
  TP_TRY_VOID(drop_orphans(names));
  TP_TRY_VOID(drop_uploads(names, volume.id));
  // Hands over the uploads' dead blobs; the counters it writes go with the rest.
  TP_TRY_VOID(names.finish());
  txn.erase(kv::Space::kMeta, meta::volume_key(volume.name));
  txn.erase(kv::Space::kMeta, meta::counters_key(volume.id));
  txn.erase(kv::Space::kInodes, meta::inode_key(volume.root));
  names.journal(meta::ChangeKind::kVolumeDeleted, volume.name, volume.root, 0);
  txn.after_commit([&core, name = volume.name] { core.volumes.erase(name); });
  return ok;
}

}  // namespace

Task<void> PlaneImpl::delete_volume(Caller caller, std::string name) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(name));
  TP_CO_TRY_VOID(require_on_volume(caller, *volume, Action::kDeleteBucket));
  if (is_cache(*volume)) co_return co_await remove_cache_volume(core_, std::move(volume));
  if (volume->snapshot) co_return fail(Code::kInvalidArgument, "a snapshot is no bucket: tokenplane snapshot delete");
  TP_CO_TRY_VOID(co_await free_marked_snapshots(core_, volume->id));
  auto body = [this, &volume](meta::Txn& txn) { return erase_volume(core_, txn, *volume); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
