// PayloadMode: what the x-amz-content-sha256 header says of the body. Spec: S3 API, "Authenticating Requests".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tp::wire {

enum class PayloadMode : uint8_t {
  kSingleHash,               // 64 hexadecimal digits: the SHA-256 of the whole body
  kUnsigned,                 // UNSIGNED-PAYLOAD
  kStreamingSigned,          // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kStreamingSignedTrailer,   // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  kStreamingUnsignedTrailer  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

/// Nothing for any other text; SigV4A's STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD is such a text.
std::optional<PayloadMode> parse_payload_mode(std::string_view content_sha256) noexcept;

/// Whether the body is in the aws-chunked coding.
constexpr bool is_streaming(PayloadMode mode) noexcept { return mode >= PayloadMode::kStreamingSigned; }
/// Whether each chunk carries a signature.
constexpr bool has_signed_chunks(PayloadMode mode) noexcept {
  return mode == PayloadMode::kStreamingSigned || mode == PayloadMode::kStreamingSignedTrailer;
}
/// Whether trailer fields may follow the last chunk.
constexpr bool has_trailer(PayloadMode mode) noexcept {
  return mode == PayloadMode::kStreamingSignedTrailer || mode == PayloadMode::kStreamingUnsignedTrailer;
}

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace tp::wire
