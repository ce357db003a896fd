// LOOKUP, LOOKUPP: RFC 8881 §18.13, §18.14. Between the pseudo root and the volumes' roots they cross file systems.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> lookup(Compound& compound) {
  Bytes name;
  const Status named = read_name(compound.in, &name);
  if (named != Status::kOk) co_return named;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (compound.at_pseudo_root()) {
    TP_CO_TRY(const PseudoRoot::Entry volume, compound.pseudo_root.lookup(compound.claimed, name));
    compound.current.go_to({.file = volume.root});
    co_return Status::kOk;
  }
  TP_CO_TRY(const Place place, compound.here(Status::kServerFault));
  const auto found = co_await compound.files().lookup(place.caller, place.file, std::move(name));
  if (found) {
    compound.current.go_to({.file = found->file});
    co_return Status::kOk;
  }
  const Status status = status4_of(found.error());
  if (status != Status::kNotDir) co_return std::unexpected(found.error());
  // A symbolic link in the middle of a path has its own status.
  TP_CO_TRY(const plane::FileAttributes file, co_await compound.files().attributes(place.file));
  co_return file.type == meta::InodeType::kSymlink ? Status::kSymlink : Status::kNotDir;
}

Task<Status> lookup_parent(Compound& compound) {
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (compound.at_pseudo_root()) co_return Status::kNoEnt;
  TP_CO_TRY(const Place place, compound.here(Status::kServerFault));
  TP_CO_TRY(const plane::FileAttributes above, co_await compound.files().parent(place.caller, place.file));
  if (above.file == place.file) {
    compound.current.go_to({.pseudo_root = true});
  } else {
    compound.current.go_to({.file = above.file});
  }
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
