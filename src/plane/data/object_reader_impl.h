// ObjectReaderImpl: gives an object's bytes as verified regions. What is in memory comes at once; else a few pieces
// ahead of the reader are read side by side. Invariant: its guard, older than its lookup, keeps the blobs; an object of
// more extents than one window is read through a snapshot, so that later windows are of the same object. Belongs to one
// loop.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "kv/engine.h"
#include "plane/core/core.h"

namespace tp::plane {

class ObjectReaderImpl final : public ObjectReader {
 public:
  /// `guard` was made before the object was found; `snapshot` only where the object has more extents than were loaded.
  ObjectReaderImpl(Core& core, CachedObjectPtr object, ReadGuard guard, std::unique_ptr<kv::Snapshot> snapshot);
  /// Of small data only: needs no guard.
  ObjectReaderImpl(Core& core, CachedObjectPtr object);
  ~ObjectReaderImpl() override;

  const ObjectInfo& info() const override { return object_->info; }
  void set_range(uint64_t offset, uint64_t size_bytes) override;
  Task<io::SendRegion> next() override;
  io::SendRegion try_next() override;
  uint64_t remaining() const override { return end_ - position_; }

  struct Piece;
  struct Ahead;

 private:
  void note_access();
  /// The extent that holds `offset`; null if its window is not loaded.
  const LocatedExtent* locate(uint64_t offset) const;
  Task<void> load_window();
  /// Starts reading pieces until enough bytes are on their way.
  void read_ahead();
  io::SendRegion take_piece();
  io::SendRegion advance(io::SendRegion region);

  Core& core_;
  CachedObjectPtr object_;
  ReadGuard guard_;
  meta::LayerPtr layer_;                    // of the volume, for what is read through snapshot_
  bool gone_ = false;                       // the volume was when this was made
  std::unique_ptr<kv::Snapshot> snapshot_;
  std::vector<LocatedExtent> window_;  // in place of the object's first extents once those are passed
  uint64_t position_ = 0;
  uint64_t end_ = 0;
  std::unique_ptr<Ahead> ahead_;       // made when something must be waited for
};

}  // namespace tp::plane
