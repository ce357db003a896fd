// BIND_CONN_TO_SESSION, BACKCHANNEL_CTL, DESTROY_SESSION, DESTROY_CLIENTID: RFC 8881 §18.33, §18.34, §18.37, §18.50.
#include "front/nfs/v4/ops/operations.h"
#include "front/nfs/v4/ops/session/channels.h"

namespace tp::nfs::v4::ops {

Status bind_conn_to_session(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const state::SessionId session = read_session_id(in);
  const uint32_t direction = in.u32();
  in.boolean();  // RDMA
  if (!in.good()) return Status::kBadXdr;
  const auto bound = compound.state.bind_connection(session, direction);
  if (!bound) return bound.status;
  compound.out().fixed(session.view());
  compound.out().u32(bound.value);
  compound.out().boolean(false);
  return Status::kOk;
}

Status backchannel_ctl(Compound& compound) {
  compound.in.u32();  // callback program
  skip_callback_security(compound.in);
  return compound.parsed();
}

Status destroy_session(Compound& compound) {
  const state::SessionId session = read_session_id(compound.in);
  if (!compound.in.good()) return Status::kBadXdr;
  const bool own = compound.in_session && session == compound.session;
  if (own && !compound.last_operation()) return Status::kNotOnlyOp;
  return compound.state.destroy_session(session, own ? &compound.slot : nullptr);
}

Status destroy_client_id(Compound& compound) {
  const state::ClientId client(compound.in.u64());
  if (!compound.in.good()) return Status::kBadXdr;
  return compound.state.destroy_client(client);
}

}  // namespace tp::nfs::v4::ops
