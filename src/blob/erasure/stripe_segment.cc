#include "blob/erasure/stripe_segment.h"

#include <algorithm>

namespace tp::blob {

namespace {
void subtract_down_to_zero(std::atomic<uint64_t>& from, uint64_t bytes) {
  uint64_t before = from.load();
  while (!from.compare_exchange_weak(before, before - std::min(before, bytes))) {
  }
}
}  // namespace

std::shared_ptr<io::File> Shard::handle() {
  const std::lock_guard lock(mutex_);
  return file_;
}

std::pair<std::shared_ptr<io::File>, bool> Shard::install(std::shared_ptr<io::File> file) {
  const std::lock_guard lock(mutex_);
  if (file_ != nullptr) return {file_, false};
  file_ = std::move(file);
  return {file_, true};
}

bool Shard::drop_handle() {
  std::shared_ptr<io::File> dropped;
  const std::lock_guard lock(mutex_);
  dropped = std::move(file_);
  file_ = nullptr;
  return dropped != nullptr;
}

void Shard::sub_disk(uint64_t bytes) {
  subtract_down_to_zero(disk_bytes, bytes);
}

// Never below zero: records from outside may claim more than there is.
void StripeSegment::sub_live(uint64_t bytes) {
  subtract_down_to_zero(live_bytes_, bytes);
}

std::vector<ShardPtr> StripeSegment::shards() const {
  const std::lock_guard lock(mutex_);
  return shards_;
}
ShardPtr StripeSegment::shard(unsigned slot) const {
  const std::lock_guard lock(mutex_);
  return slot < shards_.size() ? shards_[slot] : nullptr;
}
void StripeSegment::set_shard(unsigned slot, ShardPtr shard) {
  const std::lock_guard lock(mutex_);
  shards_[slot] = std::move(shard);
}

unsigned StripeSegment::readable() const {
  const std::lock_guard lock(mutex_);
  return static_cast<unsigned>(std::ranges::count_if(
      shards_, [](const ShardPtr& shard) { return shard != nullptr && shard->drive->readable(); }));
}

bool StripeSegment::begin_copy() {
  const std::lock_guard lock(mutex_);
  if (copying_ || gone_) return false;
  copying_ = true;
  freed_meanwhile_.clear();
  return true;
}

std::pair<ShardPtr, std::vector<StripeSegment::Run>> StripeSegment::end_copy(unsigned slot, ShardPtr made) {
  const std::lock_guard lock(mutex_);
  copying_ = false;
  ShardPtr replaced;
  if (made != nullptr) replaced = std::exchange(shards_[slot], std::move(made));
  return {std::move(replaced), std::exchange(freed_meanwhile_, {})};
}

std::vector<ShardPtr> StripeSegment::shards_to_punch(Run run) {
  const std::lock_guard lock(mutex_);
  if (copying_) freed_meanwhile_.push_back(run);
  return shards_;
}

bool StripeSegment::take_dead() {
  const std::lock_guard lock(mutex_);
  if (gone_ || copying_ || !sealed.load() || !counted.load() || live_bytes() != 0) return false;
  gone_ = true;
  return true;
}

}  // namespace tp::blob
