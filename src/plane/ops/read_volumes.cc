// What is asked of volumes: one by name, a page of them, the counters of one.
#include "meta/keys.h"
#include "meta/snapshot_record.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"

namespace tp::plane {

Result<VolumePtr> PlaneImpl::volume(std::string_view name) { return core_.volumes.find(name); }

Result<VolumePtr> PlaneImpl::volume_for(const Caller& caller, std::string_view name, Action action) {
  TP_TRY(VolumeEntryPtr volume, core_.volumes.find(name));
  TP_TRY_VOID(require_on_volume(caller, *volume, action));
  return volume;
}

Result<VolumeListPage> PlaneImpl::list_volumes(const Caller& caller, std::string_view prefix, std::string_view after,
                                               uint32_t max_entries) {
  if (caller.anonymous()) return fail(Code::kPermissionDenied, Reason::kAccessDenied, "access denied");
  VolumeListPage page;
  // `after` in front of the prefix would walk all names before it; the empty name is before all.
  std::string from(std::max(after, prefix.empty() ? std::string_view() : prefix.substr(0, prefix.size() - 1)));
  core_.volumes.walk(from, [&](const VolumeEntryPtr& volume) {
    if (!volume->name.starts_with(prefix)) return volume->name < prefix;
    if (!caller.root && volume->owner != caller.user_id) return true;
    if (page.volumes.size() == max_entries) {
      page.truncated = true;
      return false;
    }
    page.volumes.push_back({volume->name, volume->created});
    return true;
  });
  return page;
}

Task<meta::VolumeCounters> PlaneImpl::counters(std::string name) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(name));
  auto read = [volume](meta::ReadView& view) -> Result<meta::VolumeCounters> {
    if (volume->snapshot) {
      TP_TRY(const auto kept, view.get(kv::Space::kMeta, meta::snapshot_key(volume->live, volume->snapshot)));
      if (!kept) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
      TP_TRY(const auto snapshot, meta::decode_snapshot(*kept));
      return snapshot.counters;
    }
    TP_TRY(auto value, view.get(kv::Space::kMeta, meta::counters_key(volume->id)));
    if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
    return meta::decode_counters(*value);
  };
  co_return co_await core_.meta.read(std::move(read));
}

}  // namespace tp::plane
