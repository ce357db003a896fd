#include "plane/tree/names/make_entry.h"

#include "base/hash/md5.h"
#include "plane/tree/names/directory_change.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

/// To S3 a link is an object whose bytes are its target, any other an empty one.
void describe(const MakeEntry& wish, meta::InodeRecord& record) {
  record.device = wish.device;
  record.size_bytes = wish.target.size();
  record.etag = to_hex(as_view(md5(wish.target)));
  if (wish.type == meta::InodeType::kSymlink) {
    record.headers = {{"content-type", "inode/symlink"}};
    record.place = wish.target.empty() ? meta::DataPlace::kNone : meta::DataPlace::kSmall;
  }
}

Result<Created> make(Core& core, meta::Txn& txn, const MakeEntry& wish) {
  TP_TRY(const VolumeEntryPtr volume, writable_volume(core, wish.directory.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  DirectoryChange change(core, names, wish.caller);
  TP_TRY(const FileAttributes directory, change.enter(wish.directory.inode));
  TP_TRY(const auto entry, change.find(wish.directory.inode, wish.name));
  if (entry) return fail(Code::kAlreadyExists, "the name is taken");
  TP_TRY(auto made, change.start(directory, wish.name, wish.type, wish.default_mode, wish.set));
  if (wish.type != meta::InodeType::kDirectory) describe(wish, made.record);
  if (!wish.target.empty()) names.put_small_data(made.inode, wish.target);
  TP_TRY_VOID(change.add(directory, wish.name, made));
  Created created;
  created.made = true;
  created.attributes = change.attributes(made.inode, made.record);
  TP_TRY(created.directory, change.around(directory));
  TP_TRY_VOID(names.finish());
  return created;
}

}  // namespace

Task<Created> make_entry(Core& core, MakeEntry wish) {
  auto body = [&](meta::Txn& txn) { return make(core, txn, wish); };
  co_return co_await core.change(std::move(body));
}

}  // namespace tp::plane
