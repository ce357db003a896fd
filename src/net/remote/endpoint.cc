#include "net/remote/endpoint.h"

#include <algorithm>
#include <charconv>

namespace tp::net {

namespace {

constexpr uint16_t kHttpPort = 80, kHttpsPort = 443;
constexpr size_t kMaxUrlBytes = 2048;

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}
bool is_address_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}
bool is_path_character(char c) {
  return is_host_character(c) || c == '/' || c == '~' || c == '%';
}

std::unexpected<Error> bad(const char* why) {
  // Without the URL: it may hold what must not be logged.
  return fail(Code::kInvalidArgument, std::string("the endpoint ") + why + "; it looks like https://host:port/base");
}

Result<void> read_authority(std::string_view authority, Endpoint& endpoint) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad("has an address without its ']'");
    host = authority.substr(1, end - 1);
    const std::string_view rest = authority.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return bad("has more than a port behind its address");
    if (!rest.empty()) port = rest.substr(1);
    if (!std::ranges::all_of(host, is_address_character)) return bad("has no address between [ and ]");
    if (!rest.empty() && port.empty()) return bad("has an empty port");
  } else {
    const size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    if (colon != std::string_view::npos && port.empty()) return bad("has an empty port");
    if (!std::ranges::all_of(host, is_host_character)) return bad("has a host that cannot be one");
  }
  if (host.empty()) return bad("has no host");
  endpoint.host = host;
  if (port.empty()) return ok;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > UINT16_MAX) {
    return bad("has a port that is none");
  }
  endpoint.port = static_cast<uint16_t>(number);
  return ok;
}

}  // namespace

std::string Endpoint::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? "[" + host + "]" : host;
  if (port != (tls ? kHttpsPort : kHttpPort)) text += ":" + std::to_string(port);
  return text;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  if (url.size() > kMaxUrlBytes) return bad("is too long");
  Endpoint endpoint;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    endpoint.tls = false;
    endpoint.port = kHttpPort;
  } else {
    return bad("begins with neither http:// nor https://");
  }
  const size_t slash = url.find('/');
  TP_TRY_VOID(read_authority(url.substr(0, slash), endpoint));
  if (slash == std::string_view::npos) return endpoint;
  std::string_view path = url.substr(slash);
  if (!std::ranges::all_of(path, is_path_character)) return bad("has characters in its path that do not belong there");
  while (path.ends_with('/')) path.remove_suffix(1);
  endpoint.base_path = path;
  return endpoint;
}

}  // namespace tp::net
