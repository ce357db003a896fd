// RENAME: from the saved directory to the current one: RFC 8881 §18.26.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> rename(Compound& compound) {
  Bytes from, to;
  const Status from_named = read_name(compound.in, &from);
  if (from_named == Status::kBadXdr) co_return from_named;
  const Status to_named = read_name(compound.in, &to);
  if (to_named == Status::kBadXdr) co_return to_named;
  TP_CO_TRY(Place target, compound.here(Status::kRofs));
  TP_CO_TRY(const Place source, compound.place_of(compound.saved, Status::kRofs));
  if (from_named != Status::kOk) co_return from_named;
  if (to_named != Status::kOk) co_return to_named;
  if (source.file.volume != target.file.volume) co_return Status::kXdev;
  TP_CO_TRY(const plane::Renamed renamed,
            co_await compound.files().rename(std::move(target.caller), source.file, std::move(from), target.file,
                                             std::move(to)));
  write_change_info(compound.out(), renamed.from);
  write_change_info(compound.out(), renamed.to);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
