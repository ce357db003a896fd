#include "blob/hot/segment_store.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/check.h"
#include "blob/hot/segment_format.h"
#include "rt/await.h"

namespace tp::blob {

namespace {

constexpr char kDirectory[] = "blobs";
constexpr size_t kMaxHandles = 512;
constexpr rt::Nanos kSpaceCheckInterval = rt::kSecond;
constexpr unsigned kSegmentCounterBits = 24;
constexpr uint64_t kMaxStartNumber = (1ull << kSegmentCounterBits) - 1;
constexpr uint64_t kPunchSlackBytes = 1 << 20;  // space that a reclaim does not bother to look for

}  // namespace

Task<std::unique_ptr<BlobStore>> BlobStore::open(Options options) {
  TP_CHECK(options.files != nullptr && options.runtime != nullptr);
  if (options.start_number == 0 || options.start_number > kMaxStartNumber) {
    co_return fail(Code::kInvalidArgument, "blob store: start number out of range");
  }
  auto store = std::make_unique<SegmentStore>(std::move(options));
  TP_CO_TRY_VOID(co_await store->load());
  co_return std::unique_ptr<BlobStore>(std::move(store));
}

SegmentStore::SegmentStore(Options options) : options_(std::move(options)) {
  if (options_.cache_memory != nullptr && options_.cache_memory->bytes().size() >= kPieceBytes) {
    cache_ = std::make_unique<BlockCache>(std::move(options_.cache_memory));
  }
  for (unsigned i = 0; i < options_.runtime->loop_count(); ++i) {
    loops_.push_back(std::make_unique<LoopState>(options_.upload_buffers_per_loop));
  }
}

SegmentStore::~SegmentStore() = default;

SegmentStore::LoopState& SegmentStore::here() {
  return *loops_[rt::Loop::current().index()];
}
BufferPool& SegmentStore::buffers() {
  return here().pool;
}

void SegmentStore::report(const std::string& text) const {
  if (options_.report) options_.report(text);
}

Result<void> SegmentStore::check_writable() const {
  if (read_only_.load()) return fail(Code::kReadOnly, "the blob store is read-only after a failed sync: restart it");
  if (stopped_.load()) return fail(Code::kUnavailable, "the blob store is stopped");
  return ok;
}

Task<void> SegmentStore::load() {
  TP_CO_TRY_VOID(co_await options_.files->make_directory(kDirectory));
  TP_CO_TRY_VOID(co_await options_.files->sync_directory(""));
  TP_CO_TRY(const auto names, co_await options_.files->list(kDirectory));
  for (const std::string& name : names) {
    const auto id = segment_id_of(name);
    if (!id) {
      report(std::string(kDirectory) + "/" + name + " is not a segment: left alone");
      continue;
    }
    if (id->value >> kSegmentCounterBits >= options_.start_number) {
      co_return fail(Code::kInvalidArgument, "blob store: segment " + name + " is of start " +
                                                 std::to_string(id->value >> kSegmentCounterBits) + ", this is start " +
                                                 std::to_string(options_.start_number) +
                                                 ": the metadata is older than the blobs");
    }
    TP_CO_TRY_VOID(co_await load_segment(*id));
  }
  co_return ok;
}

// A segment whose header is damaged is kept: the blobs in it, if any are referred to, have checksums of their own.
Task<void> SegmentStore::load_segment(SegmentId id) {
  const std::string path = std::string(kDirectory) + "/" + segment_file_name(id);
  auto segment = std::make_shared<Segment>(id, path, true);
  segment->sealed = true;
  auto file = co_await file_of(segment);
  if (!file) {
    // To go on without it would make its blobs look lost, and a passing error would stay until the next start.
    co_return std::unexpected(std::move(file).error().with_context(path + " cannot be opened"));
  }
  TP_CO_TRY(const uint64_t size, (*file)->size());
  segment->size_bytes = size;
  if (auto allocated = (*file)->allocated_size()) segment->disk_bytes = *allocated;
  const std::unique_ptr<char, decltype(&std::free)> block(
      static_cast<char*>(std::aligned_alloc(io::kDirectAlignment, kSegmentHeaderBytes)), &std::free);
  auto read = co_await (*file)->read_at(0, MutableBytes(block.get(), kSegmentHeaderBytes));
  Result<SegmentHeader> header =
      read ? decode_segment_header(BytesView(block.get(), kSegmentHeaderBytes)) : std::unexpected(read.error());
  if (!header && header.error().code == Code::kNotImplemented) {
    co_return std::unexpected(std::move(header).error().with_context(path));
  }
  if (!header) report(path + ": " + header.error().to_string());
  file->reset();
  // Opened again when needed: a store of thousands of segments must not walk its table for every handle over the limit.
  if (segment->drop_handle()) open_handles_.fetch_sub(1);
  if (header && (header->id != id || header->store_id != options_.store_id)) {
    report(path + " belongs to another store or another name: left alone");
    co_return ok;
  }
  const std::unique_lock lock(segments_mutex_);
  segments_.emplace(id, std::move(segment));
  co_return ok;
}

SegmentPointer SegmentStore::find(SegmentId id) const {
  const std::shared_lock lock(segments_mutex_);
  const auto found = segments_.find(id);
  return found == segments_.end() ? nullptr : found->second;
}

Task<FilePointer> SegmentStore::file_of(SegmentPointer segment) {
  segment->last_used.store(rt::Loop::current().turn_time(), std::memory_order_relaxed);
  if (FilePointer file = segment->handle()) co_return file;
  auto opened = co_await options_.files->open(segment->path, io::OpenMode::kReadWrite, io::Caching::kDirect);
  if (!opened && opened.error().code == Code::kNotFound) {
    co_return fail(Code::kCorruption, segment->path + " is missing");
  }
  if (!opened) co_return std::unexpected(disk_error(std::move(opened).error(), segment->path));
  auto [file, mine] = segment->install(std::move(*opened));
  if (mine && open_handles_.fetch_add(1) + 1 > kMaxHandles) close_idle_handle();
  co_return std::move(file);
}

void SegmentStore::close_idle_handle() {
  SegmentPointer oldest;
  const std::shared_lock lock(segments_mutex_);
  for (const auto& [id, segment] : segments_) {
    if (!segment->sealed || segment->writers != 0 || segment->handle() == nullptr) continue;
    if (oldest == nullptr || segment->last_used < oldest->last_used) oldest = segment;
  }
  if (oldest != nullptr && oldest->drop_handle()) open_handles_.fetch_sub(1);
}

Result<void> SegmentStore::check_space() {
  const rt::Nanos now = rt::Loop::current().turn_time();
  rt::Nanos checked = space_checked_at_.load(std::memory_order_relaxed);
  if (checked == 0 || now - checked >= kSpaceCheckInterval) {
    TP_TRY(const io::SpaceInfo info, options_.files->space());
    free_bytes_.store(info.free_bytes, std::memory_order_relaxed);
    space_checked_at_.store(now, std::memory_order_relaxed);
  }
  if (free_bytes_.load(std::memory_order_relaxed) >= options_.min_free_bytes) return ok;
  return fail(Code::kNoSpace, "less than " + std::to_string(options_.min_free_bytes >> 20) + " MiB left on the disk");
}

Result<io::SpaceInfo> SegmentStore::space() const {
  TP_TRY(io::SpaceInfo info, options_.files->space());
  info.free_bytes -= std::min(info.free_bytes, options_.min_free_bytes);
  return info;
}

Task<void> SegmentStore::sync(std::span<const BlobRecord> blobs) {
  TP_CO_TRY_VOID(check_writable());
  counters_.sync_requests.fetch_add(1, std::memory_order_relaxed);
  std::set<SegmentId> ids;
  for (const BlobRecord& blob : blobs) ids.insert(blob.segment);
  for (const SegmentId id : ids) {
    SegmentPointer segment = find(id);
    if (segment == nullptr) co_return fail(Code::kCorruption, "no segment " + segment_file_name(id));
    TP_CO_TRY(FilePointer file, co_await file_of(segment));
    auto synced = co_await Segment::sync(segment, std::move(file), &counters_.syncs);
    if (!synced) {
      read_only_.store(true);
      co_return std::unexpected(disk_error(std::move(synced).error(), "sync of " + segment->path));
    }
  }
  // A sync that failed meanwhile may have taken pages of ours with it.
  co_return check_writable();
}

Task<void> SegmentStore::remove_if_dead(SegmentPointer segment) {
  {
    const std::unique_lock lock(segments_mutex_);
    if (!segment->dead() || segments_.erase(segment->id) == 0) co_return ok;
  }
  if (segment->drop_handle()) open_handles_.fetch_sub(1);
  auto removed = co_await options_.files->remove(segment->path);
  if (removed || removed.error().code == Code::kNotFound) co_return ok;
  co_return std::unexpected(disk_error(std::move(removed).error(), segment->path));
}

Task<void> SegmentStore::free(const BlobRecord& blob) {
  TP_CO_TRY_VOID(check_writable());
  TP_CO_TRY_VOID(check_record(blob));
  SegmentPointer segment = find(blob.segment);
  if (segment == nullptr) co_return ok;  // gone with its last blob: a free told twice, as after a crash
  const uint64_t size = padded_length(blob.length_bytes);
  const uint64_t offset = blob.offset;
  if (offset + size > segment->size_bytes)
    co_return fail(Code::kCorruption, "blob record lies outside " + segment->path);
  if (segment->counted) segment->sub_live(size);
  if (segment->dead()) co_return co_await remove_if_dead(std::move(segment));
  TP_CO_TRY(FilePointer file, co_await file_of(segment));
  auto punched = co_await file->punch_hole(offset, size);
  if (!punched) co_return std::unexpected(disk_error(std::move(punched).error(), segment->path));
  segment->sub_disk(size);
  co_return ok;
}

Task<void> SegmentStore::reclaim(SegmentId id, std::vector<std::pair<uint64_t, uint64_t>> live) {
  TP_CO_TRY_VOID(check_writable());
  SegmentPointer segment = find(id);
  if (segment == nullptr) {
    if (live.empty()) co_return ok;
    co_return fail(Code::kNotFound, "segment " + segment_file_name(id) + " is gone, with blobs that are live");
  }
  if (!segment->from_earlier_start) co_return fail(Code::kInvalidArgument, segment->path + " is of this start");
  const uint64_t end = segment->size_bytes;
  uint64_t live_bytes = 0;
  uint64_t last_end = kSegmentHeaderBytes;
  for (const auto& [offset, size] : live) {
    const bool aligned = offset % io::kDirectAlignment == 0 && size % io::kDirectAlignment == 0;
    if (!aligned || offset < last_end || size > kMaxBlobBytes || offset + size > end) {
      co_return fail(Code::kCorruption, "records of blobs overlap or lie outside " + segment->path);
    }
    last_end = offset + size;
    live_bytes += size;
  }
  segment->set_live(live_bytes);
  segment->counted = true;
  if (segment->dead()) co_return co_await remove_if_dead(std::move(segment));
  // Reserved space behind the last blob was never appended to.
  segment->size_bytes = last_end;
  TP_CO_TRY(FilePointer file, co_await file_of(segment));
  auto allocated = file->allocated_size();
  if (allocated && *allocated <= kSegmentHeaderBytes + live_bytes + kPunchSlackBytes) co_return ok;
  live.emplace_back(end / io::kDirectAlignment * io::kDirectAlignment, 0);
  uint64_t gap_start = kSegmentHeaderBytes;
  for (const auto& [offset, size] : live) {
    if (offset > gap_start) {
      auto punched = co_await file->punch_hole(gap_start, offset - gap_start);
      if (!punched) co_return std::unexpected(disk_error(std::move(punched).error(), segment->path));
    }
    gap_start = offset + size;
  }
  if (auto now = file->allocated_size()) segment->disk_bytes = *now;
  co_return ok;
}

std::vector<SegmentInfo> SegmentStore::segments() {
  const std::shared_lock lock(segments_mutex_);
  std::vector<SegmentInfo> infos;
  infos.reserve(segments_.size());
  for (const auto& [id, segment] : segments_) {
    infos.push_back({id, segment->size_bytes, segment->live_bytes(), segment->sealed, segment->from_earlier_start});
  }
  return infos;
}

BlobStoreStats SegmentStore::stats() const {
  BlobStoreStats stats;
  {
    const std::shared_lock lock(segments_mutex_);
    stats.segments = segments_.size();
    for (const auto& [id, segment] : segments_) {
      stats.disk_bytes += segment->disk_bytes;
      stats.live_bytes += segment->live_bytes();
    }
  }
  stats.cache_hits = counters_.cache_hits;
  stats.cache_misses = counters_.cache_misses;
  stats.cache_bytes = cache_ == nullptr ? 0 : cache_->valid_bytes();
  stats.checksum_failures = counters_.checksum_failures;
  stats.syncs = counters_.syncs;
  stats.sync_requests = counters_.sync_requests;
  stats.bytes_written = counters_.bytes_written;
  stats.bytes_read = counters_.bytes_read;
  return stats;
}

Task<void> SegmentStore::stop() {
  stopped_.store(true);
  rt::Loop& home = rt::Loop::current();
  for (unsigned i = 0; i < loops_.size(); ++i) {
    co_await rt::resume_on(options_.runtime->loop(i));
    [[maybe_unused]] const auto stopped = co_await stop_loop(i);
  }
  co_await rt::resume_on(home);
  co_return ok;
}

Task<void> SegmentStore::stop_loop(unsigned index) {
  LoopState& state = *loops_[index];
  co_await state.tasks.join();
  SegmentPointer open = std::exchange(state.open, nullptr);
  if (open == nullptr || read_only_.load()) co_return ok;
  co_return co_await seal(std::move(open));
}

}  // namespace tp::blob
