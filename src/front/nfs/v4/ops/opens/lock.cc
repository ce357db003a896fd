// LOCK, LOCKT, LOCKU: RFC 8881 §18.10 to §18.12. Nobody waits here: clients that want to wait ask again.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

// nfs_lock_type4.
constexpr uint32_t kRead = 1, kWrite = 2, kWriteWait = 4;  // 3: a read that waits

state::LockKind read_kind(wire::XdrReader& in) {
  const uint32_t type = in.u32();
  if (type < kRead || type > kWriteWait) in.fail_here();
  return type == kWrite || type == kWriteWait ? state::LockKind::kWrite : state::LockKind::kRead;
}

state::WireRange read_range(wire::XdrReader& in) {
  state::WireRange range;
  range.offset = in.u64();
  range.length = in.u64();
  return range;
}

/// LOCK4denied, which stands behind kDenied.
Status deny(Compound& compound, const state::LockDenied& denied) {
  compound.keep_results = true;
  wire::XdrWriter& out = compound.out();
  out.u64(denied.range.offset);
  out.u64(denied.range.length);
  out.u32(denied.kind == state::LockKind::kWrite ? kWrite : kRead);
  out.u64(denied.client.value);
  out.opaque(denied.owner);
  return Status::kDenied;
}

/// Locks are of files.
Task<Place> file_here(Compound& compound) {
  TP_CO_TRY(Place place, compound.here(Status::kIsDir));
  TP_CO_TRY(const plane::FileAttributes file, co_await compound.files().attributes(place.file));
  if (file.type == meta::InodeType::kDirectory) co_return fail4(Status::kIsDir);
  if (file.type != meta::InodeType::kFile) co_return fail4(Status::kWrongType);
  co_return place;
}

}  // namespace

Task<Status> lock(Compound& compound) {
  wire::XdrReader& in = compound.in;
  state::LockArgs args;
  args.kind = read_kind(in);
  args.reclaim = in.boolean();
  args.range = read_range(in);
  args.new_owner = in.boolean();
  if (args.new_owner) {
    in.u32();  // seqids: sessions count instead
    args.stateid = read_stateid(in);
    in.u32();
    args.owner = read_owner(in);
  } else {
    args.stateid = read_stateid(in);
    in.u32();
  }
  if (!in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(const Place place, co_await file_here(compound));
  TP_CO_TRY(args.stateid, compound.resolve(args.stateid, compound.current));
  state::LockDenied denied;
  const auto granted = compound.state.lock(compound.client, args, place.file, &denied);
  if (granted.status == Status::kDenied) co_return deny(compound, denied);
  if (!granted) co_return granted.status;
  TP_CO_TRY_VOID(co_await compound.settle_client());
  compound.current.stateid = granted.value;
  write_stateid(compound.out(), granted.value);
  co_return Status::kOk;
}

Task<Status> test_lock(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const state::LockKind kind = read_kind(in);
  const state::WireRange range = read_range(in);
  const Bytes owner = read_owner(in);
  if (!in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(const Place place, co_await file_here(compound));
  state::LockDenied denied;
  const Status status = compound.state.test_lock(compound.client, owner, place.file, kind, range, &denied);
  co_return status == Status::kDenied ? deny(compound, denied) : status;
}

Status unlock(Compound& compound) {
  wire::XdrReader& in = compound.in;
  (void)read_kind(in);
  in.u32();  // seqid
  const state::StateId given = read_stateid(in);
  const state::WireRange range = read_range(in);
  if (!in.good()) return Status::kBadXdr;
  const auto place = compound.here(Status::kBadStateId);
  if (!place) return status4_of(place.error());
  const auto stateid = compound.resolve(given, compound.current);
  if (!stateid) return status4_of(stateid.error());
  const auto unlocked = compound.state.unlock(compound.client, *stateid, place->file, range);
  if (!unlocked) return unlocked.status;
  compound.current.stateid = unlocked.value;
  write_stateid(compound.out(), unlocked.value);
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
