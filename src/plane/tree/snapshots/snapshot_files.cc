#include "plane/tree/snapshots/snapshot_files.h"

#include <algorithm>

#include "base/hash/crc.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/permissions.h"

namespace tp::plane {
namespace {

using Records = std::vector<meta::SnapshotRecord>;

constexpr uint64_t kCookieShift = 2;  // cookies 0 to 2 have their own meaning
constexpr uint32_t kMaxEntries = 1024;
constexpr size_t kMaxSeen = 100'000;
constexpr uint32_t kWriteBits = 0222;

std::unexpected<Error> no_such_snapshot() {
  return fail(Code::kNotFound, Reason::kNoSuchKey, "no snapshot of this name has the directory");
}

bool is_gone(const Error& error) {
  return error.code == Code::kNotFound && error.reason == static_cast<uint16_t>(Reason::kStale);
}

Result<void> require_open(const FileCaller& caller, const FileAttributes& found, const OpenRequest& request) {
  if (request.create && request.create->kind != CreateRequest::Kind::kUnchecked) {
    return fail(Code::kAlreadyExists, "the name is taken");
  }
  if (found.type == meta::InodeType::kDirectory) {
    return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  }
  if (found.type != meta::InodeType::kFile) {
    return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a regular file");
  }
  const bool writes = (request.permissions & kMayWrite) != 0;
  if (writes || (request.create && request.create->set.size_bytes)) return snapshots_are_read_only();
  return require(caller, found, request.permissions);
}

}  // namespace

std::unexpected<Error> snapshots_are_read_only() {
  return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume, "a snapshot can be read, not changed");
}

rt::Nanos SnapshotFiles::changed_at(VolumeId volume, const Records& records) {
  uint64_t fingerprint = 0;
  for (const meta::SnapshotRecord& record : records) {
    char at[sizeof(uint64_t)];
    put_be(at, record.at.value);
    fingerprint = crc64nvme(fingerprint, BytesView(at, sizeof at));
  }
  const std::lock_guard lock(mutex_);
  // Whose change is forgotten looks as if it changed now: its clients read it again.
  if (seen_.size() >= kMaxSeen && !seen_.contains(volume)) seen_.clear();
  const auto [known, added] = seen_.try_emplace(volume);
  if (added || known->second.fingerprint != fingerprint) {
    known->second.fingerprint = fingerprint;
    known->second.changed = std::max(core_.runtime.clock().wall_now(), known->second.changed + 1);
  }
  return known->second.changed;
}

FileAttributes SnapshotFiles::shown(const FileAttributes& directory, const Records& records) {
  FileAttributes list = directory;
  list.file = snapshot_list_of(directory.file);
  list.mode &= ~kWriteBits;
  list.links = 2;
  const rt::Nanos changed = changed_at(directory.file.volume, records);
  list.accessed = list.modified = changed;
  // Who may enter changes with the directory.
  list.changed = std::max(changed, directory.changed);
  return list;
}

Task<FileAttributes> SnapshotFiles::directory_of(FileId list) {
  TP_CO_TRY(const FileAttributes found, co_await files_.attributes(directory_of_snapshot_list(list)));
  if (found.type == meta::InodeType::kDirectory) co_return found;
  co_return fail(Code::kNotFound, Reason::kStale, "only directories have snapshots of their own");
}

Task<FileAttributes> SnapshotFiles::attributes(FileId list) {
  TP_CO_TRY(const FileAttributes directory, co_await directory_of(list));
  co_return shown(directory, core_.volumes.snapshots(directory.file.volume));
}

Task<FileAttributes> SnapshotFiles::enter(FileCaller caller, FileId directory) {
  TP_CO_TRY(const FileAttributes found, co_await files_.attributes(directory));
  if (found.type != meta::InodeType::kDirectory) {
    co_return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
  }
  TP_CO_TRY_VOID(require(caller, found, kMayExecute));
  co_return shown(found, core_.volumes.snapshots(directory.volume));
}

Task<FileAttributes> SnapshotFiles::lookup(FileCaller caller, FileId list, Bytes name) {
  const FileId directory = directory_of_snapshot_list(list);
  TP_CO_TRY(const FileAttributes found, co_await directory_of(list));
  TP_CO_TRY_VOID(require(caller, found, kMayExecute));
  if (name == "..") co_return found;
  if (name == ".") co_return shown(found, core_.volumes.snapshots(directory.volume));
  const auto record = core_.volumes.snapshot(directory.volume, name);
  if (!record) co_return no_such_snapshot();
  const FileId then{snapshot_volume_id(record->at), directory.inode};
  auto was = co_await files_.attributes(then);
  if (!was && is_gone(was.error())) co_return no_such_snapshot();
  co_return was;
}

Task<DirectoryPage> SnapshotFiles::read_directory(FileCaller caller, FileId list, uint64_t cookie,
                                                  uint32_t max_entries) {
  const FileId directory = directory_of_snapshot_list(list);
  TP_CO_TRY(const FileAttributes found, co_await directory_of(list));
  const Records all = core_.volumes.snapshots(directory.volume);
  DirectoryPage page;
  page.directory = shown(found, all);
  TP_CO_TRY_VOID(require(caller, page.directory, kMayRead));
  const uint32_t limit = std::clamp<uint32_t>(max_entries, 1, kMaxEntries);
  for (const meta::SnapshotRecord& record : all) {
    const uint64_t own = record.at.value + kCookieShift;
    if (own <= cookie) continue;
    if (page.entries.size() == limit) co_return page;
    const FileId then{snapshot_volume_id(record.at), directory.inode};
    const auto was = co_await files_.attributes(then);
    if (!was && is_gone(was.error())) continue;
    if (!was) co_return std::unexpected(was.error());
    page.entries.push_back({record.name, own, *was});
  }
  page.end = true;
  co_return page;
}

Task<FileAttributes> SnapshotFiles::open(FileCaller caller, FileId directory, Bytes name, OpenRequest request) {
  const auto found = co_await files_.lookup(caller, directory, std::move(name));
  if (!found) {
    if (request.create && found.error().code == Code::kNotFound && !is_gone(found.error())) {
      co_return snapshots_are_read_only();
    }
    co_return std::unexpected(found.error());
  }
  TP_CO_TRY_VOID(require_open(caller, *found, request));
  co_return *found;
}

Task<FileAttributes> SnapshotFiles::open_file(FileCaller caller, FileId file, uint32_t permissions) {
  TP_CO_TRY(const FileAttributes found, co_await files_.attributes(file));
  OpenRequest request;
  request.permissions = permissions;
  TP_CO_TRY_VOID(require_open(caller, found, request));
  co_return found;
}

Result<SpaceStatus> SnapshotFiles::space(const VolumeEntry& snapshot) const {
  const Records all = core_.volumes.snapshots(snapshot.live);
  const auto record = std::ranges::find(all, snapshot.snapshot, &meta::SnapshotRecord::at);
  if (record == all.end()) return fail(Code::kNotFound, Reason::kStale, "there is no such snapshot");
  SpaceStatus status;
  status.total_bytes = record->counters.bytes;
  status.total_files = record->counters.objects;
  return status;
}

}  // namespace tp::plane
