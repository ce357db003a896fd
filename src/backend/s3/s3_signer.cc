#include "backend/s3/s3_signer.h"

#include "wire/aws/sigv4_signer.h"
#include "wire/text/timestamp.h"

namespace tp::backend::s3 {

namespace {

class S3Signer final : public net::RequestSigner {
 public:
  S3Signer(S3Credentials credentials, std::string region) : session_token_(std::move(credentials.session_token)) {
    keys_.access_key = std::move(credentials.access_key);
    keys_.secret = std::move(credentials.secret_key);
    keys_.region = std::move(region);
  }

  Result<void> sign(net::RemoteRequest& request, const std::string& host, int64_t unix_seconds) const override {
    request.headers.emplace_back("x-amz-date", wire::amz_date(unix_seconds));
    if (!session_token_.empty()) request.headers.emplace_back("x-amz-security-token", session_token_);
    wire::HeaderList fields;
    fields.push_back({"host", host});
    std::string_view payload_hash;
    for (const auto& [name, value] : request.headers) {
      fields.push_back({name, value});
      if (name == "x-amz-content-sha256") payload_hash = value;
    }
    const wire::SigV4Request signable{request.method, request.path, request.query, fields};
    // A cache of one would have to be shared by all loops; four HMACs cost less than the lock.
    wire::SigningKeyCache key(1);
    TP_TRY(const auto made, wire::sign_request(signable, keys_, unix_seconds, payload_hash, key));
    request.headers.emplace_back("Authorization", made.authorization);
    return ok;
  }

 private:
  wire::SigningCredentials keys_;
  std::string session_token_;
};

}  // namespace

std::shared_ptr<const net::RequestSigner> make_signer(S3Credentials credentials, std::string region) {
  return std::make_shared<S3Signer>(std::move(credentials), std::move(region));
}

}  // namespace tp::backend::s3
