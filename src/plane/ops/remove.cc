#include "meta/versions/version_id.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/locks/lock_rights.h"
#include "plane/rights/rights.h"
#include "plane/versions/version_lookup.h"

namespace tp::plane {
namespace {

constexpr size_t kEntriesPerChange = 100;

/// One of several removals in a transaction.
struct Removal {
  const Caller& caller;
  const VolumeEntry& volume;
  BytesView key;
  const std::string& version;
  const WriteConditions& conditions;

  Result<void> check() const {
    TP_TRY_VOID(check_lookup_key(key));
    if (!version.empty()) TP_TRY_VOID(parse_version(version));
    const Action action = version.empty() ? Action::kDeleteObject : Action::kDeleteObjectVersion;
    return require_on_object(caller, volume, action, key, nullptr);
  }

  Result<DeleteResult> apply(Namespace& names) const {
    return version.empty() ? remove_current(names) : remove_version(names);
  }

 private:
  Result<DeleteResult> remove_current(Namespace& names) const {
    TP_TRY(const auto object, names.find(key));
    TP_TRY_VOID(check_conditions(conditions, object ? &object->record : nullptr));
    // A file that keeps no versions goes for good.
    if (object && names.versioning() == meta::Versioning::kOff) TP_TRY_VOID(require_free(names, object->record));
    return names.remove_current(key, object, caller.anonymous() ? volume.owner : caller.user_id);
  }

  Result<DeleteResult> remove_version(Namespace& names) const {
    TP_TRY(const uint64_t number, parse_version(version));
    TP_TRY(const auto found, names.find_version(key, number));
    const bool object = found && !found->delete_marker();
    TP_TRY_VOID(check_conditions(conditions, object ? &found->object.record : nullptr));
    DeleteResult result;
    result.version = version;
    // Removing what is not there is a success: the version is gone, which is what was asked.
    if (!found) return result;
    if (object) TP_TRY_VOID(require_free(names, found->object.record));
    result.existed = true;
    result.delete_marker = !object;
    TP_TRY_VOID(names.remove_version(key, *found));
    return result;
  }

  Result<void> require_free(Namespace& names, const meta::InodeRecord& record) const {
    return require_removable(caller, volume, key, record, names.txn().wall_now(), conditions.bypass_governance);
  }
};

/// What is the entry's own answer; anything else fails the whole change, or half an entry might stay.
bool concerns_entry_only(const Error& error) {
  return error.code == Code::kPreconditionFailed || error.code == Code::kNotFound ||
         error.reason == static_cast<uint16_t>(Reason::kLocked);
}

}  // namespace

Task<DeleteResult> PlaneImpl::remove(Caller caller, ObjectRef object, WriteConditions conditions) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  const Removal removal{caller, *volume, object.key, object.version, conditions};
  TP_CO_TRY_VOID(removal.check());
  auto body = [this, &volume, &removal](meta::Txn& txn) -> Result<DeleteResult> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(DeleteResult result, removal.apply(names));
    if (result.existed || result.delete_marker) TP_TRY_VOID(names.finish());
    return result;
  };
  co_return co_await core_.change(std::move(body));
}

Task<std::vector<Result<DeleteResult>>> PlaneImpl::remove_many(Caller caller, std::string volume_name,
                                                               std::vector<DeleteEntry> entries) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(volume_name));
  std::vector<Result<DeleteResult>> results(entries.size());
  for (size_t begin = 0; begin < entries.size(); begin += kEntriesPerChange) {
    size_t end = std::min(entries.size(), begin + kEntriesPerChange);
    auto body = [&, begin, end](meta::Txn& txn) -> Result<void> {
      TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
      for (size_t i = begin; i < end; ++i) {
        const DeleteEntry& entry = entries[i];
        const Removal removal{caller, *volume, entry.key, entry.version, entry.conditions};
        if (auto allowed = removal.check(); !allowed) {
          results[i] = std::unexpected(std::move(allowed.error()));
          continue;
        }
        results[i] = removal.apply(names);
        if (!results[i] && !concerns_entry_only(results[i].error())) return std::unexpected(results[i].error());
      }
      return names.finish();
    };
    auto applied = co_await core_.change(std::move(body));
    if (applied) continue;
    if (applied.error().reason == static_cast<uint16_t>(Reason::kNoSuchVolume)) {
      co_return std::unexpected(std::move(applied.error()));
    }
    for (size_t i = begin; i < end; ++i) results[i] = std::unexpected(applied.error());
  }
  co_return results;
}

}  // namespace tp::plane
