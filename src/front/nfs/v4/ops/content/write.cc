// WRITE, COMMIT: RFC 8881 §18.32, §18.3.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint32_t kFileSync = 2;
static_assert(static_cast<uint32_t>(plane::Stability::kFileSync) == kFileSync);

}  // namespace

Task<Status> write(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const state::StateId stateid = read_stateid(in);
  const uint64_t offset = in.u64();
  const uint32_t stable = in.u32();
  const BytesView data = in.opaque(compound.call.arguments.size());
  if (!in.good() || stable > kFileSync) co_return Status::kBadXdr;
  TP_CO_TRY(Place place, compound.here(Status::kIsDir));
  TP_CO_TRY(const plane::AccessCheck check, compound.io_right(stateid, compound.current, place.file, true));
  if (offset > plane::kMaxFileBytes || data.size() > plane::kMaxFileBytes - offset) co_return Status::kFbig;
  plane::Payload payload{data, compound.call.owner};
  TP_CO_TRY(const plane::WriteResult written,
            co_await compound.files().write(std::move(place.caller), place.file, offset, std::move(payload),
                                            static_cast<plane::Stability>(stable), check));
  wire::XdrWriter& out = compound.out();
  out.u32(static_cast<uint32_t>(data.size()));
  out.u32(static_cast<uint32_t>(written.stability));
  out.u64(compound.files().write_verifier());
  co_return Status::kOk;
}

Task<Status> commit(Compound& compound) {
  const uint64_t offset = compound.in.u64();
  const uint32_t count = compound.in.u32();
  if (!compound.in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(const Place place, compound.here(Status::kIsDir));
  if (offset > UINT64_MAX - count) co_return Status::kInval;
  TP_CO_TRY_VOID(co_await compound.files().commit(place.file));
  compound.out().u64(compound.files().write_verifier());
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
