// REMOVE: files and empty directories: RFC 8881 §18.25.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> remove(Compound& compound) {
  Bytes name;
  const Status named = read_name(compound.in, &name);
  if (named != Status::kOk) co_return named;
  TP_CO_TRY(const Place place, compound.here(Status::kRofs));
  auto removed = co_await compound.files().remove(place.caller, place.file, name);
  if (!removed && status4_of(removed.error()) == Status::kIsDir) {
    removed = co_await compound.files().remove_directory(place.caller, place.file, name);
  }
  if (!removed) co_return std::unexpected(removed.error());
  write_change_info(compound.out(), *removed);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
