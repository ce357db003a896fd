// Bitmap: a bitmap4, as far as this server knows attributes. Bits beyond are remembered only as "there were some".
// Spec: RFC 8881 §3.3.7.
#pragma once

#include <array>
#include <cstdint>

#include "front/nfs/v4/attributes/attribute.h"
#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace tp::nfs::v4 {

class Bitmap {
 public:
  static constexpr unsigned kWords = 3;

  constexpr Bitmap() = default;
  constexpr Bitmap(std::initializer_list<Attribute> attributes) {
    for (const Attribute attribute : attributes) set(attribute);
  }
  /// At most 64 words.
  static Bitmap read(wire::XdrReader& in);
  /// Without trailing zero words.
  void write(wire::XdrWriter& out) const;

  constexpr bool has(Attribute attribute) const {
    const auto bit = static_cast<unsigned>(attribute);
    return (words_[bit / 32] >> (bit % 32) & 1) != 0;
  }
  constexpr void set(Attribute attribute) {
    const auto bit = static_cast<unsigned>(attribute);
    words_[bit / 32] |= 1u << (bit % 32);
  }
  constexpr void clear(Attribute attribute) {
    const auto bit = static_cast<unsigned>(attribute);
    words_[bit / 32] &= ~(1u << (bit % 32));
  }
  /// No bit that is known of; see also unknown().
  constexpr bool empty() const { return (words_[0] | words_[1] | words_[2]) == 0; }
  /// The peer set bits that no word here holds.
  constexpr bool unknown() const { return unknown_; }
  constexpr Bitmap operator&(const Bitmap& other) const {
    Bitmap both;
    for (unsigned i = 0; i < kWords; ++i) both.words_[i] = words_[i] & other.words_[i];
    return both;
  }
  constexpr Bitmap without(const Bitmap& other) const {
    Bitmap rest;
    for (unsigned i = 0; i < kWords; ++i) rest.words_[i] = words_[i] & ~other.words_[i];
    rest.unknown_ = unknown_;
    return rest;
  }
  friend constexpr bool operator==(const Bitmap&, const Bitmap&) = default;

 private:
  std::array<uint32_t, kWords> words_{};
  bool unknown_ = false;
};

}  // namespace tp::nfs::v4
