// LINK: RFC 8881 §18.9. The saved file gets a name in the current directory.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> link(Compound& compound) {
  Bytes name;
  const Status named = read_name(compound.in, &name);
  if (named != Status::kOk) co_return named;
  TP_CO_TRY(Place directory, compound.here(Status::kRofs));
  TP_CO_TRY(const Place file, compound.place_of(compound.saved, Status::kIsDir));
  if (file.file.volume != directory.file.volume) co_return Status::kXdev;
  TP_CO_TRY(const plane::FileChange change,
            co_await compound.files().link(std::move(directory.caller), file.file, directory.file, std::move(name)));
  write_change_info(compound.out(), change);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
