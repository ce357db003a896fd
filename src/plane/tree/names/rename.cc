#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/file_name.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/directory_change.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

struct Names {
  FileId from_directory, to_directory;
  BytesView from, to;
};

/// One rename inside its transaction.
class Rename {
 public:
  Rename(DirectoryChange& change, const Names& wish) : change_(change), names_(change.names()), wish_(wish) {}

  Result<Renamed> run() {
    TP_TRY(from_before_, change_.enter(wish_.from_directory.inode));
    TP_TRY(to_before_, change_.enter(wish_.to_directory.inode));
    TP_TRY(Entry source, change_.require(wish_.from_directory.inode, wish_.from));
    TP_TRY(auto target, change_.find(wish_.to_directory.inode, wish_.to));
    // The same name, or two names of one file: POSIX has nothing happen.
    if (target && target->inode == source.inode) {
      return Renamed{{from_before_, from_before_}, {to_before_, to_before_}};
    }
    TP_TRY_VOID(check(source, target));
    TP_TRY(Bytes new_key, names_.path_of(wish_.to_directory.inode));
    const Bytes new_name = target ? target->name : Bytes(wish_.to);
    new_key += new_name;
    if (source.directory) {
      TP_TRY_VOID(move_directory(std::move(source), target, new_name, new_key));
    } else {
      TP_TRY_VOID(move_file(std::move(source), std::move(target), new_name, new_key));
    }
    Renamed renamed;
    TP_TRY(renamed.from, change_.around(from_before_));
    TP_TRY(renamed.to, change_.around(to_before_));
    TP_TRY_VOID(names_.finish());
    return renamed;
  }

 private:
  Result<void> check(const Entry& source, const std::optional<Entry>& target) {
    const FileCaller& caller = change_.caller();
    const FileAttributes moved = change_.attributes(source);
    TP_TRY_VOID(require_removal(caller, from_before_, moved));
    TP_TRY_VOID(require(caller, to_before_, kMayWrite | kMayExecute));
    TP_TRY_VOID(check_locks(source, target));
    // A directory that gets another parent changes its own "..".
    const bool leaves = wish_.from_directory.inode != wish_.to_directory.inode;
    if (source.directory && leaves) {
      TP_TRY_VOID(require(caller, moved, kMayWrite));
      TP_TRY_VOID(check_not_into_itself(source.inode));
    }
    if (!target) return check_new_name(wish_.to);
    TP_TRY_VOID(require_removal(caller, to_before_, change_.attributes(*target)));
    if (source.directory && !target->directory) {
      return fail(Code::kAlreadyExists, Reason::kNotDirectory, "the target is not a directory");
    }
    if (!source.directory && target->directory) {
      return fail(Code::kAlreadyExists, Reason::kIsDirectory, "the target is a directory");
    }
    if (!target->directory) return ok;
    TP_TRY(const bool empty, names_.is_empty(target->inode));
    if (!empty) return fail(Code::kNotEmpty, "the target is not empty");
    return ok;
  }

  /// Nobody takes a locked file's name away, nor puts another file in its place.
  Result<void> check_locks(const Entry& source, const std::optional<Entry>& target) {
    const rt::Nanos now = names_.txn().wall_now();
    if (source.directory) return require_unlocked_below(names_.volume(), source.record);
    TP_TRY_VOID(require_unlocked(source.record, now));
    return target ? require_unlocked(target->record, now) : ok;
  }

  Result<void> check_not_into_itself(InodeId moved) {
    InodeId above = wish_.to_directory.inode;
    while (above != names_.volume().root) {
      if (above == moved) {
        return fail(Code::kInvalidArgument, "a directory cannot be moved into itself");
      }
      TP_TRY(const meta::InodeRecord record, names_.directory(above));
      above = record.parent;
    }
    return ok;
  }

  Result<void> move_file(Entry source, std::optional<Entry> target, BytesView new_name, BytesView new_key) {
    TP_TRY(Bytes key, names_.path_of(source.parent));
    key += source.name;
    names_.journal(meta::ChangeKind::kRenamed, key, source.inode, source.record.size_bytes, new_key);
    std::optional<Namespace::Object> old;
    if (target) old = object_of(std::move(*target));
    return names_.move_file(object_of(std::move(source)), wish_.to_directory.inode, new_name, old);
  }

  Result<void> move_directory(Entry source, const std::optional<Entry>& target, BytesView new_name, BytesView new_key) {
    TP_TRY(const Bytes key, names_.path_of(source.inode));
    if (target) TP_TRY_VOID(names_.remove_directory(target->inode, target->record));
    if (wish_.from_directory.inode != wish_.to_directory.inode) {
      TP_TRY_VOID(names_.stay_when_emptied(wish_.from_directory.inode));
    }
    TP_TRY_VOID(names_.move_directory(source.inode, wish_.to_directory.inode, new_name));
    TP_TRY_VOID(names_.next_generation());
    names_.journal(meta::ChangeKind::kRenamed, key, source.inode, 0, Bytes(new_key) + "/");
    return ok;
  }

  DirectoryChange& change_;
  Namespace& names_;
  const Names& wish_;
  FileAttributes from_before_, to_before_;
};

}  // namespace

Task<Renamed> FilesImpl::rename(FileCaller caller, FileId from_directory, Bytes from, FileId to_directory, Bytes to) {
  if (from_directory.volume != to_directory.volume) {
    co_return fail(Code::kInvalidArgument, Reason::kCrossVolume, "a rename stays in its volume");
  }
  const Names wish{from_directory, to_directory, from, to};
  auto body = [&](meta::Txn& txn) -> Result<Renamed> {
    TP_TRY(const VolumeEntryPtr volume, writable_volume(core_, wish.to_directory.volume));
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    DirectoryChange change(core_, names, caller);
    return Rename(change, wish).run();
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
