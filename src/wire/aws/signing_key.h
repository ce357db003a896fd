// CredentialScope and SigningKeyCache: from a secret and a scope to the key that signs, derived once a day and not per
// request. The cache is a bounded, direct-mapped table owned by one core (not thread-safe); a changed secret is another
// entry. Spec: AWS, "Create a signed AWS API request", step 3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash/hmac_sha256.h"

namespace tp::wire {

/// access-key/20261123/us-east-1/s3/aws4_request. Owns its text; the access key may hold '/'.
class CredentialScope {
 public:
  CredentialScope() = default;
  /// Nothing unless the text has that form, a date of eight digits, and ends in aws4_request.
  static std::optional<CredentialScope> parse(std::string_view credential);

  std::string_view access_key() const noexcept { return std::string_view(text_).substr(0, date_); }
  std::string_view date() const noexcept { return part(date_, region_); }
  std::string_view region() const noexcept { return part(region_, service_); }
  std::string_view service() const noexcept { return part(service_, end_); }
  /// What the string to sign has: from the date on.
  std::string_view scope() const noexcept { return std::string_view(text_).substr(date_ == 0 ? 0 : date_ + 1); }

 private:
  std::string_view part(size_t slash, size_t next_slash) const noexcept {
    return next_slash <= slash ? std::string_view() : std::string_view(text_).substr(slash + 1, next_slash - slash - 1);
  }

  std::string text_;
  size_t date_ = 0;  // the slashes before each part
  size_t region_ = 0;
  size_t service_ = 0;
  size_t end_ = 0;
};

/// Four HMACs: about 2 microseconds.
HmacSha256Key derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                                 std::string_view service);

class SigningKeyCache {
 public:
  explicit SigningKeyCache(size_t slots = 256);
  ~SigningKeyCache();
  SigningKeyCache(const SigningKeyCache&) = delete;
  SigningKeyCache& operator=(const SigningKeyCache&) = delete;

  /// Valid until the next call.
  const HmacSha256Key& get(std::string_view secret, std::string_view date, std::string_view region,
                           std::string_view service);

 private:
  struct Slot {
    std::string id;
    HmacSha256Key key{BytesView()};
  };
  std::vector<Slot> slots_;
  std::string id_;  // scratch, so that a hit allocates nothing
};

}  // namespace tp::wire
