// PostPolicy: the policy document of a browser upload: until when it holds and what the form may say.
// Invariant: a form passes only if every condition holds and every field is covered by one (but x-amz-signature,
// policy, file, x-ignore-*, and the older AWSAccessKeyId and signature). Spec: S3 API, "POST Policy".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/upload/post_form_parser.h"

namespace tp::wire {

/// Reasons in this class's errors.
enum class PostPolicyError : uint16_t {
  kBadDocument = 0x4001,  // InvalidPolicyDocument
  kExpired,               // AccessDenied: Policy expired
  kConditionFailed,       // AccessDenied: Policy Condition failed
  kUncoveredField,        // AccessDenied: Extra input fields
  kTooSmall,              // EntityTooSmall
  kTooLarge,              // EntityTooLarge
};

class PostPolicy {
 public:
  /// Bounds: 64 KiB of base64, 1,000 conditions.
  static Result<PostPolicy> parse(std::string_view policy_base64);

  /// Nanoseconds since the epoch.
  int64_t expiration_ns() const noexcept { return expiration_ns_; }
  /// Whether the form may be used now: expiration, conditions and coverage. `fields` have ${filename} replaced already;
  /// `bucket` is the one the request is for (it stands for a field "bucket"). The size is check_size's matter.
  Result<void> check(std::span<const FormField> fields, std::string_view bucket, int64_t now_ns) const;
  /// The content-length-range condition; true if there is none.
  Result<void> check_size(uint64_t file_bytes) const;
  /// The largest file the policy allows: what a reader need not read beyond.
  std::optional<uint64_t> max_file_bytes() const noexcept;

 private:
  enum class Match : uint8_t { kExact, kPrefix };
  struct Condition {
    Match match;
    std::string name;  // lower case, without '$'
    std::string value;
  };
  struct SizeRange {
    uint64_t min_bytes;
    uint64_t max_bytes;
  };
  friend struct PostPolicyReader;

  int64_t expiration_ns_ = 0;
  std::vector<Condition> conditions_;
  std::optional<SizeRange> size_range_;
};

}  // namespace tp::wire
