// RECLAIM_COMPLETE: RFC 8881 §18.51.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> reclaim_complete(Compound& compound) {
  const bool one_file_system = compound.in.boolean();
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (one_file_system && !compound.current.target) co_return Status::kNoFileHandle;
  const Status status = compound.state.reclaim_complete(compound.client, one_file_system);
  if (status != Status::kOk) co_return status;
  TP_CO_TRY_VOID(co_await compound.settle_client());
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
