#include <gtest/gtest.h>

#include <memory>

#include "wire/http/head_parser.h"

namespace tp::wire {
namespace {

constexpr std::string_view kTypical =
    "GET /bucket/some/key.bin?versionId=abc&x HTTP/1.1\r\n"
    "Host: localhost:9000\r\n"
    "Accept-Encoding: identity\r\n"
    "User-Agent: Boto3/1.37.9 md/Botocore#1.37.9\r\n"
    "X-Amz-Date: 20261123T060000Z\r\n"
    "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AK/20261123/us-east-1/s3/aws4_request, Signature=00\r\n"
    "amz-sdk-invocation-id: 5f2d2bd5-8b8d-4a1f-8f0b-0a5f7f0b8f1f\r\n"
    "Connection: keep-alive\r\n"
    "\r\n";

/// The whole text in one call, in memory of its exact size so that a sanitizer sees any read past the end.
Result<HeadStatus> parse(std::string_view text, RequestHead& head, HeadLimits limits = {}) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::copy(text.begin(), text.end(), exact.get());
  HeadParser parser(limits);
  Result<HeadStatus> status = parser.parse_request({exact.get(), text.size()}, head);
  RequestHead again;  // the views die with `exact`
  if (status && *status == HeadStatus::kComplete) status = HeadParser(limits).parse_request(text, head);
  return status;
}

void expect_complete(std::string_view text, RequestHead& head) {
  const Result<HeadStatus> status = parse(text, head);
  ASSERT_TRUE(status) << status.error().to_string() << " in " << text;
  EXPECT_EQ(*status, HeadStatus::kComplete) << text;
}

/// The status answered to `text`, whether it comes at once or byte by byte.
int refusal(std::string_view text, HeadLimits limits = {}) {
  RequestHead head;
  const Result<HeadStatus> whole = parse(text, head, limits);
  HeadParser parser(limits);
  std::optional<Error> error;
  for (size_t size = 1; size <= text.size() && !error; ++size) {
    Result<HeadStatus> status = parser.parse_request(text.substr(0, size), head);
    if (!status) error = std::move(status).error();
  }
  if (whole || !error) return 0;
  EXPECT_EQ(http_status(whole.error()), http_status(*error)) << text;
  return http_status(whole.error());
}

std::string with_line(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(HttpRequest, ReadsATypicalRequest) {
  RequestHead head;
  expect_complete(kTypical, head);
  EXPECT_EQ(head.method, HttpMethod::kGet);
  EXPECT_EQ(head.path, "/bucket/some/key.bin");
  EXPECT_EQ(head.query, "versionId=abc&x");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.host, "localhost:9000");
  EXPECT_EQ(head.headers.size(), 8u);
  EXPECT_EQ(head.find_header("x-amz-date"), "20261123T060000Z");
  EXPECT_EQ(head.find_header("x-amz-dat"), std::nullopt);
  EXPECT_EQ(head.head_bytes, kTypical.size());
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.has_body());
}

TEST(HttpRequest, ReadsTheSameInEverySplit) {
  const std::string pipelined = std::string(kTypical) + std::string(kTypical);
  for (size_t split = 0; split <= pipelined.size(); ++split) {
    HeadParser parser;
    RequestHead head;
    Result<HeadStatus> status = parser.parse_request(std::string_view(pipelined).substr(0, split), head);
    ASSERT_TRUE(status);
    EXPECT_EQ(*status == HeadStatus::kComplete, split >= kTypical.size());
    status = parser.parse_request(pipelined, head);
    ASSERT_TRUE(status && *status == HeadStatus::kComplete) << split;
    EXPECT_EQ(head.head_bytes, kTypical.size());
    EXPECT_EQ(head.headers.size(), 8u);
  }
}

TEST(HttpRequest, ReadsByteByByte) {
  HeadParser parser;
  RequestHead head;
  EXPECT_FALSE(parser.in_head());
  for (size_t size = 0; size < kTypical.size(); ++size) {
    const Result<HeadStatus> status = parser.parse_request(kTypical.substr(0, size), head);
    ASSERT_TRUE(status && *status == HeadStatus::kNeedMore) << size;
    EXPECT_EQ(parser.in_head(), size > 0);
  }
  const Result<HeadStatus> status = parser.parse_request(kTypical, head);
  ASSERT_TRUE(status && *status == HeadStatus::kComplete);
  EXPECT_FALSE(parser.in_head());
}

TEST(HttpRequest, KnowsTheFormsOfTargets) {
  RequestHead head;
  expect_complete("GET http://bucket.example:80?list HTTP/1.1\r\nHost: other\r\n\r\n", head);
  EXPECT_EQ(head.host, "bucket.example:80");
  EXPECT_EQ(head.path, "/");
  EXPECT_EQ(head.query, "list");
  expect_complete("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", head);
  EXPECT_EQ(head.path, "*");
  EXPECT_EQ(head.method, HttpMethod::kOptions);
  expect_complete("GET /? HTTP/1.1\r\nHost: h\r\n\r\n", head);
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.query, "");
  expect_complete("GET //a//../b HTTP/1.1\r\nHost: h\r\n\r\n", head);
  EXPECT_EQ(head.path, "//a//../b");
  EXPECT_EQ(refusal("GET bucket/key HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("CONNECT host:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET http://user@host/x HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(HttpRequest, DecidesTheFraming) {
  RequestHead head;
  expect_complete(with_line("Content-Length: 42"), head);
  EXPECT_EQ(head.content_length, 42u);
  EXPECT_TRUE(head.has_body());
  expect_complete(with_line("content-length:0"), head);
  EXPECT_FALSE(head.has_body());
  expect_complete(with_line("Transfer-Encoding: Chunked"), head);
  EXPECT_TRUE(head.chunked);
  EXPECT_TRUE(head.has_body());
}

TEST(HttpRequest, RefusesFramingThatTwoServersMayReadDifferently) {
  for (const char* line : {"Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6",
                           "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x5",
                           "Content-Length: 5 5", "Content-Length:", "Content-Length: 9223372036854775808",
                           "Content-Length: 99999999999999999999999", "Content-Length: 5\r\nTransfer-Encoding: chunked",
                           "Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length : 5",
                           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding : chunked",
                           "X: y\r\n Transfer-Encoding: chunked", "X: y\r\n\tfolded",
                           "\x0bTransfer-Encoding: chunked"}) {
    EXPECT_EQ(refusal(with_line(line)), 400) << line;
  }
  for (const char* line : {"Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, identity",
                           "Transfer-Encoding: xchunked", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding:"}) {
    EXPECT_EQ(refusal(with_line(line)), 501) << line;
  }
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(HttpRequest, RefusesBadSyntax) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {"\x16\x03\x01\x02\x00\x01"s, "GET\r\n\r\n"s, "GET / \r\n\r\n"s, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"s,
        " GET / HTTP/1.1\r\nHost: h\r\n\r\n"s, "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"s,
        "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n"s, "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n"s,
        "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, "G\xc3\xa9T / HTTP/1.1\r\nHost: h\r\n\r\n"s,
        "GET / http/1.1\r\nHost: h\r\n\r\n"s, "GET / HTTP/1.1x\r\nHost: h\r\n\r\n"s,
        "GET / HTTP/11\r\nHost: h\r\n\r\n"s,
        "GET / HTTP/1.1\nHost: h\n\n"s, "GET / HTTP/1.1\r\nHost: h\n\r\n"s, "GET / HTTP/1.1\rHost: h\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: h\r\rX: y\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\x7f\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: h\r\nX(y): a\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: h\r\nX\xff: a\r\n\r\n"s, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"s,
        "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"s, "GET /\r\n\r\n"s,
        "AVERYLONGMETHODNAMETHATNOBODYWOULDSEND / HTTP/1.1\r\nHost: h\r\n\r\n"s}) {
    EXPECT_EQ(refusal(text), 400) << text;
  }
}

TEST(HttpRequest, WantsExactlyOneHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n"), 400);
  RequestHead head;
  expect_complete("GET / HTTP/1.0\r\n\r\n", head);
  EXPECT_EQ(head.host, "");
}

TEST(HttpRequest, ToleratesWhatIsHarmless) {
  RequestHead head;
  expect_complete("\r\nGET / HTTP/1.1\r\nHost: h\r\nEmpty:\r\nTabs:\t a\tb \t\r\nLatin: caf\xe9\r\n\r\n", head);
  EXPECT_EQ(head.find_header("empty"), "");
  EXPECT_EQ(head.find_header("TABS"), "a\tb");
  EXPECT_EQ(head.find_header("latin"), "caf\xe9");
  expect_complete("GET /\xc3\xa9 HTTP/1.2\r\nHost: h\r\n\r\n", head);
  EXPECT_FALSE(head.http_1_0);
}

TEST(HttpRequest, KnowsWhetherTheConnectionStays) {
  const auto keep_alive = [](std::string_view text) {
    RequestHead head;
    expect_complete(text, head);
    return head.keep_alive;
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: upgrade ,\tKeep-Alive\r\n\r\n"));
}

TEST(HttpRequest, SeesExpectContinue) {
  RequestHead head;
  expect_complete(with_line("Expect: 100-Continue"), head);
  EXPECT_TRUE(head.expect_continue);
  expect_complete(with_line("Expect: 200-ok"), head);
  EXPECT_FALSE(head.expect_continue);
}

TEST(HttpRequest, RefusesOtherVersions) {
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refusal("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refusal("GET / HTTP/3.1\r\nHost: h\r\n\r\n"), 505);
}

TEST(HttpRequest, BoundsTheTarget) {
  RequestHead head;
  expect_complete("GET /" + std::string(16 * 1024 - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", head);
  EXPECT_EQ(refusal("GET /" + std::string(16 * 1024, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
  EXPECT_EQ(refusal("GET /" + std::string(17 * 1024, 'a')), 414);
}

TEST(HttpRequest, BoundsTheHeaders) {
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 255; ++i) many += "X: y\r\n";
  RequestHead head;
  expect_complete(many + "\r\n", head);
  EXPECT_EQ(refusal(many + "X: y\r\n\r\n"), 431);
  const std::string big = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(66 * 1024, 'a');
  HeadParser parser;
  Result<HeadStatus> status = parser.parse_request(big, head);
  ASSERT_FALSE(status);
  EXPECT_EQ(http_status(status.error()), 431);
  HeadParser slow;
  std::optional<size_t> refused_at;
  for (size_t size = 1000; size <= big.size() && !refused_at; size += 1000) {
    if (!slow.parse_request(std::string_view(big).substr(0, size), head)) refused_at = size;
  }
  ASSERT_TRUE(refused_at);
  EXPECT_LE(*refused_at, 64u * 1024 + 1000);
}

TEST(HttpRequest, ReusesItsMemory) {
  RequestHead head;
  HeadParser parser;
  ASSERT_TRUE(parser.parse_request(kTypical, head));
  const HeaderField* memory = head.headers.data();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(parser.parse_request(kTypical, head));
  EXPECT_EQ(head.headers.data(), memory);
}

TEST(HttpHeaders, FindTokensInLists) {
  EXPECT_TRUE(list_has_token("a, B ,c", "b"));
  EXPECT_FALSE(list_has_token("a,bc", "b"));
  EXPECT_FALSE(list_has_token("", "b"));
}

}  // namespace
}  // namespace tp::wire
