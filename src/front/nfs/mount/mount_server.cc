#include "front/nfs/mount/mount_server.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "front/nfs/core/credentials.h"
#include "front/nfs/core/log_text.h"
#include "front/nfs/core/nfs_status3.h"
#include "plane/reason.h"

namespace tp::nfs {

namespace {

constexpr size_t kMaxMountPathBytes = 1024;          // MNTPATHLEN
constexpr size_t kMaxExportsBytes = kMaxIoBytes;     // of one answer
constexpr uint32_t kVolumesAtOnce = 1000;

enum MountProcedure : uint32_t { kNull = 0, kMnt = 1, kDump = 2, kUmnt = 3, kUmntAll = 4, kExport = 5 };
enum class MountStatus : uint32_t {
  kOk = 0,
  kPerm = 1,
  kNoEnt = 2,
  kIo = 5,
  kAcces = 13,
  kNotDir = 20,
  kInval = 22,
  kNameTooLong = 63,
  kNotSupp = 10004,
  kServerFault = 10006,
};

/// mountstat3 is a part of nfsstat3.
MountStatus status_of(const Error& error) {
  switch (status3_of(error)) {
    case Status3::kPerm: return MountStatus::kPerm;
    case Status3::kNoEnt:
    case Status3::kStale: return MountStatus::kNoEnt;
    case Status3::kIo: return MountStatus::kIo;
    case Status3::kAcces: return MountStatus::kAcces;
    case Status3::kNotDir: return MountStatus::kNotDir;
    case Status3::kInval: return MountStatus::kInval;
    case Status3::kNameTooLong: return MountStatus::kNameTooLong;
    case Status3::kNotSupp: return MountStatus::kNotSupp;
    default: return MountStatus::kServerFault;
  }
}

/// Takes the first component off `path`; empty at its end.
BytesView next_component(BytesView* path) {
  const size_t begin = path->find_first_not_of('/');
  if (begin == BytesView::npos) return {};
  const size_t end = std::min(path->find('/', begin), path->size());
  const BytesView component = path->substr(begin, end - begin);
  path->remove_prefix(end);
  return component;
}

struct Mounted {
  plane::FileId directory;
  bool squashed = false;
};

Task<Mounted> resolve(NfsCore& core, plane::ClaimedIdentity claimed, BytesView path) {
  const BytesView volume = next_component(&path);
  if (volume.empty()) co_return fail(Code::kNotFound, "'/' is no export: mount /VOLUME");
  Mounted mounted;
  TP_CO_TRY(mounted.directory, core.files.root(volume));
  TP_CO_TRY_VOID(core.files.admit(claimed, mounted.directory.volume));
  TP_CO_TRY(const plane::VolumePtr settings, core.plane.volume(volume));
  mounted.squashed = settings->exports.squash == meta::Squash::kAll;
  // The path is the administrator's, as in any server: whose rights the client has is asked when it uses the handle.
  plane::FileCaller walker;
  walker.super_user = true;
  while (true) {
    const BytesView name = next_component(&path);
    if (name.empty()) break;
    if (name == ".") continue;
    if (name == "..") co_return fail(Code::kInvalidArgument, "a path without '..' is wanted");
    TP_CO_TRY(const auto found, co_await core.files.lookup(walker, mounted.directory, Bytes(name)));
    mounted.directory = found.file;
  }
  TP_CO_TRY(const auto attributes, co_await core.files.attributes(mounted.directory));
  if (attributes.type != meta::InodeType::kDirectory) {
    co_return fail(Code::kInvalidArgument, plane::Reason::kNotDirectory, "only a directory can be mounted");
  }
  co_return mounted;
}

plane::Caller operator_caller() {
  plane::Caller caller;
  caller.user_id = plane::kRootUserId;
  caller.root = true;
  return caller;
}

}  // namespace

Task<void> MountServer::handle(net::RpcCall call, net::RpcReply* reply) {
  wire::XdrReader in(call.arguments);
  wire::XdrWriter& out = reply->xdr();
  if (call.head.procedure > kExport) {
    wire::write_rpc_accepted(out, call.head.xid, wire::RpcAccept::kProcedureUnavailable);
    co_return ok;
  }
  wire::write_rpc_accepted(out, call.head.xid, wire::RpcAccept::kSuccess);
  Result<void> served = ok;
  switch (call.head.procedure) {
    case kMnt: served = co_await mount(call, in, out); break;
    case kDump: write_mounts(out); break;
    case kUmnt: served = unmount(call, in); break;
    case kUmntAll: mounts_.remove_host(call.peer ? call.peer->host : std::string()); break;
    case kExport: served = co_await write_exports(out); break;
    default: break;
  }
  if (served) co_return ok;
  const bool garbage = served.error().code == Code::kMalformed;
  if (!garbage) spdlog::error("MOUNT procedure {}: {}", call.head.procedure, log_text(served.error().to_string()));
  out.truncate(0);
  wire::write_rpc_accepted(out, call.head.xid,
                           garbage ? wire::RpcAccept::kGarbageArguments : wire::RpcAccept::kSystemError);
  co_return ok;
}

Task<void> MountServer::mount(const net::RpcCall& call, wire::XdrReader in, wire::XdrWriter& out) {
  const BytesView path = in.opaque(call.arguments.size());
  TP_CO_TRY_VOID(in.status("MNT"));
  plane::ClaimedIdentity claimed = claimed_identity(call);
  MountEntry entry;
  entry.host = claimed.source_ip;
  entry.path = path.substr(0, kMaxMountPathBytes);
  Result<Mounted> mounted = fail3(Status3::kNameTooLong, "the path is too long");
  if (path.size() <= kMaxMountPathBytes) mounted = co_await resolve(core_, std::move(claimed), path);
  if (!mounted) {
    spdlog::info("NFS mount of {} by {} refused: {}", log_text(entry.path), entry.host,
                 log_text(mounted.error().to_string()));
    out.u32(static_cast<uint32_t>(status_of(mounted.error())));
    co_return ok;
  }
  out.u32(static_cast<uint32_t>(MountStatus::kOk));
  HandleTarget target;
  target.file = mounted->directory;
  out.opaque(core_.handles.encode(target));
  // Best first. Who is squashed anyhow need not say who he is.
  out.u32(mounted->squashed ? 2 : 1);
  out.u32(static_cast<uint32_t>(wire::RpcFlavor::kSys));
  if (mounted->squashed) out.u32(static_cast<uint32_t>(wire::RpcFlavor::kNone));
  mounts_.add(std::move(entry));
  co_return ok;
}

Result<void> MountServer::unmount(const net::RpcCall& call, wire::XdrReader in) {
  MountEntry entry;
  entry.path = in.opaque(kMaxMountPathBytes);
  TP_TRY_VOID(in.status("UMNT"));
  if (call.peer) entry.host = call.peer->host;
  mounts_.remove(entry);
  return ok;
}

void MountServer::write_mounts(wire::XdrWriter& out) const {
  for (const MountEntry& entry : mounts_.entries()) {
    out.boolean(true);
    out.opaque(entry.host);
    out.opaque(entry.path);
  }
  out.boolean(false);
}

Task<void> MountServer::write_exports(wire::XdrWriter& out) {
  std::string after;
  for (bool more = true; more;) {
    TP_CO_TRY(const plane::VolumeListPage page,
              core_.plane.list_volumes(operator_caller(), "", after, kVolumesAtOnce));
    for (const plane::VolumeListEntry& volume : page.volumes) {
      after = volume.name;
      const auto settings = core_.plane.volume(volume.name);
      if (!settings) continue;  // deleted since
      if (out.size() > kMaxExportsBytes) break;
      const auto& own = (*settings)->exports.networks;
      out.boolean(true);
      out.opaque("/" + volume.name);
      for (const std::string& network : own.empty() ? core_.options.networks : own) {
        out.boolean(true);
        out.opaque(network);
      }
      out.boolean(false);
    }
    more = page.truncated && !page.volumes.empty() && out.size() <= kMaxExportsBytes;
  }
  out.boolean(false);
  co_return ok;
}

}  // namespace tp::nfs
