// BodyReader: takes a request's body through its codings (Content-Length or chunked, then aws-chunked) in place, into
// an object writer's own memory or, bounded, into a document; and collects what the client claims of its digests, from
// headers and trailers. One per request. Spec: S3 API, "Checking object integrity" and the aws-chunked pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/hash/checksum.h"
#include "front/s3/core/s3_request.h"
#include "plane/object_writer.h"
#include "wire/upload/aws_chunked_decoder.h"

namespace tp::s3 {

class BodyReader {
 public:
  enum class Kind : uint8_t {
    kData,      // an object or a part: its length must be known or the body chunked, at most 5 GiB
    kDocument,  // XML and the like: no body at all is an empty document
  };
  /// Checks what the headers say of the body. Errors: MissingContentLength, EntityTooLarge, InvalidDigest,
  /// InvalidRequest, InvalidArgument. The request outlives the reader.
  static Result<BodyReader> create(S3Request& request, Kind kind);

  /// The object's size if the client said it.
  std::optional<uint64_t> size_bytes() const { return size_bytes_; }
  /// Of the x-amz-checksum-* that was or will be given (a trailer); kNone if there is none.
  ChecksumAlgorithm checksum_algorithm() const { return algorithm_; }
  /// Whether expected().sha256 will be set: the writer must hash along.
  bool has_sha256() const { return expected_.sha256.has_value(); }
  /// Whether Content-MD5 or any x-amz-checksum-* came: what some operations demand.
  bool has_integrity_check() const { return expected_.md5.has_value() || algorithm_ != ChecksumAlgorithm::kNone; }

  /// InvalidRequest without one.
  Result<void> require_integrity_check() const;

  /// Size, algorithm and sha256 in the form that the plane's writers want.
  void fill(plane::WriteOptions& options) const;
  /// Reads the body to its end into `writer`. Errors: IncompleteBody, SignatureDoesNotMatch (chunks), the writer's.
  Task<void> read_into(plane::ObjectWriter& writer);
  /// What commit() is to check; complete once the body was read.
  plane::ExpectedDigests expected() const { return expected_; }

  /// Reads the whole body and checks all digests itself. MaxMessageLengthExceeded beyond `limit_bytes`.
  Task<Bytes> read_document(size_t limit_bytes);

 private:
  BodyReader(S3Request& request, Kind kind) : request_(&request), kind_(kind) {}
  Result<void> parse_framing();
  Result<void> parse_digests();
  Result<void> parse_checksum_header();
  Result<void> parse_trailer_header();
  Result<void> set_checksum(std::string_view name, std::string_view base64);
  Task<size_t> read_some(MutableBytes space);
  Task<void> read_tail();
  Result<void> take_trailer();
  Result<void> check_document(BytesView body) const;
  bool payload_complete() const { return size_bytes_ && received_bytes_ == *size_bytes_; }

  S3Request* request_;
  Kind kind_;
  wire::PayloadMode mode_ = wire::PayloadMode::kUnsigned;
  std::optional<wire::AwsChunkedDecoder> decoder_;
  std::optional<uint64_t> size_bytes_;
  uint64_t received_bytes_ = 0;
  ChecksumAlgorithm algorithm_ = ChecksumAlgorithm::kNone;
  bool checksum_in_trailer_ = false;
  plane::ExpectedDigests expected_;
};

/// The algorithm of a field such as "x-amz-checksum-crc32c"; nothing for any other name, x-amz-checksum-type included.
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name) noexcept;
/// "x-amz-checksum-crc32c"; empty for kNone.
std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept;

}  // namespace tp::s3
