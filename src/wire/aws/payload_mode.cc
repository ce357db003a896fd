#include "wire/aws/payload_mode.h"

#include <algorithm>

namespace tp::wire {

std::optional<PayloadMode> parse_payload_mode(std::string_view content_sha256) noexcept {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  if (content_sha256.size() == 64 && std::all_of(content_sha256.begin(), content_sha256.end(), is_hex)) {
    return PayloadMode::kSingleHash;
  }
  if (content_sha256 == kUnsignedPayload) return PayloadMode::kUnsigned;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadMode::kStreamingSigned;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") return PayloadMode::kStreamingSignedTrailer;
  if (content_sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadMode::kStreamingUnsignedTrailer;
  return std::nullopt;
}

}  // namespace tp::wire
