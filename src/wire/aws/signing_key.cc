#include "wire/aws/signing_key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <functional>

#include "wire/aws/sigv4_error.h"

namespace tp::wire {

std::unexpected<Error> sigv4_fail(SigV4Error reason, std::string message) {
  return fail(Code::kUnauthenticated, reason, std::move(message));
}

std::optional<CredentialScope> CredentialScope::parse(std::string_view credential) {
  // From the right: an access key may hold slashes, the scope's parts do not.
  constexpr size_t kNone = std::string_view::npos;
  constexpr size_t kMaxCredentialBytes = 1024;
  if (credential.size() > kMaxCredentialBytes) return std::nullopt;
  CredentialScope scope;
  scope.end_ = credential.rfind('/');
  if (scope.end_ == kNone || scope.end_ == 0 || credential.substr(scope.end_ + 1) != "aws4_request") {
    return std::nullopt;
  }
  scope.service_ = credential.rfind('/', scope.end_ - 1);
  if (scope.service_ == kNone || scope.service_ == 0) return std::nullopt;
  scope.region_ = credential.rfind('/', scope.service_ - 1);
  if (scope.region_ == kNone || scope.region_ == 0) return std::nullopt;
  scope.date_ = credential.rfind('/', scope.region_ - 1);
  if (scope.date_ == kNone || scope.date_ == 0) return std::nullopt;
  scope.text_ = credential;
  const std::string_view date = scope.date();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (date.size() != 8 || !std::all_of(date.begin(), date.end(), is_digit) || scope.service().empty()) {
    return std::nullopt;
  }
  return scope;
}

HmacSha256Key derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                                 std::string_view service) {
  std::string first = "AWS4";
  first += secret;
  Sha256Digest key = hmac_sha256(first, date);
  OPENSSL_cleanse(first.data(), first.size());
  key = hmac_sha256(as_view(key), region);
  key = hmac_sha256(as_view(key), service);
  key = hmac_sha256(as_view(key), "aws4_request");
  return HmacSha256Key(as_view(key));
}

SigningKeyCache::SigningKeyCache(size_t slots) : slots_(std::max<size_t>(slots, 1)) {}

SigningKeyCache::~SigningKeyCache() {
  for (Slot& slot : slots_) OPENSSL_cleanse(slot.id.data(), slot.id.size());
  OPENSSL_cleanse(id_.data(), id_.size());
}

const HmacSha256Key& SigningKeyCache::get(std::string_view secret, std::string_view date, std::string_view region,
                                          std::string_view service) {
  id_.assign(date);
  for (const std::string_view part : {region, service, secret}) {
    id_ += '/';  // neither date, region nor service holds a slash
    id_ += part;
  }
  Slot& slot = slots_[std::hash<std::string_view>()(id_) % slots_.size()];
  if (slot.id != id_) {
    slot.key = derive_signing_key(secret, date, region, service);
    slot.id = id_;
  }
  return slot.key;
}

}  // namespace tp::wire
