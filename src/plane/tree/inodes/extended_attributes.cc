// User extended attributes: they live in the inode's record. RFC 8276.
#include <algorithm>

#include "plane/entries/entry_objects.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/inodes/inode_change.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

/// What an attribute costs beside its bytes: bounds how many there are.
constexpr size_t kOverheadBytes = 16;

std::unexpected<Error> no_attribute() {
  return fail(Code::kNotFound, Reason::kNoAttribute, "there is no such attribute");
}

Result<void> check_attribute_name(std::string_view name) {
  if (name.size() > kMaxNameBytes) return fail(Code::kInvalidArgument, Reason::kNameTooLong, "the name is too long");
  if (name.empty() || name.find('\0') != std::string_view::npos) {
    return fail(Code::kInvalidArgument, Reason::kInvalidName, "an attribute cannot have this name");
  }
  return ok;
}

/// As Linux: links and devices have no user attributes.
Result<void> check_type(meta::InodeType type) {
  if (type == meta::InodeType::kFile || type == meta::InodeType::kDirectory) return ok;
  return fail(Code::kPermissionDenied, Reason::kNotFile, "only files and directories have attributes");
}

template <class List>
auto find_attribute(List& list, std::string_view name) {
  return std::ranges::find(list, name, [](const auto& attribute) -> std::string_view { return attribute.first; });
}

Result<void> put(meta::HeaderList& list, FileAttribute attribute, AttributeMode mode) {
  const auto found = find_attribute(list, attribute.name);
  if (found == list.end()) {
    if (mode == AttributeMode::kReplace) return no_attribute();
    list.emplace_back(std::move(attribute.name), std::move(attribute.value));
  } else {
    if (mode == AttributeMode::kCreate) return fail(Code::kAlreadyExists, "the attribute is there");
    found->second = std::move(attribute.value);
  }
  size_t total = 0;
  for (const auto& [name, value] : list) total += name.size() + value.size() + kOverheadBytes;
  if (total > kMaxAttributeBytes) {
    return fail(Code::kTooLarge, Reason::kAttributesTooLarge, "the file's attributes are too large");
  }
  return ok;
}

/// The record of a file whose attributes the caller may read.
Task<meta::HeaderList> read_attributes(Core* core, FileCaller caller, FileId file) {
  if (is_snapshot_list(file.volume)) co_return meta::HeaderList();
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(*core, file.volume));
  if (is_cache(*volume)) co_return meta::HeaderList();
  auto read = [&](meta::ReadView& view) -> Result<meta::HeaderList> {
    TP_TRY(Entry entry, find_by_id(*core, view, file));
    TP_TRY_VOID(check_type(entry.record.type));
    TP_TRY_VOID(require(caller, attributes_of(*core, *volume, entry), kMayRead));
    return std::move(entry.record.attributes);
  };
  co_return co_await core->read(*volume, std::move(read));
}

}  // namespace

Task<Bytes> FilesImpl::attribute(FileCaller caller, FileId file, std::string name) {
  TP_CO_TRY_VOID(check_attribute_name(name));
  TP_CO_TRY(meta::HeaderList list, co_await read_attributes(&core_, std::move(caller), file));
  const auto found = find_attribute(list, name);
  if (found == list.end()) co_return no_attribute();
  co_return std::move(found->second);
}

Task<std::vector<std::string>> FilesImpl::attributes_list(FileCaller caller, FileId file) {
  TP_CO_TRY(meta::HeaderList list, co_await read_attributes(&core_, std::move(caller), file));
  std::vector<std::string> names;
  names.reserve(list.size());
  for (auto& [name, value] : list) names.push_back(std::move(name));
  co_return names;
}

Task<FileChange> FilesImpl::set_attribute(FileCaller caller, FileId file, FileAttribute attribute, AttributeMode mode) {
  TP_CO_TRY_VOID(check_attribute_name(attribute.name));
  auto edit = [&](Namespace& names, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
    TP_TRY_VOID(check_type(record.type));
    TP_TRY_VOID(require(caller, before, kMayWrite));
    TP_TRY_VOID(keep_directory(names, file.inode, record));
    return put(record.attributes, attribute, mode);
  };
  co_return co_await change_inode(core_, file, std::move(edit));
}

Task<FileChange> FilesImpl::remove_attribute(FileCaller caller, FileId file, std::string name) {
  TP_CO_TRY_VOID(check_attribute_name(name));
  auto edit = [&](Namespace&, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
    TP_TRY_VOID(check_type(record.type));
    TP_TRY_VOID(require(caller, before, kMayWrite));
    const auto found = find_attribute(record.attributes, name);
    if (found == record.attributes.end()) return no_attribute();
    record.attributes.erase(found);
    return ok;
  };
  co_return co_await change_inode(core_, file, std::move(edit));
}

}  // namespace tp::plane
