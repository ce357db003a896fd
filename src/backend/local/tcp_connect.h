// tcp_connect: a client's connection, for the bench, the tests and later clients; and the address helpers it shares
// with TcpListener. TLS goes over it with backend/tls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/local/tcp_stream.h"
#include "io/stream.h"
#include "rt/runtime.h"

namespace tp::local {

struct ConnectOptions {
  rt::Runtime* runtime = nullptr;
  std::string host;
  uint16_t port = 0;
  rt::Nanos timeout = 10 * rt::kSecond;
  std::string congestion_control;  // as TcpListener::Options
};

/// A connected stream on the current loop; tries the host's addresses in order. kUnavailable, kTimeout, kNotFound.
Task<std::unique_ptr<io::Stream>> tcp_connect(ConnectOptions options);

/// The addresses of a name or numeric address, at least one. kNotFound.
Task<std::vector<SocketAddress>> resolve(rt::Runtime& runtime, std::string host, uint16_t port);
/// The wildcard address of AF_INET or AF_INET6.
SocketAddress any_address(int family, uint16_t port);
/// Sets TCP_CONGESTION where the kernel has that algorithm; empty: nothing.
void set_congestion_control(int descriptor, const std::string& algorithm);

}  // namespace tp::local
