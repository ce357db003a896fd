#include "wire/http/chunked_decoder.h"

#include <algorithm>
#include <cstring>

#include "wire/http/byte_scan.h"
#include "wire/http/http_error.h"

namespace tp::wire {

namespace {

constexpr size_t kMaxLineBytes = 4 * 1024;
constexpr size_t kMaxTrailerBytes = 16 * 1024;
constexpr uint64_t kMaxChunkBytes = uint64_t{1} << 62;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

const char* ChunkedDecoder::size_line_byte(char c) noexcept {
  if (++line_bytes_ > kMaxLineBytes) return "a chunk header is too long";
  const int digit = hex_digit(c);
  if (state_ == State::kSizeStart || state_ == State::kSize) {
    if (digit >= 0) {
      if (remaining_ >= kMaxChunkBytes >> 4) return "a chunk is too large";
      remaining_ = remaining_ * 16 + static_cast<uint64_t>(digit);
      state_ = State::kSize;
      return nullptr;
    }
    if (state_ == State::kSizeStart) return "no chunk size";
  }
  if (c == '\r') {
    state_ = State::kSizeLf;
  } else if (state_ == State::kExtension) {
    if (!is_value_char(c)) return "a control byte in a chunk extension";
  } else if (c == ';') {
    state_ = State::kExtension;
  } else if (c == ' ' || c == '\t') {
    state_ = State::kSizeSpace;
  } else {
    return "a bad chunk size";
  }
  return nullptr;
}

const char* ChunkedDecoder::trailer_byte(char c) noexcept {
  if (++trailer_bytes_ > kMaxTrailerBytes) return "the trailer section is too large";
  switch (state_) {
    case State::kTrailerStart:
      if (c == '\r') {
        state_ = State::kEndLf;
      } else {
        if (!is_token_char(c)) return "a bad trailer field";
        state_ = State::kTrailerName;
      }
      return nullptr;
    case State::kTrailerName:
      if (c == ':') {
        state_ = State::kTrailerValue;
      } else if (!is_token_char(c)) {
        return "a bad trailer field";
      }
      return nullptr;
    case State::kTrailerValue:
      if (c == '\r') {
        state_ = State::kTrailerLf;
      } else if (!is_value_char(c)) {
        return "a control byte in a trailer field";
      }
      return nullptr;
    default:  // kTrailerLf
      if (c != '\n') return "a CR without LF";
      state_ = State::kTrailerStart;
      return nullptr;
  }
}

const char* ChunkedDecoder::control_byte(char c) noexcept {
  switch (state_) {
    case State::kSizeStart:
    case State::kSize:
    case State::kSizeSpace:
    case State::kExtension: return size_line_byte(c);
    case State::kSizeLf:
      if (c != '\n') return "a CR without LF";
      line_bytes_ = 0;
      state_ = remaining_ == 0 ? State::kTrailerStart : State::kData;
      return nullptr;
    case State::kDataCr:
      if (c != '\r') return "no CRLF after a chunk";
      state_ = State::kDataLf;
      return nullptr;
    case State::kDataLf:
      if (c != '\n') return "no CRLF after a chunk";
      state_ = State::kSizeStart;
      return nullptr;
    case State::kTrailerStart:
    case State::kTrailerName:
    case State::kTrailerValue:
    case State::kTrailerLf: return trailer_byte(c);
    case State::kEndLf:
      if (c != '\n') return "a CR without LF";
      state_ = State::kDone;
      return nullptr;
    case State::kData:
    case State::kDone: break;
  }
  return "a byte after the end";
}

Result<ChunkedDecoder::Step> ChunkedDecoder::next(BytesView in) {
  Step step;
  while (step.consumed_bytes < in.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const auto size = static_cast<size_t>(std::min<uint64_t>(remaining_, in.size() - step.consumed_bytes));
      step.payload = in.substr(step.consumed_bytes, size);
      step.consumed_bytes += size;
      remaining_ -= size;
      if (remaining_ == 0) state_ = State::kDataCr;
      return step;
    }
    if (const char* wrong = control_byte(in[step.consumed_bytes])) return http_fail(HttpReason::kBadChunk, wrong);
    ++step.consumed_bytes;
  }
  step.done = state_ == State::kDone;
  return step;
}

Result<ChunkedDecoder::InPlace> ChunkedDecoder::decode_in_place(MutableBytes in) {
  InPlace result;
  while (result.consumed_bytes < in.size() && state_ != State::kDone) {
    TP_TRY(const Step step, next(BytesView(in.data(), in.size()).substr(result.consumed_bytes)));
    if (!step.payload.empty() && step.payload.data() != in.data() + result.payload_bytes) {
      std::memmove(in.data() + result.payload_bytes, step.payload.data(), step.payload.size());
    }
    result.payload_bytes += step.payload.size();
    result.consumed_bytes += step.consumed_bytes;
  }
  result.done = state_ == State::kDone;
  return result;
}

}  // namespace tp::wire
