#include "wire/xdr/rpc_message.h"

namespace tp::wire {

namespace {

constexpr uint32_t kRpcVersion = 2;
constexpr uint32_t kCall = 0, kReply = 1;
constexpr uint32_t kAccepted = 0, kDenied = 1;
constexpr uint32_t kRpcMismatch = 0, kAuthError = 1;
constexpr size_t kMaxAuthBytes = 400;
constexpr size_t kMaxMachineBytes = 255;
constexpr uint32_t kMaxGroups = 16;

// RFC 5531 appendix A. nullopt for what does not parse to its last byte.
std::optional<AuthSys> read_auth_sys(BytesView body) {
  XdrReader in(body);
  AuthSys sys;
  sys.stamp = in.u32();
  sys.machine = in.opaque(kMaxMachineBytes);
  sys.uid = in.u32();
  sys.gid = in.u32();
  const uint32_t groups = in.count(kMaxGroups);
  sys.groups.reserve(groups);
  for (uint32_t i = 0; i < groups; ++i) sys.groups.push_back(in.u32());
  if (!in.good() || !in.at_end()) return std::nullopt;
  return sys;
}

void write_denied(XdrWriter& out, uint32_t xid, uint32_t why) {
  out.u32(xid);
  out.u32(kReply);
  out.u32(kDenied);
  out.u32(why);
}

}  // namespace

Result<RpcCallHead> read_rpc_call(XdrReader& in) {
  RpcCallHead head;
  head.xid = in.u32();
  const uint32_t type = in.u32();
  head.rpc_version = in.u32();
  TP_TRY_VOID(in.status("RPC call"));
  if (type != kCall) return fail(Code::kMalformed, "an RPC message that is not a call");
  // What follows is laid out as that version says, which nobody here knows.
  if (head.rpc_version != kRpcVersion) return head;
  head.program = in.u32();
  head.version = in.u32();
  head.procedure = in.u32();
  head.flavor = static_cast<RpcFlavor>(in.u32());
  const BytesView credential = in.opaque(kMaxAuthBytes);
  in.u32();  // the verifier means nothing with the flavors that are served
  in.opaque(kMaxAuthBytes);
  TP_TRY_VOID(in.status("RPC call"));
  if (head.flavor == RpcFlavor::kSys) {
    head.sys = read_auth_sys(credential);
    head.bad_credential = !head.sys;
  }
  return head;
}

void write_rpc_accepted(XdrWriter& out, uint32_t xid, RpcAccept status) {
  out.u32(xid);
  out.u32(kReply);
  out.u32(kAccepted);
  out.u32(static_cast<uint32_t>(RpcFlavor::kNone));  // verifier
  out.u32(0);
  out.u32(static_cast<uint32_t>(status));
}

void write_rpc_program_mismatch(XdrWriter& out, uint32_t xid, uint32_t lowest, uint32_t highest) {
  write_rpc_accepted(out, xid, RpcAccept::kProgramMismatch);
  out.u32(lowest);
  out.u32(highest);
}

void write_rpc_version_mismatch(XdrWriter& out, uint32_t xid) {
  write_denied(out, xid, kRpcMismatch);
  out.u32(kRpcVersion);
  out.u32(kRpcVersion);
}

void write_rpc_auth_error(XdrWriter& out, uint32_t xid, RpcAuthStatus status) {
  write_denied(out, xid, kAuthError);
  out.u32(static_cast<uint32_t>(status));
}

}  // namespace tp::wire
