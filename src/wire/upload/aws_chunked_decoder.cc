#include "wire/upload/aws_chunked_decoder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "wire/aws/canonical_request.h"
#include "wire/http/byte_scan.h"

namespace tp::wire {

namespace {

constexpr size_t kMaxHeaderBytes = 4 * 1024;
constexpr size_t kMaxTrailerBytes = 16 * 1024;
constexpr uint64_t kMaxSignedChunkBytes = uint64_t{1} << 30;
constexpr size_t kMaxTailBytes = 4;
constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::unexpected<Error> chunk_fail(AwsChunkedError reason, const char* message) {
  return fail(Code::kMalformed, reason, message);
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// At most 15 digits: no overflow.
std::optional<uint64_t> parse_size(std::string_view text) noexcept {
  if (text.empty() || text.size() > 15) return std::nullopt;
  uint64_t size = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    size = size * 16 + static_cast<uint64_t>(digit);
  }
  return size;
}

/// The value of the chunk-signature extension; empty if there is none.
std::string_view find_chunk_signature(std::string_view extensions) noexcept {
  while (!extensions.empty()) {
    const std::string_view extension = extensions.substr(0, extensions.find(';'));
    if (trim(extension).starts_with(kChunkSignature)) return trim(extension).substr(kChunkSignature.size());
    extensions.remove_prefix(std::min(extensions.size(), extension.size() + 1));
  }
  return {};
}

}  // namespace

AwsChunkedDecoder::AwsChunkedDecoder(PayloadMode mode, uint64_t decoded_bytes, std::string_view declared_trailer,
                                     const VerifiedSignature* seed)
    : mode_(mode), decoded_bytes_(decoded_bytes) {
  TP_CHECK(is_streaming(mode));
  TP_CHECK(!has_signed_chunks(mode) || seed != nullptr);
  if (has_signed_chunks(mode)) signer_.emplace(*seed);
  while (!declared_trailer.empty()) {
    const std::string_view name = declared_trailer.substr(0, declared_trailer.find(','));
    declared_trailer.remove_prefix(std::min(declared_trailer.size(), name.size() + 1));
    if (!trim(name).empty()) declared_.push_back(lower(trim(name)));
  }
}

Result<size_t> AwsChunkedDecoder::take_line(BytesView in, size_t limit, bool* complete) {
  const void* found = std::memchr(in.data(), '\n', in.size());
  *complete = found != nullptr;
  const size_t size = found == nullptr ? in.size() : static_cast<size_t>(static_cast<const char*>(found) - in.data());
  if (line_.size() + size > limit) return chunk_fail(AwsChunkedError::kBadChunk, "a line of the chunks is too long");
  line_.append(in.data(), size);
  return *complete ? size + 1 : size;
}

Result<void> AwsChunkedDecoder::header_line() {
  if (line_.empty() || line_.back() != '\r') {
    return chunk_fail(AwsChunkedError::kBadChunk, "a chunk header does not end in CRLF");
  }
  const std::string_view line = std::string_view(line_).substr(0, line_.size() - 1);
  const std::string_view digits = line.substr(0, line.find(';'));
  const std::optional<uint64_t> size = parse_size(digits);
  if (!size) return chunk_fail(AwsChunkedError::kBadChunk, "a bad chunk size");
  if (signer_ && *size > kMaxSignedChunkBytes) return chunk_fail(AwsChunkedError::kBadChunk, "a chunk is too large");
  if (*size > decoded_bytes_ - seen_bytes_) {
    return chunk_fail(AwsChunkedError::kWrongLength, "more bytes than x-amz-decoded-content-length says");
  }
  if (signer_) signature_ = find_chunk_signature(line.substr(digits.size()));
  seen_bytes_ += *size;
  remaining_ = *size;
  line_.clear();
  if (*size > 0) {
    state_ = State::kData;
    return ok;
  }
  if (seen_bytes_ != decoded_bytes_) {
    return chunk_fail(AwsChunkedError::kWrongLength, "fewer bytes than x-amz-decoded-content-length says");
  }
  TP_TRY_VOID(check_chunk_signature());
  state_ = has_trailer(mode_) ? State::kTrailer : State::kEndCr;
  return ok;
}

Result<void> AwsChunkedDecoder::check_chunk_signature() {
  if (!signer_) return ok;
  if (equal_constant_time(signer_->sign_chunk(hash_.finish()), signature_)) return ok;
  return sigv4_fail(SigV4Error::kChunkSignatureMismatch, "the signature of a chunk does not match");
}

Result<void> AwsChunkedDecoder::trailer_line() {
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (line_.empty()) {
    // Some clients end the fields in "\n\r\n" and send the trailer's signature after that.
    if (mode_ == PayloadMode::kStreamingSignedTrailer && trailer_signature_.empty()) return ok;
    TP_TRY_VOID(end_of_trailer());
    state_ = State::kDone;
    return ok;
  }
  const size_t colon = line_.find(':');
  const char* end = line_.data() + line_.size();
  if (colon == std::string::npos || colon == 0 || skip_token(line_.data(), end) != line_.data() + colon ||
      skip_value(line_.data() + colon, end) != end) {
    return chunk_fail(AwsChunkedError::kBadTrailer, "a bad trailer field");
  }
  Field field{lower(std::string_view(line_).substr(0, colon)),
              std::string(trim(std::string_view(line_).substr(colon + 1)))};
  line_.clear();
  if (field.name == kTrailerSignature) {
    if (!trailer_signature_.empty() || !signer_) {
      return chunk_fail(AwsChunkedError::kBadTrailer, "an unexpected trailer signature");
    }
    trailer_signature_ = std::move(field.value);
    return ok;
  }
  if (!trailer_signature_.empty()) {
    return chunk_fail(AwsChunkedError::kBadTrailer, "a trailer field after the trailer's signature");
  }
  trailer_text_ += field.name + ":" + field.value + "\n";
  trailer_.push_back(std::move(field));
  return ok;
}

Result<void> AwsChunkedDecoder::end_of_trailer() {
  if (mode_ == PayloadMode::kStreamingSignedTrailer &&
      !equal_constant_time(signer_->sign_trailer(sha256(trailer_text_)), trailer_signature_)) {
    return sigv4_fail(SigV4Error::kChunkSignatureMismatch, "the signature of the trailer does not match");
  }
  // The declaration and the fields must name the same things, each once.
  std::vector<std::string> names;
  for (const Field& field : trailer_) names.push_back(field.name);
  std::sort(names.begin(), names.end());
  std::sort(declared_.begin(), declared_.end());
  if (names != declared_) {
    return chunk_fail(AwsChunkedError::kBadTrailer, "the trailer fields are not those that x-amz-trailer declares");
  }
  return ok;
}

Result<void> AwsChunkedDecoder::byte_between_lines(char c) {
  switch (state_) {
    case State::kDataCr:
    case State::kEndCr:
      if (c != '\r') return chunk_fail(AwsChunkedError::kBadChunk, "no CRLF after a chunk");
      state_ = state_ == State::kDataCr ? State::kDataLf : State::kEndLf;
      return ok;
    case State::kDataLf:
    case State::kEndLf:
      if (c != '\n') return chunk_fail(AwsChunkedError::kBadChunk, "no CRLF after a chunk");
      state_ = state_ == State::kDataLf ? State::kHeader : State::kDone;
      return ok;
    default:
      if ((c != '\r' && c != '\n') || ++tail_bytes_ > kMaxTailBytes) {
        return chunk_fail(AwsChunkedError::kBadChunk, "bytes after the last chunk");
      }
      return ok;
  }
}

Result<size_t> AwsChunkedDecoder::take_control(BytesView in) {
  if (state_ != State::kHeader && state_ != State::kTrailer) {
    TP_TRY_VOID(byte_between_lines(in.front()));
    return 1;
  }
  bool complete = false;
  const bool header = state_ == State::kHeader;
  TP_TRY(const size_t taken, take_line(in, header ? kMaxHeaderBytes : kMaxTrailerBytes, &complete));
  if (header) {
    if (complete) TP_TRY_VOID(header_line());
    return taken;
  }
  trailer_bytes_ += taken;
  if (trailer_bytes_ > kMaxTrailerBytes) return chunk_fail(AwsChunkedError::kBadTrailer, "the trailer is too large");
  if (complete) TP_TRY_VOID(trailer_line());
  return taken;
}

Result<AwsChunkedDecoder::Step> AwsChunkedDecoder::next(BytesView in) {
  Step step;
  while (step.consumed_bytes < in.size()) {
    const BytesView rest = in.substr(step.consumed_bytes);
    if (state_ != State::kData) {
      TP_TRY(const size_t taken, take_control(rest));
      step.consumed_bytes += taken;
      continue;
    }
    step.payload = rest.substr(0, static_cast<size_t>(std::min<uint64_t>(remaining_, rest.size())));
    step.consumed_bytes += step.payload.size();
    remaining_ -= step.payload.size();
    if (signer_) hash_.update(step.payload);
    if (remaining_ == 0) {
      TP_TRY_VOID(check_chunk_signature());
      state_ = State::kDataCr;
    }
    return step;
  }
  step.done = done();
  return step;
}

Result<AwsChunkedDecoder::InPlace> AwsChunkedDecoder::decode_in_place(MutableBytes in) {
  InPlace result;
  while (result.consumed_bytes < in.size()) {
    TP_TRY(const Step step, next(BytesView(in.data(), in.size()).substr(result.consumed_bytes)));
    if (!step.payload.empty() && step.payload.data() != in.data() + result.payload_bytes) {
      std::memmove(in.data() + result.payload_bytes, step.payload.data(), step.payload.size());
    }
    result.payload_bytes += step.payload.size();
    result.consumed_bytes += step.consumed_bytes;
  }
  result.done = done();
  return result;
}

Result<void> AwsChunkedDecoder::finish() {
  if (state_ == State::kTrailer && line_.empty()) {
    TP_TRY_VOID(end_of_trailer());
    state_ = State::kDone;
  }
  if (state_ == State::kDone || state_ == State::kEndCr || state_ == State::kEndLf) {
    state_ = State::kDone;
    return ok;
  }
  return chunk_fail(AwsChunkedError::kTruncated, "the body ends inside a chunk");
}

}  // namespace tp::wire
