// SECINFO, SECINFO_NO_NAME: RFC 8881 §18.29, §18.45. Every file is reached by AUTH_SYS, and by AUTH_NONE as nobody.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint32_t kStyleCurrent = 0, kStyleParent = 1;

/// What the operation is about has been seen to be there: the current file is used up.
Status answer(Compound& compound) {
  compound.out().u32(2);
  compound.out().u32(static_cast<uint32_t>(wire::RpcFlavor::kSys));
  compound.out().u32(static_cast<uint32_t>(wire::RpcFlavor::kNone));
  compound.current = {};
  return Status::kOk;
}

}  // namespace

Task<Status> sec_info(Compound& compound) {
  Bytes name;
  const Status named = read_name(compound.in, &name);
  if (named != Status::kOk) co_return named;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (compound.at_pseudo_root()) {
    TP_CO_TRY_VOID(compound.pseudo_root.lookup(compound.claimed, name));
    co_return answer(compound);
  }
  TP_CO_TRY(Place place, compound.here(Status::kServerFault));
  TP_CO_TRY_VOID(co_await compound.files().lookup(std::move(place.caller), place.file, std::move(name)));
  co_return answer(compound);
}

Task<Status> sec_info_no_name(Compound& compound) {
  const uint32_t style = compound.in.u32();
  if (!compound.in.good() || style > kStyleParent) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (compound.at_pseudo_root()) co_return style == kStyleCurrent ? answer(compound) : Status::kNoEnt;
  TP_CO_TRY(Place place, compound.here(Status::kServerFault));
  if (style == kStyleParent) {
    TP_CO_TRY_VOID(co_await compound.files().parent(std::move(place.caller), place.file));
  } else {
    TP_CO_TRY_VOID(co_await compound.files().attributes(place.file));
  }
  co_return answer(compound);
}

}  // namespace tp::nfs::v4::ops
