// TLS for a port: certificate and key files become the listener's wrapper.
#pragma once

#include "backend/local/tcp_listener.h"
#include "server/config.h"

namespace tp::server {

/// kNotFound, kInvalidArgument (not PEM, or the key is not the certificate's) with the file's name.
Result<local::TcpListener::Wrap> make_tls_wrap(const TlsConfig& config);

}  // namespace tp::server
