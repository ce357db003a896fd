#include "blob/archive/pack_table.h"

#include <algorithm>

#include "blob/archive/pack_format.h"

namespace tp::blob {

void PackTable::begin_upload(SegmentId pack) {
  const std::lock_guard lock(mutex_);
  packs_[pack].uploading = true;
}

void PackTable::uploaded(SegmentId id, uint64_t size_bytes, const Runs& live) {
  const std::lock_guard lock(mutex_);
  Pack& pack = packs_[id];
  pack.uploading = false;
  pack.listed = pack.counted = true;
  pack.size_bytes = size_bytes;
  for (const auto& [offset, bytes] : live) {
    pack.live.push_back({static_cast<uint32_t>(offset), static_cast<uint32_t>(bytes)});
    pack.live_bytes += bytes;
  }
}

void PackTable::upload_failed(SegmentId id) {
  const std::lock_guard lock(mutex_);
  Pack& pack = packs_[id];
  pack.uploading = false;
  pack.counted = pack.dead = true;
}

bool PackTable::free(SegmentId id, uint64_t offset, uint64_t size_bytes) {
  const Run run{static_cast<uint32_t>(offset), static_cast<uint32_t>(size_bytes)};
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(id);
  if (found == packs_.end() && start_of_pack(id) == start_number_) return false;  // gone with its last blob
  Pack& pack = found == packs_.end() ? packs_[id] : found->second;
  if (!pack.counted) {
    pack.earlier = true;
    if (std::ranges::find(pack.freed, run) == pack.freed.end()) pack.freed.push_back(run);
    return false;
  }
  const auto at = std::ranges::lower_bound(pack.live, run);
  if (at == pack.live.end() || *at != run) return false;
  pack.live.erase(at);
  pack.live_bytes -= run.bytes;
  pack.dead = pack.live.empty();
  return pack.dead;
}

void PackTable::removed(SegmentId pack) {
  const std::lock_guard lock(mutex_);
  packs_.erase(pack);
}

std::vector<SegmentId> PackTable::dead() const {
  std::vector<SegmentId> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, pack] : packs_) {
    if (pack.dead) found.push_back(id);
  }
  return found;
}

std::vector<SegmentId> PackTable::listed(const std::vector<std::pair<SegmentId, uint64_t>>& packs) {
  std::vector<SegmentId> later;
  const std::lock_guard lock(mutex_);
  for (auto& [id, pack] : packs_) {
    if (pack.earlier) pack.listed = false;
  }
  for (const auto& [id, size_bytes] : packs) {
    const uint64_t start = start_of_pack(id);
    if (start > start_number_) {
      later.push_back(id);
      continue;
    }
    auto found = packs_.find(id);
    if (found != packs_.end() && !found->second.earlier) continue;
    Pack& pack = found != packs_.end() ? found->second : packs_[id];
    pack.size_bytes = size_bytes;
    pack.listed = true;
    if (start == start_number_) {
      pack.counted = pack.dead = true;  // an upload that was given up on and arrived after all
    } else {
      pack.earlier = true;
    }
  }
  return later;
}

std::vector<SegmentId> PackTable::missing() const {
  std::vector<SegmentId> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, pack] : packs_) {
    if (pack.earlier && pack.counted && !pack.listed && !pack.live.empty()) found.push_back(id);
  }
  return found;
}

Result<bool> PackTable::reclaim(SegmentId id, Runs live, uint64_t first_offset) {
  const std::string name = "pack " + std::to_string(id.value);
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(id);
  if (found == packs_.end() || (found->second.earlier && !found->second.listed)) {
    if (live.empty()) return false;
    return fail(Code::kNotFound, name + " is gone, with blobs that are live");
  }
  Pack& pack = found->second;
  if (!pack.earlier) return fail(Code::kInvalidArgument, name + " is of this start");
  std::vector<Run> runs;
  uint64_t last_end = first_offset, live_bytes = 0;
  for (const auto& [offset, bytes] : live) {
    if (offset < last_end || bytes > pack.size_bytes || offset > pack.size_bytes - bytes || offset > UINT32_MAX) {
      return fail(Code::kCorruption, "records of blobs overlap or lie outside " + name);
    }
    last_end = offset + bytes;
    const Run run{static_cast<uint32_t>(offset), static_cast<uint32_t>(bytes)};
    if (!pack.counted && std::ranges::find(pack.freed, run) != pack.freed.end()) continue;
    runs.push_back(run);
    live_bytes += bytes;
  }
  pack.live = std::move(runs);
  pack.live_bytes = live_bytes;
  pack.freed.clear();
  pack.counted = true;
  pack.dead = pack.live.empty();
  return pack.dead;
}

bool PackTable::wants_moving(SegmentId id, unsigned below_percent) const {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(id);
  if (found == packs_.end() || !found->second.counted || found->second.dead || found->second.uploading) return false;
  return found->second.live_bytes * 100 < found->second.size_bytes * below_percent;
}

std::vector<SegmentInfo> PackTable::infos() const {
  std::vector<SegmentInfo> infos;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, pack] : packs_) {
    if (!pack.listed || pack.dead) continue;
    infos.push_back({id, pack.size_bytes, pack.live_bytes, true, pack.earlier});
  }
  return infos;
}

PackTable::Sums PackTable::sums() const {
  Sums sums;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, pack] : packs_) {
    if (!pack.listed) continue;
    ++sums.packs;
    sums.live_bytes += pack.live_bytes;
    sums.stored_bytes += pack.size_bytes;
  }
  return sums;
}

}  // namespace tp::blob
