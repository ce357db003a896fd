// COPY, within the server and done when it is answered; CLONE: RFC 7862 §15.2, §15.13. From the saved file to the
// current one.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

/// One COPY does not take longer than a client waits: it may copy less than it was asked to.
constexpr uint64_t kCopyBytesAtOnce = 1ull << 30;

struct Arguments {
  state::StateId source_stateid, target_stateid;
  uint64_t source_offset = 0, target_offset = 0, length = 0;
};
Arguments read_arguments(wire::XdrReader& in) {
  Arguments args;
  args.source_stateid = read_stateid(in);
  args.target_stateid = read_stateid(in);
  args.source_offset = in.u64();
  args.target_offset = in.u64();
  args.length = in.u64();
  return args;
}

struct Places {
  plane::FileId source, target;
  plane::FileCaller caller;
  plane::AccessCheck check = plane::AccessCheck::kByMode;
};

Task<Places> find_places(Compound& compound, const Arguments* args) {
  TP_CO_TRY(Place target, compound.here(Status::kWrongType));
  TP_CO_TRY(const Place source, compound.place_of(compound.saved, Status::kWrongType));
  Places places{source.file, target.file, std::move(target.caller), plane::AccessCheck::kByMode};
  TP_CO_TRY(const plane::AccessCheck source_check,
            compound.io_right(args->source_stateid, compound.saved, source.file, false));
  TP_CO_TRY(const plane::AccessCheck target_check,
            compound.io_right(args->target_stateid, compound.current, target.file, true));
  for (const plane::FileId file : {source.file, target.file}) {
    TP_CO_TRY(const plane::FileAttributes attributes, co_await compound.files().attributes(file));
    if (attributes.type == meta::InodeType::kDirectory) co_return fail4(Status::kIsDir);
    if (attributes.type != meta::InodeType::kFile) co_return fail4(Status::kWrongType);
    const bool from = file == source.file;
    if (from &&
        (args->source_offset > attributes.size_bytes || args->length > attributes.size_bytes - args->source_offset)) {
      co_return fail4(Status::kInval);
    }
  }
  if (args->length > plane::kMaxFileBytes || args->target_offset > plane::kMaxFileBytes - args->length) {
    co_return fail4(Status::kFbig);
  }
  if (source.file.volume != target.file.volume) co_return fail4(Status::kXdev);
  // The plane has one check for both sides: that of an open counts where both are open.
  if (source_check == target_check) places.check = source_check;
  co_return places;
}

}  // namespace

Task<Status> copy(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const Arguments args = read_arguments(in);
  in.boolean();  // consecutive: it always is
  in.boolean();  // synchronous: it always is
  const uint32_t servers = in.u32();
  if (!in.good()) co_return Status::kBadXdr;
  if (servers > 0) co_return Status::kNotSupp;
  TP_CO_TRY(Places places, co_await find_places(compound, &args));
  TP_CO_TRY(const plane::FileAttributes source, co_await compound.files().attributes(places.source));
  uint64_t length =
      args.length != 0 ? args.length : source.size_bytes - std::min(source.size_bytes, args.source_offset);
  length = std::min(length, kCopyBytesAtOnce);
  uint64_t copied = 0;
  if (length > 0) {
    TP_CO_TRY(copied, co_await compound.files().copy_range(std::move(places.caller), places.source, args.source_offset,
                                                           places.target, args.target_offset, length, places.check));
  }
  wire::XdrWriter& out = compound.out();
  out.u32(0);  // no callback: it is done
  out.u64(copied);
  out.u32(static_cast<uint32_t>(plane::Stability::kFileSync));
  out.u64(compound.files().write_verifier());
  out.boolean(true);
  out.boolean(true);
  co_return Status::kOk;
}

Task<Status> clone(Compound& compound) {
  const Arguments args = read_arguments(compound.in);
  if (!compound.in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(Places places, co_await find_places(compound, &args));
  TP_CO_TRY_VOID(co_await compound.files().clone_range(std::move(places.caller), places.source, args.source_offset,
                                                       places.target, args.target_offset, args.length, places.check));
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
