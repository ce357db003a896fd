#include "blob/erasure/erasure_format.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/hash/crc.h"
#include "blob/codec/erasure_code.h"

namespace tp::blob {

namespace {

constexpr std::string_view kShardMagic = "TPSHARD1";
constexpr std::string_view kTableMagic = "TPDRIVES";
constexpr std::string_view kSuffix = ".shard";
constexpr size_t kIdDigits = 16;
constexpr size_t kSlotDigits = 2;

// Byte offsets in a shard's header.
constexpr size_t kVersionAt = 8;
constexpr size_t kSlotAt = 12;
constexpr size_t kDataPiecesAt = 13;
constexpr size_t kParityPiecesAt = 14;
constexpr size_t kTierAt = 15;
constexpr size_t kSegmentAt = 16;
constexpr size_t kStoreAt = 24;
constexpr size_t kDriveAt = 32;
constexpr size_t kChecksumAt = kShardHeaderBytes - 4;

// And in a table's slot.
constexpr size_t kTableVersionAt = 8;
constexpr size_t kTableSizeAt = 12;  // of what the checksum covers
constexpr size_t kTableGenerationAt = 16;
constexpr size_t kTableStoreAt = 24;
constexpr size_t kTableOwnAt = 32;
constexpr size_t kTableTierAt = 40;
constexpr size_t kTableCountAt = 41;
constexpr size_t kTableEntriesAt = 42;
constexpr size_t kEntryFixedBytes = 8 + 1 + 2;

Result<void> check_version(uint32_t version) {
  if (version == 0) return fail(Code::kCorruption, "version 0");
  if (version > kErasureVersion) {
    return fail(Code::kNotImplemented, "format " + std::to_string(version) +
                                           " is newer than this program, which knows " +
                                           std::to_string(kErasureVersion));
  }
  return ok;
}

}  // namespace

void encode_shard_header(const ShardHeader& header, MutableBytes out) {
  TP_CHECK(out.size() == kShardHeaderBytes);
  std::fill(out.begin(), out.end(), '\0');
  std::copy(kShardMagic.begin(), kShardMagic.end(), out.begin());
  put_be<uint32_t>(out.data() + kVersionAt, kErasureVersion);
  out[kSlotAt] = static_cast<char>(header.slot);
  out[kDataPiecesAt] = static_cast<char>(header.data_pieces);
  out[kParityPiecesAt] = static_cast<char>(header.parity_pieces);
  out[kTierAt] = static_cast<char>(header.tier);
  put_be<uint64_t>(out.data() + kSegmentAt, header.segment.value);
  put_be<uint64_t>(out.data() + kStoreAt, header.store_id);
  put_be<uint64_t>(out.data() + kDriveAt, header.drive_id);
  put_be<uint32_t>(out.data() + kChecksumAt, crc32c(0, BytesView(out.data(), kChecksumAt)));
}

Result<ShardHeader> decode_shard_header(BytesView bytes) {
  if (bytes.size() != kShardHeaderBytes || !bytes.starts_with(kShardMagic)) {
    return fail(Code::kCorruption, "no shard header");
  }
  if (get_be<uint32_t>(bytes.data() + kChecksumAt) != crc32c(0, bytes.substr(0, kChecksumAt))) {
    return fail(Code::kCorruption, "shard header does not match its checksum");
  }
  TP_TRY_VOID(check_version(get_be<uint32_t>(bytes.data() + kVersionAt)));
  ShardHeader header;
  header.slot = static_cast<uint8_t>(bytes[kSlotAt]);
  header.data_pieces = static_cast<uint8_t>(bytes[kDataPiecesAt]);
  header.parity_pieces = static_cast<uint8_t>(bytes[kParityPiecesAt]);
  header.tier = static_cast<uint8_t>(bytes[kTierAt]);
  header.segment = SegmentId(get_be<uint64_t>(bytes.data() + kSegmentAt));
  header.store_id = get_be<uint64_t>(bytes.data() + kStoreAt);
  header.drive_id = get_be<uint64_t>(bytes.data() + kDriveAt);
  const unsigned pieces = header.data_pieces + header.parity_pieces;
  if (header.data_pieces == 0 || pieces > kMaxPieces || header.slot >= pieces) {
    return fail(Code::kCorruption, "shard header is not sound");
  }
  return header;
}

std::string shard_file_name(const ShardName& name) {
  char digits[sizeof(uint64_t)];
  put_be<uint64_t>(digits, name.segment.value);
  std::string text = to_hex(BytesView(digits, sizeof digits)) + ".";
  text.push_back(static_cast<char>('0' + name.slot / 10));
  text.push_back(static_cast<char>('0' + name.slot % 10));
  return text.append(kSuffix);
}

std::optional<ShardName> shard_name_of(std::string_view file_name) {
  if (file_name.size() != kIdDigits + 1 + kSlotDigits + kSuffix.size()) return std::nullopt;
  char digits[sizeof(uint64_t)];
  if (!from_hex(file_name.substr(0, kIdDigits), MutableBytes(digits, sizeof digits))) return std::nullopt;
  const int tens = file_name[kIdDigits + 1] - '0', ones = file_name[kIdDigits + 2] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return std::nullopt;
  const ShardName name{SegmentId(get_be<uint64_t>(digits)), static_cast<uint8_t>(tens * 10 + ones)};
  // One spelling per shard: upper-case digits are somebody else's file.
  if (name.slot >= kMaxPieces || shard_file_name(name) != file_name) return std::nullopt;
  return name;
}

std::string shard_path(const ShardName& name) {
  return std::string(kShardDirectory) + "/" + shard_file_name(name);
}

Bytes encode_drive_table(const DriveTable& table) {
  TP_CHECK(table.drives.size() <= kMaxDrives);
  Bytes out(kTableEntriesAt, '\0');
  std::copy(kTableMagic.begin(), kTableMagic.end(), out.begin());
  put_be<uint32_t>(out.data() + kTableVersionAt, kErasureVersion);
  put_be<uint64_t>(out.data() + kTableGenerationAt, table.generation);
  put_be<uint64_t>(out.data() + kTableStoreAt, table.store_id);
  put_be<uint64_t>(out.data() + kTableOwnAt, table.own_id);
  out[kTableTierAt] = static_cast<char>(table.tier);
  out[kTableCountAt] = static_cast<char>(table.drives.size());
  for (const DriveEntry& drive : table.drives) {
    TP_CHECK(drive.directory.size() <= kMaxDirectoryName);
    append_be<uint64_t>(out, drive.id);
    out.push_back(static_cast<char>(drive.state));
    append_be<uint16_t>(out, static_cast<uint16_t>(drive.directory.size()));
    out += drive.directory;
  }
  put_be<uint32_t>(out.data() + kTableSizeAt, static_cast<uint32_t>(out.size()));
  append_be<uint32_t>(out, crc32c(0, out));
  out.resize(kTableSlotBytes, '\0');
  return out;
}

Result<DriveTable> decode_drive_table(BytesView bytes) {
  if (bytes.size() < kTableEntriesAt + 4 || !bytes.starts_with(kTableMagic)) {
    return fail(Code::kCorruption, "no drive table");
  }
  const auto size = get_be<uint32_t>(bytes.data() + kTableSizeAt);
  if (size < kTableEntriesAt || size > bytes.size() - 4 ||
      get_be<uint32_t>(bytes.data() + size) != crc32c(0, bytes.substr(0, size))) {
    return fail(Code::kCorruption, "drive table does not match its checksum");
  }
  TP_TRY_VOID(check_version(get_be<uint32_t>(bytes.data() + kTableVersionAt)));
  DriveTable table;
  table.generation = get_be<uint64_t>(bytes.data() + kTableGenerationAt);
  table.store_id = get_be<uint64_t>(bytes.data() + kTableStoreAt);
  table.own_id = get_be<uint64_t>(bytes.data() + kTableOwnAt);
  table.tier = static_cast<uint8_t>(bytes[kTableTierAt]);
  const size_t count = static_cast<uint8_t>(bytes[kTableCountAt]);
  BytesView rest = bytes.substr(kTableEntriesAt, size - kTableEntriesAt);
  std::set<uint64_t> ids;
  for (size_t i = 0; i < count; ++i) {
    if (rest.size() < kEntryFixedBytes) return fail(Code::kCorruption, "drive table is cut short");
    DriveEntry drive;
    drive.id = get_be<uint64_t>(rest.data());
    const auto state = static_cast<uint8_t>(rest[8]);
    const auto name_size = get_be<uint16_t>(rest.data() + 9);
    rest.remove_prefix(kEntryFixedBytes);
    if (name_size > rest.size() || name_size > kMaxDirectoryName ||
        state > static_cast<uint8_t>(DriveState::kRemoved) || !ids.insert(drive.id).second) {
      return fail(Code::kCorruption, "drive table is not sound");
    }
    drive.state = static_cast<DriveState>(state);
    drive.directory = rest.substr(0, name_size);
    rest.remove_prefix(name_size);
    table.drives.push_back(std::move(drive));
  }
  if (!rest.empty() || count > kMaxDrives || !ids.contains(table.own_id)) {
    return fail(Code::kCorruption, "drive table is not sound");
  }
  return table;
}

}  // namespace tp::blob
