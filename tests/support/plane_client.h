// What a client does with a plane in one line each, as the operator: put and get whole objects and parts.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>

#include "plane/plane.h"
#include "rt/env/rng.h"

namespace tp::test {

inline plane::Caller operator_caller() {
  plane::Caller caller;
  caller.user_id = plane::kRootUserId;
  caller.name = "root";
  caller.root = true;
  return caller;
}

/// The same bytes for the same seed.
inline Bytes make_data(uint64_t seed, size_t size) {
  rt::Rng rng(seed);
  Bytes data(size, '\0');
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    const uint64_t word = rng.next();
    std::memcpy(data.data() + i, &word, std::min(sizeof word, size - i));
  }
  return data;
}

inline Task<plane::PutResult> write_all(plane::ObjectWriter* writer, BytesView data, plane::ExpectedDigests expected) {
  while (!data.empty()) {
    TP_CO_TRY(const MutableBytes space, co_await writer->space());
    const size_t size = std::min(space.size(), data.size());
    std::memcpy(space.data(), data.data(), size);
    TP_CO_TRY_VOID(co_await writer->filled(size));
    data.remove_prefix(size);
  }
  co_return co_await writer->commit(std::move(expected));
}

inline Task<plane::PutResult> put_object(plane::Plane* plane, plane::ObjectRef object, Bytes data,
                                         plane::WriteOptions options = {}, plane::ExpectedDigests expected = {}) {
  TP_CO_TRY(const auto writer, co_await plane->open_writer(operator_caller(), std::move(object), std::move(options)));
  co_return co_await write_all(writer.get(), data, std::move(expected));
}

inline Task<plane::PutResult> put_part(plane::Plane* plane, plane::ObjectRef object, UploadId upload, uint16_t number,
                                       Bytes data, plane::WriteOptions options = {},
                                       plane::ExpectedDigests expected = {}) {
  TP_CO_TRY(const auto writer, co_await plane->open_part_writer(operator_caller(), std::move(object), upload, number,
                                                                std::move(options)));
  co_return co_await write_all(writer.get(), data, std::move(expected));
}

/// WriteOptions that leave a part's checksum to the upload.
inline plane::WriteOptions part_options() {
  plane::WriteOptions options;
  options.checksum_algorithm = ChecksumAlgorithm::kNone;
  return options;
}

struct ByteRange {
  uint64_t offset = 0, size_bytes = 0;
};

inline Task<Bytes> get_object(plane::Plane* plane, plane::ObjectRef object, std::optional<ByteRange> range = {}) {
  TP_CO_TRY(const auto reader, co_await plane->open_reader(operator_caller(), std::move(object)));
  if (range) reader->set_range(range->offset, range->size_bytes);
  Bytes data;
  while (true) {
    TP_CO_TRY(const io::SendRegion region, co_await reader->next());
    if (region.bytes.empty()) break;
    data += region.bytes;
  }
  co_return data;
}

}  // namespace tp::test
