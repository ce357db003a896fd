// Endpoints, back-off, errors and ranges: the parts of net/remote that are functions.
#include <gtest/gtest.h>

#include "net/remote/endpoint.h"
#include "net/remote/remote_error.h"
#include "net/remote/retry_policy.h"

namespace tp::net {
namespace {

TEST(Endpoint, IsReadFromAUrl) {
  auto plain = parse_endpoint("http://127.0.0.1:9000");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->port, 9000);
  EXPECT_EQ(plain->authority(), "127.0.0.1:9000");
  auto based = parse_endpoint("https://s3.example.com/base/path//");
  ASSERT_TRUE(based);
  EXPECT_TRUE(based->tls);
  EXPECT_EQ(based->port, 443);
  EXPECT_EQ(based->authority(), "s3.example.com");
  EXPECT_EQ(based->base_path, "/base/path");
  auto v6 = parse_endpoint("https://[::1]:8443/");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->authority(), "[::1]:8443");
  EXPECT_EQ(parse_endpoint("http://host:80")->authority(), "host");
}

TEST(Endpoint, RefusesWhatIsNoneAndDoesNotRepeatIt) {
  for (const char* url :
       {"", "host:9000", "ftp://host", "http://", "http://:80", "http://host:", "http://host:0", "http://host:70000",
        "http://host:8x", "http://user:secret@host", "http://ho st", "http://host/a?sig=secret", "http://host/#f",
        "http://[::1", "http://[::1]x", "http://[zz]:1", "https://host/a b", "http://ho\r\nst"}) {
    auto parsed = parse_endpoint(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().message.find("secret"), std::string::npos);
  }
  EXPECT_FALSE(parse_endpoint("http://" + std::string(3000, 'a')));
}

TEST(RetryPolicy, DelaysGrowAreSpreadAndStayBelowALimit) {
  RetryPolicy policy;
  rt::Rng rng(1);
  for (unsigned failed = 1; failed < 80; ++failed) {
    rt::Nanos least = INT64_MAX, most = 0;
    for (int i = 0; i < 200; ++i) {
      const rt::Nanos delay = policy.delay(failed, nullptr, rng);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    const rt::Nanos bound = failed > 7 ? policy.longest_delay : policy.first_delay << (failed - 1);
    EXPECT_LT(most, bound);
    EXPECT_GT(most, bound / 2) << failed;
    EXPECT_LT(least, bound / 4) << failed;
  }
  RemoteAnswer asked;
  for (const char* text : {"1000000", "-1", "soon", "99999999999999999999"}) {
    asked.headers = {{"retry-after", text}};
    EXPECT_LE(policy.delay(1, &asked, rng), policy.longest_delay);
  }
}

RemoteAnswer answer_of(int status, std::string body, RemoteHeaders headers = {}) {
  RemoteAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.headers = std::move(headers);
  return answer;
}

TEST(RemoteError, SaysWhatTheServiceSaid) {
  const auto denied = error_of_answer(
      answer_of(403,
                "\xef\xbb\xbf<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Make sure\n"
                "and more</Message></Error>"),
      "put x");
  EXPECT_EQ(denied.code, Code::kPermissionDenied);
  EXPECT_EQ(denied.message, "put x: status 403 AuthenticationFailed: Make sure");
  EXPECT_EQ(error_of_answer(answer_of(404, "", {{"x-ms-error-code", "BlobNotFound"}}), "h").message,
            "h: status 404 BlobNotFound");
  EXPECT_EQ(error_of_answer(answer_of(403, "<Error><Code>QuotaExceeded</Code></Error>"), "p").code, Code::kNoSpace);
  EXPECT_EQ(error_of_answer(answer_of(503, ""), "p").code, Code::kBusy);
  EXPECT_EQ(error_of_answer(answer_of(500, "<html>"), "p").code, Code::kUnavailable);
  const auto moved = error_of_answer(answer_of(301, "", {{"x-amz-bucket-region", "eu-west-3"}}), "p");
  EXPECT_EQ(moved.code, Code::kInvalidArgument);
  EXPECT_NE(moved.message.find("eu-west-3"), std::string::npos);
}

TEST(RemoteError, BytesFromOutsideDoNotReachALogAsTheyAre) {
  const auto error = error_of_answer(
      answer_of(400, "<Error><Code>A\x1b[31m</Code><Message>" + std::string(5000, 'x') + "</Message></Error>"), "p");
  EXPECT_LT(error.message.size(), 500u);
  for (const char c : error.message) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(Ranges, AreTakenOnlyIfTheyAreWhatWasAskedFor) {
  EXPECT_EQ(range_header(10, 5), "bytes=10-14");
  const auto take = [](int status, std::string body, const char* range) {
    RemoteHeaders headers;
    if (range != nullptr) headers.emplace_back("Content-Range", range);
    return take_range(answer_of(status, std::move(body), std::move(headers)), 10, 5, "get");
  };
  EXPECT_EQ(take(206, "abcde", "bytes 10-14/100").value(), "abcde");
  EXPECT_EQ(take(206, "abcde", "bytes 10-14/*").value(), "abcde");
  EXPECT_EQ(take(206, "abc", "bytes 10-12/13").error().code, Code::kOutOfRange);
  for (const char* range : {"bytes 11-15/100", "bytes 10-15/100", "bytes 10-14", "bytes 14-10/100", "10-14/100", "",
                            "bytes 99999999999999999999-99999999999999999999/1"}) {
    EXPECT_EQ(take(206, "abcde", range).error().code, Code::kIo) << range;
  }
  EXPECT_EQ(take(206, "abcde", nullptr).error().code, Code::kIo);
  EXPECT_EQ(take(206, "abcdefgh", "bytes 10-17/100").error().code, Code::kIo);
  EXPECT_EQ(take(200, "abcde", nullptr).error().code, Code::kIo);
  EXPECT_EQ(take(206, "", "bytes 10-9/10").error().code, Code::kOutOfRange);
  EXPECT_EQ(take(416, "", nullptr).error().code, Code::kOutOfRange);
  EXPECT_EQ(take(404, "", nullptr).error().code, Code::kNotFound);
  EXPECT_EQ(take_range(answer_of(200, "abcde"), 0, 5, "get").value(), "abcde");
  EXPECT_EQ(take_range(answer_of(200, "abcde"), 0, 9, "get").error().code, Code::kOutOfRange);
  EXPECT_EQ(take_range(answer_of(200, "abcde"), 0, 3, "get").error().code, Code::kIo);
}

}  // namespace
}  // namespace tp::net
