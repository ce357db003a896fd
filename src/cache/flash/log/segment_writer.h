// SegmentWriter: the open end of a segment: the run being gathered and the table that grows with it. The home loop's.
#pragma once

#include "cache/flash/io_buffer.h"
#include "cache/flash/log/segment.h"
#include "cache/flash/segment_table.h"
#include "rt/semaphore.h"

namespace tp::cache {

/// The memory of runs: so many exist, gathered or being written; who needs one more waits. Belongs to one loop.
class RunPool {
 public:
  RunPool(size_t runs, size_t run_bytes) : slots_(runs), run_bytes_(run_bytes) {}

  /// A run's memory; back to the pool when it goes.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), buffer_(std::move(other.buffer_)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(buffer_, other.buffer_);
      return *this;
    }
    ~Lease() {
      if (pool_ == nullptr) return;
      pool_->free_.push_back(std::move(buffer_));
      pool_->slots_.release();
    }
    explicit operator bool() const { return pool_ != nullptr; }
    char* data() const { return buffer_.data(); }

   private:
    friend class RunPool;
    RunPool* pool_ = nullptr;
    IoBuffer buffer_;
  };

  size_t run_bytes() const { return run_bytes_; }
  Task<Lease> take() {
    co_await slots_.acquire();
    Lease lease;
    if (free_.empty()) {
      lease.buffer_ = IoBuffer::allocate(run_bytes_);
    } else {
      lease.buffer_ = std::move(free_.back());
      free_.pop_back();
    }
    if (!lease.buffer_) {
      slots_.release();
      co_return fail(Code::kBusy, "no memory for a run of cache records");
    }
    lease.pool_ = this;
    co_return lease;
  }

 private:
  rt::Semaphore slots_;
  const size_t run_bytes_;
  std::vector<IoBuffer> free_;
};

struct SegmentWriter {
  SegmentPtr segment;
  RunPool::Lease run;
  size_t used = 0;         // bytes of the run
  uint64_t run_start = 0;  // in the file
  SegmentTable table;

  uint64_t position() const { return run_start + used; }
  /// Bytes for records, their table entries not counted.
  uint64_t space_left() const {
    const uint64_t taken = align_up(position(), kSegmentBlockBytes) + align_up(table.size_bytes(), kSegmentBlockBytes) +
                           kSegmentBlockBytes;
    return taken >= segment->file_bytes ? 0 : segment->file_bytes - taken;
  }
  bool fits(size_t key_bytes, uint64_t value_bytes) const {
    const uint64_t data_end = align_up(position() + record_extent(key_bytes, value_bytes), kSegmentBlockBytes);
    const uint64_t table_bytes =
        align_up(table.size_bytes() + SegmentTable::bytes_at_most(key_bytes), kSegmentBlockBytes);
    return !table.full() && data_end + table_bytes + kSegmentBlockBytes <= segment->file_bytes;
  }
};

}  // namespace tp::cache
