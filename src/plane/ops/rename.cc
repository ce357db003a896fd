#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/locks/lock_rules.h"
#include "plane/rights/rights.h"

namespace tp::plane {
namespace {

std::unexpected<Error> no_such_key() { return fail(Code::kNotFound, Reason::kNoSuchKey, "there is no such key"); }

struct Rename {
  VolumeEntryPtr volume;
  std::string from, to;
  ReadConditions source_conditions;
  WriteConditions conditions;
};

Result<void> rename_object(Core& core, meta::Txn& txn, const Rename& rename) {
  TP_TRY(Namespace names, Namespace::open(core, txn, *rename.volume));
  TP_TRY(auto source, names.find(rename.from));
  if (!source) return no_such_key();
  if (evaluate(rename.source_conditions, source->record) != ReadVerdict::kProceed) {
    return fail(Code::kPreconditionFailed, Reason::kSourceConditionFailed, "a condition on the source does not hold");
  }
  TP_TRY(auto target, names.find(rename.to));
  TP_TRY_VOID(check_conditions(rename.conditions, target ? &target->record : nullptr));
  if (rename.from == rename.to) return ok;
  // A locked version keeps its key.
  TP_TRY_VOID(require_unlocked(source->record, txn.wall_now()));
  InodeId inode = source->inode;
  uint64_t size_bytes = source->record.size_bytes;
  TP_TRY_VOID(names.move_object(rename.from, rename.to, std::move(*source), target));
  names.journal(meta::ChangeKind::kRenamed, rename.from, inode, size_bytes, rename.to);
  return names.finish();
}

Result<void> rename_prefix(Core& core, meta::Txn& txn, const Rename& rename) {
  TP_TRY(Namespace names, Namespace::open(core, txn, *rename.volume));
  TP_TRY(const auto directory, names.find_directory(rename.from));
  if (rename.from == rename.to) {
    if (!directory) return no_such_key();
    return ok;
  }
  if (directory) {
    TP_TRY(const meta::InodeRecord record, names.directory(*directory));
    TP_TRY_VOID(require_unlocked_below(names.volume(), record));
  }
  TP_TRY_VOID(names.move_directory(rename.from, rename.to));
  TP_TRY_VOID(names.next_generation());
  names.journal(meta::ChangeKind::kRenamed, rename.from, InodeId(), 0, rename.to);
  return names.finish();
}

}  // namespace

Task<void> PlaneImpl::rename(Caller caller, std::string volume_name, std::string from, std::string to,
                             ReadConditions source_conditions, WriteConditions conditions) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(volume_name));
  TP_CO_TRY_VOID(check_lookup_key(from));
  TP_CO_TRY_VOID(check_key(to));
  bool prefix = from.ends_with('/');
  if (prefix != to.ends_with('/')) {
    co_return fail(Code::kInvalidArgument, Reason::kInvalidKey, "both names must end in '/', or neither");
  }
  // A rename takes from one name and gives to another.
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kDeleteObject, from, nullptr));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, to, nullptr));
  Rename what{std::move(volume), std::move(from), std::move(to), std::move(source_conditions), std::move(conditions)};
  auto body = [this, &what, prefix](meta::Txn& txn) {
    return prefix ? rename_prefix(core_, txn, what) : rename_object(core_, txn, what);
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
