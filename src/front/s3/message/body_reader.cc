#include "front/s3/message/body_reader.h"

#include <algorithm>
#include <array>

#include "base/hash/hasher.h"

namespace tp::s3 {

namespace {

constexpr size_t kTailBytes = 4 << 10;
constexpr size_t kDocumentPieceBytes = 64 << 10;
constexpr uint64_t kMaxLength = uint64_t{1} << 62;

struct ChecksumHeader {
  HeaderId id;
  ChecksumAlgorithm algorithm;
};
constexpr std::array kChecksumHeaders = {
    ChecksumHeader{HeaderId::kChecksumCrc32, ChecksumAlgorithm::kCrc32},
    ChecksumHeader{HeaderId::kChecksumCrc32c, ChecksumAlgorithm::kCrc32c},
    ChecksumHeader{HeaderId::kChecksumCrc64Nvme, ChecksumAlgorithm::kCrc64Nvme},
    ChecksumHeader{HeaderId::kChecksumSha1, ChecksumAlgorithm::kSha1},
    ChecksumHeader{HeaderId::kChecksumSha256, ChecksumAlgorithm::kSha256},
    ChecksumHeader{HeaderId::kChecksumMd5, ChecksumAlgorithm::kMd5},
    ChecksumHeader{HeaderId::kChecksumSha512, ChecksumAlgorithm::kSha512},
    ChecksumHeader{HeaderId::kChecksumXxh64, ChecksumAlgorithm::kXxh64},
    ChecksumHeader{HeaderId::kChecksumXxh3, ChecksumAlgorithm::kXxh3},
    ChecksumHeader{HeaderId::kChecksumXxh128, ChecksumAlgorithm::kXxh128},
};
static_assert(kChecksumHeaders.size() + 1 == kChecksumAlgorithmCount);

}  // namespace

std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name) noexcept {
  for (const ChecksumHeader& known : kChecksumHeaders) {
    if (wire::equal_ignoring_case(header_name(known.id), name)) return known.algorithm;
  }
  return std::nullopt;
}

std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept {
  for (const ChecksumHeader& known : kChecksumHeaders) {
    if (known.algorithm == algorithm) return header_name(known.id);
  }
  return {};
}

Result<BodyReader> BodyReader::create(S3Request& request, Kind kind) {
  BodyReader reader(request, kind);
  std::string_view payload_hash = request.claim.payload_hash;
  if (request.claim.form != wire::SigV4Form::kAnonymous) {
    reader.mode_ = request.claim.payload_mode;
  } else if (request.has(HeaderId::kContentSha256)) {
    payload_hash = request.header(HeaderId::kContentSha256);
    const auto mode = wire::parse_payload_mode(payload_hash);
    if (!mode) return s3_fail(S3Code::kInvalidArgument, "x-amz-content-sha256 is not valid");
    if (wire::has_signed_chunks(*mode)) return s3_fail(S3Code::kAccessDenied, "Signed chunks need a signed request");
    reader.mode_ = *mode;
  }
  if (reader.mode_ == wire::PayloadMode::kSingleHash) {
    Bytes sha256(32, '\0');
    if (!from_hex(payload_hash, MutableBytes(sha256.data(), sha256.size()))) {
      return s3_fail(S3Code::kInvalidArgument, "x-amz-content-sha256 is not valid");
    }
    reader.expected_.sha256 = std::move(sha256);
  }
  TP_TRY_VOID(reader.parse_framing());
  TP_TRY_VOID(reader.parse_digests());
  return reader;
}

Result<void> BodyReader::parse_framing() {
  if (wire::is_streaming(mode_)) {
    TP_TRY(size_bytes_, request_->number_header(HeaderId::kDecodedContentLength, kMaxLength));
    if (!size_bytes_) {
      return s3_fail(S3Code::kMissingContentLength, "You must provide the x-amz-decoded-content-length HTTP header.");
    }
    decoder_.emplace(mode_, *size_bytes_, request_->header(HeaderId::kTrailer),
                     request_->signature ? &*request_->signature : nullptr);
  } else if (request_->head.content_length) {
    size_bytes_ = request_->head.content_length;
  } else if (!request_->head.chunked) {
    if (kind_ == Kind::kData) return s3_fail(S3Code::kMissingContentLength);
    size_bytes_ = 0;
  }
  if (kind_ == Kind::kData && size_bytes_ && *size_bytes_ > plane::kMaxPutBytes) {
    request_->add_error_detail("ProposedSize", std::to_string(*size_bytes_));
    request_->add_error_detail("MaxSizeAllowed", std::to_string(plane::kMaxPutBytes));
    return s3_fail(S3Code::kEntityTooLarge);
  }
  return ok;
}

Result<void> BodyReader::parse_digests() {
  if (request_->has(HeaderId::kContentMd5)) {
    Bytes md5;
    if (!from_base64(request_->header(HeaderId::kContentMd5), &md5) ||
        md5.size() != digest_size(ChecksumAlgorithm::kMd5)) {
      return s3_fail(S3Code::kInvalidDigest);
    }
    expected_.md5 = std::move(md5);
  }
  TP_TRY_VOID(parse_checksum_header());
  TP_TRY_VOID(parse_trailer_header());
  if (!request_->has(HeaderId::kSdkChecksumAlgorithm)) return ok;
  const auto named = checksum_from_name(request_->header(HeaderId::kSdkChecksumAlgorithm));
  if (!named || (algorithm_ != ChecksumAlgorithm::kNone && *named != algorithm_)) {
    return s3_fail(S3Code::kInvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  if (algorithm_ == ChecksumAlgorithm::kNone && !(named == ChecksumAlgorithm::kMd5 && expected_.md5)) {
    return s3_fail(S3Code::kInvalidRequest,
                   "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                   "headers were found.");
  }
  return ok;
}

Result<void> BodyReader::parse_checksum_header() {
  // There the field speaks of the object that the parts make, and not of the body, which names them.
  if (request_->operation == Operation::kCompleteMultipartUpload) return ok;
  for (const ChecksumHeader& known : kChecksumHeaders) {
    if (!request_->has(known.id)) continue;
    if (algorithm_ != ChecksumAlgorithm::kNone) {
      return s3_fail(S3Code::kInvalidRequest,
                     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    algorithm_ = known.algorithm;
    TP_TRY_VOID(set_checksum(header_name(known.id), request_->header(known.id)));
  }
  return ok;
}

Result<void> BodyReader::parse_trailer_header() {
  std::string_view names = request_->header(HeaderId::kTrailer);
  if (names.empty()) return ok;
  if (!wire::has_trailer(mode_)) {
    return s3_fail(S3Code::kInvalidRequest, "x-amz-trailer needs a streaming payload that ends in a trailer.");
  }
  while (!names.empty()) {
    std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto algorithm = checksum_of_header(name);
    if (!algorithm) {
      return s3_fail(S3Code::kInvalidRequest, "The value specified in the x-amz-trailer header is not supported");
    }
    if (algorithm_ != ChecksumAlgorithm::kNone) {
      return s3_fail(S3Code::kInvalidRequest,
                     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    algorithm_ = *algorithm;
    checksum_in_trailer_ = true;
  }
  return ok;
}

Result<void> BodyReader::set_checksum(std::string_view name, std::string_view base64) {
  Bytes value;
  if (!from_base64(base64, &value) || value.size() != digest_size(algorithm_)) {
    return s3_fail(S3Code::kInvalidRequest, "Value for " + std::string(name) + " header is invalid.");
  }
  expected_.checksum = std::move(value);
  return ok;
}

Result<void> BodyReader::require_integrity_check() const {
  if (has_integrity_check()) return ok;
  return s3_fail(S3Code::kInvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
}

void BodyReader::fill(plane::WriteOptions& options) const {
  options.size_bytes = size_bytes_;
  if (algorithm_ != ChecksumAlgorithm::kNone) options.checksum_algorithm = algorithm_;
  options.compute_sha256 = has_sha256();
}

Task<size_t> BodyReader::read_some(MutableBytes space) {
  TP_CO_TRY(size_t got, co_await request_->http.read_body(space));
  if (decoder_ && got > 0) {
    TP_CO_TRY(const auto step, decoder_->decode_in_place(space.subspan(0, got)));
    if (step.consumed_bytes < got) {
      co_return s3_fail(S3Code::kInvalidRequest, "The body goes on after its last chunk.");
    }
    got = step.payload_bytes;
  }
  received_bytes_ += got;
  co_return got;
}

Task<void> BodyReader::read_into(plane::ObjectWriter& writer) {
  net::HttpExchange& http = request_->http;
  while (!http.body_finished() && !payload_complete()) {
    TP_CO_TRY(const MutableBytes space, co_await writer.space());
    size_t filled = 0;
    while (filled < space.size() && !http.body_finished() && !payload_complete()) {
      const MutableBytes rest = space.subspan(filled);
      TP_CO_TRY(const size_t got, co_await read_some(rest));
      filled += got;
    }
    if (filled > 0) TP_CO_TRY_VOID(co_await writer.filled(filled));
  }
  co_return co_await read_tail();
}

// What follows the payload: an aws-chunked body's last chunk and trailer. It goes to a buffer of its own, because the
// writer may have no room beyond the object's size.
Task<void> BodyReader::read_tail() {
  net::HttpExchange& http = request_->http;
  if (!http.body_finished()) {
    std::array<char, kTailBytes> tail;
    while (!http.body_finished()) {
      const MutableBytes space(tail);
      TP_CO_TRY(const size_t got, co_await read_some(space));
      if (got > 0) co_return s3_fail(S3Code::kIncompleteBody);
    }
  }
  if (decoder_) {
    TP_CO_TRY_VOID(decoder_->finish());
    TP_CO_TRY_VOID(take_trailer());
  }
  if (size_bytes_ && received_bytes_ != *size_bytes_) co_return s3_fail(S3Code::kIncompleteBody);
  co_return ok;
}

Result<void> BodyReader::take_trailer() {
  if (!checksum_in_trailer_) return ok;
  for (const auto& field : decoder_->trailer()) {
    if (field.name == checksum_header(algorithm_)) return set_checksum(field.name, field.value);
  }
  return s3_fail(S3Code::kMalformedTrailerError);
}

Task<Bytes> BodyReader::read_document(size_t limit_bytes) {
  if (size_bytes_ && *size_bytes_ > limit_bytes) co_return s3_fail(S3Code::kMaxMessageLengthExceeded);
  net::HttpExchange& http = request_->http;
  Bytes body;
  if (!http.body_finished()) {
    std::vector<char> piece(std::min<uint64_t>(kDocumentPieceBytes, size_bytes_.value_or(kDocumentPieceBytes) + 1024));
    const MutableBytes space(piece);
    while (!http.body_finished() && !payload_complete()) {
      TP_CO_TRY(const size_t got, co_await read_some(space));
      if (body.size() + got > limit_bytes) co_return s3_fail(S3Code::kMaxMessageLengthExceeded);
      body.append(piece.data(), got);
    }
  }
  TP_CO_TRY_VOID(co_await read_tail());
  TP_CO_TRY_VOID(check_document(body));
  co_return body;
}

Result<void> BodyReader::check_document(BytesView body) const {
  if (expected_.md5 && *expected_.md5 != digest(ChecksumAlgorithm::kMd5, body)) {
    return s3_fail(S3Code::kBadDigest, "The Content-MD5 you specified did not match what we received.");
  }
  if (expected_.sha256 && *expected_.sha256 != digest(ChecksumAlgorithm::kSha256, body)) {
    return s3_fail(S3Code::kXAmzContentSha256Mismatch);
  }
  if (expected_.checksum && *expected_.checksum != digest(algorithm_, body)) {
    return s3_fail(S3Code::kBadDigest, "The " + std::string(checksum_name(algorithm_)) +
                                           " you specified did not match the calculated checksum.");
  }
  return ok;
}

}  // namespace tp::s3
