#include "meta/versions/version_id.h"

namespace tp::meta {

namespace {

constexpr std::string_view kNull = "null";
constexpr size_t kDigits = 32;
constexpr int kRounds = 4;

// A Feistel network over two halves of 32 bits: every number has one image, and every image one number.
uint32_t half_mix(uint32_t half, uint64_t key) {
  uint64_t mixed = (half ^ key) * 0x9e3779b97f4a7c15ull;
  mixed ^= mixed >> 29;
  mixed *= 0xbf58476d1ce4e5b9ull;
  return static_cast<uint32_t>(mixed >> 32);
}

uint64_t word_mix(uint64_t word) {
  word ^= word >> 30;
  word *= 0xbf58476d1ce4e5b9ull;
  word ^= word >> 27;
  word *= 0x94d049bb133111ebull;
  return word ^ (word >> 31);
}

uint64_t round_key(int round) {
  return word_mix(0x9e3779b97f4a7c15ull * static_cast<uint64_t>(round + 1));
}

uint64_t scramble(uint64_t number) {
  auto left = static_cast<uint32_t>(number >> 32), right = static_cast<uint32_t>(number);
  for (int round = 0; round < kRounds; ++round) {
    const uint32_t next = left ^ half_mix(right, round_key(round));
    left = right;
    right = next;
  }
  return uint64_t{left} << 32 | right;
}

uint64_t unscramble(uint64_t word) {
  auto left = static_cast<uint32_t>(word >> 32), right = static_cast<uint32_t>(word);
  for (int round = kRounds; round-- > 0;) {
    const uint32_t before = right ^ half_mix(left, round_key(round));
    right = left;
    left = before;
  }
  return uint64_t{left} << 32 | right;
}

uint64_t check_of(uint64_t number) {
  return word_mix(number ^ 0x746f6b656e706c61ull);
}

void append_hex(std::string& out, uint64_t word) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kHex[(word >> shift) & 15]);
}

std::optional<uint64_t> parse_hex(std::string_view text) {
  uint64_t word = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    word = word << 4 | static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return word;
}

}  // namespace

std::string version_text(uint64_t number) {
  if (number == 0) return std::string(kNull);
  std::string text;
  text.reserve(kDigits);
  append_hex(text, scramble(number));
  append_hex(text, check_of(number));
  return text;
}

std::optional<uint64_t> parse_version_text(std::string_view text) {
  if (text == kNull) return 0;
  if (text.size() != kDigits) return std::nullopt;
  const auto word = parse_hex(text.substr(0, kDigits / 2)), check = parse_hex(text.substr(kDigits / 2));
  if (!word || !check) return std::nullopt;
  const uint64_t number = unscramble(*word);
  if (number == 0 || check_of(number) != *check) return std::nullopt;
  return number;
}

}  // namespace tp::meta
