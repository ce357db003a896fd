// StripeSegment: a segment of a tier over drives: k + m shards, files on different drives that grow in lockstep, and
// what is known of them. A blob's piece i lies in shard i, at the same offset in each. Invariants: shards of a sealed
// segment change in nothing but holes and mended pieces; a segment's files go only when it is sealed, counted, has
// nothing live and no shard of it is being copied. Any thread. Owner: DriveTier. Format: docs/formats/erasure.md §3.
#pragma once

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "blob/codec/erasure_code.h"
#include "blob/erasure/drive.h"

namespace tp::blob {

/// One file of a segment.
struct Shard {
  Shard(DrivePtr drive_in, const ShardName& name) : drive(std::move(drive_in)), path(shard_path(name)) {
    drive->shards.fetch_add(1);
  }
  ~Shard() { drive->shards.fetch_sub(1); }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const DrivePtr drive;
  const std::string path;
  std::atomic<uint64_t> disk_bytes{0};
  std::atomic<int64_t> last_used{0};  // turn time of the last use of the handle

  std::shared_ptr<io::File> handle();
  /// Keeps `file` unless another loop was faster; returns the one that counts and whether it is `file`.
  std::pair<std::shared_ptr<io::File>, bool> install(std::shared_ptr<io::File> file);
  bool drop_handle();
  void sub_disk(uint64_t bytes);

 private:
  std::mutex mutex_;
  std::shared_ptr<io::File> file_;
};
using ShardPtr = std::shared_ptr<Shard>;

class StripeSegment {
 public:
  using Run = std::pair<uint64_t, uint64_t>;  // offset, size, in each shard

  StripeSegment(SegmentId id_in, std::shared_ptr<const ErasureCode> code_in, bool from_earlier_start_in)
      : id(id_in), code(std::move(code_in)), from_earlier_start(from_earlier_start_in), shards_(pieces()) {}

  const SegmentId id;
  const std::shared_ptr<const ErasureCode> code;
  const bool from_earlier_start;
  std::atomic<uint64_t> size_bytes{kShardHeaderBytes};  // of each shard, appended so far
  std::atomic<bool> sealed{false};
  std::atomic<bool> counted{false};  // live_bytes is true: made in this start, or reclaimed

  unsigned pieces() const { return code->data() + code->parity(); }
  uint64_t live_bytes() const { return live_bytes_.load(); }  // of each shard
  void add_live(uint64_t bytes) { live_bytes_.fetch_add(bytes); }
  void set_live(uint64_t bytes) { live_bytes_.store(bytes); }
  void sub_live(uint64_t bytes);

  std::vector<ShardPtr> shards() const;  // null: missing
  ShardPtr shard(unsigned slot) const;
  void set_shard(unsigned slot, ShardPtr shard);
  /// How many shards can be read now.
  unsigned readable() const;

  /// Marks that one shard is being made again. False: one is already, or the segment is gone.
  bool begin_copy();
  /// Puts `made` (null: it did not work) in its slot. Returns what it replaces and what was freed meanwhile, which is
  /// to be punched in `made` too.
  std::pair<ShardPtr, std::vector<Run>> end_copy(unsigned slot, ShardPtr made);
  /// The shards to punch now; a copy under way learns of it in end_copy().
  std::vector<ShardPtr> shards_to_punch(Run run);
  /// Whether its files are to be removed now: true once.
  bool take_dead();

 private:
  std::atomic<uint64_t> live_bytes_{0};
  mutable std::mutex mutex_;  // of what is below
  std::vector<ShardPtr> shards_;
  bool copying_ = false;
  bool gone_ = false;
  std::vector<Run> freed_meanwhile_;
};
using StripePtr = std::shared_ptr<StripeSegment>;

}  // namespace tp::blob
