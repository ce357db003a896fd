// CrcField: polynomials over GF(2) modulo a CRC's polynomial, in the reflected order that all our CRCs use: the top bit
// of a word is the coefficient of x^0. Folding constants and combination both come from here, so no magic number is
// copied from a paper. Constant expressions throughout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tp::kernels {

template <class Word, Word kPolynomial>
struct CrcField {
  static constexpr int kBits = static_cast<int>(sizeof(Word)) * 8;
  static constexpr Word kOne = Word{1} << (kBits - 1);

  static constexpr Word times_x(Word a) noexcept {
    return static_cast<Word>((a >> 1) ^ ((Word{0} - (a & 1)) & kPolynomial));
  }

  static constexpr Word multiply(Word a, Word b) noexcept {
    Word product = 0;
    for (int i = 0; i < kBits; ++i) {
      product ^= (Word{0} - (a >> (kBits - 1))) & b;
      a <<= 1;
      b = times_x(b);
    }
    return product;
  }

  /// x^exponent.
  static constexpr Word power_of_x(uint64_t exponent) noexcept {
    Word power = kOne;
    for (size_t i = 0; exponent != 0; ++i, exponent >>= 1) {
      if (exponent & 1) power = multiply(power, kSquares[i]);
    }
    return power;
  }

  /// crc(a + b) from crc(a), crc(b) and b's length, for CRCs whose start value and final mask are all ones: appending
  /// b multiplies a's remainder by x^(8 * length), and the two masks cancel.
  static constexpr Word combine(Word first, Word second, uint64_t second_size) noexcept {
    Word shifted = first;
    // Three squarings ahead: a byte is x^8. An exponent beyond 2^61 bytes cannot be stored and drops out.
    for (size_t i = 3; second_size != 0 && i < kSquares.size(); ++i, second_size >>= 1) {
      if (second_size & 1) shifted = multiply(shifted, kSquares[i]);
    }
    return static_cast<Word>(shifted ^ second);
  }

 private:
  /// x^(2^i).
  static constexpr std::array<Word, 64> make_squares() noexcept {
    std::array<Word, 64> squares{};
    squares[0] = kOne >> 1;
    for (size_t i = 1; i < squares.size(); ++i) squares[i] = multiply(squares[i - 1], squares[i - 1]);
    return squares;
  }
  static constexpr std::array<Word, 64> kSquares = make_squares();
};

using Crc32Field = CrcField<uint32_t, 0xedb88320u>;
using Crc32cField = CrcField<uint32_t, 0x82f63b78u>;
using Crc64NvmeField = CrcField<uint64_t, 0x9a6c9329ac4bc9b5ull>;

}  // namespace tp::kernels
