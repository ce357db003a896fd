// CREATE_SESSION: RFC 8881 §18.36.
#include "front/nfs/v4/ops/operations.h"
#include "front/nfs/v4/ops/session/channels.h"

namespace tp::nfs::v4::ops {

Status create_session(Compound& compound) {
  wire::XdrReader& in = compound.in;
  state::CreateSessionArgs args;
  args.client = state::ClientId(in.u64());
  args.sequence = in.u32();
  args.flags = in.u32();
  args.fore = read_channel(in);
  args.back = read_channel(in);
  in.u32();  // callback program
  skip_callback_security(in);
  if (!in.good()) return Status::kBadXdr;
  args.principal = compound.principal();
  const auto result = compound.state.create_session(args);
  if (!result) return result.status;
  wire::XdrWriter& out = compound.out();
  out.fixed(result.value.session.view());
  out.u32(result.value.sequence);
  out.u32(result.value.flags);
  write_channel(out, result.value.fore);
  write_channel(out, result.value.back);
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
