// S3Client: one connection of the load generator: makes, signs and sends one request at a time and reads the answer
// away. It reconnects when the server closed the connection.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/bench/bench_options.h"
#include "net/http_client.h"
#include "rt/runtime.h"
#include "wire/aws/sigv4_signer.h"
#include "wire/aws/signing_key.h"

namespace tp::bench {

struct Call {
  std::string_view method;
  std::string path;              // percent-encoded, with the bucket
  std::string query;
  std::string range;             // header value, empty: none
  BytesView body;
  std::string_view body_sha256;  // hex; empty: UNSIGNED-PAYLOAD
  bool has_body = false;
};

struct Outcome {
  int status = 0;
  uint64_t bytes = 0;            // of the answer's body
  Bytes kept;                    // the answer's body, if it was asked for
};

class S3Client {
 public:
  S3Client(rt::Runtime& runtime, const Options& options);

  /// kClosed, kTimeout, kUnavailable: the server's connection failed.
  Task<Outcome> call(const Call& call, bool keep_body);

 private:
  Task<void> connect();
  Result<void> build(const Call& call);

  rt::Runtime& runtime_;
  const Options& options_;
  std::string host_header_;
  wire::SigningCredentials credentials_;
  wire::SigningKeyCache keys_{4};
  std::optional<net::HttpClientConnection> connection_;
  std::vector<char> sink_;
  Bytes head_;
};

}  // namespace tp::bench
