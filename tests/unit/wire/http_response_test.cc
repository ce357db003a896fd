#include <gtest/gtest.h>

#include "wire/http/head_parser.h"
#include "wire/http/head_writer.h"

namespace tp::wire {
namespace {

Result<HeadStatus> parse(std::string_view text, ResponseHead& head) { return HeadParser().parse_response(text, head); }

TEST(HttpResponse, ReadsATypicalResponse) {
  const std::string_view text =
      "HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\nETag: \"abc\"\r\nConnection: close\r\n\r\n0123456789";
  ResponseHead head;
  const Result<HeadStatus> status = parse(text, head);
  ASSERT_TRUE(status && *status == HeadStatus::kComplete);
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.reason, "Partial Content");
  EXPECT_EQ(head.content_length, 10u);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(text.substr(head.head_bytes), "0123456789");
  EXPECT_TRUE(head.may_have_body(false));
  EXPECT_FALSE(head.may_have_body(true));
}

TEST(HttpResponse, NeedsMoreUntilTheHeadEnds) {
  const std::string_view text = "HTTP/1.1 200\r\nX: y\r\n\r\n";
  for (size_t size = 0; size < text.size(); ++size) {
    ResponseHead head;
    const Result<HeadStatus> status = parse(text.substr(0, size), head);
    ASSERT_TRUE(status) << size;
    EXPECT_EQ(*status, HeadStatus::kNeedMore) << size;
  }
}

TEST(HttpResponse, RefusesBadSyntax) {
  for (const char* text : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n",
                           "ICY 200 OK\r\n\r\n",
                           "HTTP/1.1 200 OK\n\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    ResponseHead head;
    EXPECT_FALSE(parse(text, head)) << text;
  }
}

TEST(HttpResponse, KnowsWhichStatusesHaveNoBody) {
  ResponseHead head;
  ASSERT_TRUE(parse("HTTP/1.1 304 Not Modified\r\n\r\n", head));
  EXPECT_FALSE(head.may_have_body(false));
  ASSERT_TRUE(parse("HTTP/1.0 200 OK\r\n\r\n", head));
  EXPECT_TRUE(head.body_until_close());
  EXPECT_FALSE(head.keep_alive);
}

TEST(HttpWriter, WritesAResponseHead) {
  Bytes out = "kept";
  ResponseHeadWriter writer(out, 200);
  writer.header("Content-Length", 18446744073709551615ULL);
  writer.header("ETag", "\"x\"");
  writer.finish();
  EXPECT_EQ(out, "keptHTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nETag: \"x\"\r\n\r\n");
}

TEST(HttpWriter, CannotBeMadeToInjectLines) {
  Bytes out;
  ResponseHeadWriter writer(out, 200);
  writer.header("x-amz-meta-a", std::string_view("b\r\nSet-Cookie: c\0d\x7f", 19));
  writer.header("bad name", "v");
  writer.header("bad\r\nname", "v");
  writer.header("", "v");
  writer.finish();
  ResponseHead head;
  const Result<HeadStatus> status = parse(out, head);
  ASSERT_TRUE(status && *status == HeadStatus::kComplete) << out;
  ASSERT_EQ(head.headers.size(), 1u);
  EXPECT_EQ(head.headers[0].value, "b  Set-Cookie: c d");
}

TEST(HttpWriter, WritesARequestHeadThatItsParserReads) {
  Bytes out;
  RequestHeadWriter writer(out, "PUT", "/a b\r\n/\xc3\xa9?x");
  writer.header("Host", "h");
  writer.finish();
  RequestHead head;
  const Result<HeadStatus> status = HeadParser().parse_request(out, head);
  ASSERT_TRUE(status && *status == HeadStatus::kComplete) << out;
  EXPECT_EQ(head.target, "/a%20b%0D%0A/\xc3\xa9?x");
}

}  // namespace
}  // namespace tp::wire
