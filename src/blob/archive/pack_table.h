// PackTable: what is known of the packs of one store in one bucket: how large, what in each is alive, which are on
// their way up and which are to go. Invariant: a pack is named dead only when nothing in it is alive and that is known,
// not guessed: a pack of an earlier start counts from reclaim() on. Pure bookkeeping, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "io/object_store.h"

namespace tp::blob {

class PackTable {
 public:
  explicit PackTable(uint64_t start_number) : start_number_(start_number) {}

  using Runs = std::vector<std::pair<uint64_t, uint64_t>>;  // offset, bytes

  /// A pack of this start is on its way up; a listing that shows it shows no orphan.
  void begin_upload(SegmentId pack);
  void uploaded(SegmentId pack, uint64_t size_bytes, const Runs& live);
  /// It may be there or come yet: it is to go.
  void upload_failed(SegmentId pack);

  /// Whether the pack is to be removed now. Told twice of the same blob: the second time nothing happens.
  bool free(SegmentId pack, uint64_t offset, uint64_t size_bytes);
  /// The object is gone.
  void removed(SegmentId pack);
  /// Packs whose removal was begun or failed.
  std::vector<SegmentId> dead() const;

  /// Takes in a listing of all packs: those of earlier starts become known, those of this start that nothing knows of
  /// are to go, those of a later start (the metadata is older than the bucket) are left alone and returned.
  std::vector<SegmentId> listed(const std::vector<std::pair<SegmentId, uint64_t>>& packs);
  /// Packs with something alive that the last listing did not show.
  std::vector<SegmentId> missing() const;
  /// kNotFound: not known, with blobs alive. kInvalidArgument: of this start. kCorruption: runs that overlap or lie
  /// outside. True: nothing is alive, it is to be removed now.
  Result<bool> reclaim(SegmentId pack, Runs live, uint64_t first_offset);

  bool wants_moving(SegmentId pack, unsigned below_percent) const;
  std::vector<SegmentInfo> infos() const;
  struct Sums {
    uint64_t packs = 0, live_bytes = 0, stored_bytes = 0;
  };
  Sums sums() const;

 private:
  struct Run {
    uint32_t offset = 0, bytes = 0;
    friend auto operator<=>(const Run&, const Run&) = default;
  };
  struct Pack {
    uint64_t size_bytes = 0;
    uint64_t live_bytes = 0;
    std::vector<Run> live;   // sorted, once counted
    std::vector<Run> freed;  // before it was counted
    bool uploading = false;
    bool listed = false;  // seen in a listing, or put by this start
    bool earlier = false;
    bool counted = false;
    bool dead = false;
  };

  const uint64_t start_number_;
  mutable std::mutex mutex_;
  std::map<SegmentId, Pack> packs_;
};

}  // namespace tp::blob
