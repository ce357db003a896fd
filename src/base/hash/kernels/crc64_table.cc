#include <array>
#include <cstring>

#include "base/hash/kernels/crc64_kernels.h"
#include "base/hash/kernels/crc_field.h"

namespace tp::kernels {

namespace {

using Tables = std::array<std::array<uint64_t, 256>, 8>;

/// tables[k][byte]: the remainder of `byte` followed by k zero bytes.
constexpr Tables make_tables() noexcept {
  Tables tables{};
  for (size_t byte = 0; byte < 256; ++byte) {
    uint64_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = Crc64NvmeField::times_x(remainder);
    tables[0][byte] = remainder;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t shorter = tables[k - 1][byte];
      tables[k][byte] = (shorter >> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

uint64_t crc64_table(uint64_t state, const char* data, size_t size) noexcept {
  for (; size >= 8; data += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, data, sizeof word);
    word ^= state;
    state = 0;
    for (size_t i = 0; i < 8; ++i) state ^= kTables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; size > 0; ++data, --size) state = (state >> 8) ^ kTables[0][(state ^ static_cast<uint8_t>(*data)) & 0xff];
  return state;
}

}  // namespace tp::kernels
