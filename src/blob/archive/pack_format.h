// Names and headers of packs. Format: docs/formats/archive.md §1 and §2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "blob/archive/frame_seal.h"

namespace tp::blob {

inline constexpr uint64_t kPackHeaderBytes = 64;
inline constexpr uint32_t kPackVersion = 1;

struct PackHeader {
  PackId pack;
  uint32_t fingerprint = 0;
  PackSalt salt{};
  friend bool operator==(const PackHeader& a, const PackHeader& b) {
    return a.pack.store_id == b.pack.store_id && a.pack.segment == b.pack.segment && a.fingerprint == b.fingerprint &&
           a.salt == b.salt;
  }
};

/// Appends kPackHeaderBytes.
void append_pack_header(const PackHeader& header, Bytes& out);
/// kCorruption: not a header or damaged. kNotImplemented: made by a newer version. Any bytes may be passed.
Result<PackHeader> decode_pack_header(BytesView bytes);

/// "PREFIX/00000000000000ab/3/pack-": what the names of one store's packs of one tier begin with. `prefix` may be
/// empty.
std::string pack_name_prefix(std::string_view prefix, uint64_t store_id, uint8_t tier);
/// That and the segment in 16 hexadecimal digits.
std::string pack_name(std::string_view name_prefix, SegmentId segment);
/// The segment in such a name; nothing for any other name.
std::optional<SegmentId> segment_of_pack(std::string_view name_prefix, std::string_view name);

/// A pack's number: the start that made it (40 bits) and a counter from 1 (24 bits), as segment files have.
inline constexpr unsigned kPackCounterBits = 24;
inline constexpr uint64_t kMaxPackCounter = (1ull << kPackCounterBits) - 1;
constexpr uint64_t start_of_pack(SegmentId segment) {
  return segment.value >> kPackCounterBits;
}

}  // namespace tp::blob
