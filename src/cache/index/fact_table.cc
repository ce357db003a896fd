#include "cache/index/fact_table.h"

#include <utility>

namespace tp::cache {
namespace {
constexpr uint32_t kEmpty = ~0u;
}

FactTable::FactTable(Price price)
    : price_(std::move(price)), chunks_(std::make_unique<std::atomic<TokenFact*>[]>(kChunks)), slots_(64, kEmpty) {}

FactTable::~FactTable() {
  for (uint32_t i = 0; i < kChunks; ++i) delete[] chunks_[i].load();
}

size_t FactTable::slot_of(uint32_t tokens, uint32_t first_token) const noexcept {
  const uint64_t mixed = ((uint64_t{first_token} << 32) | tokens) * 0x9e3779b97f4a7c15ULL;
  size_t slot = (mixed ^ (mixed >> 29)) & (slots_.size() - 1);
  while (slots_[slot] != kEmpty) {
    const TokenFact& fact = get(slots_[slot]);
    if (fact.references > 0 && fact.tokens == tokens && fact.first_token == first_token) break;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void FactTable::rehash() {
  const uint32_t live = end_ - static_cast<uint32_t>(unused_.size());
  size_t size = 64;
  while (size < size_t{live} * 2 + 2) size *= 2;
  slots_.assign(size, kEmpty);
  slots_.shrink_to_fit();
  slots_used_ = 0;
  for (uint32_t number = 0; number < end_; ++number) {
    const TokenFact& fact = get(number);
    if (fact.references == 0) continue;
    slots_[slot_of(fact.tokens, fact.first_token)] = number;
    ++slots_used_;
  }
}

uint32_t FactTable::acquire(uint32_t tokens, uint32_t first_token) {
  size_t slot = slot_of(tokens, first_token);
  if (slots_[slot] != kEmpty) {
    ++at(slots_[slot]).references;
    return slots_[slot];
  }
  if (slots_used_ + 1 > slots_.size() / 4 * 3) {  // given-back numbers fill slots too, until here
    rehash();
    slot = slot_of(tokens, first_token);
  }
  uint32_t number = end_;
  if (!unused_.empty()) {
    // A number that is used again may stand in a stale slot: it then only makes that chain of slots longer.
    number = unused_.back();
    unused_.pop_back();
  } else {
    if (end_ >= kNone) return kNone;
    if (end_ % kChunk == 0) chunks_[end_ / kChunk].store(new TokenFact[kChunk], std::memory_order_release);
    ++end_;
  }
  TokenFact& fact = at(number);
  fact.tokens = tokens;
  fact.first_token = first_token;
  fact.references = 1;
  fact.nanoseconds.store(price_(tokens, first_token), std::memory_order_relaxed);
  slots_[slot] = number;
  ++slots_used_;
  return number;
}

void FactTable::release(uint32_t number) {
  TokenFact& fact = at(number);
  if (--fact.references == 0) unused_.push_back(number);
}

void FactTable::set_price(Price price) {
  price_ = std::move(price);
  for (uint32_t number = 0; number < end_; ++number) {
    TokenFact& fact = at(number);
    if (fact.references > 0) fact.nanoseconds.store(price_(fact.tokens, fact.first_token), std::memory_order_relaxed);
  }
}

uint64_t FactTable::memory_bytes() const noexcept {
  return kChunks * sizeof(void*) + (end_ + kChunk - 1) / kChunk * uint64_t{kChunk} * sizeof(TokenFact) +
         unused_.capacity() * sizeof(uint32_t) + slots_.capacity() * sizeof(uint32_t);
}

}  // namespace tp::cache
