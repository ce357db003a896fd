// GETATTR: RFC 8881 §18.7.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> get_attr(Compound& compound) {
  const Bitmap wanted = Bitmap::read(compound.in);
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (check_readable(wanted) != Status::kOk) co_return Status::kInval;
  TP_CO_TRY(const AttributeSource source, co_await compound.attribute_source(*compound.current.target, wanted));
  encode_attributes(compound.out(), wanted, source);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
