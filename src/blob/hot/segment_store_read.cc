// Reading: whole 64 KiB units, each verified before a byte of it is returned, into the cache or a buffer of the read's
// own.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "blob/blob_checksum.h"
#include "blob/hot/segment_format.h"
#include "blob/hot/segment_store.h"

namespace tp::blob {

namespace {

constexpr uint64_t kUnitsPerPiece = kPieceBytes / kChecksumUnitBytes;
constexpr uint64_t kLendMinBytes = 64 << 10;  // a shorter region costs less to copy than to lend
constexpr uint64_t kLendMinBlobBytes =
    1 << 20;  // pieces of small blobs stay copied, so that they are evicted one by one

struct Range {
  uint64_t from = 0;
  uint64_t to = 0;
};

/// The part of the piece around `offset` that one read returns, in bytes of the blob.
Range range_of(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) {
  const uint64_t piece_end = (offset / kPieceBytes + 1) * kPieceBytes;
  const uint64_t end = std::min<uint64_t>(piece_end, blob.length_bytes);
  return {offset, std::min(end, offset + std::min(max_bytes, kPieceBytes))};
}

BlockCache::Lend lend_for(const BlobRecord& blob, uint64_t from, uint64_t to) {
  const bool pays = blob.length_bytes >= kLendMinBlobBytes && to - from >= kLendMinBytes;
  return pays ? BlockCache::Lend::kYes : BlockCache::Lend::kNo;
}

Result<void> check_range(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) {
  if (offset >= blob.length_bytes || max_bytes == 0) return fail(Code::kOutOfRange, "read outside the blob");
  return ok;
}

std::string name_of(const BlobRecord& blob) {
  return "blob " + std::to_string(blob.id.value) + " at " + std::to_string(blob.offset) + " of " +
         segment_file_name(blob.segment);
}

}  // namespace

// A record comes from the metadata on disk: believed no further than this.
Result<void> SegmentStore::check_record(const BlobRecord& blob) const {
  if (blob.tier != 0) return fail(Code::kNotImplemented, name_of(blob) + ": unknown tier");
  if (blob.encoding != Encoding::kRaw) return fail(Code::kNotImplemented, name_of(blob) + ": unknown encoding");
  const bool good = blob.length_bytes > 0 && blob.length_bytes <= kMaxBlobBytes &&
                    blob.checksums.size() == unit_count(blob.length_bytes) && blob.offset >= kSegmentHeaderBytes &&
                    blob.offset % io::kDirectAlignment == 0 && blob.offset < 1ull << 48;
  if (!good) return fail(Code::kCorruption, name_of(blob) + ": the record is not sound");
  return ok;
}

Task<FilePointer> SegmentStore::file_for_reading(const BlobRecord& blob) {
  SegmentPointer segment = find(blob.segment);
  if (segment == nullptr) co_return fail(Code::kCorruption, name_of(blob) + ": the segment is missing");
  auto file = co_await file_of(std::move(segment));
  if (!file) co_return std::unexpected(std::move(file).error().with_context(name_of(blob)));
  co_return file;
}

Task<void> SegmentStore::read_units(FilePointer file, const BlobRecord& blob, uint64_t first_unit, MutableBytes out) {
  const uint64_t start = first_unit * kChecksumUnitBytes;
  auto read = co_await file->read_at(blob.offset + start, out);
  if (!read && read.error().code == Code::kOutOfRange) {
    co_return fail(Code::kCorruption, name_of(blob) + ": the segment is cut short");
  }
  if (!read) co_return std::unexpected(disk_error(std::move(read).error(), name_of(blob)));
  counters_.bytes_read.fetch_add(out.size(), std::memory_order_relaxed);
  for (size_t done = 0; done < out.size(); done += kChecksumUnitBytes) {
    const auto unit = static_cast<uint32_t>((start + done) / kChecksumUnitBytes);
    const size_t size = std::min<uint64_t>(kChecksumUnitBytes, blob.length_bytes - start - done);
    if (unit_checksum(blob.id, unit, BytesView(out.data() + done, size)) == blob.checksums[unit]) continue;
    counters_.checksum_failures.fetch_add(1, std::memory_order_relaxed);
    co_return fail(Code::kCorruption,
                   name_of(blob) + ": unit " + std::to_string(unit) + " does not match its checksum");
  }
  co_return ok;
}

io::SendRegion SegmentStore::read_cached(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) {
  if (cache_ == nullptr || !check_record(blob) || !check_range(blob, offset, max_bytes)) return {};
  const Range range = range_of(blob, offset, max_bytes);
  const uint64_t piece = offset / kPieceBytes;
  auto region = cache_->get({blob.id, static_cast<uint32_t>(piece)}, range.from - piece * kPieceBytes,
                            range.to - piece * kPieceBytes, lend_for(blob, range.from, range.to));
  if (!region.bytes.empty()) counters_.cache_hits.fetch_add(1, std::memory_order_relaxed);
  return region;
}

Task<io::SendRegion> SegmentStore::read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes, bool fill_cache) {
  TP_CO_TRY_VOID(check_record(blob));
  TP_CO_TRY_VOID(check_range(blob, offset, max_bytes));
  if (auto cached = read_cached(blob, offset, max_bytes); !cached.bytes.empty()) co_return cached;
  if (cache_ != nullptr) counters_.cache_misses.fetch_add(1, std::memory_order_relaxed);
  TP_CO_TRY(FilePointer file, co_await file_for_reading(blob));
  const Range range = range_of(blob, offset, max_bytes);
  if (fill_cache && cache_ != nullptr) {
    auto fill = cache_->begin_fill({blob.id, static_cast<uint32_t>(offset / kPieceBytes)});
    if (fill) co_return co_await read_into_cache(std::move(file), blob, range.from, range.to, std::move(*fill));
  }
  co_return co_await read_privately(std::move(file), blob, range.from, range.to);
}

Task<io::SendRegion> SegmentStore::read_into_cache(FilePointer file, const BlobRecord& blob, uint64_t from, uint64_t to,
                                                   BlockCache::Fill fill) {
  const uint64_t piece_start = from / kPieceBytes * kPieceBytes;
  const uint64_t first = (from - piece_start) / kChecksumUnitBytes;
  const uint64_t last = (to - 1 - piece_start) / kChecksumUnitBytes;
  uint8_t mask = 0;
  for (uint64_t unit = first; unit <= last; ++unit) mask |= static_cast<uint8_t>(1u << unit);
  const auto missing = static_cast<uint8_t>(mask & ~fill.valid());
  for (uint64_t unit = first; unit <= last;) {
    if ((missing >> unit & 1) == 0) {
      ++unit;
      continue;
    }
    uint64_t run_end = unit;
    while (run_end < kUnitsPerPiece && (missing >> run_end & 1) != 0) ++run_end;
    const uint64_t start = unit * kChecksumUnitBytes;
    const uint64_t end = std::min(run_end * kChecksumUnitBytes, padded_length(blob.length_bytes) - piece_start);
    const MutableBytes out = fill.memory().subspan(start, end - start);
    TP_CO_TRY_VOID(co_await read_units(file, blob, piece_start / kChecksumUnitBytes + unit, out));
    unit = run_end;
  }
  co_return std::move(fill).publish(mask, from - piece_start, to - piece_start, lend_for(blob, from, to));
}

Task<io::SendRegion> SegmentStore::read_privately(FilePointer file, const BlobRecord& blob, uint64_t from,
                                                  uint64_t to) {
  const uint64_t first_unit = from / kChecksumUnitBytes;
  const uint64_t start = first_unit * kChecksumUnitBytes;
  const uint64_t units_end = (to + kChecksumUnitBytes - 1) / kChecksumUnitBytes * kChecksumUnitBytes;
  const uint64_t size = std::min(units_end, padded_length(blob.length_bytes)) - start;
  const std::shared_ptr<char> buffer(static_cast<char*>(std::aligned_alloc(io::kDirectAlignment, size)), &std::free);
  if (buffer == nullptr) co_return fail(Code::kBusy, "out of memory for a read");
  TP_CO_TRY_VOID(co_await read_units(std::move(file), blob, first_unit, MutableBytes(buffer.get(), size)));
  io::SendRegion region;
  region.bytes = BytesView(buffer.get() + (from - start), to - from);
  region.owner = buffer;
  co_return region;
}

Task<void> SegmentStore::verify(const BlobRecord& blob) {
  TP_CO_TRY_VOID(check_record(blob));
  TP_CO_TRY(FilePointer file, co_await file_for_reading(blob));
  for (uint64_t from = 0; from < blob.length_bytes; from += kPieceBytes) {
    const uint64_t to = std::min<uint64_t>(from + kPieceBytes, blob.length_bytes);
    TP_CO_TRY_VOID(co_await read_privately(file, blob, from, to));
  }
  co_return ok;
}

Task<BlobRecord> SegmentStore::relocate(const BlobRecord& blob) {
  TP_CO_TRY_VOID(check_record(blob));
  TP_CO_TRY(FilePointer file, co_await file_for_reading(blob));
  // Compaction is how a full disk gets room again: the guard that keeps uploads out must not keep it out.
  TP_CO_TRY(auto writer, co_await create_as(blob.id, blob.length_bytes, SpaceGuard::kIgnore));
  for (uint64_t start = 0; start < blob.length_bytes; start += kBufferBytes) {
    TP_CO_TRY(Buffer buffer, co_await buffers().take());
    const uint64_t size = std::min<uint64_t>(kBufferBytes, blob.length_bytes - start);
    const MutableBytes out(buffer.data(), padded_length(size));
    TP_CO_TRY_VOID(co_await read_units(file, blob, start / kChecksumUnitBytes, out));
    buffer.set_size(size);
    TP_CO_TRY_VOID(co_await writer->append(std::move(buffer)));
  }
  TP_CO_TRY(BlobRecord moved, co_await writer->finish());
  const std::span<const BlobRecord> moved_only(&moved, 1);
  TP_CO_TRY_VOID(co_await sync(moved_only));
  co_return moved;
}

Task<BlobRecord> SegmentStore::store(BlobId id, std::shared_ptr<const Bytes> data) {
  if (data->empty() || data->size() > kMaxBlobBytes) co_return fail(Code::kInvalidArgument, "no blob has that size");
  TP_CO_TRY(auto writer, co_await create_as(id, data->size(), SpaceGuard::kApply));
  for (size_t start = 0; start < data->size(); start += kBufferBytes) {
    TP_CO_TRY(Buffer buffer, co_await buffers().take());
    const size_t size = std::min(kBufferBytes, data->size() - start);
    std::memcpy(buffer.data(), data->data() + start, size);
    buffer.set_size(size);
    TP_CO_TRY_VOID(co_await writer->append(std::move(buffer)));
  }
  TP_CO_TRY(BlobRecord stored, co_await writer->finish());
  const std::span<const BlobRecord> stored_only(&stored, 1);
  TP_CO_TRY_VOID(co_await sync(stored_only));
  co_return stored;
}

}  // namespace tp::blob
