// READLINK: RFC 8881 §18.24.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> read_link(Compound& compound) {
  TP_CO_TRY(Place place, compound.here(Status::kWrongType));
  auto target = co_await compound.files().read_link(std::move(place.caller), place.file);
  if (!target) {
    const Status status = status4_of(target.error());
    // Whatever else it is, it is the wrong type.
    co_return status == Status::kIsDir || status == Status::kInval ? Status::kWrongType : status;
  }
  compound.out().opaque(*target);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
