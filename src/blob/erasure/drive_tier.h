// DriveTier: the ErasureTier. Puts go to one open segment, a batch at a time; reads take the data pieces they need,
// and make a missing one again from k others; what does not match its checksums is made again from the pieces that
// do, and written back. Invariants: a record is given out only when all its pieces are on stable storage (but for
// those of drives that are out); a segment's shards lie on different drives; the drives' table is durable before
// what it says is acted upon. Owner: the composition root, through open_erasure_tier(). Formats:
// docs/formats/erasure.md.
#pragma once

#include <map>
#include <shared_mutex>
#include <span>

#include "blob/erasure/aligned_bytes.h"
#include "blob/erasure/stripe_segment.h"
#include "rt/async_mutex.h"
#include "rt/threads/background_pool.h"

namespace tp::blob {

class DriveTier final : public ErasureTier {
 public:
  explicit DriveTier(ErasureOptions options);
  ~DriveTier() override;
  /// Reads the drives; before any other call.
  Task<void> load();

  Task<void> stop() override;
  Task<std::vector<BlobRecord>> put(std::vector<TierItem> items) override;
  Task<io::SendRegion> read(const BlobRecord& blob, uint64_t offset, uint64_t max_bytes) override;
  Task<void> verify(const BlobRecord& blob) override;
  Task<void> free(const BlobRecord& blob) override;
  bool wants_moving(SegmentId segment) override;
  Task<std::vector<SegmentInfo>> segments() override;
  Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) override;
  TierStats stats() const override;

  ErasureStatus status() override;
  Task<void> add(std::string directory) override;
  Task<void> replace(std::string directory) override;
  Task<void> drain(std::string directory) override;
  Task<void> mend() override;
  Task<void> wait_mended() override;

 private:
  using FilePtr = std::shared_ptr<io::File>;
  using Run = StripeSegment::Run;
  /// Where a blob lies.
  struct Place {
    StripePtr segment;
    uint64_t piece_bytes = 0;  // of each piece, padded
  };
  /// A part of a blob's stored bytes in memory.
  struct Stored {
    AlignedBytes memory;
    BytesView bytes;
  };
  struct Packed;      // a blob ready to be stored
  struct Layout;      // a batch cut into pieces
  struct FoundShard;  // a file that load() met
  struct Job;         // a shard to be made again
  struct Counters {
    std::atomic<uint64_t> bytes_written{0}, bytes_read{0}, reads{0}, writes{0};
    std::atomic<uint64_t> checksum_failures{0}, degraded_reads{0}, retries{0}, mended_bytes{0};
  };

  // drive_tier.cc: segments and their space
  void report(const std::string& text) const;
  Result<void> check_running() const;
  std::shared_ptr<const ErasureCode> code_of(unsigned data, unsigned parity);
  StripePtr find(SegmentId id) const;
  std::vector<StripePtr> all_segments() const;
  std::vector<DrivePtr> all_drives() const;
  Task<FilePtr> file_of(ShardPtr shard);
  void close_idle_handle();
  Result<Place> place_of(const BlobRecord& blob) const;
  Task<void> punch(ShardPtr shard, std::vector<Run> runs);
  Task<void> reclaim_shard(ShardPtr shard, const std::vector<Run>& gaps, uint64_t live);
  Task<void> remove_if_dead(StripePtr segment);
  Task<void> remove_shard(ShardPtr shard);

  // drive_tier_load.cc
  Task<void> load_drives();
  Task<void> list_drive(DrivePtr drive, std::vector<FoundShard>* found);
  Task<void> inspect(FoundShard* shard);
  Task<void> adopt(std::vector<FoundShard> found);
  Task<void> adopt_segment(SegmentId id, std::span<FoundShard> found);

  // drive_tier_put.cc
  Task<void> pack(const TierItem* item, Packed* packed);
  Task<Layout> lay_out(std::span<Packed> batch);
  Task<void> store(std::span<Packed> batch);
  Task<bool> try_store(const Layout& layout, uint64_t* offset, SegmentId* segment);
  Task<void> write_shard(ShardPtr shard, uint64_t offset, BytesView bytes);
  Task<StripePtr> open_segment();
  Task<StripePtr> create_segment();
  Task<std::vector<DrivePtr>> drives_for_new();
  Task<void> make_shard(DrivePtr drive, ShardHeader header, ShardPtr* made);
  Task<void> seal_open();
  Task<void> drive_failed(DrivePtr drive, const Error& error);

  // drive_tier_read.cc
  Task<Stored> gather(Place place, const BlobRecord& blob, uint64_t from, uint64_t to);
  Task<void> read_part(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out);
  Task<void> read_shard(ShardPtr shard, uint64_t offset, MutableBytes out);
  Task<void> make_again(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out);
  Task<Stored> recover(Place place, const BlobRecord& blob);
  Task<void> write_back(StripePtr segment, uint64_t offset, const Stored& pieces, std::vector<bool> bad);
  Task<io::SendRegion> unpack(const BlobRecord& blob, Stored stored, uint64_t begin, uint64_t from, uint64_t to);

  // drive_tier_drives.cc
  Task<void> write_table();  // with table_mutex_ held
  Task<void> join_drive(std::string directory, DrivePtr in_place_of);
  Task<void> remove_drained();
  DrivePtr find_drive(const std::string& directory) const;

  // drive_tier_mend.cc
  Task<void> start_mending();
  Task<void> run_mending();
  Task<void> mend_pass(uint64_t* made);
  std::vector<Job> find_jobs() const;
  Result<DrivePtr> target_for(const StripeSegment& segment) const;
  Task<void> mend_shard(Job job);
  Task<ShardPtr> copy_shard(StripePtr segment, unsigned slot, DrivePtr target);
  Task<void> read_for_copy(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out);

  const ErasureOptions options_;
  rt::BackgroundPool encoders_;  // puts are of blobs that move: nobody waits for them
  rt::Loop* home_ = nullptr;
  std::atomic<bool> stopped_{false};

  mutable std::shared_mutex segments_mutex_;
  std::map<SegmentId, StripePtr> segments_;
  std::map<std::pair<unsigned, unsigned>, std::shared_ptr<const ErasureCode>> codes_;

  mutable std::mutex drives_mutex_;
  std::vector<DrivePtr> drives_;
  rt::AsyncMutex table_mutex_;
  uint64_t table_generation_ = 0;

  rt::AsyncMutex appending_;
  StripePtr open_;  // with appending_ held
  uint64_t next_segment_ = 1;

  std::atomic<size_t> open_handles_{0};
  Counters counters_;

  // Mending: the group and its waiters are the home loop's.
  rt::TaskGroup mending_;
  bool mend_again_ = false;
  std::vector<rt::Completion<void>*> mend_waiters_;
  mutable std::mutex mend_mutex_;  // of what is below
  bool mend_running_ = false;
  uint64_t mend_done_ = 0, mend_total_ = 0;
  Result<void> mend_result_;
};

}  // namespace tp::blob
