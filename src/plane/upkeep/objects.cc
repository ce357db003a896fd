// Versions of keys, as lifecycle looks at them and takes them away.
#include <algorithm>

#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/list/snapshot_read.h"
#include "plane/locks/lock_rules.h"
#include "plane/upkeep/upkeep_impl.h"
#include "plane/versions/version_walker.h"

namespace tp::plane {
namespace {

/// Gathers whole keys from a walk.
class KeyGatherer {
 public:
  KeyGatherer(meta::ReadView& view, const VolumeEntry& volume) : view_(view), walker_(view, volume) {}

  Result<void> seek(BytesView target) { return walker_.seek(target); }
  bool valid() const { return walker_.valid(); }
  BytesView key() const { return walker_.key(); }

  /// All versions of the key it stands on; moves on to the next key.
  Result<void> gather(std::vector<UpkeepObject>& out) {
    const Bytes key(walker_.key());
    const size_t begin = out.size();
    uint64_t noncurrent = 0;
    rt::Nanos newer_modified = 0;
    while (walker_.valid() && walker_.key() == BytesView(key)) {
      UpkeepObject& object = out.emplace_back();
      object.key = key;
      object.current = walker_.latest();
      TP_TRY_VOID(describe(object));
      if (!object.current) {
        object.newer_noncurrent = noncurrent++;
        // A marker does not say since when it is not the latest: since the version above it.
        if (object.superseded == 0) object.superseded = newer_modified;
      }
      newer_modified = object.modified;
      TP_TRY_VOID(walker_.next());
    }
    out[begin].only_version = out.size() - begin == 1;
    for (size_t i = begin + 1; i < out.size(); ++i) out[i].only_version = false;
    return ok;
  }

 private:
  Result<void> describe(UpkeepObject& object) {
    if (!walker_.current()) object.version = walker_.kept_number();
    object.inode = walker_.inode();
    object.modified = walker_.entry().modified;
    if (!object.inode) return ok;
    TP_TRY(auto record, find_inode(view_, object.inode));
    if (!record) return fail(Code::kCorruption, "a version leads to an inode that is not there");
    if (walker_.current()) object.version = record->version;
    object.modified = record->modified;
    object.accessed = record->accessed;
    object.superseded = record->superseded;
    object.size_bytes = record->size_bytes;
    object.tags = std::move(record->tags);
    object.storage_class = std::move(record->storage_class);
    return ok;
  }

  meta::ReadView& view_;
  VersionWalker walker_;
};

Result<UpkeepPage> walk_keys(meta::ReadView& view, const VolumeEntry& volume, const std::string& after, size_t limit) {
  UpkeepPage page;
  KeyGatherer keys(view, volume);
  TP_TRY_VOID(keys.seek(after.empty() ? Bytes() : after + '\0'));
  while (keys.valid() && page.objects.size() < limit) TP_TRY_VOID(keys.gather(page.objects));
  if (keys.valid() && !page.objects.empty()) page.next = page.objects.back().key;
  return page;
}

Result<std::vector<UpkeepObject>> gather_key(meta::ReadView& view, const VolumeEntry& volume, const std::string& key) {
  std::vector<UpkeepObject> found;
  KeyGatherer keys(view, volume);
  TP_TRY_VOID(keys.seek(key));
  if (keys.valid() && keys.key() == BytesView(key)) TP_TRY_VOID(keys.gather(found));
  return found;
}

/// Whether taking the version away would bring an older one back: a delete marker that is the latest of several.
Result<bool> hides_others(Namespace& names, BytesView key, const Namespace::Version& version) {
  if (!version.delete_marker()) return false;
  TP_TRY(const auto current, names.find(key));
  if (current) return false;
  TP_TRY(const auto newest, names.newest_kept(key));
  if (!newest || newest->order != version.order) return false;
  size_t versions = 0;
  auto count = [&versions](BytesView at, BytesView) {
    const auto parts = meta::parse_version_key(at);
    if (parts && parts->order != 0) ++versions;
    return versions < 2;
  };
  const VolumeId volume = names.volume().id;
  TP_TRY_VOID(names.txn().scan(kv::Space::kVersions, meta::key_versions_begin(volume, key),
                               meta::key_versions_end(volume, key), count));
  return versions > 1;
}

}  // namespace

Task<UpkeepPage> UpkeepImpl::walk(VolumeId volume_id, std::string after, size_t limit) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  auto body = [&](meta::ReadView& view) { return walk_keys(view, *volume, after, std::max<size_t>(limit, 1)); };
  co_return co_await read_snapshot(core_, volume, std::move(body));
}

Task<std::vector<UpkeepObject>> UpkeepImpl::versions(VolumeId volume_id, std::string key) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  auto body = [&](meta::ReadView& view) { return gather_key(view, *volume, key); };
  co_return co_await read_snapshot(core_, volume, std::move(body));
}

Task<bool> UpkeepImpl::expire(VolumeId volume_id, std::string key, InodeId inode) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return false;
  auto body = [&](meta::Txn& txn) -> Result<bool> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(const auto object, names.find(key));
    if (!object || object->inode != inode) return false;
    const bool goes = names.versioning() == meta::Versioning::kOff;
    if (goes && is_locked(object->record, txn.wall_now())) return false;
    TP_TRY_VOID(names.remove_current(key, object, volume->owner));
    TP_TRY_VOID(names.finish());
    return true;
  };
  co_return co_await core_.change(std::move(body));
}

Task<bool> UpkeepImpl::expire_version(VolumeId volume_id, std::string key, uint64_t version) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return false;
  auto body = [&](meta::Txn& txn) -> Result<bool> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(const auto found, names.find_version(key, version));
    if (!found || found->current) return false;
    if (is_locked(found->object.record, txn.wall_now())) return false;
    TP_TRY(const bool hides, hides_others(names, key, *found));
    if (hides) return false;
    TP_TRY_VOID(names.remove_version(key, *found));
    TP_TRY_VOID(names.finish());
    return true;
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
