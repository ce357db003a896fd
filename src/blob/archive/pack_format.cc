#include "blob/archive/pack_format.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash/crc.h"

namespace tp::blob {

namespace {

constexpr BytesView kMagic = "TPARCHIV";
constexpr size_t kIdDigits = 16;

std::string hex_number(uint64_t number) {
  char bytes[sizeof number];
  put_be(bytes, number);
  return to_hex(BytesView(bytes, sizeof bytes));
}

}  // namespace

void append_pack_header(const PackHeader& header, Bytes& out) {
  const size_t begin = out.size();
  out.append(kMagic);
  append_be<uint32_t>(out, kPackVersion);
  append_be<uint32_t>(out, header.fingerprint);
  out.append(header.salt.data(), header.salt.size());
  append_be<uint32_t>(out, 0);
  append_be<uint64_t>(out, header.pack.segment.value);
  append_be<uint64_t>(out, header.pack.store_id);
  out.append(12, '\0');
  append_be<uint32_t>(out, crc32c(0, BytesView(out).substr(begin)));
  TP_CHECK(out.size() - begin == kPackHeaderBytes);
}

Result<PackHeader> decode_pack_header(BytesView bytes) {
  if (bytes.size() < kPackHeaderBytes || !bytes.starts_with(kMagic)) {
    return fail(Code::kCorruption, "not the header of a pack");
  }
  bytes = bytes.substr(0, kPackHeaderBytes);
  const uint32_t version = get_be<uint32_t>(bytes.data() + 8);
  // Before the checksum: a newer version may have put it elsewhere.
  if (version > kPackVersion) {
    return fail(Code::kNotImplemented,
                "a pack of version " + std::to_string(version) + ", made by a newer Token Plane");
  }
  const uint32_t sum = get_be<uint32_t>(bytes.data() + kPackHeaderBytes - 4);
  if (version == 0 || crc32c(0, bytes.substr(0, kPackHeaderBytes - 4)) != sum) {
    return fail(Code::kCorruption, "the header of a pack is damaged");
  }
  PackHeader header;
  header.fingerprint = get_be<uint32_t>(bytes.data() + 12);
  std::copy_n(bytes.data() + 16, header.salt.size(), header.salt.data());
  header.pack.segment = SegmentId(get_be<uint64_t>(bytes.data() + 32));
  header.pack.store_id = get_be<uint64_t>(bytes.data() + 40);
  return header;
}

std::string pack_name_prefix(std::string_view prefix, uint64_t store_id, uint8_t tier) {
  std::string name(prefix);
  if (!name.empty()) name += '/';
  return name + hex_number(store_id) + "/" + std::to_string(tier) + "/pack-";
}

std::string pack_name(std::string_view name_prefix, SegmentId segment) {
  return std::string(name_prefix) + hex_number(segment.value);
}

std::optional<SegmentId> segment_of_pack(std::string_view name_prefix, std::string_view name) {
  if (!name.starts_with(name_prefix) || name.size() != name_prefix.size() + kIdDigits) return std::nullopt;
  const std::string_view digits = name.substr(name_prefix.size());
  char bytes[sizeof(uint64_t)];
  if (!from_hex(digits, bytes)) return std::nullopt;
  const SegmentId segment(get_be<uint64_t>(bytes));
  if (!segment || pack_name(name_prefix, segment) != name) return std::nullopt;  // capitals name another object
  return segment;
}

}  // namespace tp::blob
