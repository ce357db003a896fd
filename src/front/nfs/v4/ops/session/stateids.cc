// TEST_STATEID, FREE_STATEID: RFC 8881 §18.48, §18.38.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Status test_stateid(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const uint32_t count = in.count(kMaxTestStateIds);
  if (!in.good()) return Status::kBadXdr;
  wire::XdrWriter& out = compound.out();
  out.u32(count);
  for (uint32_t i = 0; i < count; ++i) {
    const state::StateId stateid = read_stateid(in);
    if (!in.good()) return Status::kBadXdr;
    out.u32(static_cast<uint32_t>(compound.state.test_stateid(compound.client, stateid)));
  }
  return Status::kOk;
}

Status free_stateid(Compound& compound) {
  const state::StateId stateid = read_stateid(compound.in);
  if (!compound.in.good()) return Status::kBadXdr;
  const auto resolved = compound.resolve(stateid, compound.current);
  if (!resolved) return Status::kBadStateId;
  return compound.state.free_stateid(compound.client, *resolved);
}

}  // namespace tp::nfs::v4::ops
