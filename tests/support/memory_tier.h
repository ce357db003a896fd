// MemoryTier: a Tier in memory over what a MemoryTierDisk holds, which outlives it as a disk does, with faults where a
// test wants them. Owner of both: a test; the disk outlives the store.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "blob/tier.h"

namespace tp::test {

struct MemoryTierDisk {
  struct Piece {
    BlobId blob;
    Bytes data;
  };
  std::mutex mutex;
  std::map<uint64_t, std::map<uint64_t, Piece>> segments;  // segment, offset
  uint64_t next_segment = 1;
  std::set<uint64_t> dead;                                 // segments that want moving
  uint64_t fail_puts = 0, fail_reads = 0;                  // so many of the next calls
  uint64_t puts = 0, items = 0;

  size_t pieces() {
    const std::lock_guard lock(mutex);
    size_t count = 0;
    for (const auto& [id, segment] : segments) count += segment.size();
    return count;
  }
};

class MemoryTier final : public blob::Tier {
 public:
  explicit MemoryTier(MemoryTierDisk& disk) : disk_(disk), first_(disk.next_segment) {}

  Task<void> stop() override { co_return ok; }

  Task<std::vector<blob::BlobRecord>> put(std::vector<blob::TierItem> items) override {
    const std::lock_guard lock(disk_.mutex);
    ++disk_.puts;
    if (disk_.fail_puts > 0) {
      --disk_.fail_puts;
      co_return fail(Code::kUnavailable, "the tier is away");
    }
    const uint64_t segment = disk_.next_segment++;
    std::vector<blob::BlobRecord> records;
    uint64_t offset = 0;
    for (const blob::TierItem& item : items) {
      ++disk_.items;
      disk_.segments[segment][offset] = {item.blob.id, *item.data};
      blob::BlobRecord& record = records.emplace_back(item.blob);
      record.encoding = blob::Encoding::kRaw;
      record.segment = SegmentId(segment);
      record.offset = offset;
      offset += item.data->size();
    }
    co_return records;
  }

  Task<io::SendRegion> read(const blob::BlobRecord& blob, uint64_t offset, uint64_t max_bytes) override {
    const std::lock_guard lock(disk_.mutex);
    if (disk_.fail_reads > 0) {
      --disk_.fail_reads;
      co_return fail(Code::kUnavailable, "the tier is away");
    }
    TP_CO_TRY(const MemoryTierDisk::Piece* piece, find(blob));
    const auto part = std::make_shared<Bytes>(piece->data.substr(offset, max_bytes));
    io::SendRegion region;
    region.bytes = *part;
    region.owner = part;
    co_return region;
  }

  Task<void> verify(const blob::BlobRecord& blob) override {
    const std::lock_guard lock(disk_.mutex);
    TP_CO_TRY_VOID(find(blob));
    co_return ok;
  }

  Task<void> free(const blob::BlobRecord& blob) override {
    const std::lock_guard lock(disk_.mutex);
    const auto segment = disk_.segments.find(blob.segment.value);
    if (segment == disk_.segments.end()) co_return ok;
    segment->second.erase(blob.offset);
    if (segment->second.empty()) disk_.segments.erase(segment);
    co_return ok;
  }

  bool wants_moving(SegmentId segment) override {
    const std::lock_guard lock(disk_.mutex);
    return disk_.dead.contains(segment.value);
  }

  Task<std::vector<blob::SegmentInfo>> segments() override {
    const std::lock_guard lock(disk_.mutex);
    std::vector<blob::SegmentInfo> found;
    for (const auto& [id, pieces] : disk_.segments) {
      blob::SegmentInfo& info = found.emplace_back();
      info.id = SegmentId(id);
      info.sealed = true;
      info.from_earlier_start = id < first_;
    }
    co_return found;
  }

  Task<void> reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) override {
    const std::lock_guard lock(disk_.mutex);
    auto& pieces = disk_.segments[segment.value];
    std::erase_if(pieces, [&live](const auto& one) {
      return std::ranges::none_of(live, [&one](const auto& run) { return run.first == one.first; });
    });
    if (pieces.empty()) disk_.segments.erase(segment.value);
    co_return ok;
  }

  blob::TierStats stats() const override { return {}; }

 private:
  Result<const MemoryTierDisk::Piece*> find(const blob::BlobRecord& blob) {
    const auto segment = disk_.segments.find(blob.segment.value);
    if (segment == disk_.segments.end()) return fail(Code::kCorruption, "the segment is not there");
    const auto piece = segment->second.find(blob.offset);
    if (piece == segment->second.end() || piece->second.blob != blob.id) {
      return fail(Code::kCorruption, "the blob is not there");
    }
    return &piece->second;
  }

  MemoryTierDisk& disk_;
  const uint64_t first_;
};

}  // namespace tp::test
