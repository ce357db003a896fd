#include "plane/tree/names/entry.h"

#include "plane/core/object_lookup.h"
#include "plane/reason.h"
#include "plane/tree/file_name.h"

namespace tp::plane {
namespace {

Result<std::optional<InodeId>> inode_named(meta::RecordSource& source, InodeId parent, BytesView name, bool directory) {
  TP_TRY(auto record, find_name(source, parent, name, directory));
  if (!record) return std::nullopt;
  return std::optional(record->inode);
}

Result<void> load(const Core& core, meta::RecordSource& source, VolumeId volume, Entry& entry) {
  entry.live = core.open_files.live({volume, entry.inode});
  TP_TRY(auto record, find_inode(source, entry.inode));
  if (!record) return fail(Code::kConflict, "a name leads to an inode that is not there");
  entry.record = std::move(*record);
  return ok;
}

/// A directory, else a file, of this stored name, if it is shown so.
Result<std::optional<Entry>> find_plain(meta::RecordSource& source, InodeId parent, BytesView stored, BytesView shown) {
  Entry entry{parent, InodeId(), true, Bytes(stored), {}, {}};
  TP_TRY(auto inode, inode_named(source, parent, stored, true));
  if (!inode) {
    entry.directory = false;
    TP_TRY(inode, inode_named(source, parent, stored, false));
  }
  if (!inode) return std::nullopt;
  entry.inode = *inode;
  const Bytes name = entry.directory ? shown_directory_name(stored, *inode) : shown_file_name(stored, *inode, false);
  if (name != shown) return std::nullopt;
  return std::optional(std::move(entry));
}

Result<std::optional<Entry>> find_beside(meta::RecordSource& source, InodeId parent, BytesView stored,
                                         BytesView shown) {
  TP_TRY(auto directory, inode_named(source, parent, stored, true));
  if (!directory) return std::nullopt;
  TP_TRY(auto inode, inode_named(source, parent, stored, false));
  if (!inode || shown_file_name(stored, *inode, true) != shown) return std::nullopt;
  return std::optional(Entry{parent, *inode, false, Bytes(stored), {}, {}});
}

/// The name of an inode that is shown so in this directory.
Result<std::optional<Entry>> find_long(meta::RecordSource& source, InodeId parent, InodeId inode, BytesView shown) {
  TP_TRY(auto record, find_inode(source, inode));
  if (!record) return std::nullopt;
  const bool directory = record->type == meta::InodeType::kDirectory;
  std::vector<meta::LinkName> names = std::move(record->further_names);
  names.push_back({record->parent, std::move(record->name)});
  for (meta::LinkName& name : names) {
    if (name.parent != parent) continue;
    Bytes shows;
    if (directory) {
      shows = shown_directory_name(name.name, inode);
    } else {
      TP_TRY(auto beside, inode_named(source, parent, name.name, true));
      shows = shown_file_name(name.name, inode, beside.has_value());
    }
    if (shows == shown) return std::optional(Entry{parent, inode, directory, std::move(name.name), {}, {}});
  }
  return std::nullopt;
}

Result<std::optional<Entry>> find_unloaded(meta::RecordSource& source, InodeId directory, BytesView shown) {
  const ShownName name = parse_shown_name(shown);
  switch (name.kind) {
    case ShownName::Kind::kPlain:
    case ShownName::Kind::kEscaped:
      return find_plain(source, directory, name.stored, shown);
    case ShownName::Kind::kBesideDirectory:
      return find_beside(source, directory, name.stored, shown);
    case ShownName::Kind::kByInode:
      return find_long(source, directory, name.inode, shown);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<Entry>> find_entry(const Core& core, meta::RecordSource& source, FileId directory,
                                        BytesView shown) {
  TP_TRY_VOID(check_name(shown));
  TP_TRY(auto entry, find_unloaded(source, directory.inode, shown));
  if (!entry) return std::nullopt;
  TP_TRY_VOID(load(core, source, directory.volume, *entry));
  return entry;
}

Result<Entry> require_entry(const Core& core, meta::RecordSource& source, FileId directory, BytesView shown) {
  TP_TRY(auto entry, find_entry(core, source, directory, shown));
  if (!entry) return no_such_file();
  return std::move(*entry);
}

std::unexpected<Error> no_such_file() {
  return fail(Code::kNotFound, "there is no such file");
}

Result<Entry> find_by_id(const Core& core, meta::RecordSource& source, FileId file) {
  Entry entry;
  entry.inode = file.inode;
  entry.live = core.open_files.live(file);
  TP_TRY(auto record, find_inode(source, file.inode));
  if (!record) return fail(Code::kNotFound, Reason::kStale, "the file is gone");
  entry.record = std::move(*record);
  entry.directory = entry.record.type == meta::InodeType::kDirectory;
  entry.parent = entry.record.parent;
  return entry;
}

Namespace::Object object_of(Entry entry) {
  return {entry.parent, entry.inode, std::move(entry.record), std::move(entry.name)};
}

}  // namespace tp::plane
