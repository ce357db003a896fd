#include <gtest/gtest.h>

#include "wire/http/chunked_decoder.h"
#include "wire/http/http_error.h"

namespace tp::wire {
namespace {

constexpr std::string_view kBody =
    "4\r\nWiki\r\n6;name=\"va;lue\" \r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n000 \r\nTrailer: x\r\n\r\nNEXT";
constexpr std::string_view kPayload = "Wikipedia in \r\n\r\nchunks.";

struct Decoded {
  std::string payload;
  size_t consumed = 0;
  bool done = false;
};

/// Decodes in pieces of at most `piece` bytes.
Result<Decoded> decode(std::string_view body, size_t piece) {
  ChunkedDecoder decoder;
  Decoded all;
  while (all.consumed < body.size() && !all.done) {
    TP_TRY(const ChunkedDecoder::Step step, decoder.next(body.substr(all.consumed, piece)));
    all.payload += step.payload;
    all.consumed += step.consumed_bytes;
    all.done = step.done;
  }
  return all;
}

TEST(ChunkedDecoder, DecodesInEverySplit) {
  for (size_t piece = 1; piece <= kBody.size(); ++piece) {
    const Result<Decoded> all = decode(kBody, piece);
    ASSERT_TRUE(all) << all.error().to_string();
    EXPECT_TRUE(all->done);
    EXPECT_EQ(all->payload, kPayload);
    EXPECT_EQ(kBody.substr(all->consumed), "NEXT");
  }
}

TEST(ChunkedDecoder, DecodesInPlace) {
  for (size_t piece = 1; piece <= kBody.size(); ++piece) {
    ChunkedDecoder decoder;
    std::string payload;
    for (size_t at = 0; at < kBody.size() && !decoder.done(); at += piece) {
      std::string part(kBody.substr(at, piece));
      const Result<ChunkedDecoder::InPlace> result = decoder.decode_in_place(part);
      ASSERT_TRUE(result);
      payload += part.substr(0, result->payload_bytes);
      EXPECT_EQ(result->done, decoder.done());
    }
    EXPECT_EQ(payload, kPayload) << piece;
  }
}

TEST(ChunkedDecoder, SaysHowMuchOfAChunkIsLeft) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.chunk_remaining(), 0u);
  ASSERT_TRUE(decoder.next("a\r\n"));
  EXPECT_EQ(decoder.chunk_remaining(), 10u);
  ASSERT_TRUE(decoder.next("abc"));
  EXPECT_EQ(decoder.chunk_remaining(), 7u);
}

TEST(ChunkedDecoder, RefusesBadCoding) {
  using std::string_literals::operator""s;
  for (const std::string& body :
       {"\r\n"s, "g\r\n"s, "-1\r\n"s, " 1\r\na\r\n"s, "0x1\r\na\r\n"s, "1\na\n"s, "1\r\na\n"s, "1\r\nab"s, "1\r\na\rb"s,
        "1;\x01\r\n"s, "1;a\nb\r\n"s, "1;a\rb"s, "0\r\nbad trailer\r\n"s, "0\r\n: x\r\n"s, "0\r\nx: \x01\r\n"s,
        "0\r\nx: y\n"s, "0\r\n\n"s, "0\r\n\rX"s, "FFFFFFFFFFFFFFFFF\r\n"s, "1 2\r\n"s, ";a\r\n"s}) {
    for (const size_t piece : {size_t{1}, body.size()}) {
      const Result<Decoded> all = decode(body, piece);
      ASSERT_FALSE(all) << body;
      EXPECT_EQ(http_status(all.error()), 400);
    }
  }
}

TEST(ChunkedDecoder, BoundsLinesAndTrailers) {
  EXPECT_FALSE(decode("1;" + std::string(5000, 'x'), 1000));
  std::string trailer = "0\r\n";
  for (int i = 0; i < 1000; ++i) trailer += "x: " + std::string(20, 'y') + "\r\n";
  EXPECT_FALSE(decode(trailer, 1000));
  EXPECT_FALSE(decode(std::string(5000, '0'), 1000));
}

TEST(ChunkedDecoder, IsNotDoneBeforeTheLastLineEnd) {
  for (const char* body : {"0\r\n", "0\r\n\r", "1\r\na\r\n", "0\r\nx: y\r\n"}) {
    const Result<Decoded> all = decode(body, 100);
    ASSERT_TRUE(all);
    EXPECT_FALSE(all->done) << body;
  }
}

}  // namespace
}  // namespace tp::wire
