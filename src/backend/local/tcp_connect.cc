#include "backend/local/tcp_connect.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cstring>

#include "backend/local/posix_error.h"

namespace tp::local {

namespace {

Result<std::vector<SocketAddress>> look_up(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_UNSPEC;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (result != 0) return fail(Code::kNotFound, "address of " + host + ": " + ::gai_strerror(result));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return fail(Code::kNotFound, "no address of " + host);
  return addresses;
}

Task<std::unique_ptr<io::Stream>> connect_to(SocketAddress address, const ConnectOptions& options) {
  const std::string what = "connect to " + address.to_string();
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return std::unexpected(error_from_errno(errno, what));
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  set_congestion_control(descriptor, options.congestion_control);
  int result;
  do {
    result = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EINPROGRESS) {
    const int error = errno;
    ::close(descriptor);
    co_return std::unexpected(error_from_errno(error, what));
  }
  TP_CO_TRY(auto stream, TcpStream::adopt(descriptor, address, nullptr));
  stream->set_idle_timeout(options.timeout);
  TP_CO_TRY_VOID(co_await stream->wait_connected());
  stream->set_idle_timeout(0);
  co_return std::unique_ptr<io::Stream>(std::move(stream));
}

}  // namespace

Task<std::unique_ptr<io::Stream>> tcp_connect(ConnectOptions options) {
  TP_CO_TRY(const auto addresses, co_await resolve(*options.runtime, options.host, options.port));
  Error last(Code::kUnavailable, "no address to connect to");
  for (const SocketAddress& address : addresses) {
    auto connected = co_await connect_to(address, options);
    if (connected) co_return std::move(*connected);
    last = std::move(connected).error();
  }
  co_return std::unexpected(std::move(last));
}

Task<std::vector<SocketAddress>> resolve(rt::Runtime& runtime, std::string host, uint16_t port) {
  auto call = [&host, port] { return look_up(host, port); };
  co_return co_await runtime.pool().run(std::move(call));
}

SocketAddress any_address(int family, uint16_t port) {
  SocketAddress address;
  address.storage.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_addr = in6addr_any;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_addr.s_addr = htonl(INADDR_ANY);
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
  }
  return address;
}

void set_congestion_control(int descriptor, const std::string& algorithm) {
  if (algorithm.empty()) return;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, algorithm.data(), static_cast<socklen_t>(algorithm.size()));
}

}  // namespace tp::local
