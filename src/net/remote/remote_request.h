// RemoteRequest and RemoteAnswer: one exchange with a service, whole bodies on both sides; RequestSigner proves who
// asks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rt/env/clock.h"

namespace tp::net {

using RemoteHeaders = std::vector<std::pair<std::string, std::string>>;

struct RemoteRequest {
  std::string method;
  std::string path;                   // percent-encoded, begins with '/'
  std::string query;                  // encoded, without '?'
  RemoteHeaders headers;              // without Host and Content-Length
  std::shared_ptr<const Bytes> body;  // null: none
  /// An answer with a longer body is refused (kTooLarge).
  size_t answer_limit_bytes = 1 << 20;
  /// No attempt begins later than this after the first one; 0: what the client's RetryPolicy says.
  rt::Nanos give_up_after = 0;

  size_t body_bytes() const { return body == nullptr ? 0 : body->size(); }
};

struct RemoteAnswer {
  int status = 0;
  RemoteHeaders headers;
  std::optional<uint64_t> content_length;  // as the head says, also where no body follows it (HEAD)
  Bytes body;

  /// The first field of that name, in any case.
  std::optional<std::string_view> find_header(std::string_view name) const;
  /// Whether the status is 2xx.
  bool good() const { return status >= 200 && status < 300; }
};

/// Signs one attempt. Safe from any loop.
class RequestSigner {
 public:
  virtual ~RequestSigner() = default;
  /// Adds headers (or query) to a copy of the request made for this attempt. `host` is the Host header.
  virtual Result<void> sign(RemoteRequest& request, const std::string& host, int64_t unix_seconds) const = 0;
};

}  // namespace tp::net
