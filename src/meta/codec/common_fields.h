// Field groups that several records share: grants, pairs of strings, checksums, extents.
#pragma once

#include "meta/codec/field_reader.h"
#include "meta/inode_record.h"

namespace tp::meta {

/// Version byte of every value.
inline constexpr uint8_t kValueVersion = 1;

/// Limits on repeated fields: far above what the protocols allow, low enough to bound memory.
inline constexpr size_t kMaxListLength = 10'000;
inline constexpr size_t kMaxExtents = 1'000'000;
inline constexpr uint64_t kMaxPartNumber = 10'000;

using StringPairs = std::vector<std::pair<std::string, std::string>>;

void write_grants(FieldWriter& out, uint32_t number, const AccessList& grants);
void read_grant(FieldReader& in, AccessList* grants);

void write_pairs(FieldWriter& out, uint32_t number, const StringPairs& pairs);
void read_pair(FieldReader& in, StringPairs* pairs);

void write_checksum(FieldWriter& out, uint32_t number, const Checksum& checksum);
void read_checksum(FieldReader& in, Checksum* checksum);

/// A tag that is 32 lower-case hex digits takes 16 bytes under `raw_number`, any other goes under `text_number` as is.
void write_etag(FieldWriter& out, uint32_t raw_number, uint32_t text_number, const std::string& etag);
void read_raw_etag(FieldReader& in, std::string* etag);

void write_extents(FieldWriter& out, uint32_t number, const std::vector<Extent>& extents);
void read_extents(FieldReader& in, std::vector<Extent>* extents);

ChecksumAlgorithm read_algorithm(FieldReader& in);

inline std::string read_string(FieldReader& in) { return std::string(in.bytes()); }
inline rt::Nanos read_time(FieldReader& in) { return static_cast<rt::Nanos>(in.fixed64()); }

}  // namespace tp::meta
