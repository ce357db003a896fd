// CLOSE, OPEN_DOWNGRADE: RFC 8881 §18.2, §18.18.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {

Task<Status> close(Compound& compound) {
  compound.in.u32();  // seqid: sessions count instead
  const state::StateId given = read_stateid(compound.in);
  if (!compound.in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(const Place place, compound.here(Status::kBadStateId));
  TP_CO_TRY(const state::StateId stateid, compound.resolve(given, compound.current));
  // What was written is what S3 shows when CLOSE is answered. A failure is none of CLOSE's: the client that wants its
  // bytes to be durable has asked for it, and those that it has not been promised are tried again later.
  if (compound.state.check_io(compound.client, stateid, place.file, true)) {
    (void)co_await compound.files().commit(place.file);
  }
  const auto closed = compound.state.close(compound.client, stateid, place.file);
  if (!closed) co_return closed.status;
  compound.current.stateid = closed.value;
  write_stateid(compound.out(), closed.value);
  co_return Status::kOk;
}

Status open_downgrade(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const state::StateId given = read_stateid(in);
  in.u32();  // seqid
  state::Share share;
  share.access = in.u32() & ~(kShareWantMask | kShareWantSignals);
  share.deny = in.u32();
  if (!in.good()) return Status::kBadXdr;
  const auto place = compound.here(Status::kBadStateId);
  if (!place) return status4_of(place.error());
  const auto stateid = compound.resolve(given, compound.current);
  if (!stateid) return status4_of(stateid.error());
  if (share.access == 0 || share.access > kShareAccessBoth || share.deny > kShareDenyBoth) return Status::kInval;
  const auto downgraded = compound.state.downgrade(compound.client, *stateid, place->file, share);
  if (!downgraded) return downgraded.status;
  compound.current.stateid = downgraded.value;
  write_stateid(compound.out(), downgraded.value);
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
