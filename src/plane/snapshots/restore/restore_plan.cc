#include "plane/snapshots/restore/restore_plan.h"

#include <utility>

#include "plane/core/object_lookup.h"
#include "plane/reason.h"

namespace tp::plane {
namespace {

/// Names that one call looks at, and steps it gives.
constexpr size_t kNamesAtOnce = 4096, kStepsAtOnce = 256;

}  // namespace

bool same_file(const meta::InodeRecord& a, const meta::InodeRecord& b) {
  return a.type == b.type && a.size_bytes == b.size_bytes && a.etag == b.etag && a.modified == b.modified &&
         a.posix == b.posix && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.device == b.device &&
         a.owner == b.owner && a.access == b.access && a.headers == b.headers && a.user_metadata == b.user_metadata &&
         a.tags == b.tags && a.attributes == b.attributes && a.checksum == b.checksum;
}

bool same_directory(const meta::InodeRecord& a, const meta::InodeRecord& b) {
  return a.posix == b.posix && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.attributes == b.attributes &&
         a.owner == b.owner && (a.implicit || !b.implicit);
}

Result<std::vector<RestoreStep>> RestorePlan::next() {
  steps_.clear();
  const auto engine_now = core_.meta.engine().snapshot();
  meta::ReadView before(core_.meta.engine(), kv::ReadMode::kAny, engine_now.get(), roots_.snapshot->layer);
  meta::ReadView now(core_.meta.engine(), kv::ReadMode::kAny, engine_now.get(), roots_.live->layer);
  TP_TRY(const auto from, find_directory(before, roots_.snapshot->root, roots_.from));
  if (!from) return fail(Code::kNotFound, Reason::kNoSuchKey, "the snapshot has no directory " + roots_.from);
  TP_TRY(const auto to, find_directory(now, roots_.live->root, roots_.to));
  Sides sides{before, now, std::make_unique<TreeWalker>(before, *from), nullptr};
  if (to) sides.is = std::make_unique<TreeWalker>(now, *to);
  if (!begun_) {
    // The directory itself: made where it is not there, and with its attributes.
    begun_ = true;
    steps_.push_back({RestoreStep::Kind::kDirectory, Bytes(), *from});
  }
  TP_TRY_VOID(walk(sides));
  return std::move(steps_);
}

/// Both to what follows last_; directories on the way there are entered, so that nothing is left out.
Result<bool> RestorePlan::seek(Sides& sides) {
  for (TreeWalker* walker : {sides.was.get(), sides.is.get()}) {
    if (walker == nullptr) continue;
    TP_TRY_VOID(walker->seek(last_));
    if (last_.empty() || !walker->valid() || walker->path() != last_) continue;
    TP_TRY_VOID(walker->directory() ? walker->descend() : walker->next());
  }
  return sides.was->valid() || (sides.is != nullptr && sides.is->valid());
}

Result<void> RestorePlan::walk(Sides& sides) {
  TP_TRY_VOID(seek(sides));
  for (size_t looked_at = 0; looked_at < kNamesAtOnce && steps_.size() < kStepsAtOnce; ++looked_at) {
    const bool was = sides.was->valid(), is = sides.is != nullptr && sides.is->valid();
    if (!was && !is) {
      leave({});
      done_ = true;
      return ok;
    }
    const int order = !was ? 1 : !is ? -1 : sides.was->path().compare(sides.is->path());
    last_ = order > 0 ? sides.is->path() : sides.was->path();
    leave(last_);
    TP_TRY_VOID(order == 0 ? both(sides) : order < 0 ? only_before(sides) : only_now(sides));
  }
  return ok;
}

void RestorePlan::leave(BytesView path) {
  while (!removing_.empty() && (path.empty() || !path.starts_with(removing_.back()))) {
    steps_.push_back({RestoreStep::Kind::kRemoveDirectory, std::move(removing_.back()), InodeId()});
    removing_.pop_back();
  }
}

Result<void> RestorePlan::both(Sides& sides) {
  TreeWalker &was = *sides.was, &is = *sides.is;
  TP_TRY(const auto old, find_inode(sides.before, was.inode()));
  TP_TRY(const auto now, find_inode(sides.now, is.inode()));
  if (!old) return fail(Code::kCorruption, "a name in the snapshot leads to an inode that is not there");
  if (was.directory()) {
    if (!now || !same_directory(*old, *now)) steps_.push_back({RestoreStep::Kind::kDirectory, last_, was.inode()});
    TP_TRY_VOID(was.descend());
    return is.descend();
  }
  if (now && same_file(*old, *now))
    ++unchanged_;
  else
    steps_.push_back({RestoreStep::Kind::kFile, last_, was.inode()});
  TP_TRY_VOID(was.next());
  return is.next();
}

Result<void> RestorePlan::only_before(Sides& sides) {
  TreeWalker& was = *sides.was;
  // What S3 made with a key is made with it again.
  if (was.directory() && !was.implicit()) steps_.push_back({RestoreStep::Kind::kDirectory, last_, was.inode()});
  if (was.directory()) return was.descend();
  steps_.push_back({RestoreStep::Kind::kFile, last_, was.inode()});
  return was.next();
}

Result<void> RestorePlan::only_now(Sides& sides) {
  TreeWalker& is = *sides.is;
  if (!roots_.removes) return is.next();
  if (!is.directory()) {
    steps_.push_back({RestoreStep::Kind::kRemoveFile, last_, InodeId()});
    return is.next();
  }
  removing_.push_back(last_);
  return is.descend();
}

}  // namespace tp::plane
