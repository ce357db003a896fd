#include "front/nfs/v3/v3_call.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "front/nfs/core/credentials.h"
#include "front/nfs/core/log_text.h"
#include "plane/tree/snapshots/snapshot_ids.h"

namespace tp::nfs::v3 {

namespace {

constexpr uint32_t kPermissionBits = 07777;
enum TimeHow : uint32_t { kDontChange = 0, kServerTime = 1, kClientTime = 2 };

uint32_t type_of(meta::InodeType type) {
  switch (type) {
    case meta::InodeType::kFile: return 1;
    case meta::InodeType::kDirectory: return 2;
    case meta::InodeType::kBlockDevice: return 3;
    case meta::InodeType::kCharacterDevice: return 4;
    case meta::InodeType::kSymlink: return 5;
    case meta::InodeType::kSocket: return 6;
    case meta::InodeType::kFifo: return 7;
  }
  return 1;
}

}  // namespace

Result<void> check_name(BytesView name) {
  if (name.empty()) return fail3(Status3::kInval, "the name is empty");
  if (name.size() > plane::kMaxNameBytes) return fail3(Status3::kNameTooLong, "the name is too long");
  return ok;
}

DirectoryArgument V3Call::read_directory_argument() {
  DirectoryArgument argument;
  argument.directory = read_handle();
  argument.name = read_string();
  return argument;
}

rt::Nanos V3Call::read_time() {
  const uint32_t seconds = in_.u32();
  const uint32_t nanos = in_.u32();
  if (nanos >= rt::kSecond) in_.fail_here();
  return static_cast<rt::Nanos>(seconds) * rt::kSecond + nanos;
}

plane::SetAttributes V3Call::read_set_attributes() {
  plane::SetAttributes set;
  if (in_.boolean()) set.mode = in_.u32() & kPermissionBits;
  if (in_.boolean()) set.uid = in_.u32();
  if (in_.boolean()) set.gid = in_.u32();
  if (in_.boolean()) set.size_bytes = in_.u64();
  const uint32_t accessed = in_.u32();
  set.accessed_now = accessed == kServerTime;
  if (accessed == kClientTime) set.accessed = read_time();
  const uint32_t modified = in_.u32();
  set.modified_now = modified == kServerTime;
  if (modified == kClientTime) set.modified = read_time();
  if (accessed > kClientTime || modified > kClientTime) in_.fail_here();
  return set;
}

Result<Target> V3Call::target(BytesView handle) const {
  const auto found = core_.handles.decode(handle);
  if (!found || found->pseudo_root) return fail3(Status3::kBadHandle, "not a file handle of this store");
  TP_TRY(plane::FileCaller caller, core_.files.admit(claimed_identity(call_), found->file.volume));
  return Target{found->file, std::move(caller)};
}

void V3Call::write_error(const Error& error) {
  const Status3 status = status3_of(error);
  if (status == Status3::kServerFault || status == Status3::kIo) {
    spdlog::error("NFSv3 procedure {}: {}: {}", call_.head.procedure, status3_name(status),
                  log_text(error.to_string()));
  }
  write_status(status);
}

// Seconds are unsigned in 32 bits: what lies outside is shown as the nearest.
void V3Call::write_time(rt::Nanos time) {
  time = std::clamp<rt::Nanos>(time, 0, static_cast<rt::Nanos>(UINT32_MAX) * rt::kSecond + rt::kSecond - 1);
  out().u32(static_cast<uint32_t>(time / rt::kSecond));
  out().u32(static_cast<uint32_t>(time % rt::kSecond));
}

void V3Call::write_attributes(const plane::FileAttributes& attributes) {
  wire::XdrWriter& xdr = out();
  xdr.u32(type_of(attributes.type));
  xdr.u32(attributes.mode & kPermissionBits);
  xdr.u32(attributes.links);
  xdr.u32(attributes.uid);
  xdr.u32(attributes.gid);
  xdr.u64(attributes.size_bytes);
  xdr.u64(attributes.space_bytes);
  xdr.u32(static_cast<uint32_t>(attributes.device >> 32));
  xdr.u32(static_cast<uint32_t>(attributes.device));
  xdr.u64(plane::shown_file_system(attributes.file));
  xdr.u64(plane::shown_file_number(attributes.file));
  write_time(attributes.accessed);
  write_time(attributes.modified);
  write_time(attributes.changed);
}

void V3Call::write_present_attributes(const plane::FileAttributes& attributes) {
  out().boolean(true);
  write_attributes(attributes);
}

void V3Call::write_present_handle(plane::FileId file) {
  out().boolean(true);
  write_handle(file);
}

void V3Call::write_change(const plane::FileChange& change) {
  out().boolean(true);
  out().u64(change.before.size_bytes);
  write_time(change.before.modified);
  write_time(change.before.changed);
  write_present_attributes(change.after);
}

Task<void> V3Call::write_attributes_now(BytesView handle) {
  const auto found = target(handle);
  if (found) {
    const auto attributes = co_await core_.files.attributes(found->file);
    if (attributes) {
      write_present_attributes(*attributes);
      co_return ok;
    }
  }
  write_no_attributes();
  co_return ok;
}

Task<void> V3Call::write_change_or_now(const Result<plane::FileChange>& changed, BytesView handle) {
  if (changed) {
    write_change(*changed);
    co_return ok;
  }
  out().boolean(false);
  co_return co_await write_attributes_now(handle);
}

}  // namespace tp::nfs::v3
