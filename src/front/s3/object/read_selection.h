// ReadSelection: which bytes of an object a GET or HEAD answers with, and with which status: all of it, a range, a
// part, or none because of a condition. What GetObject and HeadObject have in common.
#pragma once

#include <optional>

#include "front/s3/core/s3_request.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/range.h"

namespace tp::s3 {

/// What a read asks for, parsed before the object is looked at.
struct ReadQuestion {
  plane::ReadConditions conditions;
  ResponseOverrides overrides;
  std::optional<uint64_t> part_number;
  bool checksum_mode = false;
};
Result<ReadQuestion> parse_read_question(S3Request& request);

struct ReadSelection {
  int status = 200;                      // 200, 206 or 304
  std::optional<ByteRange> range;        // nothing: the whole object
  const meta::ObjectPart* part = nullptr;
  ByteRange bytes;                       // what the body is
};
/// Errors: PreconditionFailed, InvalidRange (with its details), InvalidPartNumber.
Result<ReadSelection> select_bytes(S3Request& request, const ReadQuestion& question, const meta::InodeRecord& record);

/// Begins the answer and writes every field but Content-Length.
void start_read_answer(S3Request& request, const ReadQuestion& question, const ReadSelection& selection,
                       const meta::InodeRecord& record);

}  // namespace tp::s3
