// Reading: only the frames that are wanted, more at once where blobs are read in order, one request for all who want
// the same frames at the same time.
#include <algorithm>

#include "blob/archive/archive_store.h"
#include "blob/archive/pack_format.h"
#include "blob/blob_checksum.h"

namespace tp::blob {

namespace {
constexpr size_t kEndedKept = 256;
constexpr size_t kHeadersKept = 4096;
constexpr uint64_t kUnitsOfFrame = kFrameBytes / kChecksumUnitBytes;
}  // namespace

Error read_error(Error error, const std::string& what) {
  switch (error.code) {
    case Code::kNotFound:
    case Code::kOutOfRange:
      error.code = Code::kCorruption;
      break;
    case Code::kPermissionDenied:
    case Code::kBusy:
    case Code::kTimeout:
    case Code::kClosed:
      error.code = Code::kUnavailable;
      break;
    default:
      break;
  }
  return std::move(error).with_context(what);
}

std::string ArchiveStore::describe(const BlobRecord& blob) const {
  return "blob " + std::to_string(blob.id.value) + " at " + std::to_string(blob.offset) + " of " +
         name_of(blob.segment);
}

// A record comes from the metadata on disk: believed no further than this.
Result<void> ArchiveStore::check_record(const BlobRecord& blob) const {
  if (blob.encoding != Encoding::kSealedFrames) {
    return fail(Code::kNotImplemented, describe(blob) + ": unknown encoding");
  }
  const bool good = blob.length_bytes > 0 && blob.length_bytes <= kMaxBlobBytes && blob.segment &&
                    blob.checksums.size() == unit_count(blob.length_bytes) && blob.offset >= kPackHeaderBytes &&
                    blob.offset < 1ull << 31 && frames_are_sound(blob, kSealBytes);
  if (!good) return fail(Code::kCorruption, describe(blob) + ": the record is not sound");
  return ok;
}

Task<io::SendRegion> ArchiveStore::read(const BlobRecord& blob_in, uint64_t offset, uint64_t max_bytes) {
  const BlobRecord blob = blob_in;
  TP_CO_TRY_VOID(check_record(blob));
  if (offset >= blob.length_bytes || max_bytes == 0) co_return fail(Code::kOutOfRange, "read outside the blob");
  counters_.reads.fetch_add(1, std::memory_order_relaxed);
  const auto frame = static_cast<uint32_t>(offset / kFrameBytes);
  if (auto cached = cache_.find(blob.id, frame); !cached.bytes.empty()) {
    cached.bytes = cached.bytes.substr(offset % kFrameBytes, max_bytes);
    co_return cached;
  }
  bool begun = false;
  FetchPointer fetch = join_or_begin(blob, frame, &begun);
  if (begun) {
    co_await run_fetch(fetch, blob);
  } else {
    const auto guard = co_await fetch->under_way.lock();
  }
  if (fetch->error) co_return std::unexpected(*fetch->error);
  auto& found = fetch->frames[frame - fetch->first];
  if (!found) co_return std::unexpected(found.error());
  co_return take(blob, *found, offset, max_bytes);
}

io::SendRegion ArchiveStore::take(const BlobRecord& blob, std::shared_ptr<const Bytes> frame, uint64_t offset,
                                  uint64_t max_bytes) {
  io::SendRegion region;
  region.bytes = BytesView(*frame).substr(offset % kFrameBytes, max_bytes);
  region.owner = std::move(frame);
  return region;
}

/// How many frames to fetch from `frame` on: one, or twice as many as the fetch that ended where this one begins.
uint32_t ArchiveStore::window_of(const BlobRecord& blob, uint32_t frame) {
  const auto frames = static_cast<uint32_t>(blob.frames.size());
  const uint64_t begin = blob.offset + frame_offset(blob.frames, frame);
  uint32_t window = 1;
  for (auto at = ended_.begin(); at != ended_.end(); ++at) {
    if (at->segment != blob.segment || at->offset != begin) continue;
    window = std::max(1u, std::min(at->frames * 2, options_.read_ahead_frames));
    ended_.erase(at);
    break;
  }
  window = std::min(window, frames - frame);
  for (uint32_t i = 1; i < window; ++i) {
    if (!cache_.find(blob.id, frame + i).bytes.empty()) window = i;
  }
  ended_.push_front({blob.segment, blob.offset + frame_offset(blob.frames, frame + window), window});
  if (ended_.size() > kEndedKept) ended_.pop_back();
  return window;
}

ArchiveStore::FetchPointer ArchiveStore::join_or_begin(const BlobRecord& blob, uint32_t frame, bool* begun) {
  const std::lock_guard lock(reads_mutex_);
  const auto [first, last] = fetches_.equal_range(blob.id);
  for (auto at = first; at != last; ++at) {
    const Fetch& fetch = *at->second;
    if (fetch.segment == blob.segment && frame >= fetch.first && frame < fetch.end) return at->second;
  }
  auto fetch = std::make_shared<Fetch>();
  fetch->blob = blob.id;
  fetch->segment = blob.segment;
  fetch->first = frame;
  fetch->end = frame + window_of(blob, frame);
  *begun = true;
  return fetch;
}

Task<void> ArchiveStore::run_fetch(FetchPointer fetch, BlobRecord blob) {
  // Before anybody can find it: whoever joins waits for this lock.
  const auto guard = co_await fetch->under_way.lock();
  {
    const std::lock_guard lock(reads_mutex_);
    fetches_.emplace(fetch->blob, fetch);
  }
  auto fetched = co_await fetch_frames(fetch.get(), blob);
  if (!fetched) {
    fetch->error = std::move(fetched).error();
  } else {
    for (uint32_t i = 0; i < fetch->frames.size(); ++i) {
      if (!fetch->frames[i] || fetch->frames.size() == 1) continue;
      io::SendRegion whole;
      whole.bytes = **fetch->frames[i];
      whole.owner = *fetch->frames[i];
      cache_.insert(fetch->blob, fetch->first + i, std::move(whole));
    }
  }
  const std::lock_guard lock(reads_mutex_);
  const auto [first, last] = fetches_.equal_range(fetch->blob);
  for (auto at = first; at != last; ++at) {
    if (at->second != fetch) continue;
    fetches_.erase(at);
    break;
  }
  co_return ok;
}

Task<void> ArchiveStore::fetch_frames(Fetch* fetch, const BlobRecord& blob) {
  const uint64_t begin = frame_offset(blob.frames, fetch->first), end = frame_offset(blob.frames, fetch->end);
  for (int attempt = 0;; ++attempt) {
    auto got = co_await options_.store->get(name_of(blob.segment), blob.offset + begin, end - begin);
    if (!got) co_return std::unexpected(read_error(std::move(got).error(), describe(blob)));
    counters_.bytes_read.fetch_add(got->size(), std::memory_order_relaxed);
    if (got->size() != end - begin) co_return fail(Code::kIo, describe(blob) + ": the answer has another length");
    auto work = [this, fetch, &blob, &got, begin]() -> Result<bool> {
      bool good = true;
      fetch->frames.clear();
      for (uint32_t frame = fetch->first; frame < fetch->end; ++frame) {
        const uint64_t at = frame_offset(blob.frames, frame) - begin;
        fetch->frames.push_back(decode(blob, frame, BytesView(*got).substr(at, blob.frames[frame])));
        good = good && fetch->frames.back();
      }
      return good;
    };
    TP_CO_TRY(const bool good, co_await options_.runtime->pool().run(work));
    // Once more: bytes may have been changed on the way, and not where they lie.
    if (good || attempt > 0) co_return ok;
    counters_.reread.fetch_add(1, std::memory_order_relaxed);
  }
}

Result<std::shared_ptr<const Bytes>> ArchiveStore::decode(const BlobRecord& blob, uint32_t frame,
                                                          BytesView sealed) const {
  FramePlace place;
  place.offset = blob.offset + frame_offset(blob.frames, frame);
  place.blob = blob.id;
  place.frame = frame;
  place.data_bytes = static_cast<uint32_t>(frame_data_bytes(blob.length_bytes, frame));
  const std::string what = describe(blob) + ", frame " + std::to_string(frame);
  auto damaged = [this, &what](Error error) {
    counters_.checksum_failures.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(std::move(error).with_context(what));
  };
  auto opened = open_frame(options_.keys, pack_id(blob.segment), place, sealed);
  if (!opened) return damaged(std::move(opened).error());
  auto data = std::make_shared<Bytes>(place.data_bytes, '\0');
  if (auto decoded = decode_frame(*opened, *data); !decoded) return damaged(std::move(decoded).error());
  for (size_t done = 0; done < data->size(); done += kChecksumUnitBytes) {
    const auto unit = static_cast<uint32_t>(frame * kUnitsOfFrame + done / kChecksumUnitBytes);
    const BytesView bytes = BytesView(*data).substr(done, kChecksumUnitBytes);
    if (unit_checksum(blob.id, unit, bytes) == blob.checksums[unit]) continue;
    return damaged(Error(Code::kCorruption, "unit " + std::to_string(unit) + " does not match its checksum"));
  }
  return std::shared_ptr<const Bytes>(std::move(data));
}

Task<void> ArchiveStore::check_header(SegmentId segment) {
  {
    const std::lock_guard lock(reads_mutex_);
    if (std::ranges::find(headers_, segment) != headers_.end()) co_return ok;
  }
  auto bytes = co_await options_.store->get(name_of(segment), 0, kPackHeaderBytes);
  if (!bytes) co_return std::unexpected(read_error(std::move(bytes).error(), name_of(segment)));
  auto header = decode_pack_header(*bytes);
  if (!header) co_return std::unexpected(std::move(header).error().with_context(name_of(segment)));
  if (header->pack.store_id != options_.store_id || header->pack.segment != segment) {
    co_return fail(Code::kCorruption, name_of(segment) + ": the pack is another one's");
  }
  const std::lock_guard lock(reads_mutex_);
  headers_.push_front(segment);
  if (headers_.size() > kHeadersKept) headers_.pop_back();
  co_return ok;
}

Task<void> ArchiveStore::verify(const BlobRecord& blob_in) {
  const BlobRecord blob = blob_in;
  TP_CO_TRY_VOID(check_record(blob));
  TP_CO_TRY_VOID(co_await check_header(blob.segment));
  Fetch fetch;
  fetch.blob = blob.id;
  fetch.segment = blob.segment;
  fetch.end = static_cast<uint32_t>(blob.frames.size());
  TP_CO_TRY_VOID(co_await fetch_frames(&fetch, blob));
  for (auto& frame : fetch.frames) {
    if (!frame) co_return std::unexpected(std::move(frame).error());
  }
  co_return ok;
}

}  // namespace tp::blob
