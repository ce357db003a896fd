// SegmentLog: the FlashLog over segment files. Records go into a run in memory; runs are written one behind the other,
// a few at a time; a sync follows when enough has been written or the flush interval is over; a full segment gets its
// table once its records are stable. Whatever fails to become stable is told to Options::lost and its segment given up.
// Lock order: append_lock_ or large_lock_, then mutex_ (never held across a suspension).
#pragma once

#include <map>
#include <mutex>

#include "cache/flash/log/segment_writer.h"
#include "rt/async_mutex.h"
#include "rt/task_group.h"

namespace tp::cache {

class SegmentLog final : public FlashLog {
 public:
  explicit SegmentLog(Options options);
  ~SegmentLog() override;

  /// Finds what is there. On the home loop, once, before all else.
  Task<void> recover(const Recovered& recovered);

  Task<FlashPlace> append(RecordHead head, Value value) override;
  bool room(uint64_t bytes) const override;
  Task<Value> read(FlashPlace place, Bytes space, Bytes key, uint32_t value_bytes) override;
  Value read_now(FlashPlace place) const override;
  Task<void> for_each_record(uint32_t segment, std::function<void(const RecordHead&, FlashPlace)> fn) override;
  Task<void> drop(uint32_t segment) override;
  std::vector<SegmentInfo> segments() const override;
  Task<void> flush() override;
  Task<void> close() override;
  FlashStats stats() const override;

 private:
  struct FlushTimer : rt::Timer {
    SegmentLog* log = nullptr;
  };
  struct RecoveryState;

  std::string path(uint32_t number) const { return options_.directory + "/" + segment_file_name(number); }
  SegmentPtr find(uint32_t number) const;

  // segment_append.cc
  Task<FlashPlace> append_large(RecordHead head, Value value, uint32_t checksum);
  Task<std::unique_ptr<SegmentWriter>> make_segment(uint64_t file_bytes);
  Task<std::unique_ptr<io::File>> make_file(uint32_t* number, uint64_t file_bytes);
  Task<FlashPlace> place_record(SegmentWriter& writer, const RecordHead& head, Value value, uint32_t checksum);
  Task<void> put_bytes(SegmentWriter& writer, BytesView bytes);
  Task<void> replace_open();

  // segment_flush.cc
  void submit(SegmentWriter& writer);
  Task<void> write_run(SegmentPtr segment, RunPool::Lease run, uint64_t offset, size_t bytes);
  void run_written(Segment& segment, uint64_t end);
  Task<void> make_stable(SegmentPtr segment, uint64_t end);
  Task<void> sync_segment(Segment& segment);
  void give_up(const SegmentPtr& segment, const Error& error);
  void wake(Segment& segment);
  Task<void> submit_open();
  Task<void> flush_due();
  Task<void> seal(std::unique_ptr<SegmentWriter> writer);
  Task<void> write_table(const SegmentWriter& writer);

  // segment_read.cc
  Result<Value> pending_value(const Segment& segment, FlashPlace place, BytesView space, BytesView key) const;
  Task<Value> read_small(const Segment& segment, FlashPlace place, BytesView space, BytesView key, uint32_t bytes);
  Task<Value> read_large(const Segment& segment, FlashPlace place, BytesView space, BytesView key, uint32_t bytes);

  // recovery.cc
  Task<void> recover_worker(RecoveryState& state);
  Task<void> recover_segment(RecoveryState& state, uint32_t number);
  Task<bool> recover_table(RecoveryState& state, Segment& segment);
  Task<void> recover_scan(RecoveryState& state, Segment& segment, uint64_t limit);
  void adopt(SegmentPtr segment);

  const Options options_;
  rt::Loop& home_;
  mutable std::mutex mutex_;
  std::map<uint32_t, SegmentPtr> segments_;
  uint64_t disk_bytes_ = 0;  // of segments_, and of those being made; guarded by mutex_
  mutable std::atomic<uint64_t> written_bytes_{0}, read_bytes_{0}, reads_{0}, corrupt_records_{0}, lost_records_{0};

  // The home loop's.
  uint32_t next_number_ = 1;
  RunPool runs_;
  IoBufferPool buffers_;
  rt::AsyncMutex append_lock_;
  rt::AsyncMutex large_lock_;
  rt::Semaphore seals_;
  std::unique_ptr<SegmentWriter> open_;
  std::vector<SegmentPtr> unstable_;  // something in them may not be stable
  FlushTimer timer_;
  rt::TaskGroup group_;
  bool closing_ = false;
};

}  // namespace tp::cache
