// BlobPass: blob records against what refers to them and where they lie: every reference leads to a blob that is long
// enough, every count is right, no blob is without reference, every blob has its place and no two share one. Blobs are
// counted in rounds of ascending ids, so that memory stays bounded; each round reads all extents once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "blob/blob_record.h"
#include "meta/inode_record.h"
#include "plane/check/passes/check_pass.h"

namespace tp::plane {

class BlobPass final : public CheckPass {
 public:
  static constexpr size_t kBlobsPerRound = 2'000'000;

  BlobPass(meta::ReadView& view, FindingList& findings, size_t blobs_per_round = kBlobsPerRound);
  Result<bool> step() override;

 private:
  /// kCollect to kCompare make a round.
  enum class Stage : uint8_t { kCollect, kExtents, kParts, kOverlay, kHistory, kCompare, kPlaces, kReferences, kDone };
  struct Counted {
    BlobId id;
    uint32_t length_bytes;
    uint32_t references;  // found
  };
  struct Placed {
    BlobId id;
    Bytes place_key;
  };

  /// Looks at one record of the stage; false at the stage's end.
  Result<bool> visit();
  Result<void> next_stage();
  void scan(kv::Space space, Bytes begin, Bytes end);

  Result<void> collect();
  Result<void> find_places();
  Result<void> count_extent();
  void count_part();
  /// Extents that clones have of their own, and those that snapshots keep.
  void count_overlay();
  void count_history();
  void count_kept(BytesView key, BytesView value);
  void count(const meta::Extent& extent, const std::function<std::string()>& where);
  Result<bool> compare();
  Result<void> take_place();
  Result<void> check_places();
  void check_place(const Placed& placed, const std::optional<Bytes>& value);
  Result<void> check_references();

  meta::ReadView& view_;
  FindingList& findings_;
  const size_t blobs_per_round_;
  Stage stage_ = Stage::kCollect;
  std::unique_ptr<kv::Iterator> blobs_;    // stands where the next round begins
  std::unique_ptr<kv::Iterator> records_;  // of the other stages
  std::vector<Counted> counted_;           // this round's, by id
  uint64_t round_begin_ = 0;               // blob ids of this round: [begin, end]
  uint64_t round_end_ = 0;
  size_t compared_ = 0;
  std::vector<Placed> placed_;             // to be looked up
  uint8_t last_tier_ = 0;
  SegmentId last_segment_;
  uint64_t last_end_ = 0;                  // of the blob before, in its segment
};

}  // namespace tp::plane
