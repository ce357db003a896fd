// TlsContext: the settings that the TLS streams of one port share: certificate and key for a server, nothing for a
// client. TLS 1.2 and up, ALPN "http/1.1". Invariant: immutable once made; used from all loops. Owner: shared by the
// streams, which may outlive the listener. Spec: RFC 8446, RFC 7301.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace tp::tls {

enum class Role : uint8_t { kServer, kClient };

class TlsContext {
 public:
  /// `certificate_file` (PEM, the chain, leaf first) and `key_file` (PEM, unencrypted). Errors name the file:
  /// kNotFound, kPermissionDenied, kInvalidArgument (not PEM, or the key is not the certificate's).
  static Result<std::shared_ptr<TlsContext>> for_server(const std::string& certificate_file,
                                                        const std::string& key_file);
  enum class Verify : uint8_t { kPeer, kNothing };
  /// `roots_file` (PEM): who is trusted instead of whom the system trusts; empty: the system's.
  static Result<std::shared_ptr<TlsContext>> for_client(Verify verify, const std::string& roots_file = {});
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  Role role() const { return role_; }
  bool verifies_peer() const { return verify_ == Verify::kPeer; }
  ssl_ctx_st* get() const { return context_; }

 private:
  TlsContext(Role role, Verify verify, ssl_ctx_st* context) : role_(role), verify_(verify), context_(context) {}
  Role role_;
  Verify verify_;
  ssl_ctx_st* context_;
};

}  // namespace tp::tls
