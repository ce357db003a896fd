#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/entry_objects.h"
#include "plane/data/object_reader_impl.h"
#include "plane/rights/rights.h"
#include "plane/tiers/move_queue.h"
#include "plane/versions/version_lookup.h"

namespace tp::plane {

Task<std::unique_ptr<ObjectReader>> PlaneImpl::open_reader(Caller caller, ObjectRef object) {
  return open_source(std::move(caller), std::move(object), Action::kGetObject);
}

Task<std::unique_ptr<ObjectReader>> PlaneImpl::open_source(Caller caller, ObjectRef object, Action action) {
  TP_CO_TRY(VolumeEntryPtr entry_volume, core_.volumes.find(object.volume));
  if (is_cache(*entry_volume)) co_return co_await open_entry_source(std::move(caller), std::move(object), action);
  ReadGuard guard(core_.dead_blobs);
  TP_CO_TRY(CachedObjectPtr found, co_await find_object(caller, object, action, true));
  std::unique_ptr<kv::Snapshot> snapshot;
  if (!found->has_all_extents) {
    // Later windows must be of the same object, whatever becomes of the name: look again, at one point in time.
    snapshot = core_.meta.engine().snapshot();
    TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
    auto load = [this, &volume, &object, &snapshot](meta::ReadView& given) {
      meta::ReadView view(core_.meta.engine(), given.mode(), snapshot.get(), given.layer());
      return load_named(view, *volume, object, true);
    };
    TP_CO_TRY(found, co_await core_.read(*volume, std::move(load)));
    if (found == nullptr) co_return std::unexpected(missing_key(caller, *volume, object.key));
    const Action asked = object.version.empty() ? action : version_action(action);
    TP_CO_TRY_VOID(require_on_object(caller, *volume, asked, object.key, &found->info.record));
  }
  TP_CO_TRY_VOID(require_online(core_, found->info.record));
  co_return std::make_unique<ObjectReaderImpl>(core_, std::move(found), std::move(guard), std::move(snapshot));
}

Task<std::unique_ptr<ObjectReader>> PlaneImpl::open_entry_source(Caller caller, ObjectRef object, Action action) {
  // The rights first: entries may be large, and are read from flash.
  TP_CO_TRY_VOID(co_await find_object(caller, object, action, false));
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY(auto entry, co_await open_entry(core_, volume, object.key));
  if (!entry) co_return std::unexpected(missing_key(caller, *volume, object.key));
  co_return make_entry_reader(std::move(*entry));
}

Result<std::unique_ptr<ObjectReader>> PlaneImpl::try_open_reader(const Caller& caller, std::string_view volume_name,
                                                                 std::string_view key) {
  TP_TRY(VolumeEntryPtr volume, core_.volumes.find(volume_name));
  if (is_cache(*volume)) return nullptr;
  ObjectCache::Key cache_key{volume->id, volume->generation, key};
  CachedObjectPtr found = core_.cache.find(cache_key);
  if (found == nullptr || !found->has_bytes || !found->has_all_extents) return nullptr;
  TP_TRY_VOID(require_on_object(caller, *volume, Action::kGetObject, key, &found->info.record));
  TP_TRY_VOID(require_online(core_, found->info.record));
  if (found->extents.empty()) return std::make_unique<ObjectReaderImpl>(core_, std::move(found));
  ReadGuard guard(core_.dead_blobs);
  // Found again with the guard in place: what is still there now cannot be freed before the reader goes.
  CachedObjectPtr again = core_.cache.find(cache_key);
  if (again != found || found->relocations != core_.relocations.load()) return nullptr;
  return std::make_unique<ObjectReaderImpl>(core_, std::move(found), std::move(guard), nullptr);
}

}  // namespace tp::plane
