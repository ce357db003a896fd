// Mover: brings the blobs of queued files to the tier of their storage class, and puts what lives in mostly dead
// segments of tiers again. A blob is copied, then one transaction changes its record if it is still the same, then the
// old copy is freed once nobody reads it: at no instant is there no readable copy, and what a crash leaves behind on
// either side is freed by the next start (reclaim). Owner: Janitor, whose loop runs the steps one after another.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "blob/tier.h"
#include "plane/core/core.h"

namespace tp::plane {

class Mover {
 public:
  /// `stopping`: looked at between small steps. `pause`: waits, or less if it is time to stop.
  Mover(Core& core, const bool* stopping, std::function<Task<bool>(rt::Nanos)> pause)
      : core_(core), stopping_(*stopping), pause_(std::move(pause)) {}

  /// Reads the queue's records into the list: what an earlier start left, and what has come due.
  Task<void> list_queue();
  /// Moves what is listed, all of it. True if there was anything.
  Task<bool> move_listed();
  /// Empties the segments of tiers that want it. True if there was one.
  Task<bool> compact_tiers();
  /// Tells tiers what is live of earlier starts. Before compact_tiers().
  Task<void> reclaim_tiers();

 private:
  struct Plan;
  /// What lies elsewhere than it should, of at most one window of the file's extents from `*from` on.
  Task<Plan> plan_window(FileId file, uint64_t from);
  /// The queue's record that is done with, "" if not all of it is.
  Task<Bytes> plan_file(FileId file);
  Task<void> add(blob::BlobRecord blob, uint8_t to);
  Task<void> flush(uint8_t to);
  Task<void> swap(uint8_t to, std::vector<blob::TierItem> items);
  /// `request`: what plan_file() said; a newer one stays.
  Task<void> settle(FileId file, const Bytes& request);
  Task<void> compact(uint8_t tier, SegmentId segment);

  Core& core_;
  const bool& stopping_;
  std::function<Task<bool>(rt::Nanos)> pause_;
  std::map<uint8_t, std::vector<blob::BlobRecord>> pending_;
  std::map<uint8_t, uint64_t> pending_bytes_;
  std::set<std::pair<uint8_t, SegmentId>> reclaimed_, compacted_;
  bool changed_ = false;  // a blob that was to move had another record by then
};

/// One sweep of a queued file's blobs; a test's own.
Task<Bytes> read_whole_blob(blob::BlobStore& blobs, blob::BlobRecord blob);

}  // namespace tp::plane
