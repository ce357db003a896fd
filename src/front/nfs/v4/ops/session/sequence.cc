// SEQUENCE: RFC 8881 §18.46.
#include "base/hash/crc.h"
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Status sequence(Compound& compound) {
  wire::XdrReader& in = compound.in;
  state::SequenceArgs args;
  args.session = read_session_id(in);
  args.sequence = in.u32();
  args.slot = in.u32();
  args.highest_slot = in.u32();
  args.cache_this = in.boolean();
  if (!in.good()) return Status::kBadXdr;
  args.fingerprint = crc64nvme(crc64nvme(0, compound.principal()), compound.call.arguments);
  auto result = compound.state.sequence(args);
  if (!result) return result.status;
  if (result.value.kind == state::SequenceResult::Kind::kReplay) {
    compound.replay = std::move(result.value.replay);
    return Status::kOk;
  }
  const state::ChannelAttributes& limits = result.value.limits;
  compound.in_session = true;
  compound.client = result.value.client;
  compound.session = args.session;
  compound.slot = std::move(result.value.use);
  compound.cache_reply = args.cache_this;
  compound.operations_limit = limits.max_operations;
  compound.request_limit_bytes = limits.max_request_bytes;
  compound.reply_limit_bytes =
      args.cache_this ? std::min(limits.max_cached_bytes, limits.max_response_bytes) : limits.max_response_bytes;
  wire::XdrWriter& out = compound.out();
  out.fixed(args.session.view());
  out.u32(args.sequence);
  out.u32(args.slot);
  out.u32(result.value.highest_slot);
  out.u32(result.value.target_highest_slot);
  out.u32(result.value.status_flags);
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
