// ALLOCATE, DEALLOCATE, SEEK, IO_ADVISE: RFC 7862 §15.1, §15.4, §15.11, §15.5.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint32_t kContentData = 0, kContentHole = 1;

struct Range {
  state::StateId stateid;
  uint64_t offset = 0, length = 0;
};
Range read_range(wire::XdrReader& in) {
  Range range;
  range.stateid = read_stateid(in);
  range.offset = in.u64();
  range.length = in.u64();
  return range;
}

struct Target {
  Place place;
  plane::AccessCheck check = plane::AccessCheck::kByMode;
};
/// The file that the range is of, which the stateid lets be written.
Result<Target> find_target(Compound& compound, const Range& range) {
  if (!compound.in.good()) return fail4(Status::kBadXdr);
  Target target;
  TP_TRY(target.place, compound.here(Status::kWrongType));
  TP_TRY(target.check, compound.io_right(range.stateid, compound.current, target.place.file, true));
  if (range.length == 0) return fail4(Status::kInval);
  if (range.offset > plane::kMaxFileBytes) return fail4(Status::kFbig);
  return target;
}

}  // namespace

Task<Status> allocate(Compound& compound) {
  const Range range = read_range(compound.in);
  TP_CO_TRY(Target target, find_target(compound, range));
  if (range.length > plane::kMaxFileBytes - range.offset) co_return Status::kFbig;
  TP_CO_TRY_VOID(co_await compound.files().allocate(std::move(target.place.caller), target.place.file, range.offset,
                                                    range.length, target.check));
  co_return Status::kOk;
}

Task<Status> deallocate(Compound& compound) {
  const Range range = read_range(compound.in);
  TP_CO_TRY(Target target, find_target(compound, range));
  const uint64_t length = std::min(range.length, plane::kMaxFileBytes - range.offset);
  if (length == 0) co_return Status::kOk;
  TP_CO_TRY_VOID(co_await compound.files().deallocate(std::move(target.place.caller), target.place.file, range.offset,
                                                      length, target.check));
  co_return Status::kOk;
}

Task<Status> seek(Compound& compound) {
  const state::StateId stateid = read_stateid(compound.in);
  const uint64_t offset = compound.in.u64();
  const uint32_t what = compound.in.u32();
  if (!compound.in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(const Place place, compound.here(Status::kWrongType));
  TP_CO_TRY_VOID(compound.io_right(stateid, compound.current, place.file, false));
  if (what != kContentData && what != kContentHole) co_return Status::kUnionNotSupp;
  if (offset > plane::kMaxFileBytes) co_return Status::kNxio;
  const auto sought = co_await compound.files().seek(place.file, offset, what == kContentData);
  if (!sought) {
    if (sought.error().code == Code::kOutOfRange) co_return Status::kNxio;
    co_return std::unexpected(sought.error());
  }
  compound.out().boolean(sought->end_of_file);
  compound.out().u64(sought->offset);
  co_return Status::kOk;
}

Status io_advise(Compound& compound) {
  const Range range = read_range(compound.in);
  (void)Bitmap::read(compound.in);
  if (!compound.in.good()) return Status::kBadXdr;
  const auto place = compound.here(Status::kWrongType);
  if (!place) return status4_of(place.error());
  const auto right = compound.io_right(range.stateid, compound.current, place->file, false);
  if (!right) return status4_of(right.error());
  // No hint is taken.
  Bitmap().write(compound.out());
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
