#include "blob/hot/block_cache.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace tp::blob {

namespace {
constexpr size_t kMaxShards = 16;
constexpr size_t kMinSlotsPerShard = 64;
constexpr size_t kMaxClockSteps = 512;  // of one search: a cache full of pinned slots must not cost a walk over all
}  // namespace

// Guarded by its shard's mutex, but for the pins, which regions drop from any thread.
struct BlockCache::Slot {
  PieceKey key;
  uint32_t index = 0;
  std::atomic<uint32_t> pins{0};
  uint8_t valid = 0;
  bool in_table = false;
  bool filling = false;
  bool referenced = false;
  bool lent = false;  // since its pages were last detached

  void unpin() { pins.fetch_sub(1, std::memory_order_release); }
};

struct BlockCache::Shard {
  std::mutex mutex;
  std::unordered_map<PieceKey, Slot*, KeyHash> table;
  size_t first = 0;  // its slots are [first, first + count)
  size_t count = 0;
  size_t hand = 0;
};

size_t BlockCache::KeyHash::operator()(const PieceKey& key) const noexcept {
  return std::hash<BlobId>()(BlobId(key.blob.value * 64 + key.piece));
}

BlockCache::BlockCache(std::unique_ptr<io::SharedMemory> memory)
    : memory_(std::move(memory)),
      extent_slots_(memory_->detach_unit() % kPieceBytes == 0 ? memory_->detach_unit() / kPieceBytes : 0),
      slots_(memory_->bytes().size() / kPieceBytes) {
  const size_t shards = std::clamp<size_t>(slots_.size() / kMinSlotsPerShard, 1, kMaxShards);
  for (size_t i = 0; i < slots_.size(); ++i) slots_[i].index = static_cast<uint32_t>(i);
  const size_t step = std::max<size_t>(extent_slots_, 1);  // an extent lies in one shard
  const size_t extents = slots_.size() / step;
  for (size_t i = 0; i < shards; ++i) {
    auto shard = std::make_unique<Shard>();
    shard->first = extents * i / shards * step;
    shard->count = extents * (i + 1) / shards * step - shard->first;
    shard->table.reserve(shard->count);
    shards_.push_back(std::move(shard));
  }
}

BlockCache::~BlockCache() {
  for (const Slot& slot : slots_) TP_CHECK(slot.pins.load(std::memory_order_acquire) == 0);
}

BlockCache::Shard& BlockCache::shard_of(const PieceKey& key) {
  return *shards_[(KeyHash()(key) >> 32) % shards_.size()];
}

io::SendRegion BlockCache::region(Slot& slot, uint64_t from, uint64_t to, Lend lend) {
  io::SendRegion region;
  const uint64_t start = slot.index * kPieceBytes;
  region.bytes = BytesView(memory_->bytes().data() + start + from, to - from);
  // The caller has counted the pin; the region's last copy drops it.
  region.owner = std::shared_ptr<const void>(&slot, [](Slot* pinned) { pinned->unpin(); });
  region.lendable = lend == Lend::kYes && extent_slots_ > 0;
  if (region.lendable) slot.lent = true;
  return region;
}

io::SendRegion BlockCache::get(PieceKey key, uint64_t from, uint64_t to, Lend lend) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.table.find(key);
  if (found == shard.table.end()) return {};
  Slot& slot = *found->second;
  uint64_t valid_end = from / kUnitBytes;
  while (valid_end < kPieceBytes / kUnitBytes && (slot.valid >> valid_end & 1) != 0) ++valid_end;
  valid_end *= kUnitBytes;
  if (valid_end <= from) return {};
  slot.referenced = true;
  slot.pins.fetch_add(1, std::memory_order_relaxed);
  return region(slot, from, std::min(to, valid_end), lend);
}

std::optional<BlockCache::Fill> BlockCache::begin_fill(PieceKey key) {
  if (slots_.empty()) return std::nullopt;
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.table.find(key);
  if (found != shard.table.end()) {
    Slot& slot = *found->second;
    if (slot.filling) return std::nullopt;
    slot.filling = true;
    slot.pins.fetch_add(1, std::memory_order_relaxed);
    return Fill(this, &slot);
  }
  Slot* slot = find_victim(shard);
  if (slot == nullptr) return std::nullopt;
  drop_key(shard, *slot);
  slot->key = key;
  slot->in_table = true;
  slot->filling = true;
  slot->referenced = false;  // earns its second chance by a second use
  slot->pins.fetch_add(1, std::memory_order_relaxed);
  shard.table.emplace(key, slot);
  return Fill(this, slot);
}

BlockCache::Slot* BlockCache::find_victim(Shard& shard) {
  const size_t steps = std::min(shard.count * 2, kMaxClockSteps);
  for (size_t i = 0; i < steps; ++i) {
    Slot& slot = slots_[shard.first + shard.hand];
    shard.hand = (shard.hand + 1) % shard.count;
    if (slot.filling || slot.pins.load(std::memory_order_acquire) != 0) continue;
    if (slot.in_table && std::exchange(slot.referenced, false)) continue;
    if (!slot.lent || free_extent(shard, slot)) return &slot;
  }
  return nullptr;
}

/// Evicts all of the slot's extent and detaches its pages; false, with nothing changed, if one of it is in use.
bool BlockCache::free_extent(Shard& shard, const Slot& slot) {
  const size_t first = slot.index / extent_slots_ * extent_slots_;
  for (size_t i = first; i < first + extent_slots_; ++i) {
    if (slots_[i].filling || slots_[i].pins.load(std::memory_order_acquire) != 0) return false;
  }
  for (size_t i = first; i < first + extent_slots_; ++i) {
    drop_key(shard, slots_[i]);
    slots_[i].lent = false;
  }
  // Under the lock: from here on the slots look free to every other filler.
  memory_->detach(first * kPieceBytes, extent_slots_ * kPieceBytes);
  return true;
}

void BlockCache::drop_key(Shard& shard, Slot& slot) {
  if (!slot.in_table) return;
  shard.table.erase(slot.key);
  slot.in_table = false;
  valid_units_.fetch_sub(static_cast<uint64_t>(std::popcount(slot.valid)), std::memory_order_relaxed);
  slot.valid = 0;
}

void BlockCache::end_fill(Slot& slot, uint8_t mask) {
  Shard& shard = shard_of(slot.key);
  const std::lock_guard lock(shard.mutex);
  const auto added = static_cast<uint8_t>(mask & ~slot.valid);
  slot.valid |= mask;
  valid_units_.fetch_add(static_cast<uint64_t>(std::popcount(added)), std::memory_order_relaxed);
  slot.filling = false;
  if (slot.valid == 0) drop_key(shard, slot);
}

BlockCache::Fill::Fill(Fill&& other) noexcept : cache_(other.cache_), slot_(std::exchange(other.slot_, nullptr)) {}

BlockCache::Fill::~Fill() {
  if (slot_ == nullptr) return;
  cache_->end_fill(*slot_, 0);
  slot_->unpin();
}

uint8_t BlockCache::Fill::valid() const {
  return slot_->valid;
}

MutableBytes BlockCache::Fill::memory() {
  return cache_->memory_->bytes().subspan(slot_->index * kPieceBytes, kPieceBytes);
}

io::SendRegion BlockCache::Fill::publish(uint8_t mask, uint64_t from, uint64_t to, Lend lend) && {
  Slot& slot = *std::exchange(slot_, nullptr);
  cache_->end_fill(slot, mask);
  const std::lock_guard lock(cache_->shard_of(slot.key).mutex);
  return cache_->region(slot, from, to, lend);
}

}  // namespace tp::blob
