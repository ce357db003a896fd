// Appending: space at the tail of a loop's open segment, and the writer that fills it.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "blob/blob_checksum.h"
#include "blob/hot/segment_format.h"
#include "blob/hot/segment_store.h"

namespace tp::blob {

namespace {

constexpr uint64_t kReserveStepBytes = 64 << 20;
constexpr size_t kWritesInFlight = 4;  // of one blob
constexpr unsigned kSegmentCounterBits = 24;
constexpr unsigned kBlobCounterBits = 40;
constexpr char kDirectory[] = "blobs";

/// Holds a semaphore's single permit until the end of the scope.
class Permit {
 public:
  explicit Permit(rt::Semaphore& semaphore) : semaphore_(semaphore) {}
  ~Permit() { semaphore_.release(); }
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

 private:
  rt::Semaphore& semaphore_;
};

// What a writer and its writes under way share: the writer may go first.
struct WriteState {
  SegmentPointer segment;
  FilePointer file;
  uint64_t offset = 0;
  uint64_t reserved = 0;
  rt::Semaphore in_flight{kWritesInFlight};
  Result<void> failure = ok;
};

Task<void> write_piece(std::shared_ptr<WriteState> state, Buffer buffer, uint64_t offset, size_t padded) {
  const BytesView bytes(buffer.data(), padded);
  auto written = co_await state->file->write_at(offset, bytes);
  if (!written && state->failure) {
    state->failure = std::unexpected(disk_error(std::move(written).error(), state->segment->path));
  }
  state->in_flight.release();
  co_return ok;
}

}  // namespace

class SegmentWriter final : public BlobWriter {
 public:
  SegmentWriter(SegmentStore& store, BlobId id, std::shared_ptr<WriteState> state)
      : store_(store), state_(std::move(state)) {
    record_.id = id;
    record_.segment = state_->segment->id;
    record_.offset = state_->offset;
  }
  ~SegmentWriter() override {
    if (state_ != nullptr) store_.here().tasks.spawn(abandon(&store_, std::move(state_)));
  }

  Task<void> append(Buffer buffer) override {
    if (state_ == nullptr) co_return fail(Code::kInvalidArgument, "blob is finished");
    TP_CO_TRY_VOID(store_.check_writable());
    const size_t size = buffer.size();
    if (size == 0 || size > kBufferBytes || record_.length_bytes % kBufferBytes != 0 ||
        padded_length(record_.length_bytes + size) > state_->reserved) {
      co_return fail(Code::kInvalidArgument, "blob grows out of turn or over its limit");
    }
    for (size_t done = 0; done < size; done += kChecksumUnitBytes) {
      const BytesView unit = buffer.view().substr(done, kChecksumUnitBytes);
      record_.checksums.push_back(unit_checksum(record_.id, static_cast<uint32_t>(record_.checksums.size()), unit));
    }
    const uint64_t at = state_->offset + record_.length_bytes;
    const size_t padded = padded_length(size);
    std::memset(buffer.data() + size, 0, padded - size);
    record_.length_bytes += static_cast<uint32_t>(size);
    co_await state_->in_flight.acquire();
    if (!state_->failure) {
      state_->in_flight.release();
      co_return state_->failure;
    }
    store_.here().tasks.spawn(write_piece(state_, std::move(buffer), at, padded));
    co_return ok;
  }

  Task<BlobRecord> finish() override {
    if (state_ == nullptr || record_.length_bytes == 0)
      co_return fail(Code::kInvalidArgument, "blob is empty or finished");
    co_await state_->in_flight.acquire(kWritesInFlight);
    state_->in_flight.release(kWritesInFlight);
    TP_CO_TRY_VOID(state_->failure);
    const std::shared_ptr<WriteState> state = std::exchange(state_, nullptr);
    const uint64_t used = padded_length(record_.length_bytes);
    state->segment->add_live(used);
    store_.counters_.bytes_written.fetch_add(record_.length_bytes, std::memory_order_relaxed);
    // The blob is whole whatever becomes of the space behind it: a hole that cannot be made is found by the next
    // reclaim.
    [[maybe_unused]] const auto returned =
        co_await store_.give_back(state->segment, state->file, state->offset + used, state->offset + state->reserved);
    state->segment->writers.fetch_sub(1);
    co_return std::move(record_);
  }

 private:
  static Task<void> abandon(SegmentStore* store, std::shared_ptr<WriteState> state) {
    co_await state->in_flight.acquire(kWritesInFlight);
    [[maybe_unused]] const auto returned =
        co_await store->give_back(state->segment, state->file, state->offset, state->offset + state->reserved);
    state->segment->writers.fetch_sub(1);
    co_return co_await store->remove_if_dead(state->segment);
  }

  SegmentStore& store_;
  std::shared_ptr<WriteState> state_;  // null once finished
  BlobRecord record_;
};

Task<std::unique_ptr<BlobWriter>> SegmentStore::create(uint64_t size_limit_bytes) {
  const BlobId id(options_.start_number << kBlobCounterBits | next_blob_.fetch_add(1));
  return create_as(id, size_limit_bytes, SpaceGuard::kApply);
}

Task<std::unique_ptr<BlobWriter>> SegmentStore::create_as(BlobId id, uint64_t size_limit_bytes, SpaceGuard guard) {
  TP_CO_TRY_VOID(check_writable());
  if (size_limit_bytes == 0 || size_limit_bytes > kMaxBlobBytes) {
    co_return fail(Code::kInvalidArgument, "blob size out of range");
  }
  if (guard == SpaceGuard::kApply) TP_CO_TRY_VOID(check_space());
  const uint64_t padded = padded_length(size_limit_bytes);
  TP_CO_TRY(Place place, co_await allocate(padded));
  auto state = std::make_shared<WriteState>();
  state->segment = std::move(place.segment);
  state->file = std::move(place.file);
  state->offset = place.offset;
  state->reserved = padded;
  co_return std::make_unique<SegmentWriter>(*this, id, std::move(state));
}

Task<SegmentStore::Place> SegmentStore::allocate(uint64_t padded_bytes) {
  LoopState& state = here();
  co_await state.allocating.acquire();
  const Permit permit(state.allocating);
  const bool full = state.open == nullptr || (state.open->tail > kSegmentHeaderBytes &&
                                              state.open->tail + padded_bytes > options_.segment_bytes);
  if (full) TP_CO_TRY_VOID(co_await roll(state));
  Place place;
  place.segment = state.open;
  TP_CO_TRY(place.file, co_await file_of(place.segment));
  TP_CO_TRY_VOID(co_await reserve_ahead(place.segment, place.file, padded_bytes));
  place.offset = place.segment->tail;
  place.segment->tail += padded_bytes;
  place.segment->size_bytes = std::max<uint64_t>(place.segment->size_bytes, place.segment->tail);
  place.segment->writers.fetch_add(1);
  co_return place;
}

// Reserving in large steps keeps a segment in few extents, and makes a full disk show here and not at a write.
Task<void> SegmentStore::reserve_ahead(SegmentPointer segment, FilePointer file, uint64_t padded_bytes) {
  const uint64_t need = segment->tail + padded_bytes;
  if (need <= segment->allocated_end) co_return ok;
  const uint64_t from = segment->allocated_end;
  const uint64_t limit = std::max(options_.segment_bytes / io::kDirectAlignment * io::kDirectAlignment, need);
  uint64_t to = std::max(need, std::min(from + kReserveStepBytes, limit));
  auto reserved = co_await file->allocate(from, to - from);
  if (!reserved && reserved.error().code == Code::kNoSpace && to > need) {
    to = need;
    reserved = co_await file->allocate(from, to - from);
  }
  if (!reserved) co_return std::unexpected(disk_error(std::move(reserved).error(), segment->path));
  segment->allocated_end = to;
  segment->disk_bytes.fetch_add(to - from);
  co_return ok;
}

// The old segment is sealed only when the new one is ready, so that a full disk leaves the loop where it was.
Task<void> SegmentStore::roll(LoopState& state) {
  const SegmentId id(options_.start_number << kSegmentCounterBits | next_segment_.fetch_add(1));
  auto segment = std::make_shared<Segment>(id, std::string(kDirectory) + "/" + segment_file_name(id), false);
  segment->counted = true;
  auto made = co_await options_.files->open(segment->path, io::OpenMode::kCreate, io::Caching::kDirect);
  if (!made) co_return std::unexpected(disk_error(std::move(made).error(), segment->path));
  const FilePointer file = segment->install(std::move(*made)).first;
  open_handles_.fetch_add(1);

  const std::unique_ptr<char, decltype(&std::free)> block(
      static_cast<char*>(std::aligned_alloc(io::kDirectAlignment, kSegmentHeaderBytes)), &std::free);
  const MutableBytes header(block.get(), kSegmentHeaderBytes);
  encode_segment_header({id, options_.store_id, options_.start_number}, header);
  auto ready = co_await file->allocate(0, kSegmentHeaderBytes);
  if (ready) ready = co_await file->write_at(0, BytesView(header.data(), header.size()));
  // The name must be durable before a blob in it can be: sync() of a blob syncs the file alone.
  if (ready) {
    ready = co_await options_.files->sync_directory(kDirectory);
    if (!ready) read_only_.store(true);
  }
  if (!ready) {
    segment->drop_handle();
    open_handles_.fetch_sub(1);
    [[maybe_unused]] const auto removed = co_await options_.files->remove(segment->path);
    co_return std::unexpected(disk_error(std::move(ready).error(), segment->path));
  }
  segment->tail = kSegmentHeaderBytes;
  segment->size_bytes = kSegmentHeaderBytes;
  segment->allocated_end = kSegmentHeaderBytes;
  segment->disk_bytes = kSegmentHeaderBytes;
  {
    const std::unique_lock lock(segments_mutex_);
    segments_.emplace(id, segment);
  }
  SegmentPointer old = std::exchange(state.open, std::move(segment));
  if (old == nullptr) co_return ok;
  // Only space is at stake in sealing: a failure must not fail the blob that waits for the new segment.
  [[maybe_unused]] const auto sealed = co_await seal(std::move(old));
  co_return ok;
}

Task<void> SegmentStore::seal(SegmentPointer segment) {
  segment->sealed = true;
  if (segment->dead()) co_return co_await remove_if_dead(std::move(segment));
  if (segment->allocated_end <= segment->tail) co_return ok;
  TP_CO_TRY(FilePointer file, co_await file_of(segment));
  const uint64_t unused = segment->allocated_end - segment->tail;
  TP_CO_TRY_VOID(co_await file->punch_hole(segment->tail, unused));
  segment->allocated_end = segment->tail;
  segment->sub_disk(unused);
  co_return ok;
}

Task<void> SegmentStore::give_back(SegmentPointer segment, FilePointer file, uint64_t keep_end, uint64_t end) {
  if (keep_end == end) co_return ok;
  if (!segment->sealed && segment->tail == end) {
    segment->tail = keep_end;
    segment->size_bytes = keep_end;
    co_return ok;
  }
  TP_CO_TRY_VOID(co_await file->punch_hole(keep_end, end - keep_end));
  segment->sub_disk(end - keep_end);
  co_return ok;
}

}  // namespace tp::blob
