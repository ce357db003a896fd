#include "front/nfs/core/nfs_front.h"

#include <algorithm>

#include "front/nfs/core/credentials.h"
#include "front/nfs/core/nfs_v4.h"
#include "front/nfs/mount/mount_server.h"
#include "front/nfs/v3/nfs_v3.h"
#include "rt/env/rng.h"

namespace tp::nfs {

namespace {

constexpr char kKeyNote[] = "nfs/handle-key";
constexpr uint32_t kNullProcedure = 0, kCompoundProcedure = 1;

/// The key that handles are checked with: the store's, made when the store is first served.
Task<HandleCodec::Key> handle_key(plane::Files* files) {
  HandleCodec::Key key;
  TP_CO_TRY(const std::optional<Bytes> known, co_await files->note(kKeyNote));
  if (!known) {
    rt::secure_random(key);
    Bytes made(key.data(), key.size());
    TP_CO_TRY_VOID(co_await files->set_note(kKeyNote, std::move(made)));
    co_return key;
  }
  // Another key would make every client's handles stale in silence.
  if (known->size() != key.size()) co_return fail(Code::kCorruption, "the NFS handles' key is damaged");
  std::copy(known->begin(), known->end(), key.begin());
  co_return key;
}

}  // namespace

NfsFront::NfsFront(std::unique_ptr<NfsCore> core)
    : core_(std::move(core)),
      mount_(std::make_unique<MountServer>(*core_)),
      v3_replies_(std::make_unique<v3::ReplyCache>()) {}

NfsFront::~NfsFront() = default;

Task<std::unique_ptr<NfsFront>> NfsFront::open(NfsOptions options) {
  plane::Plane& plane = *options.plane;
  rt::Runtime& runtime = *options.runtime;
  TP_CO_TRY(const HandleCodec::Key key, co_await handle_key(&plane.files()));
  NfsCore made{plane, plane.files(), runtime, HandleCodec(key), std::move(options)};
  std::unique_ptr<NfsFront> front(new NfsFront(std::make_unique<NfsCore>(std::move(made))));
  auto v4 = co_await NfsV4::open(*front->core_);
  if (v4) {
    front->v4_ = *std::move(v4);
  } else if (v4.error().code != Code::kNotImplemented) {
    co_return std::unexpected(std::move(v4).error());
  }
  co_return front;
}

Task<void> NfsFront::handle(net::RpcCall call, net::RpcReply* reply) {
  const wire::RpcCallHead& head = call.head;
  if (head.rpc_version != 2) {
    wire::write_rpc_version_mismatch(reply->xdr(), head.xid);
    co_return ok;
  }
  if (const auto refused = refused_credential(head)) {
    wire::write_rpc_auth_error(reply->xdr(), head.xid, *refused);
    co_return ok;
  }
  if (head.program == kNfsProgram) co_return co_await handle_nfs(std::move(call), reply);
  if (head.program != kMountProgram) {
    wire::write_rpc_accepted(reply->xdr(), head.xid, wire::RpcAccept::kProgramUnavailable);
  } else if (head.version != kMountVersion) {
    wire::write_rpc_program_mismatch(reply->xdr(), head.xid, kMountVersion, kMountVersion);
  } else {
    co_return co_await mount_->handle(std::move(call), reply);
  }
  co_return ok;
}

Task<void> NfsFront::handle_nfs(net::RpcCall call, net::RpcReply* reply) {
  const wire::RpcCallHead& head = call.head;
  if (head.version == 3) co_return co_await v3::serve(*core_, *v3_replies_, std::move(call), reply);
  if (head.version != 4 || v4_ == nullptr) {
    wire::write_rpc_program_mismatch(reply->xdr(), head.xid, 3, v4_ == nullptr ? 3 : 4);
  } else if (head.procedure == kCompoundProcedure) {
    co_return co_await v4_->compound(std::move(call), reply);
  } else {
    wire::write_rpc_accepted(reply->xdr(), head.xid,
                             head.procedure == kNullProcedure ? wire::RpcAccept::kSuccess
                                                              : wire::RpcAccept::kProcedureUnavailable);
  }
  co_return ok;
}

void NfsFront::on_closed(net::RpcPeer& peer) {
  if (v4_) v4_->on_closed(peer);
}

Task<void> NfsFront::stop() {
  if (v4_) co_return co_await v4_->stop();
  co_return ok;
}

}  // namespace tp::nfs
