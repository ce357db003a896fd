#include "server/tls.h"

#include "backend/tls/tls_stream.h"

namespace tp::server {

Result<local::TcpListener::Wrap> make_tls_wrap(const TlsConfig& config) {
  TP_TRY(auto context, tls::TlsContext::for_server(config.certificate_file, config.key_file));
  return local::TcpListener::Wrap([context](std::unique_ptr<io::Stream> stream) {
    return tls::make_tls_stream(std::move(stream), context);
  });
}

}  // namespace tp::server
