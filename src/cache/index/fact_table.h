// FactTable: what entries of a volume save: (tokens, first token) pairs, each kept once, named by numbers and counted.
// Blocks of a chain have few different pairs, so an entry pays 21 bits for two numbers of 32. Changes belong to
// who holds the volume's structure mutex; get() is for whoever holds a lock under which an entry names the number.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace tp::cache {

struct TokenFact {
  uint32_t tokens = 0, first_token = 0;
  uint32_t references = 0;
  std::atomic<uint64_t> nanoseconds{0};  // to compute them, by the profile
};

class FactTable {
 public:
  static constexpr unsigned kNumberBits = 21;
  static constexpr uint32_t kNone = (1u << kNumberBits) - 1;  // no number is left
  using Price = std::function<uint64_t(uint32_t tokens, uint32_t first_token)>;

  explicit FactTable(Price price);
  ~FactTable();
  FactTable(const FactTable&) = delete;
  FactTable& operator=(const FactTable&) = delete;

  /// One more reference to the pair's number, or kNone.
  uint32_t acquire(uint32_t tokens, uint32_t first_token);
  void release(uint32_t number);
  const TokenFact& get(uint32_t number) const noexcept {
    return chunks_[number / kChunk].load(std::memory_order_acquire)[number % kChunk];
  }
  uint64_t price(uint32_t tokens, uint32_t first_token) const { return price_(tokens, first_token); }
  void set_price(Price price);
  uint64_t memory_bytes() const noexcept;

 private:
  static constexpr uint32_t kChunk = 512;
  static constexpr uint32_t kChunks = (1u << kNumberBits) / kChunk;

  TokenFact& at(uint32_t number) noexcept { return const_cast<TokenFact&>(get(number)); }
  size_t slot_of(uint32_t tokens, uint32_t first_token) const noexcept;
  void rehash();

  Price price_;
  std::unique_ptr<std::atomic<TokenFact*>[]> chunks_;
  uint32_t end_ = 0;               // numbers ever given
  std::vector<uint32_t> unused_;   // given back
  std::vector<uint32_t> slots_;    // hash table of numbers, ~0 empty; rebuilt where numbers are given back
  uint32_t slots_used_ = 0;
};

}  // namespace tp::cache
