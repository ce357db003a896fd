// The header block of a segment file and its name. Format: docs/formats/segment.md §1 and §2.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace tp::blob {

inline constexpr uint64_t kSegmentHeaderBytes = 4096;
inline constexpr uint32_t kSegmentVersion = 1;

struct SegmentHeader {
  SegmentId id;
  uint64_t store_id = 0;
  uint64_t start_number = 0;  // of the process that made it
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

/// Fills all of `out`, which is kSegmentHeaderBytes long.
void encode_segment_header(const SegmentHeader& header, MutableBytes out);

/// kCorruption: not a header, torn or damaged. kNotImplemented: made by a newer version. Any bytes may be passed.
Result<SegmentHeader> decode_segment_header(BytesView bytes);

/// "000000010000002a.seg"
std::string segment_file_name(SegmentId id);
/// The id in such a name; nothing for any other name.
std::optional<SegmentId> segment_id_of(std::string_view file_name);

}  // namespace tp::blob
