// READ: RFC 8881 §18.22.
#include <algorithm>

#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

/// The end, the length, at most three bytes of padding.
constexpr uint64_t kFixedBytes = 4 + 4 + 3;

/// A reply that the slot keeps is one run of bytes; another sends the regions from where they lie.
void write_data(Compound& compound, plane::ReadResult read) {
  compound.out().boolean(read.end_of_file);
  const auto size = static_cast<uint32_t>(read.size_bytes);
  if (!compound.cache_reply) return compound.reply.opaque(std::move(read.regions), size);
  Bytes bytes;
  bytes.reserve(size);
  for (const io::SendRegion& region : read.regions) bytes.append(region.bytes);
  compound.out().opaque(bytes);
}

}  // namespace

Task<Status> read(Compound& compound) {
  wire::XdrReader& in = compound.in;
  const state::StateId stateid = read_stateid(in);
  const uint64_t offset = in.u64();
  const uint32_t count = std::min(in.u32(), kMaxIoBytes);
  if (!in.good()) co_return Status::kBadXdr;
  TP_CO_TRY(Place place, compound.here(Status::kIsDir));
  TP_CO_TRY(const plane::AccessCheck check, compound.io_right(stateid, compound.current, place.file, false));
  const Status room = compound.room_for(count + kFixedBytes);
  if (room != Status::kOk) co_return room;
  // Far behind every end there is nothing, and no error either.
  const uint64_t from = std::min(offset, plane::kMaxFileBytes);
  TP_CO_TRY(plane::ReadResult read,
            co_await compound.files().read(std::move(place.caller), place.file, from, count, check));
  write_data(compound, std::move(read));
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
