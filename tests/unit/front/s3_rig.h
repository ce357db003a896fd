// S3Rig: an S3 server in one process without sockets: the front over a whole plane in memory, talked to by raw HTTP
// over memory streams, signed as clients sign. Owner: a test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "front/s3/core/s3_front.h"
#include "net/http_server.h"
#include "support/memory_plane.h"
#include "wire/aws/sigv4_signer.h"

namespace tp::test {

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // lower-case names
  std::string body;

  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
  /// Text of the element of that name in the body: <Code>NoSuchKey</Code>.
  std::string element(const std::string& name) const;
  /// The error document's code; empty if it is none.
  std::string code() const { return status >= 300 ? element("Code") : std::string(); }
};

/// A request to be made; what is left out gets what a plain client sends.
struct Ask {
  std::string method;
  std::string path;                      // percent-encoded
  std::string query = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string payload_hash = {};         // x-amz-content-sha256; empty: of the body
  std::string access_key = "root", secret_key = "secret";
  bool sign = true;
  bool content_length = true;
  int64_t clock_offset_seconds = 0;      // how wrong the client's clock is
};

class S3Rig {
 public:
  S3Rig();
  ~S3Rig();

  Reply send(const Ask& ask);
  /// Sends bytes as they are and returns all that comes back until the server closes.
  Bytes talk(Bytes request);
  /// The bytes of a request; with `seed`, the signature that chunks continue from.
  Bytes compose(const Ask& ask, wire::VerifiedSignature* seed = nullptr);
  /// The first reply in `bytes`, which it is taken from.
  static Reply take_reply(Bytes& bytes, bool to_head = false);

  Reply put(const std::string& path, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send({.method = "PUT", .path = path, .headers = std::move(headers), .body = std::move(body)});
  }
  Reply get(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {},
            const std::string& query = "") {
    return send({.method = "GET", .path = path, .query = query, .headers = std::move(headers)});
  }
  Reply head(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send({.method = "HEAD", .path = path, .headers = std::move(headers)});
  }
  Reply remove(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send({.method = "DELETE", .path = path, .headers = std::move(headers)});
  }
  /// A second user with its own keys, id "id-NAME", secret NAME + "-secret".
  void add_user(const std::string& name);
  Ask as(const std::string& name, Ask ask) {
    ask.access_key = name;
    ask.secret_key = name + "-secret";
    return ask;
  }

  int64_t now() { return store_.runtime().clock().wall_now() / rt::kSecond; }
  MemoryPlane& store() { return store_; }
  /// A bucket "box" of root's.
  void make_bucket();

 private:
  MemoryPlane store_;
  std::unique_ptr<s3::S3Front> front_;
  std::unique_ptr<net::HttpServer> server_;
  wire::SigningKeyCache keys_;
};

}  // namespace tp::test
