#include "net/http_server.h"

#include <gtest/gtest.h>

#include <array>

#include "backend/memory/memory_stream.h"
#include "rt/await.h"
#include "rt/runtime.h"

namespace tp::net {
namespace {

// Answers with what it was asked: "METHOD path [body]"; a few paths do something else.
class Echo final : public HttpHandler {
 public:
  Task<void> handle(HttpExchange& exchange) override {
    const std::string path(exchange.head().path);
    if (path == "/ignore-body") co_return co_await answer(exchange, "ignored");
    if (path == "/fail") co_return fail(Code::kInternal, "handler failed");
    if (path == "/short") {
      exchange.start_response(200);
      exchange.begin_body(10);
      co_return co_await exchange.write_body("only");
    }
    if (path == "/chunks") co_return co_await answer_in_chunks(exchange);
    auto body = co_await exchange.read_whole_body(1 << 20);
    if (!body) {
      exchange.abandon();
      co_return co_await answer(exchange, "error " + body.error().message);
    }
    const std::string text = std::string(exchange.head().method_text) + " " + path + " [" + *body + "]";
    co_return co_await answer(exchange, text);
  }
  Bytes malformed_answer(int status, const Error& error, std::string*) override {
    return "refused " + std::to_string(status);
  }

 private:
  static Task<void> answer(HttpExchange& exchange, std::string text) {
    exchange.start_response(200);
    co_return co_await exchange.finish(text);
  }
  static Task<void> answer_in_chunks(HttpExchange& exchange) {
    exchange.start_response(200);
    TP_CO_TRY_VOID(co_await exchange.begin_chunked());
    TP_CO_TRY_VOID(co_await exchange.write_body("one "));
    TP_CO_TRY_VOID(co_await exchange.write_body("two"));
    co_return co_await exchange.end_chunked();
  }
};

struct Talk {
  std::string sent;
  size_t piece_bytes = 0;  // 0: all at once
  bool half_close = true;  // end our side after sending
  std::string received;
};

Task<void> serve(HttpServer* server, std::unique_ptr<io::Stream> stream) {
  co_return co_await server->serve(std::move(stream));
}

Task<void> send_pieces(io::Stream* stream, const Talk* talk) {
  const size_t step = talk->piece_bytes == 0 ? talk->sent.size() : talk->piece_bytes;
  for (size_t at = 0; at < talk->sent.size(); at += step) {
    const std::array<BytesView, 1> piece = {BytesView(talk->sent).substr(at, step)};
    const Result<void> sent = co_await stream->write_all(piece);
    if (!sent) co_return ok;  // the server may have closed already
    co_await rt::yield();
  }
  if (talk->half_close) stream->shutdown_write();
  co_return ok;
}

Task<void> converse(HttpServer* server, Talk* talk) {
  auto ends = memory::make_stream_pair({});
  rt::TaskGroup group;
  group.spawn(serve(server, std::move(ends.second)));
  group.spawn(send_pieces(ends.first.get(), talk));
  std::array<char, 4096> buffer;
  for (;;) {
    const MutableBytes space(buffer);
    const auto got = co_await ends.first->read_some(space);
    if (!got || *got == 0) break;
    talk->received.append(buffer.data(), *got);
  }
  ends.first->close();
  co_await group.join();
  co_return ok;
}

class HttpServerTest : public ::testing::Test {
 protected:
  std::string talk(std::string sent, size_t piece_bytes = 0) {
    Talk talk{std::move(sent), piece_bytes, true, {}};
    EXPECT_TRUE(runtime_.block_on(converse(&server_, &talk)));
    return talk.received;
  }
  static size_t count(const std::string& text, const std::string& what) {
    size_t found = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  rt::Runtime runtime_{{.loops = 1}};
  Echo echo_;
  HttpServer server_{runtime_, echo_, HttpServerOptions{.drain_limit_bytes = 1000}};
};

TEST_F(HttpServerTest, AnswersRequestsInOrderOnOneConnection) {
  const std::string got = talk(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nPUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz"
      "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(count(got, "HTTP/1.1 200 OK"), 3u);
  EXPECT_LT(got.find("GET /a []"), got.find("PUT /b [xyz]"));
  EXPECT_LT(got.find("PUT /b [xyz]"), got.find("GET /c []"));
}

TEST_F(HttpServerTest, ASplitAnywhereChangesNothing) {
  const std::string requests =
      "PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz"
      "PUT /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
      "GET /c HTTP/1.1\r\nHost: h\r\n\r\n";
  for (size_t piece : {1, 2, 3, 7, 40, 90}) {
    const std::string got = talk(requests, piece);
    EXPECT_NE(got.find("PUT /b [xyz]"), std::string::npos) << piece;
    EXPECT_NE(got.find("PUT /d [abcde]"), std::string::npos) << piece;
    EXPECT_NE(got.find("GET /c []"), std::string::npos) << piece;
  }
}

TEST_F(HttpServerTest, AChunkedBodyGivesBackWhatFollowsIt) {
  const std::string got = talk("PUT /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                               "GET /next HTTP/1.1\r\nHost: h\r\n\r\nGET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(got.find("PUT /d [abc]"), std::string::npos);
  EXPECT_NE(got.find("GET /next []"), std::string::npos);
  EXPECT_NE(got.find("GET /last []"), std::string::npos);
}

TEST_F(HttpServerTest, AHeadOfAnySizeLeavesRoomForAChunkedBody) {
  for (size_t filler = 8192 - 200; filler < 8192 + 20; ++filler) {
    const std::string got =
        talk("PUT /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: " + std::string(filler, 'f') +
             "\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_NE(got.find("PUT /d [abc]"), std::string::npos) << filler;
    ASSERT_NE(got.find("GET /next []"), std::string::npos) << filler;
  }
}

TEST_F(HttpServerTest, ContinueIsSentBeforeABodyIsRead) {
  const std::string head = "PUT /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  const std::string got = talk(head + "xyz", head.size());
  EXPECT_TRUE(got.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << got;
}

TEST_F(HttpServerTest, ContinueIsSentAlsoWhereTheBodyIsEmpty) {
  const std::string got = talk("PUT /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << got;
}

TEST_F(HttpServerTest, ABodyThatWaitsForContinueAndIsNotWantedEndsTheConnection) {
  const std::string got =
      talk("PUT /ignore-body HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(count(got, "100 Continue"), 0u);
  EXPECT_EQ(count(got, "Connection: close"), 1u);
}

TEST_F(HttpServerTest, ASmallUnreadBodyIsDrainedAndTheConnectionGoesOn) {
  const std::string got = talk("PUT /ignore-body HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n" +
                               std::string(900, 'x') + "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(got.find("GET /after []"), std::string::npos);
}

TEST_F(HttpServerTest, ALargeUnreadBodyEndsTheConnection) {
  const std::string got = talk("PUT /ignore-body HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" +
                               std::string(1001, 'x') + "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(got.find("ignored"), std::string::npos);
  EXPECT_EQ(count(got, "Connection: close"), 1u);
  EXPECT_EQ(got.find("GET /after []"), std::string::npos);
}

TEST_F(HttpServerTest, ABodyThatEndsEarlyIsAnErrorAndNotABody) {
  const std::string got = talk("PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nonly this");
  EXPECT_EQ(got.find("[only this]"), std::string::npos);
  EXPECT_NE(got.find("error the peer closed"), std::string::npos);
}

TEST_F(HttpServerTest, ABadChunkIsAnErrorAndEndsTheConnection) {
  const std::string got = talk("PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
                               "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(count(got, "HTTP/1.1 200"), 1u);
  EXPECT_EQ(got.find("GET /after"), std::string::npos);
}

TEST_F(HttpServerTest, MalformedHeadsAreAnsweredAndEndTheConnection) {
  for (const std::string& head : {std::string("GET\r\n\r\n"), std::string("GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"),
                                  std::string("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
                                              "Transfer-Encoding: chunked\r\n\r\n")}) {
    const std::string got = talk(head + "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 400 ")) << got;
    EXPECT_NE(got.find("refused 400"), std::string::npos);
    EXPECT_EQ(got.find("GET /after"), std::string::npos);
  }
  const std::string large = talk("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(200'000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(large.starts_with("HTTP/1.1 431 ")) << large.substr(0, 80);
  const std::string target = talk("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(target.starts_with("HTTP/1.1 414 ")) << target.substr(0, 80);
}

TEST_F(HttpServerTest, HeadIsAnsweredWithoutABody) {
  const std::string got = talk("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(got.find("HEAD /a []"), std::string::npos);
  EXPECT_NE(got.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_NE(got.find("GET /b []"), std::string::npos);
}

TEST_F(HttpServerTest, AHandlerThatFailsIsA500AndAShortBodyACut) {
  EXPECT_TRUE(talk("GET /fail HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500 "));
  const std::string got = talk("GET /short HTTP/1.1\r\nHost: h\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(got.ends_with("only")) << got;
}

TEST_F(HttpServerTest, ChunkedAnswersAreChunkedForHttp11AndEndWithTheConnectionForHttp10) {
  EXPECT_TRUE(talk("GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"));
  EXPECT_TRUE(talk("GET /chunks HTTP/1.0\r\n\r\n").ends_with("\r\n\r\none two"));
}

TEST_F(HttpServerTest, ConnectionCloseIsHonoured) {
  const std::string got =
      talk("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(count(got, "HTTP/1.1 200"), 1u);
  EXPECT_EQ(count(got, "Connection: close"), 1u);
}

}  // namespace
}  // namespace tp::net
