#include "backend/tls/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "rt/semaphore.h"

namespace tp::tls {

namespace {

constexpr size_t kReadBytes = 32 << 10;    // of records taken from below at a time
constexpr size_t kWriteBytes = 64 << 10;  // of data encrypted before the records go down

class TlsStream final : public io::Stream {
 public:
  TlsStream(std::unique_ptr<io::Stream> below, std::shared_ptr<TlsContext> context, std::string host)
      : below_(std::move(below)), context_(std::move(context)), host_(std::move(host)) {}
  ~TlsStream() override {
    if (ssl_ != nullptr) SSL_free(ssl_);  // and the two BIOs with it
  }

  Task<size_t> read_some(MutableBytes buffer) override {
    TP_CO_TRY_VOID(co_await handshake());
    for (;;) {
      ERR_clear_error();
      const int got = SSL_read(ssl_, buffer.data(), clamp(buffer.size()));
      if (got > 0) co_return static_cast<size_t>(got);
      const int error = SSL_get_error(ssl_, got);
      if (error == SSL_ERROR_ZERO_RETURN) co_return size_t{0};
      if (error != SSL_ERROR_WANT_READ) co_return broken("read");
      TP_CO_TRY_VOID(co_await flush());  // an answer to a key update, if any
      TP_CO_TRY(const bool more, co_await feed());
      // The peer closed without saying so in TLS: the layer above knows whether something is missing.
      if (!more) co_return size_t{0};
    }
  }

  size_t try_read(MutableBytes buffer) override {
    if (ssl_ == nullptr || !SSL_is_init_finished(ssl_)) return 0;
    ERR_clear_error();
    int got = SSL_read(ssl_, buffer.data(), clamp(buffer.size()));
    if (got > 0) return static_cast<size_t>(got);
    if (reading_below_) return 0;
    std::array<char, kReadBytes> records;
    const size_t size = below_->try_read(records);
    if (size == 0) return 0;
    put_in(BytesView(records.data(), size));
    got = SSL_read(ssl_, buffer.data(), clamp(buffer.size()));
    return got > 0 ? static_cast<size_t>(got) : 0;
  }

  Task<void> write_all(std::span<const BytesView> pieces) override {
    TP_CO_TRY_VOID(co_await handshake());
    size_t pending = 0;
    for (BytesView piece : pieces) {
      while (!piece.empty()) {
        const size_t step = std::min(piece.size(), kWriteBytes - pending);
        TP_CO_TRY_VOID(encrypt(piece.substr(0, step)));
        piece.remove_prefix(step);
        pending += step;
        if (pending < kWriteBytes) continue;
        TP_CO_TRY_VOID(co_await flush());
        pending = 0;
      }
    }
    co_return co_await flush();
  }

  Task<void> write_region(BytesView head, const io::SendRegion& region) override {
    const std::array<BytesView, 2> pieces = {head, region.bytes};
    co_return co_await write_all(pieces);
  }

  void set_idle_timeout(rt::Nanos timeout) override { below_->set_idle_timeout(timeout); }

  // The close_notify would need a write that may wait: the end of the connection below says the same to HTTP.
  void shutdown_write() override { below_->shutdown_write(); }
  void close() override { below_->close(); }
  std::string peer_address() const override { return below_->peer_address(); }
  bool encrypted() const override { return true; }

 private:
  static int clamp(size_t size) { return static_cast<int>(std::min<size_t>(size, 1 << 30)); }

  std::unexpected<Error> broken(const char* what) {
    const unsigned long code = ERR_get_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return fail(Code::kClosed, std::string("TLS ") + what + ": " + (reason != nullptr ? reason : "protocol error"));
  }

  Result<void> set_up() {
    ssl_ = SSL_new(context_->get());
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    if (ssl_ == nullptr || in == nullptr || out == nullptr) {
      BIO_free(in);
      BIO_free(out);
      return fail(Code::kBusy, "TLS: out of memory");
    }
    BIO_set_mem_eof_return(in, -1);
    BIO_set_mem_eof_return(out, -1);
    SSL_set_bio(ssl_, in, out);
    if (context_->role() == Role::kServer) {
      SSL_set_accept_state(ssl_);
      return ok;
    }
    SSL_set_connect_state(ssl_);
    if (host_.empty()) return ok;
    SSL_set_tlsext_host_name(ssl_, host_.c_str());
    if (context_->verifies_peer() && SSL_set1_host(ssl_, host_.c_str()) != 1) return broken("host name");
    return ok;
  }

  /// Done once, by whichever of reader and writer comes first; the other waits.
  Task<void> handshake() {
    if (ready_) co_return ok;
    co_await handshaking_.acquire();
    Result<void> result = ok;
    if (failed_) {
      result = fail(Code::kClosed, "TLS handshake failed");
    } else if (!ready_) {
      result = co_await run_handshake();
      ready_ = result.has_value();
      failed_ = !ready_;
    }
    handshaking_.release();
    co_return result;
  }

  Task<void> run_handshake() {
    TP_CO_TRY_VOID(set_up());
    for (;;) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_);
      const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
      std::unexpected<Error> why =
          error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ ? fail(Code::kClosed, "") : broken("handshake");
      // Also after a failure: the alert tells the peer what was wrong.
      auto flushed = co_await flush();
      if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) co_return why;
      TP_CO_TRY_VOID(std::move(flushed));
      if (error == SSL_ERROR_NONE) co_return ok;
      TP_CO_TRY(const bool more, co_await feed());
      if (!more) co_return fail(Code::kClosed, "TLS handshake: the peer closed the connection");
    }
  }

  void put_in(BytesView records) {
    const int put = BIO_write(SSL_get_rbio(ssl_), records.data(), static_cast<int>(records.size()));
    TP_CHECK(put == static_cast<int>(records.size()));
  }

  /// Records from below to OpenSSL; false at the end of the stream.
  Task<bool> feed() {
    if (incoming_ == nullptr) incoming_ = std::make_unique<std::array<char, kReadBytes>>();
    reading_below_ = true;
    auto got = co_await below_->read_some(*incoming_);
    reading_below_ = false;
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) co_return false;
    put_in(BytesView(incoming_->data(), *got));
    co_return true;
  }

  Result<void> encrypt(BytesView data) {
    ERR_clear_error();
    // Into memory, so all of it or an error; renegotiation, which could make a write want a read, is off.
    if (SSL_write(ssl_, data.data(), static_cast<int>(data.size())) != static_cast<int>(data.size())) {
      return broken("write");
    }
    return ok;
  }

  /// Records from OpenSSL to below. One at a time: records must not overtake each other.
  Task<void> flush() {
    if (BIO_pending(SSL_get_wbio(ssl_)) == 0) co_return ok;
    co_await flushing_.acquire();
    Result<void> result = ok;
    while (result && BIO_pending(SSL_get_wbio(ssl_)) > 0) {
      // A copy: while it is on its way the reader may add records of its own.
      outgoing_.resize(static_cast<size_t>(BIO_pending(SSL_get_wbio(ssl_))));
      TP_CHECK(BIO_read(SSL_get_wbio(ssl_), outgoing_.data(), static_cast<int>(outgoing_.size())) ==
               static_cast<int>(outgoing_.size()));
      const std::array<BytesView, 1> pieces = {BytesView(outgoing_)};
      result = co_await below_->write_all(pieces);
    }
    flushing_.release();
    co_return result;
  }

  const std::unique_ptr<io::Stream> below_;
  const std::shared_ptr<TlsContext> context_;
  const std::string host_;
  SSL* ssl_ = nullptr;
  bool ready_ = false;
  bool failed_ = false;
  bool reading_below_ = false;
  rt::Semaphore handshaking_{1};
  rt::Semaphore flushing_{1};
  std::unique_ptr<std::array<char, kReadBytes>> incoming_;
  Bytes outgoing_;
};

}  // namespace

std::unique_ptr<io::Stream> make_tls_stream(std::unique_ptr<io::Stream> below, std::shared_ptr<TlsContext> context,
                                            std::string host) {
  return std::make_unique<TlsStream>(std::move(below), std::move(context), std::move(host));
}

}  // namespace tp::tls
