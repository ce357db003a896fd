// Janitor: the plane's work beside the requests: frees dead blobs, tells the blob store what is live in segments of an
// earlier start, compacts, scrubs, forgets completed uploads, rewrites files that have grown too large for their bytes.
// A few tasks on one loop, stoppable between any two small steps; tests call the steps themselves.
#pragma once

#include <memory>
#include <set>

#include "plane/core/core.h"

namespace tp::plane {

class Mover;

class Janitor {
 public:
  explicit Janitor(Core& core);
  ~Janitor();

  /// On any loop; the work stays on that loop.
  void start();
  Task<void> stop();

  // The steps.
  /// Reclaims the space that an earlier start left behind. Compaction waits for it.
  Task<void> reclaim_earlier_segments();
  /// Moves what lives in the sealed segment with the most dead space, if more than half is dead. False: nothing to do.
  Task<bool> compact_one_segment();
  /// Verifies the blob after the last one verified, and begins anew after the last. Its size; 0: there is none.
  Task<uint64_t> scrub_one();
  Task<void> forget_completed_uploads();
  /// Rewrites the files whose blobs are mostly dead, those that an earlier start has noted, too, until there is none.
  Task<void> rewrite_files();
  /// Frees what snapshots and clones that are being deleted held, until there is none.
  Task<void> free_snapshots();
  /// Brings the blobs of all queued files to the tiers where they belong.
  Task<void> move_files();
  Mover& mover() { return *mover_; }

 private:
  struct Sleep;
  Task<void> run();
  // Beside run(): rewriting takes long.
  Task<void> run_rewrites(bool lists);
  Task<void> run_snapshots();
  Task<void> free_snapshots(const std::function<bool(uint64_t id)>& still_read);
  Task<void> run_moves();
  Task<void> list_rewrites();
  Task<void> rewrite_listed();
  /// False when it is time to stop.
  Task<bool> pause(rt::Nanos duration);
  std::optional<SegmentId> most_dead_segment();
  /// False if the blob is no longer there or no longer in that segment.
  Task<bool> relocate(BlobId id, SegmentId from);

  Core& core_;
  std::unique_ptr<Mover> mover_;
  rt::Loop* home_ = nullptr;
  rt::TaskGroup group_;
  bool stopping_ = false;
  std::set<Sleep*> sleeps_;          // under way
  std::set<SegmentId> compacted_;    // emptied already: their space comes back when the last readers go
  std::set<SegmentId> reclaimed_;
  BlobId scrubbed_;                  // the last one
};

}  // namespace tp::plane
