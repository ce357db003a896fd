// RestoreApply: does the steps of a restore inside one transaction. What the snapshot has is read in the transaction,
// so that its blobs are there when they get another reference. On the stack of the transaction.
#pragma once

#include "plane/core/namespace.h"
#include "plane/snapshots.h"
#include "plane/snapshots/restore/restore_plan.h"

namespace tp::plane {

class RestoreApply {
 public:
  /// kNotFound with Reason::kNoSuchSnapshot if the snapshot is gone. `roots` outlives it.
  static Result<RestoreApply> begin(Core& core, meta::Txn& txn, const RestorePlan::Roots& roots);

  /// Does steps from `from` on until the transaction is large; how many there were.
  Result<size_t> apply(const std::vector<RestoreStep>& steps, size_t from, RestoreReport* report);
  /// One file, which the snapshot has as `from`, becomes `to`.
  Result<void> restore_file(InodeId inode, const Bytes& to, RestoreReport* report);
  Result<void> finish() { return names_.finish(); }

 private:
  RestoreApply(Namespace names, meta::Txn& txn, const RestorePlan::Roots& roots)
      : names_(std::move(names)), txn_(txn), roots_(roots), before_(txn, roots.snapshot->layer) {}

  Result<void> restore_directory(InodeId inode, const Bytes& to);
  Result<void> remove_file(const Bytes& key, RestoreReport* report);
  Result<void> remove_directory(const Bytes& path);
  /// The directory with all above it, made where missing; they stay.
  Result<InodeId> make_directories(const Bytes& path);
  /// A file of several names of which another is restored already gets this one, too.
  Result<bool> link(const meta::InodeRecord& was, const Bytes& key, const std::optional<Namespace::Object>& old);
  /// Where a name that the snapshot has is restored to; nullopt: outside of what is restored.
  Result<std::optional<Bytes>> target_of(const meta::LinkName& name);
  Result<void> require_free(const Bytes& key, const Namespace::Object& object) const;

  Namespace names_;
  meta::Txn& txn_;
  const RestorePlan::Roots& roots_;
  meta::TxnView before_;
  size_t cost_ = 0;
};

}  // namespace tp::plane
