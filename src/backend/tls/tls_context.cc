#include "backend/tls/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace tp::tls {

namespace {

using ContextPointer = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// The oldest error that OpenSSL has queued on this thread, in words; the queue is then empty.
std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

/// OpenSSL folds "no such file" into its own words: look before asking it.
Result<void> check_readable(const std::string& what, const std::string& file) {
  const std::unique_ptr<FILE, decltype(&std::fclose)> opened(std::fopen(file.c_str(), "re"), &std::fclose);
  if (opened != nullptr) return ok;
  const Code code = errno == ENOENT ? Code::kNotFound : errno == EACCES ? Code::kPermissionDenied : Code::kIo;
  return fail(code, what + " " + file + ": " + std::generic_category().message(errno));
}

/// A key that asks for a passphrase would make OpenSSL prompt on the terminal: there is none to give.
int refuse_passphrase(char*, int, int, void*) {
  return -1;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;  // a peer with other ideas may still speak HTTP/1.1
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<ContextPointer> make_context(const SSL_METHOD* method) {
  ContextPointer context(SSL_CTX_new(method), &SSL_CTX_free);
  if (context == nullptr) return fail(Code::kInternal, "TLS: " + openssl_error());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Half-closed and unclean ends are for HTTP to judge, which knows how long a body should be.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::for_server(const std::string& certificate_file,
                                                           const std::string& key_file) {
  TP_TRY_VOID(check_readable("TLS certificate", certificate_file));
  TP_TRY_VOID(check_readable("TLS key", key_file));
  TP_TRY(ContextPointer context, make_context(TLS_server_method()));
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_default_passwd_cb(context.get(), refuse_passphrase);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return fail(Code::kInvalidArgument, "TLS certificate " + certificate_file + ": " + openssl_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Code::kInvalidArgument,
                "TLS key " + key_file + " (with certificate " + certificate_file + "): " + openssl_error());
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(Code::kInvalidArgument,
                "TLS key " + key_file + " is not the key of " + certificate_file + ": " + openssl_error());
  }
  return std::shared_ptr<TlsContext>(new TlsContext(Role::kServer, Verify::kNothing, context.release()));
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_client(Verify verify, const std::string& roots_file) {
  if (!roots_file.empty()) TP_TRY_VOID(check_readable("TLS root certificates", roots_file));
  TP_TRY(ContextPointer context, make_context(TLS_client_method()));
  if (verify == Verify::kPeer) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (!roots_file.empty() && SSL_CTX_load_verify_locations(context.get(), roots_file.c_str(), nullptr) != 1) {
      return fail(Code::kInvalidArgument, "TLS root certificates " + roots_file + ": " + openssl_error());
    }
    if (roots_file.empty() && SSL_CTX_set_default_verify_paths(context.get()) != 1) {
      return fail(Code::kInternal, "TLS root certificates: " + openssl_error());
    }
  }
  return std::shared_ptr<TlsContext>(new TlsContext(Role::kClient, verify, context.release()));
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace tp::tls
