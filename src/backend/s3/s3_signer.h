// S3Signer: signs attempts with SigV4 in the header form. The request has x-amz-content-sha256 already.
// Spec: wire/aws/sigv4.h.
#pragma once

#include <memory>
#include <string>

#include "net/remote/remote_request.h"

namespace tp::backend::s3 {

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // of temporary credentials; else empty
};

std::shared_ptr<const net::RequestSigner> make_signer(S3Credentials credentials, std::string region);

}  // namespace tp::backend::s3
