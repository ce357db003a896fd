// VERIFY, NVERIFY: RFC 8881 §18.15, §18.31.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr size_t kMaxListBytes = 64 << 10;

/// kSame or kNotSame.
Task<Status> compare(Compound& compound) {
  const Bitmap given = Bitmap::read(compound.in);
  const BytesView list = compound.in.opaque(kMaxListBytes);
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (check_readable(given) != Status::kOk || given.has(Attribute::kRdattrError)) co_return Status::kInval;
  if (given.unknown() || !given.without(supported_attributes(compound.minor)).empty()) {
    co_return Status::kAttrNotSupp;
  }
  TP_CO_TRY(const AttributeSource source, co_await compound.attribute_source(*compound.current.target, given));
  wire::XdrWriter ours;
  encode_attributes(ours, given, source);
  wire::XdrReader reader(ours.view());
  (void)Bitmap::read(reader);
  co_return reader.opaque(kMaxListBytes) == list ? Status::kSame : Status::kNotSame;
}

}  // namespace

Task<Status> verify(Compound& compound) {
  TP_CO_TRY(const Status compared, co_await compare(compound));
  co_return compared == Status::kSame ? Status::kOk : compared;
}

Task<Status> nverify(Compound& compound) {
  TP_CO_TRY(const Status compared, co_await compare(compound));
  co_return compared == Status::kNotSame ? Status::kOk : compared;
}

}  // namespace tp::nfs::v4::ops
