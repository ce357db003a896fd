#include "cache/index/key_arena.h"

#include <algorithm>

namespace tp::cache {
namespace {

constexpr uint32_t kLeastBlock = sizeof(uint32_t);  // a free block holds the next one's place

uint32_t number_bytes(uint32_t number) { return number < 0x80 ? 1 : number < 0x4000 ? 2 : 3; }

char* put_number(char* out, uint32_t number) {
  while (number >= 0x80) {
    *out++ = static_cast<char>(number | 0x80);
    number >>= 7;
  }
  *out++ = static_cast<char>(number);
  return out;
}

uint32_t get_number(const char*& in) {
  uint32_t number = static_cast<uint8_t>(*in++);
  if (number < 0x80) return number;
  number &= 0x7f;
  for (unsigned shift = 7;; shift += 7) {
    const uint32_t byte = static_cast<uint8_t>(*in++);
    number |= (byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

}  // namespace

uint32_t KeyArena::block_bytes(uint32_t space, size_t key_bytes) noexcept {
  const auto length = static_cast<uint32_t>(key_bytes);
  return std::max(kLeastBlock, number_bytes(space) + number_bytes(length) + length);
}

KeyArena::FreeList* KeyArena::free_list(uint32_t block_bytes, bool make) {
  const auto found = std::lower_bound(free_.begin(), free_.end(), block_bytes,
                                      [](const FreeList& list, uint32_t wanted) { return list.block_bytes < wanted; });
  if (found != free_.end() && found->block_bytes == block_bytes) return &*found;
  if (!make) return nullptr;
  return &*free_.insert(found, FreeList{block_bytes, kNone});
}

uint32_t KeyArena::extend(uint32_t bytes) {
  if (chunks_.empty() || end_ + bytes > kChunkBytes) {
    if (chunks_.size() >= (uint64_t{1} << 32) / kChunkBytes - 1) return kNone;
    if (!chunks_.empty()) free_bytes_ += chunks_.back().capacity - end_;
    chunks_.emplace_back();
    end_ = 0;
  }
  Chunk& chunk = chunks_.back();
  if (end_ + bytes > chunk.capacity) {
    const uint32_t capacity = std::min(kChunkBytes, std::max(end_ + bytes, chunk.capacity + kGrowBytes));
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_ > 0) std::memcpy(grown.get(), chunk.bytes.get(), end_);
    chunk.bytes = std::move(grown);
    chunk.capacity = capacity;
  }
  const auto at = static_cast<uint32_t>((chunks_.size() - 1) * kChunkBytes + end_);
  end_ += bytes;
  return at;
}

uint32_t KeyArena::add(uint32_t space, BytesView key) {
  const uint32_t bytes = block_bytes(space, key.size());
  uint32_t at = kNone;
  if (FreeList* list = free_list(bytes, false); list != nullptr && list->head != kNone) {
    at = list->head;
    std::memcpy(&list->head, address(at), sizeof list->head);
    free_bytes_ -= bytes;
  } else {
    at = extend(bytes);
    if (at == kNone) return kNone;
  }
  char* out = put_number(address(at), space);
  out = put_number(out, static_cast<uint32_t>(key.size()));
  std::memcpy(out, key.data(), key.size());
  used_bytes_ += bytes;
  key_bytes_ += key.size();
  return at;
}

void KeyArena::remove(uint32_t at) {
  const Block block = get(at);
  const uint32_t bytes = block_bytes(block.space, block.key.size());
  key_bytes_ -= block.key.size();
  used_bytes_ -= bytes;
  free_bytes_ += bytes;
  FreeList* list = free_list(bytes, true);
  std::memcpy(address(at), &list->head, sizeof list->head);
  list->head = at;
}

KeyArena::Block KeyArena::get(uint32_t at) const noexcept {
  const char* in = address(at);
  Block block;
  block.space = get_number(in);
  const uint32_t length = get_number(in);
  block.key = BytesView(in, length);
  return block;
}

uint64_t KeyArena::memory_bytes() const noexcept {
  uint64_t bytes = chunks_.capacity() * sizeof(Chunk) + free_.capacity() * sizeof(FreeList);
  for (const Chunk& chunk : chunks_) bytes += chunk.capacity + 16;  // and what malloc takes
  return bytes;
}

}  // namespace tp::cache
