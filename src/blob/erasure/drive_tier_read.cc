// Reading: the pieces that hold what is asked for, one made again from k others where it cannot be read. What does not
// match its checksums then is read whole, from all pieces, and the bad ones are made again and written back.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "blob/blob_checksum.h"
#include "blob/erasure/drive_tier.h"
#include "blob/erasure/piece_checksum.h"
#include "blob/hot/segment.h"

namespace tp::blob {

namespace {

constexpr uint64_t kInlineBytes = 32 << 10;  // less work than a trip to the pool

struct Range {
  uint64_t from = 0;
  uint64_t to = 0;
};

std::string name_of(const BlobRecord& blob) {
  return "blob " + std::to_string(blob.id.value) + " of segment " + std::to_string(blob.segment.value);
}

/// What of the data must be had to verify [from, to), which lies in one frame: whole units, or all of a packed frame.
Range data_range(const BlobRecord& blob, uint64_t from, uint64_t to) {
  if (blob.encoding == Encoding::kRaw) {
    const uint64_t end = (to + kChecksumUnitBytes - 1) / kChecksumUnitBytes * kChecksumUnitBytes;
    return {from / kChecksumUnitBytes * kChecksumUnitBytes, std::min<uint64_t>(end, blob.length_bytes)};
  }
  const uint64_t begin = from / kFrameBytes * kFrameBytes;
  return {begin, std::min<uint64_t>(begin + kFrameBytes, blob.length_bytes)};
}

/// And where that is stored.
Range stored_range(const BlobRecord& blob, const Range& data) {
  if (blob.encoding == Encoding::kRaw) return data;
  const size_t frame = data.from / kFrameBytes;
  const uint64_t offset = frame_offset(blob.frames, frame);
  return {offset, offset + blob.frames[frame]};
}

Result<void> check_units(const BlobRecord& blob, uint64_t begin, BytesView data) {
  for (uint64_t done = 0; done < data.size(); done += kChecksumUnitBytes) {
    const auto unit = static_cast<uint32_t>((begin + done) / kChecksumUnitBytes);
    if (unit_checksum(blob.id, unit, data.substr(done, kChecksumUnitBytes)) == blob.checksums[unit]) continue;
    return fail(Code::kCorruption, name_of(blob) + ": unit " + std::to_string(unit) + " does not match its checksum");
  }
  return ok;
}

/// The data at `begin` out of its stored form: verified, and copied only where it is packed.
Result<io::SendRegion> unpack_range(const BlobRecord& blob, BytesView stored, const std::shared_ptr<char>& owner,
                                    const Range& data) {
  io::SendRegion region;
  const uint64_t size = data.to - data.from;
  if (stored.size() == size) {
    region.bytes = stored;
    region.owner = owner;
  } else {
    const std::shared_ptr<char> out(static_cast<char*>(std::malloc(size)), &std::free);
    if (out == nullptr) return fail(Code::kBusy, "out of memory for a read");
    TP_TRY_VOID(decode_frame(stored, MutableBytes(out.get(), size)));
    region.bytes = BytesView(out.get(), size);
    region.owner = out;
  }
  TP_TRY_VOID(check_units(blob, data.from, region.bytes));
  return region;
}

}  // namespace

Task<io::SendRegion> DriveTier::read(const BlobRecord& blob_in, uint64_t offset, uint64_t max_bytes) {
  const BlobRecord blob = blob_in;  // the caller's may go while this waits
  TP_CO_TRY_VOID(check_running());
  TP_CO_TRY(const Place place, place_of(blob));
  if (offset >= blob.length_bytes || max_bytes == 0) co_return fail(Code::kOutOfRange, "read outside the blob");
  counters_.reads.fetch_add(1, std::memory_order_relaxed);
  const uint64_t frame_end = std::min<uint64_t>((offset / kFrameBytes + 1) * kFrameBytes, blob.length_bytes);
  const uint64_t to = std::min(frame_end, offset + std::min(max_bytes, kFrameBytes));
  const Range data = data_range(blob, offset, to);
  const Range stored = stored_range(blob, data);
  TP_CO_TRY(Stored part, co_await gather(place, blob, stored.from, stored.to));
  auto region = co_await unpack(blob, part, data.from, offset, to);
  if (region || region.error().code != Code::kCorruption) co_return region;

  TP_CO_TRY(Stored whole, co_await recover(place, blob));
  whole.bytes = whole.bytes.substr(stored.from, stored.to - stored.from);
  co_return co_await unpack(blob, std::move(whole), data.from, offset, to);
}

Task<io::SendRegion> DriveTier::unpack(const BlobRecord& blob, Stored stored, uint64_t begin, uint64_t from,
                                       uint64_t to) {
  const Range data = data_range(blob, from, to);
  auto work = [&blob, &stored, &data] { return unpack_range(blob, stored.bytes, stored.memory.memory, data); };
  auto region = data.to - data.from <= kInlineBytes ? work() : co_await options_.runtime->pool().run(work);
  if (!region) {
    if (region.error().code == Code::kCorruption) counters_.checksum_failures.fetch_add(1, std::memory_order_relaxed);
    co_return std::unexpected(std::move(region.error()).with_context(name_of(blob)));
  }
  region->bytes = region->bytes.substr(from - begin, to - from);
  co_return region;
}

// Pieces are multiples of the alignment, so what is read of several of them lands side by side in one buffer.
Task<DriveTier::Stored> DriveTier::gather(Place place, const BlobRecord& blob, uint64_t from, uint64_t to) {
  const uint64_t begin = from / io::kDirectAlignment * io::kDirectAlignment;
  const uint64_t end = padded_length(to);
  Stored stored;
  TP_CO_TRY(stored.memory, AlignedBytes::make(end - begin));
  std::vector<Task<void>> tasks;
  for (uint64_t at = begin; at < end;) {
    const uint64_t slot = at / place.piece_bytes;
    const uint64_t part_end = std::min(end, (slot + 1) * place.piece_bytes);
    const MutableBytes out(stored.memory.data() + (at - begin), part_end - at);
    tasks.push_back(read_part(place.segment, static_cast<unsigned>(slot), blob.offset + at % place.piece_bytes, out));
    at = part_end;
  }
  if (tasks.size() == 1) {
    TP_CO_TRY_VOID(co_await std::move(tasks.front()));
  } else {
    TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
    for (const auto& one : results) {
      if (!one) co_return std::unexpected(one.error());
    }
  }
  stored.bytes = BytesView(stored.memory.data() + (from - begin), to - from);
  co_return stored;
}

Task<void> DriveTier::read_shard(ShardPtr shard, uint64_t offset, MutableBytes out) {
  if (shard == nullptr || !shard->drive->readable()) co_return fail(Code::kUnavailable, "a drive is not there");
  auto file = co_await file_of(shard);
  auto read = file ? co_await (*file)->read_at(offset, out) : Result<void>(std::unexpected(file.error()));
  if (read) {
    counters_.bytes_read.fetch_add(out.size(), std::memory_order_relaxed);
    co_return ok;
  }
  shard->drive->read_errors.fetch_add(1, std::memory_order_relaxed);
  co_return std::unexpected(disk_error(std::move(read.error()), shard->drive->directory + "/" + shard->path));
}

Task<void> DriveTier::read_part(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out) {
  auto read = co_await read_shard(segment->shard(slot), offset, out);
  if (read || segment->code->parity() == 0) co_return read;
  counters_.degraded_reads.fetch_add(1, std::memory_order_relaxed);
  co_return co_await make_again(std::move(segment), slot, offset, out);
}

// Drives that refuse are left out, and others asked, until k have given their part or none is left.
Task<void> DriveTier::make_again(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out) {
  const ErasureCode& code = *segment->code;
  std::vector<unsigned> left, have;
  const auto shards = segment->shards();
  for (const bool healthy : {true, false}) {
    for (unsigned i = 0; i < shards.size(); ++i) {
      if (i == slot || shards[i] == nullptr || !shards[i]->drive->readable()) continue;
      if ((shards[i]->drive->state.load() != DriveState::kFailed) == healthy) left.push_back(i);
    }
  }
  TP_CO_TRY(const AlignedBytes memory, AlignedBytes::make(out.size() * code.data()));
  std::vector<const char*> sources;
  for (size_t next = 0; have.size() < code.data();) {
    const size_t wanted = code.data() - have.size();
    if (left.size() - next < wanted) {
      co_return fail(Code::kUnavailable, "segment " + std::to_string(segment->id.value) + ": only " +
                                             std::to_string(have.size() + left.size() - next) + " of the " +
                                             std::to_string(code.data()) + " pieces it takes can be read");
    }
    std::vector<Task<void>> tasks;
    std::vector<char*> places;
    for (size_t i = 0; i < wanted; ++i) {
      // Places of pieces that are there already stay theirs.
      places.push_back(memory.data() + (have.size() + i) * out.size());
      tasks.push_back(read_shard(shards[left[next + i]], offset, MutableBytes(places.back(), out.size())));
    }
    TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
    size_t kept = have.size();
    for (size_t i = 0; i < wanted; ++i) {
      if (!results[i]) continue;
      char* const place = memory.data() + kept++ * out.size();
      if (place != places[i]) std::copy_n(places[i], out.size(), place);
      have.push_back(left[next + i]);
    }
    next += wanted;
  }
  for (size_t i = 0; i < have.size(); ++i) sources.push_back(memory.data() + i * out.size());
  const std::array<unsigned, 1> wanted{slot};
  const std::array<char*, 1> to{out.data()};
  auto work = [&] { return code.reconstruct(out.size(), have, sources, wanted, to); };
  co_return out.size() <= kInlineBytes ? work() : co_await options_.runtime->pool().run(work);
}

// All pieces of a blob side by side, each as its checksum says: the data pieces are its stored bytes.
Task<DriveTier::Stored> DriveTier::recover(Place place, const BlobRecord& blob) {
  const ErasureCode& code = *place.segment->code;
  const uint64_t piece = place.piece_bytes;
  const unsigned pieces = place.segment->pieces();
  Stored stored;
  TP_CO_TRY(stored.memory, AlignedBytes::make(piece * pieces));
  std::vector<Task<void>> tasks;
  const auto shards = place.segment->shards();
  for (unsigned slot = 0; slot < pieces; ++slot) {
    tasks.push_back(read_shard(shards[slot], blob.offset, MutableBytes(stored.memory.data() + slot * piece, piece)));
  }
  TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
  stored.bytes = BytesView(stored.memory.data(), blob.stored_bytes());
  std::vector<unsigned> good, wanted;
  std::vector<bool> bad(pieces);
  if (code.parity() == 0) {
    for (const auto& one : results) {
      if (!one) co_return std::unexpected(one.error());
    }
    co_return stored;
  }
  auto make_whole = [&]() -> Result<void> {
    std::vector<const char*> sources;
    std::vector<char*> to;
    for (unsigned slot = 0; slot < pieces; ++slot) {
      char* const bytes = stored.memory.data() + slot * piece;
      const bool matches =
          results[slot] && piece_checksum(blob.id, slot, BytesView(bytes, piece)) == blob.piece_checksums[slot];
      bad[slot] = !matches;
      if (results[slot] && !matches) counters_.checksum_failures.fetch_add(1, std::memory_order_relaxed);
      if (matches && good.size() < code.data()) {
        good.push_back(slot);
        sources.push_back(bytes);
      } else if (!matches) {
        wanted.push_back(slot);
        to.push_back(bytes);
      }
    }
    if (good.size() < code.data()) {
      const bool unread = std::ranges::any_of(results, [](const auto& one) { return !one; });
      return fail(unread ? Code::kUnavailable : Code::kCorruption,
                  name_of(blob) + ": only " + std::to_string(good.size()) + " of the " + std::to_string(code.data()) +
                      " pieces it takes are right");
    }
    return code.reconstruct(piece, good, sources, wanted, to);
  };
  TP_CO_TRY_VOID(co_await options_.runtime->pool().run(make_whole));
  if (!wanted.empty()) TP_CO_TRY_VOID(co_await write_back(place.segment, blob.offset, stored, std::move(bad)));
  co_return stored;
}

// In place: the bytes were wrong, so nothing is lost if this is cut short. What cannot be written stays wrong there.
Task<void> DriveTier::write_back(StripePtr segment, uint64_t offset, const Stored& pieces, std::vector<bool> bad) {
  const uint64_t piece = pieces.memory.size / segment->pieces();
  const auto shards = segment->shards();
  for (unsigned slot = 0; slot < shards.size(); ++slot) {
    const ShardPtr& shard = shards[slot];
    if (!bad[slot] || shard == nullptr || !shard->drive->takes_new()) continue;
    auto file = co_await file_of(shard);
    auto written = file ? co_await (*file)->write_at(offset, BytesView(pieces.memory.data() + slot * piece, piece))
                        : Result<void>(std::unexpected(file.error()));
    if (written) written = co_await (*file)->sync();
    if (written) counters_.mended_bytes.fetch_add(piece, std::memory_order_relaxed);
    report(shard->drive->directory + "/" + shard->path + ": the piece at " + std::to_string(offset) +
           (written ? " was wrong and is made again" : " is wrong: " + written.error().to_string()));
  }
  co_return ok;
}

Task<void> DriveTier::verify(const BlobRecord& blob_in) {
  const BlobRecord blob = blob_in;
  TP_CO_TRY_VOID(check_running());
  TP_CO_TRY(const Place place, place_of(blob));
  TP_CO_TRY(const Stored whole, co_await recover(place, blob));
  for (uint64_t from = 0; from < blob.length_bytes; from += kFrameBytes) {
    const uint64_t to = std::min<uint64_t>(from + kFrameBytes, blob.length_bytes);
    const Range data = data_range(blob, from, to);
    const Range stored = stored_range(blob, data);
    Stored part = whole;
    part.bytes = whole.bytes.substr(stored.from, stored.to - stored.from);
    TP_CO_TRY_VOID(co_await unpack(blob, std::move(part), data.from, from, to));
  }
  co_return ok;
}

}  // namespace tp::blob
