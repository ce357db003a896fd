#include "plane/data/object_reader_impl.h"

#include <algorithm>

#include "plane/core/object_lookup.h"
#include "plane/reason.h"

namespace tp::plane {
namespace {

constexpr uint64_t kPieceBytes = 256 << 10;
constexpr uint64_t kAheadBytes = 2 << 20;
/// Larger objects pass by the cache: one of them would empty it for nothing.
constexpr uint64_t kCachedObjectBytes = 1ull << 30;

/// What a hole reads as; never written, so it takes no memory until it is sent.
io::SendRegion zeros(uint64_t size_bytes) {
  static char bytes[kPieceBytes];
  io::SendRegion region;
  region.bytes = BytesView(bytes, std::min(size_bytes, kPieceBytes));
  return region;
}

}  // namespace

/// One run of bytes within one extent, read by a task of its own, whole or not at all.
struct ObjectReaderImpl::Piece {
  uint64_t size_bytes = 0;
  blob::BlobRecord blob;
  uint64_t blob_offset = 0;
  bool fill_cache = true;
  std::deque<io::SendRegion> regions;
  std::optional<Error> error;
  bool done = false;
  rt::ResumeWork waiter;

  bool await_ready() const noexcept { return done; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter.handle = handle; }
  void await_resume() const noexcept {}
};

struct ObjectReaderImpl::Ahead {
  std::deque<std::shared_ptr<Piece>>
      pieces;  // shared with the tasks that read them: a new range drops pieces under way
  uint64_t end = 0;                           // where the last piece ends
  rt::TaskGroup reads;
};

namespace {

Task<void> read_piece(blob::BlobStore* blobs, std::shared_ptr<ObjectReaderImpl::Piece> piece) {
  uint64_t have = 0;
  while (have < piece->size_bytes) {
    auto region = co_await blobs->read(piece->blob, piece->blob_offset + have, piece->size_bytes - have,
                                       piece->fill_cache);
    if (!region) {
      piece->error = std::move(region.error());
      break;
    }
    have += region->bytes.size();
    piece->regions.push_back(std::move(*region));
  }
  piece->done = true;
  if (piece->waiter.handle) rt::Loop::current().defer(&piece->waiter);
  co_return ok;
}

/// What is being read needs its blobs until it is there.
Task<void> outlast(std::unique_ptr<ObjectReaderImpl::Ahead> ahead, ReadGuard guard) {
  co_await ahead->reads.join();
  co_return ok;
}

}  // namespace

ObjectReaderImpl::ObjectReaderImpl(Core& core, CachedObjectPtr object, ReadGuard guard,
                                   std::unique_ptr<kv::Snapshot> snapshot)
    : core_(core), object_(std::move(object)), guard_(std::move(guard)), snapshot_(std::move(snapshot)),
      end_(object_->info.record.size_bytes) {
  if (snapshot_ != nullptr) {
    const VolumeEntryPtr volume = core_.volumes.find_id(object_->info.volume);
    gone_ = volume == nullptr;
    if (!gone_) layer_ = volume->layer;
  }
  note_access();
}

ObjectReaderImpl::ObjectReaderImpl(Core& core, CachedObjectPtr object)
    : core_(core), object_(std::move(object)), end_(object_->info.record.size_bytes) {
  note_access();
}

void ObjectReaderImpl::note_access() {
  const ObjectInfo& info = object_->info;
  core_.accesses.note(info.volume, info.inode, info.record, core_.runtime.clock());
}

ObjectReaderImpl::~ObjectReaderImpl() {
  if (ahead_ != nullptr && ahead_->reads.running() > 0) core_.clean_up(outlast(std::move(ahead_), std::move(guard_)));
}

void ObjectReaderImpl::set_range(uint64_t offset, uint64_t size_bytes) {
  uint64_t size = object_->info.record.size_bytes;
  position_ = std::min(offset, size);
  end_ = position_ + std::min(size_bytes, size - position_);
  if (ahead_ != nullptr) ahead_->pieces.clear();
}

const LocatedExtent* ObjectReaderImpl::locate(uint64_t offset) const {
  const auto& extents = window_.empty() ? object_->extents : window_;
  auto after = std::ranges::upper_bound(extents, offset, {}, [](const LocatedExtent& at) { return at.extent.offset; });
  if (after == extents.begin()) return nullptr;
  const LocatedExtent& found = *std::prev(after);
  return offset < found.extent.offset + found.extent.length_bytes ? &found : nullptr;
}

io::SendRegion ObjectReaderImpl::advance(io::SendRegion region) {
  position_ += region.bytes.size();
  return region;
}

io::SendRegion ObjectReaderImpl::take_piece() {
  Piece& piece = *ahead_->pieces.front();
  io::SendRegion region = std::move(piece.regions.front());
  piece.regions.pop_front();
  if (piece.regions.empty()) ahead_->pieces.pop_front();
  return advance(std::move(region));
}

io::SendRegion ObjectReaderImpl::try_next() {
  if (position_ == end_) return {};
  if (object_->info.record.place == meta::DataPlace::kSmall) {
    io::SendRegion region;
    region.bytes = object_->small.substr(position_, end_ - position_);
    region.owner = object_;
    return advance(std::move(region));
  }
  if (ahead_ != nullptr && !ahead_->pieces.empty()) {
    const Piece& piece = *ahead_->pieces.front();
    if (!piece.done || piece.error) return {};
    io::SendRegion region = take_piece();
    read_ahead();
    return region;
  }
  const LocatedExtent* at = locate(position_);
  if (at == nullptr) return {};
  uint64_t within = position_ - at->extent.offset;
  uint64_t size = std::min(at->extent.length_bytes - within, end_ - position_);
  if (!at->extent.blob) return advance(zeros(size));
  return advance(core_.blobs.read_cached(at->blob, at->extent.blob_offset + within, size));
}

void ObjectReaderImpl::read_ahead() {
  if (ahead_ == nullptr) ahead_ = std::make_unique<Ahead>();
  if (ahead_->pieces.empty()) ahead_->end = position_;
  while (ahead_->end < end_ && ahead_->end < position_ + kAheadBytes) {
    const LocatedExtent* at = locate(ahead_->end);
    if (at == nullptr) return;
    uint64_t within = ahead_->end - at->extent.offset;
    auto piece = std::make_shared<Piece>();
    if (!at->extent.blob) {
      piece->regions.push_back(zeros(std::min(at->extent.length_bytes - within, end_ - ahead_->end)));
      piece->done = true;
      ahead_->end += piece->regions.front().bytes.size();
      ahead_->pieces.push_back(std::move(piece));
      continue;
    }
    piece->blob = at->blob;
    piece->blob_offset = at->extent.blob_offset + within;
    // Pieces end where the blob's own lines of this size end.
    uint64_t line_rest = kPieceBytes - piece->blob_offset % kPieceBytes;
    piece->size_bytes = std::min({line_rest, at->extent.length_bytes - within, end_ - ahead_->end});
    piece->fill_cache = object_->info.record.size_bytes <= kCachedObjectBytes;
    ahead_->end += piece->size_bytes;
    ahead_->pieces.push_back(piece);
    ahead_->reads.spawn(read_piece(&core_.blobs, std::move(piece)));
  }
}

Task<void> ObjectReaderImpl::load_window() {
  if (snapshot_ == nullptr) co_return fail(Code::kCorruption, "the object's extents have a gap");
  if (gone_) co_return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  auto load = [this](meta::ReadView& given) {
    meta::ReadView view(core_.meta.engine(), given.mode(), snapshot_.get(), layer_);
    return load_located_at(view, object_->info.inode, position_, object_->info.record.size_bytes);
  };
  TP_CO_TRY(window_, co_await core_.meta.read(std::move(load)));
  if (locate(position_) == nullptr) co_return fail(Code::kCorruption, "the object's extents have a gap");
  co_return ok;
}

Task<io::SendRegion> ObjectReaderImpl::next() {
  if (position_ == end_) co_return io::SendRegion{};
  if (io::SendRegion region = try_next(); !region.bytes.empty()) co_return region;
  if ((ahead_ == nullptr || ahead_->pieces.empty()) && locate(position_) == nullptr) {
    TP_CO_TRY_VOID(co_await load_window());
  }
  read_ahead();
  std::shared_ptr<Piece> piece = ahead_->pieces.front();
  co_await *piece;
  if (piece->error) co_return std::unexpected(*piece->error);
  io::SendRegion region = take_piece();
  read_ahead();
  co_return region;
}

}  // namespace tp::plane
