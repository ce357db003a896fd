// TLS over connections in memory, with certificates made on the spot.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "backend/memory/memory_stream.h"
#include "backend/tls/tls_stream.h"
#include "rt/runtime.h"
#include "rt/task_group.h"

namespace tp::tls {
namespace {

using StreamPointer = std::unique_ptr<io::Stream>;

/// Writes a self-signed certificate for "localhost" and its key as PEM.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

Bytes pattern(size_t size) {
  Bytes bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 11);
  return bytes;
}

Task<Bytes> read_to_end(io::Stream* stream) {
  Bytes all;
  Bytes buffer(70'000, '\0');
  for (;;) {
    size_t got = stream->try_read(buffer);
    if (got == 0) {
      TP_CO_TRY(got, co_await stream->read_some(buffer));
    }
    if (got == 0) co_return all;
    all.append(buffer, 0, got);
  }
}

Task<void> echo(StreamPointer stream) {
  EXPECT_TRUE(stream->encrypted());
  Bytes buffer(50'000, '\0');
  for (;;) {
    TP_CO_TRY(const size_t got, co_await stream->read_some(buffer));
    if (got == 0) break;
    io::SendRegion region;
    region.bytes = BytesView(buffer.data(), got);
    TP_CO_TRY_VOID(co_await stream->write_region("", region));
  }
  stream->shutdown_write();
  co_return ok;
}

Task<void> send_all(io::Stream* stream, Bytes bytes, Result<void>* result) {
  const std::array<BytesView, 2> pieces = {BytesView(bytes).substr(0, 7), BytesView(bytes).substr(7)};
  *result = co_await stream->write_all(pieces);
  stream->shutdown_write();
  co_return ok;
}

Task<Bytes> through_echo(StreamPointer near, StreamPointer far, Bytes bytes) {
  rt::TaskGroup group;
  Result<void> sent = ok;
  group.spawn(echo(std::move(far)));
  group.spawn(send_all(near.get(), std::move(bytes), &sent));
  auto back = co_await read_to_end(near.get());
  near->close();
  co_await group.join();
  TP_CO_TRY_VOID(std::move(sent));
  co_return back;
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : runtime_({.loops = 1}) {
    directory_ = std::filesystem::temp_directory_path() / "tp_tls_XXXXXX";
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    make_certificate(path("cert"), path("key"));
    make_certificate(path("other_cert"), path("other_key"));
    server_ = TlsContext::for_server(path("cert"), path("key")).value();
    client_ = TlsContext::for_client(TlsContext::Verify::kNothing).value();
  }
  ~TlsTest() override { std::filesystem::remove_all(directory_); }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  Result<Bytes> echo_through(memory::MemoryStreamOptions options, const Bytes& bytes) {
    auto task = [](TlsTest* self, memory::MemoryStreamOptions how, Bytes what) -> Task<Bytes> {
      auto [near, far] = memory::make_stream_pair(how);
      co_return co_await through_echo(make_tls_stream(std::move(near), self->client_, "localhost"),
                                      make_tls_stream(std::move(far), self->server_), std::move(what));
    };
    return runtime_.block_on(task(this, options, bytes));
  }

  rt::Runtime runtime_;
  std::string directory_;
  std::shared_ptr<TlsContext> server_;
  std::shared_ptr<TlsContext> client_;
};

TEST_F(TlsTest, WhatIsSentComesBackWhole) {
  for (const size_t size : {7u, 1000u, 100'000u, 3'000'000u}) {
    const auto back = echo_through({}, pattern(size));
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_TRUE(*back == pattern(size)) << size;
  }
}

TEST_F(TlsTest, RecordsMayArriveInAnyPieces) {
  EXPECT_TRUE(echo_through({.max_read_bytes = 1}, pattern(3000)).value() == pattern(3000));
  EXPECT_TRUE(echo_through({.buffer_bytes = 100}, pattern(50'000)).value() == pattern(50'000));
}

TEST_F(TlsTest, ABrokenConnectionIsAnErrorNotAnEnd) {
  for (const uint64_t after : {1u, 200u, 1500u, 3000u, 50'000u}) {
    EXPECT_FALSE(echo_through({.break_after_bytes = after}, pattern(200'000))) << after;
  }
}

Task<Code> talk_to_server(std::shared_ptr<TlsContext> server, Bytes bytes) {
  auto [near, far] = memory::make_stream_pair();
  auto stream = make_tls_stream(std::move(far), std::move(server));
  const std::array<BytesView, 1> pieces = {bytes};
  TP_CO_TRY_VOID(co_await near->write_all(pieces));
  near->shutdown_write();
  Bytes buffer(100, '\0');
  auto got = co_await stream->read_some(buffer);
  if (got) co_return Code::kInternal;
  EXPECT_EQ((co_await stream->read_some(buffer)).error().code, Code::kClosed) << "and stays so";
  co_return got.error().code;
}

TEST_F(TlsTest, GarbageAndPlainHttpAreRefused) {
  for (const Bytes& bytes : {Bytes("GET / HTTP/1.1\r\n\r\n"), Bytes(), Bytes("\x16\x03\x01"), pattern(100'000),
                             Bytes("\x16\x03\x01\xff\xff") + pattern(70'000)}) {
    EXPECT_EQ(runtime_.block_on(talk_to_server(server_, bytes)).value(), Code::kClosed);
  }
}

Task<Code> connect_verifying(std::shared_ptr<TlsContext> server, std::shared_ptr<TlsContext> client) {
  auto [near, far] = memory::make_stream_pair();
  auto back = co_await through_echo(make_tls_stream(std::move(near), std::move(client), "localhost"),
                                    make_tls_stream(std::move(far), std::move(server)), "hello, hello");
  co_return back ? Code::kInternal : back.error().code;
}

TEST_F(TlsTest, AClientThatVerifiesRefusesAnUnknownCertificate) {
  auto strict = TlsContext::for_client(TlsContext::Verify::kPeer).value();
  EXPECT_EQ(runtime_.block_on(connect_verifying(server_, strict)).value(), Code::kClosed);
}

TEST_F(TlsTest, OldVersionsAreRefused) {
  auto old = TlsContext::for_client(TlsContext::Verify::kNothing).value();
  SSL_CTX_set_min_proto_version(old->get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old->get(), TLS1_1_VERSION);
  EXPECT_EQ(runtime_.block_on(connect_verifying(server_, old)).value(), Code::kClosed);
}

TEST_F(TlsTest, BadFilesAreNamed) {
  write("text", "this is no PEM");
  const auto error_of = [&](const std::string& certificate, const std::string& key) {
    const auto made = TlsContext::for_server(path(certificate), path(key));
    EXPECT_FALSE(made);
    return made ? Error() : made.error();
  };
  EXPECT_EQ(error_of("none", "key").code, Code::kNotFound);
  EXPECT_NE(error_of("none", "key").message.find("/none"), std::string::npos);
  EXPECT_EQ(error_of("cert", "none").code, Code::kNotFound);
  EXPECT_EQ(error_of("text", "key").code, Code::kInvalidArgument);
  EXPECT_NE(error_of("cert", "text").message.find("/text"), std::string::npos);
  EXPECT_EQ(error_of("cert", "other_key").code, Code::kInvalidArgument);
  EXPECT_NE(error_of("cert", "other_key").message.find("/other_key"), std::string::npos);
}

}  // namespace
}  // namespace tp::tls
