#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"

namespace tp::plane {
namespace {

constexpr size_t kEntriesPerChange = 100;

Result<DeleteResult> remove_one(Namespace& names, BytesView key, const WriteConditions& conditions) {
  TP_TRY(auto object, names.find(key));
  TP_TRY_VOID(check_conditions(conditions, object ? &object->record : nullptr));
  if (!object) return DeleteResult{false};
  TP_TRY_VOID(names.remove_object(key, *object));
  names.journal(meta::ChangeKind::kObjectRemoved, key, object->inode, object->record.size_bytes);
  return DeleteResult{true};
}

/// What is the entry's own answer; anything else fails the whole change, or half an entry might stay.
bool concerns_entry_only(const Error& error) {
  return error.code == Code::kPreconditionFailed || error.code == Code::kNotFound;
}

}  // namespace

Task<DeleteResult> PlaneImpl::remove(Caller caller, ObjectRef object, WriteConditions conditions) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(check_lookup_key(object.key));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kDeleteObject, object.key, nullptr));
  auto body = [this, &volume, &object, &conditions](meta::Txn& txn) -> Result<DeleteResult> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(DeleteResult result, remove_one(names, object.key, conditions));
    if (result.existed) TP_TRY_VOID(names.finish());
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
        if (auto valid = check_lookup_key(entry.key); !valid) {
          results[i] = std::unexpected(std::move(valid.error()));
          continue;
        }
        if (auto allowed = require_on_object(caller, *volume, Action::kDeleteObject, entry.key, nullptr); !allowed) {
          results[i] = std::unexpected(std::move(allowed.error()));
          continue;
        }
        results[i] = remove_one(names, entry.key, entry.conditions);
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
