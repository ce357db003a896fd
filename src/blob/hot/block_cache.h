// BlockCache: verified pieces of blobs in memory. A slot holds one 256 KiB piece of one blob, with a bit for each of
// its four 64 KiB units that is there. Slots are found through sharded hash tables, evicted by CLOCK, and pinned by the
// regions that point into them. A socket may still hold pages of a slot that was lent after its pins are gone, so such
// a slot is reused only with its whole extent (the memory's detach unit), once all of the extent's slots are free.
// Invariants: a valid unit's bytes never change while its slot has that key; a pinned slot keeps its key; a slot that
// was lent is written again only after its pages have been detached. Owner: the blob store. Used from all loops; never
// waits.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "io/send_region.h"
#include "io/shared_memory.h"

namespace tp::blob {

inline constexpr uint64_t kPieceBytes = 256 << 10;

struct PieceKey {
  BlobId blob;
  uint32_t piece = 0;  // index of the 256 KiB piece in the blob
  friend bool operator==(const PieceKey&, const PieceKey&) = default;
};

class BlockCache {
  struct Slot;

 public:
  explicit BlockCache(std::unique_ptr<io::SharedMemory> memory);
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  enum class Lend : uint8_t { kNo, kYes };
  /// Bytes [from, to) of the piece as far as they are valid without a gap; empty if `from` itself is not. With `lend`
  /// they are lendable, where the memory allows that.
  io::SendRegion get(PieceKey key, uint64_t from, uint64_t to, Lend lend);

  /// The right to read units of one piece into the cache; given back when it goes.
  class Fill {
   public:
    Fill(Fill&& other) noexcept;
    Fill& operator=(Fill&&) = delete;
    ~Fill();
    /// Bit per unit that is there already; only the others may be written.
    uint8_t valid() const;
    /// The slot's 256 KiB.
    MutableBytes memory();
    /// The units in `mask` are right from now on. Returns bytes [from, to), which are all valid.
    io::SendRegion publish(uint8_t mask, uint64_t from, uint64_t to, Lend lend) &&;

   private:
    friend class BlockCache;
    Fill(BlockCache* cache, Slot* slot) : cache_(cache), slot_(slot) {}
    BlockCache* cache_;
    Slot* slot_;
  };
  /// Nothing if somebody else fills the piece, or no slot can be had: then read past the cache.
  std::optional<Fill> begin_fill(PieceKey key);

  uint64_t valid_bytes() const { return valid_units_.load(std::memory_order_relaxed) * kUnitBytes; }

 private:
  static constexpr uint64_t kUnitBytes = 64 << 10;
  struct Shard;
  struct KeyHash {
    size_t operator()(const PieceKey& key) const noexcept;
  };

  Shard& shard_of(const PieceKey& key);
  Slot* find_victim(Shard& shard);
  void drop_key(Shard& shard, Slot& slot);
  bool free_extent(Shard& shard, const Slot& slot);
  io::SendRegion region(Slot& slot, uint64_t from, uint64_t to, Lend lend);
  void end_fill(Slot& slot, uint8_t mask);

  const std::unique_ptr<io::SharedMemory> memory_;
  const size_t extent_slots_;  // slots that are detached together; 0: nothing can be lent
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<uint64_t> valid_units_{0};
};

}  // namespace tp::blob
