// What lies on a drive of a tier: the drive file with the table of all drives, and the header and names of shards, the
// files that a segment has on each of its drives. Nothing read is trusted. Format: docs/formats/erasure.md §1 to §3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "blob/erasure/erasure_tier.h"

namespace tp::blob {

inline constexpr uint64_t kShardHeaderBytes = 4096;
inline constexpr uint32_t kErasureVersion = 1;
inline constexpr char kDriveFile[] = "drive.table";
inline constexpr char kShardDirectory[] = "shards";
inline constexpr uint64_t kTableSlotBytes = 64 << 10;  // the drive file is two of them, written in turn
inline constexpr size_t kMaxDrives = 64;
inline constexpr size_t kMaxDirectoryName = 768;

struct ShardHeader {
  SegmentId segment;
  uint8_t slot = 0;  // 0..k-1: data, then parity
  uint8_t data_pieces = 1, parity_pieces = 0;
  uint8_t tier = 0;
  uint64_t store_id = 0;
  uint64_t drive_id = 0;  // where it was made
  friend bool operator==(const ShardHeader&, const ShardHeader&) = default;
};
/// Fills all of `out`, which is kShardHeaderBytes long.
void encode_shard_header(const ShardHeader& header, MutableBytes out);
/// kCorruption, kNotImplemented (newer). Any bytes may be passed.
Result<ShardHeader> decode_shard_header(BytesView bytes);

struct ShardName {
  SegmentId segment;
  uint8_t slot = 0;
};
/// "000000010000002a.03.shard"
std::string shard_file_name(const ShardName& name);
std::optional<ShardName> shard_name_of(std::string_view file_name);
std::string shard_path(const ShardName& name);  // with the directory

struct DriveEntry {
  uint64_t id = 0;
  DriveState state = DriveState::kActive;
  std::string directory;
  friend bool operator==(const DriveEntry&, const DriveEntry&) = default;
};
struct DriveTable {
  uint64_t generation = 0;  // the highest is the one that counts
  uint64_t store_id = 0;
  uint8_t tier = 0;
  uint64_t own_id = 0;  // of the drive it was read from
  std::vector<DriveEntry> drives;
  friend bool operator==(const DriveTable&, const DriveTable&) = default;
};
/// kTableSlotBytes long.
Bytes encode_drive_table(const DriveTable& table);
/// kCorruption, kNotImplemented. Any bytes may be passed.
Result<DriveTable> decode_drive_table(BytesView bytes);

}  // namespace tp::blob
