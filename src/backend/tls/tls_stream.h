// TlsStream: io::Stream with TLS over any other Stream. OpenSSL works on memory; the stream below carries the records.
// The handshake runs with the first read or write. Invariant: as the stream below: one loop, one reader and one writer
// at a time. Owner: the connection's handler. Contract: io/stream.h.
#pragma once

#include <memory>
#include <string>

#include "backend/tls/tls_context.h"
#include "io/stream.h"

namespace tp::tls {

/// Puts TLS over `below`. `host` is what a client asks for and verifies; servers leave it empty.
std::unique_ptr<io::Stream> make_tls_stream(std::unique_ptr<io::Stream> below, std::shared_ptr<TlsContext> context,
                                            std::string host = {});

}  // namespace tp::tls
