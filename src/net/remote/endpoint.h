// Endpoint: where a service is, out of a URL such as "https://host:9000/base".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tp::net {

struct Endpoint {
  bool tls = true;
  std::string host;  // a name or an address; IPv6 without brackets
  uint16_t port = 443;
  std::string base_path;  // "" or "/base", without '/' at its end

  /// The Host header: with the port where it is not the scheme's own.
  std::string authority() const;
};

/// kInvalidArgument: not http or https, no host, a bad port, user information, a query or a fragment.
Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace tp::net
