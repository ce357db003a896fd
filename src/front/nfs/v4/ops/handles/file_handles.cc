// PUTFH, PUTROOTFH, PUTPUBFH, SAVEFH, RESTOREFH, GETFH: RFC 8881 §18.8, §18.19 to §18.21, §18.27, §18.28.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Status put_fh(Compound& compound) {
  const BytesView handle = compound.in.opaque(kHandleLimit);
  if (!compound.in.good()) return Status::kBadXdr;
  const auto target = compound.core.handles.decode(handle);
  if (!target) return Status::kBadHandle;
  compound.current.go_to(*target);
  return Status::kOk;
}

Status put_root_fh(Compound& compound) {
  compound.current.go_to({.pseudo_root = true});
  return Status::kOk;
}

Status save_fh(Compound& compound) {
  if (!compound.current.target) return Status::kNoFileHandle;
  compound.saved = compound.current;
  return Status::kOk;
}

Status restore_fh(Compound& compound) {
  if (!compound.saved.target) return Status::kNoFileHandle;
  compound.current = compound.saved;
  return Status::kOk;
}

Status get_fh(Compound& compound) {
  if (!compound.current.target) return Status::kNoFileHandle;
  compound.out().opaque(compound.core.handles.encode(*compound.current.target));
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
