#include "front/nfs/v4/ops/session/channels.h"

#include "front/nfs/v4/protocol.h"
#include "wire/xdr/rpc_message.h"

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kMostSecurityParms = 16;
constexpr uint32_t kMostMachineBytes = 255, kMostGroups = 16;

}  // namespace

state::ChannelAttributes read_channel(wire::XdrReader& in) {
  state::ChannelAttributes channel;
  in.u32();  // header padding: none is asked for
  channel.max_request_bytes = in.u32();
  channel.max_response_bytes = in.u32();
  channel.max_cached_bytes = in.u32();
  channel.max_operations = in.u32();
  channel.max_requests = in.u32();
  if (in.count(1) == 1) in.u32();  // RDMA
  return channel;
}

void write_channel(wire::XdrWriter& out, const state::ChannelAttributes& channel) {
  out.u32(0);
  out.u32(channel.max_request_bytes);
  out.u32(channel.max_response_bytes);
  out.u32(channel.max_cached_bytes);
  out.u32(channel.max_operations);
  out.u32(channel.max_requests);
  out.u32(0);
}

void skip_callback_security(wire::XdrReader& in) {
  const uint32_t count = in.count(kMostSecurityParms);
  for (uint32_t i = 0; i < count && in.good(); ++i) {
    switch (static_cast<wire::RpcFlavor>(in.u32())) {
      case wire::RpcFlavor::kNone: break;
      case wire::RpcFlavor::kSys: {
        in.u32();
        in.opaque(kMostMachineBytes);
        in.u32();
        in.u32();
        const uint32_t groups = in.count(kMostGroups);
        for (uint32_t group = 0; group < groups; ++group) in.u32();
        break;
      }
      case wire::RpcFlavor::kGss:
        in.u32();
        in.opaque(kOpaqueLimit);
        in.opaque(kOpaqueLimit);
        break;
      default:
        in.fail_here();
    }
  }
}

}  // namespace tp::nfs::v4
