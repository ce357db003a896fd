// SETATTR: RFC 8881 §18.30.
#include "front/nfs/v4/attributes/decode.h"
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

/// What the client asks for: all of it happens, or nothing.
Task<Status> apply(Compound& compound, state::StateId stateid, SettableAttributes wanted) {
  if (wanted.status != Status::kOk) co_return wanted.status;
  TP_CO_TRY(Place place, compound.here(Status::kRofs));
  plane::AccessCheck check = plane::AccessCheck::kByMode;
  if (wanted.set.size_bytes) {
    TP_CO_TRY(check, compound.io_right(stateid, compound.current, place.file, true));
  }
  if (wanted.set.empty()) co_return Status::kOk;
  TP_CO_TRY_VOID(co_await compound.files().set_attributes(std::move(place.caller), place.file, std::move(wanted.set),
                                                          std::nullopt, check));
  co_return Status::kOk;
}

}  // namespace

Task<Status> set_attr(Compound& compound) {
  const state::StateId stateid = read_stateid(compound.in);
  SettableAttributes wanted = decode_settable(compound.in, compound.minor, false);
  if (!compound.in.good()) co_return Status::kBadXdr;
  const Bitmap bits = wanted.bits;
  const Result<Status> applied = co_await apply(compound, stateid, std::move(wanted));
  const Status status = applied ? *applied : status4_of(applied.error());
  // attrsset stands there whatever the status is.
  compound.keep_results = true;
  (status == Status::kOk ? bits : Bitmap()).write(compound.out());
  co_return status;
}

}  // namespace tp::nfs::v4::ops
