#include "plane/entries/entry_files.h"

#include <algorithm>

#include "plane/core/object_lookup.h"
#include "plane/entries/entry_objects.h"
#include "plane/files.h"
#include "plane/reason.h"
#include "plane/tree/attributes.h"
#include "plane/tree/file_name.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"

namespace tp::plane {
namespace {

constexpr uint32_t kWriteBits = 0222;
constexpr uint64_t kMaxReadBytes = 1 << 20;

std::unexpected<Error> stale() { return fail(Code::kNotFound, Reason::kStale, "the entry has gone from the cache"); }

Result<void> require_file(const FileAttributes& found) {
  if (found.type == meta::InodeType::kFile) return ok;
  return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
}

/// The directory above, of a directory that is not the root.
Bytes above(const Bytes& directory) {
  return Bytes(directory_part(BytesView(directory).substr(0, directory.size() - 1)));
}

/// The last component, without its '/'.
BytesView last_name(const EntryPaths::Path& path) {
  BytesView text = path.text;
  if (path.directory) text.remove_suffix(1);
  return file_part(text);
}

}  // namespace

Result<EntryPaths::Path> EntryFiles::path_of(const VolumeEntry& volume, InodeId inode) {
  if (inode == volume.root) return Path{"", true};
  auto path = paths_.find(volume.id, inode);
  if (!path) return stale();
  return std::move(*path);
}

Result<EntryPaths::Path> EntryFiles::directory_of(const VolumeEntry& volume, const FileCaller& caller, InodeId inode) {
  TP_TRY(Path path, path_of(volume, inode));
  if (!path.directory) return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
  TP_TRY_VOID(require(caller, directory_attributes(volume, path), kMayExecute));
  return path;
}

FileAttributes EntryFiles::shown(const VolumeEntry& volume, InodeId inode, const meta::InodeRecord& record) {
  FileAttributes attributes = attributes_of(core_, volume, inode, record, std::nullopt);
  attributes.mode &= ~kWriteBits;
  return attributes;
}

FileAttributes EntryFiles::directory_attributes(const VolumeEntry& volume, const Path& path) {
  const InodeId inode = path.text.empty() ? volume.root : paths_.remember(volume.id, path);
  meta::InodeRecord record;
  record.type = meta::InodeType::kDirectory;
  record.links = 2;
  record.owner = volume.owner;
  record.created = volume.created;
  // Entries come and go at any time: whoever keeps a listing asks again.
  record.modified = record.changed = core_.runtime.clock().wall_now();
  return shown(volume, inode, record);
}

FileAttributes EntryFiles::file_attributes(const VolumeEntry& volume, const SourceEntry& entry) {
  const InodeId inode = paths_.remember(volume.id, {entry.key, false});
  return shown(volume, inode, record_of_entry(volume, entry));
}

Task<FileAttributes> EntryFiles::attributes(VolumeEntryPtr volume, InodeId inode) {
  TP_CO_TRY(const Path path, path_of(*volume, inode));
  if (path.directory) co_return directory_attributes(*volume, path);
  TP_CO_TRY(EntrySource * source, entry_source(core_));
  auto entry = co_await source->find(volume, path.text);
  if (entry) co_return file_attributes(*volume, *entry);
  if (entry.error().code == Code::kNotFound) co_return stale();
  co_return std::unexpected(std::move(entry).error());
}

Task<EntryPaths::Path> EntryFiles::resolve(VolumeEntryPtr volume, Bytes directory, Bytes name) {
  TP_CO_TRY_VOID(check_name(name));
  TP_CO_TRY(EntrySource * source, entry_source(core_));
  const ShownName shown = parse_shown_name(name);
  if (shown.kind == ShownName::Kind::kByInode) {
    const auto path = paths_.find(volume->id, shown.inode);
    if (!path) co_return no_such_file();
    const bool here = path->text.size() > directory.size() && path->text.starts_with(directory) &&
                      directory.size() + last_name(*path).size() + (path->directory ? 1 : 0) == path->text.size();
    const Bytes shows = path->directory ? shown_directory_name(last_name(*path), shown.inode)
                                        : shown_file_name(last_name(*path), shown.inode, false);
    if (!here || shows != name) co_return no_such_file();
    co_return *path;
  }
  const Path file{directory + shown.stored, false};
  const Path below{directory + shown.stored + "/", true};
  const InodeId file_id = paths_.id_of(volume->id, file), below_id = paths_.id_of(volume->id, below);
  const bool as_file = shown_file_name(shown.stored, file_id, shown.kind == ShownName::Kind::kBesideDirectory) == name;
  const bool as_directory = shown_directory_name(shown.stored, below_id) == name;
  // A directory that nobody has seen is looked for last: that goes through the keys.
  if (as_directory && paths_.find(volume->id, below_id)) {
    TP_CO_TRY(const bool there, co_await source->any(volume, below.text));
    if (there) co_return below;
  }
  if (as_file) {
    auto entry = co_await source->find(volume, file.text);
    if (entry) co_return file;
    if (entry.error().code != Code::kNotFound) co_return std::unexpected(std::move(entry).error());
  }
  if (as_directory) {
    TP_CO_TRY(const bool there, co_await source->any(volume, below.text));
    if (there) co_return below;
  }
  co_return no_such_file();
}

Task<FileAttributes> EntryFiles::lookup(VolumeEntryPtr volume, FileCaller caller, InodeId directory, Bytes name) {
  TP_CO_TRY(const Path at, directory_of(*volume, caller, directory));
  if (name == "." || (name == ".." && at.text.empty())) co_return directory_attributes(*volume, at);
  if (name == "..") {
    const Path parent{above(at.text), true};
    co_return directory_attributes(*volume, parent);
  }
  TP_CO_TRY(const Path found, co_await resolve(volume, at.text, std::move(name)));
  if (found.directory) co_return directory_attributes(*volume, found);
  const InodeId inode = paths_.remember(volume->id, found);
  auto attributes = co_await this->attributes(volume, inode);
  if (!attributes && attributes.error().code == Code::kNotFound) co_return no_such_file();
  co_return attributes;
}

Task<ListQuery> EntryFiles::page_start(VolumeEntryPtr volume, Bytes directory, uint64_t cookie) {
  ListQuery query;
  query.prefix = directory;
  query.delimiter = "/";
  if (cookie == 0) co_return query;
  if (cookie < 3 || cookie > INT64_MAX) {
    co_return fail(Code::kInvalidArgument, Reason::kBadCookie, "no entry has this cookie");
  }
  // A cookie that is not known any more begins again from the start: entries may come twice, none is left out.
  const auto path = paths_.find(volume->id, EntryPaths::id_of_cookie(cookie));
  if (path && path->text.starts_with(directory)) {
    query.after = path->text;
    query.after_is_prefix = path->directory;
  }
  co_return query;
}

/// Whether the file at `index` has a directory of its name beside it. That is in the page, or after its end.
Task<bool> EntryFiles::beside(VolumeEntryPtr volume, const SourcePage* page, size_t index) {
  const Bytes wanted = page->entries[index].key + "/";
  if (std::ranges::binary_search(page->common_prefixes, wanted)) co_return true;
  const BytesView last = std::max(BytesView(page->entries.back().key),
                                  page->common_prefixes.empty() ? BytesView() : page->common_prefixes.back());
  if (!page->truncated || last > wanted) co_return false;
  TP_CO_TRY(EntrySource * source, entry_source(core_));
  co_return co_await source->any(volume, wanted);
}

Task<DirectoryPage> EntryFiles::read_directory(VolumeEntryPtr volume, FileCaller caller, InodeId directory,
                                               uint64_t cookie, uint32_t max_entries) {
  constexpr uint32_t kMaxEntries = 8192;
  TP_CO_TRY(const Path at, path_of(*volume, directory));
  if (!at.directory) co_return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
  DirectoryPage page;
  page.directory = directory_attributes(*volume, at);
  TP_CO_TRY_VOID(require(caller, page.directory, kMayRead));
  TP_CO_TRY(EntrySource * source, entry_source(core_));
  TP_CO_TRY(ListQuery query, co_await page_start(volume, at.text, cookie));
  query.max_entries = std::clamp<uint32_t>(max_entries, 1, kMaxEntries);
  TP_CO_TRY(const SourcePage found, co_await source->list(volume, std::move(query)));
  page.end = !found.truncated;
  // Both lists are in order: what comes first is the smaller of their heads.
  for (size_t file = 0, below = 0; file < found.entries.size() || below < found.common_prefixes.size();) {
    DirectoryEntry entry;
    const bool is_file = below == found.common_prefixes.size() ||
                         (file < found.entries.size() && found.entries[file].key < found.common_prefixes[below]);
    if (is_file) {
      TP_CO_TRY(const bool has_directory, co_await beside(volume, &found, file));
      const SourceEntry& one = found.entries[file++];
      entry.attributes = file_attributes(*volume, one);
      entry.name = shown_file_name(BytesView(one.key).substr(at.text.size()), entry.attributes.file.inode,
                                   has_directory);
    } else {
      const Path path{found.common_prefixes[below++], true};
      entry.attributes = directory_attributes(*volume, path);
      entry.name = shown_directory_name(last_name(path), entry.attributes.file.inode);
    }
    entry.cookie = EntryPaths::cookie_of(entry.attributes.file.inode);
    page.entries.push_back(std::move(entry));
  }
  co_return page;
}

Task<ReadResult> EntryFiles::read(VolumeEntryPtr volume, FileCaller caller, InodeId inode, uint64_t offset,
                                  uint32_t max_bytes, AccessCheck check) {
  TP_CO_TRY(const Path path, path_of(*volume, inode));
  if (path.directory) co_return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  TP_CO_TRY(auto opened, co_await open_entry(core_, volume, path.text));
  if (!opened) co_return stale();
  ReadResult result;
  result.attributes = shown(*volume, inode, opened->info.record);
  TP_CO_TRY_VOID(require_bytes(caller, result.attributes, kMayRead, check));
  const uint64_t size = opened->bytes.bytes.size();
  const uint64_t from = std::min(offset, size);
  const uint64_t end = std::min(size, from + std::min<uint64_t>(max_bytes, kMaxReadBytes));
  result.end_of_file = end == size;
  result.size_bytes = end - from;
  if (end > from) {
    io::SendRegion region;
    region.bytes = opened->bytes.bytes.substr(from, end - from);
    region.owner = opened->bytes.owner;
    result.regions.push_back(std::move(region));
  }
  co_return result;
}

Task<FileAttributes> EntryFiles::open(VolumeEntryPtr volume, FileCaller caller, InodeId at, std::optional<Bytes> name,
                                      OpenRequest request) {
  Result<FileAttributes> found = fail(Code::kNotFound, "");
  if (name) found = co_await lookup(volume, caller, at, std::move(*name));
  else found = co_await attributes(volume, at);
  const bool writes = (request.permissions & kMayWrite) != 0;
  if (!found) {
    if (found.error().code == Code::kNotFound && request.create) co_return entries_are_read_only();
    co_return found;
  }
  TP_CO_TRY_VOID(require_file(*found));
  if (request.create && request.create->kind != CreateRequest::Kind::kUnchecked) {
    co_return fail(Code::kAlreadyExists, "there is such a file");
  }
  if (writes || (request.create && request.create->set.size_bytes)) co_return entries_are_read_only();
  TP_CO_TRY_VOID(require(caller, *found, request.permissions));
  co_return found;
}

Task<Files::Sought> EntryFiles::seek(VolumeEntryPtr volume, InodeId inode, uint64_t offset, bool data) {
  TP_CO_TRY(const FileAttributes found, co_await attributes(volume, inode));
  TP_CO_TRY_VOID(require_file(found));
  if (offset >= found.size_bytes) co_return fail(Code::kOutOfRange, "the offset is not within the file");
  Files::Sought sought;
  sought.offset = data ? offset : found.size_bytes;
  co_return sought;
}

}  // namespace tp::plane
