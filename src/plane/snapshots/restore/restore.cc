#include "plane/content/commit.h"
#include "plane/content/parts/file_content.h"
#include "plane/core/object_lookup.h"
#include "plane/reason.h"
#include "plane/snapshots/restore/restore_apply.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {

struct Found {
  std::optional<InodeId> file, directory;
};

/// What `path` is in the snapshot: "a/b" may be either.
Result<Found> look_up(meta::RecordSource& before, InodeId root, const std::string& path) {
  Found found;
  if (path.empty() || path.ends_with('/')) {
    TP_TRY(found.directory, find_directory(before, root, path));
    return found;
  }
  TP_TRY(const auto parent, find_directory(before, root, directory_part(path)));
  if (!parent) return found;
  TP_TRY(const auto file, find_name(before, *parent, file_part(path), false));
  if (file) found.file = file->inode;
  TP_TRY(const auto directory, find_name(before, *parent, file_part(path), true));
  if (directory) found.directory = directory->inode;
  return found;
}

Task<RestoreReport> restore_directory(Core* core, RestorePlan::Roots roots) {
  RestorePlan plan(*core, roots);
  RestoreReport report;
  while (!plan.done()) {
    auto look = [&plan] { return plan.next(); };
    TP_CO_TRY(const auto steps, co_await core->runtime.pool().run(std::move(look)));
    for (size_t at = 0; at < steps.size();) {
      auto body = [core, &roots, &steps, at, report](meta::Txn& txn) -> Result<std::pair<size_t, RestoreReport>> {
        RestoreReport so_far = report;
        TP_TRY(RestoreApply apply, RestoreApply::begin(*core, txn, roots));
        TP_TRY(const size_t done, apply.apply(steps, at, &so_far));
        TP_TRY_VOID(apply.finish());
        return std::pair(done, so_far);
      };
      TP_CO_TRY(const auto applied, co_await core->change(std::move(body)));
      at += applied.first;
      report = applied.second;
    }
  }
  report.unchanged += plan.unchanged();
  co_return report;
}

Task<RestoreReport> restore_file(Core* core, RestorePlan::Roots roots, InodeId file) {
  // Of one file the two paths are the whole keys: other names of it are not among what is restored.
  const Bytes target = std::exchange(roots.to, Bytes());
  auto body = [core, &roots, &target, file](meta::Txn& txn) -> Result<RestoreReport> {
    RestoreReport report;
    TP_TRY(RestoreApply apply, RestoreApply::begin(*core, txn, roots));
    TP_TRY_VOID(apply.restore_file(file, target, &report));
    TP_TRY_VOID(apply.finish());
    return report;
  };
  co_return co_await core->change(std::move(body));
}

Task<void> commit_files(Core* core, VolumeId volume) {
  for (const FileStatePtr& state : core->open_files.dirty(volume)) {
    // What fails is told to its writers; the restore is of what is there.
    (void)co_await commit_file(*core, state, 0);
  }
  co_return ok;
}

}  // namespace

Task<RestoreReport> SnapshotsImpl::restore(Caller caller, std::string volume, std::string name, std::string path,
                                           std::optional<std::string> target) {
  RestorePlan::Roots roots;
  TP_CO_TRY(roots.live, find_for_snapshots(core_, caller, volume));
  auto snapshot = core_.volumes.find(roots.live->name + "@" + name);
  if (!snapshot) co_return no_such_snapshot(name);
  roots.snapshot = std::move(*snapshot);
  auto look = [&roots, &path](meta::ReadView& view) { return look_up(view, roots.snapshot->root, path); };
  TP_CO_TRY(const Found found, co_await core_.read(*roots.snapshot, std::move(look)));
  if (!found.file && !found.directory) {
    co_return fail(Code::kNotFound, Reason::kNoSuchKey, "the snapshot has no " + path);
  }
  TP_CO_TRY_VOID(co_await commit_files(&core_, roots.live->id));
  roots.from = path;
  roots.to = target.value_or(path);
  if (found.file) {
    TP_CO_TRY_VOID(check_lookup_key(roots.to));
    if (roots.to.ends_with('/')) co_return fail(Code::kInvalidArgument, "a file cannot be restored as a directory");
    co_return co_await restore_file(&core_, std::move(roots), *found.file);
  }
  for (Bytes* directory : {&roots.from, &roots.to}) {
    if (!directory->empty() && !directory->ends_with('/')) directory->push_back('/');
  }
  roots.removes = !target || roots.to == roots.from;
  co_return co_await restore_directory(&core_, std::move(roots));
}

}  // namespace tp::plane
