#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/entry_objects.h"
#include "plane/rights/rights.h"
#include "plane/versions/version_lookup.h"

namespace tp::plane {
namespace {

constexpr int kLookupAttempts = 16;

bool usable(const CachedObject& object, bool with_data, const Core& core) {
  if (!with_data) return true;
  return object.has_bytes && (object.extents.empty() || object.relocations == core.relocations.load());
}

}  // namespace

Task<CachedObjectPtr> PlaneImpl::find_object(Caller caller, ObjectRef object, Action action, bool with_data) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(check_lookup_key(object.key));
  if (is_cache(*volume)) {
    if (!object.version.empty()) TP_CO_TRY_VOID(require_null_version(object.version));
    TP_CO_TRY(CachedObjectPtr entry, co_await find_entry_object(core_, volume, object.key));
    if (entry == nullptr) co_return std::unexpected(missing_key(caller, *volume, object.key));
    TP_CO_TRY_VOID(require_on_object(caller, *volume, action, object.key, &entry->info.record));
    co_return entry;
  }
  if (!object.version.empty()) {
    co_return co_await find_version_object(core_, std::move(caller), volume, std::move(object), action, with_data);
  }
  ObjectCache::Key key{volume->id, volume->generation, object.key};
  CachedObjectPtr found = core_.cache.find(key);
  if (found != nullptr && !usable(*found, with_data, core_)) found = nullptr;
  Error last(Code::kConflict, "");
  for (int attempt = 0; found == nullptr; ++attempt) {
    if (attempt == kLookupAttempts) {
      // A change between two reads of a lookup is over at the next; what stays torn is torn on disk.
      co_return fail(Code::kCorruption, "object " + object.key + ": " + last.message);
    }
    ObjectCache::Ticket ticket = core_.cache.ticket(key);
    uint64_t relocations = core_.relocations.load();
    auto load = [&volume, &object, with_data](meta::ReadView& view) {
      return load_object(view, *volume, object.key, with_data);
    };
    auto loaded = co_await core_.read(*volume, std::move(load));
    if (!loaded) {
      if (loaded.error().code != Code::kConflict) co_return std::unexpected(std::move(loaded.error()));
      last = std::move(loaded.error());
      continue;
    }
    if (*loaded == nullptr) {
      TP_CO_TRY_VOID(co_await missing_object(core_, caller, volume, object.key));
      co_return std::unexpected(missing_key(caller, *volume, object.key));
    }
    (*loaded)->relocations = relocations;
    found = std::move(*loaded);
    core_.cache.insert(key, ticket, found);
  }
  TP_CO_TRY_VOID(require_on_object(caller, *volume, action, object.key, &found->info.record));
  co_return found;
}

Task<ObjectInfoPtr> PlaneImpl::stat(Caller caller, ObjectRef object, Action action) {
  TP_CO_TRY(CachedObjectPtr found, co_await find_object(std::move(caller), std::move(object), action, false));
  const ObjectInfo* info = &found->info;
  co_return ObjectInfoPtr(std::move(found), info);
}

}  // namespace tp::plane
