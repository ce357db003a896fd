// RESP: requests in any split, limits with Redis's words, numbers, replies of both versions.
#include <gtest/gtest.h>

#include <limits>

#include "wire/resp/request_parser.h"
#include "wire/resp/resp_writer.h"

namespace tp::wire {
namespace {

using Step = RequestParser::Step;

/// Every request of `text`, its words joined by '|', fed in pieces; an error ends it.
std::vector<std::string> requests(BytesView text, size_t piece, RespLimits limits = {}, bool trusted = true) {
  RequestParser parser(limits);
  std::vector<std::string> found;
  std::vector<Bytes> values;
  Bytes buffer;
  size_t fed = 0;
  for (;;) {
    const Step step = parser.parse(buffer, trusted);
    if (step == Step::kError) {
      found.push_back(parser.error());
      return found;
    }
    if (step == Step::kMore) {
      if (fed == text.size()) return found;
      const BytesView more = text.substr(fed, piece);
      buffer.append(more);
      fed += more.size();
      continue;
    }
    if (step == Step::kValue) {
      Bytes value = buffer.substr(parser.position(), parser.value_size());
      buffer.resize(parser.position());
      const BytesView more = text.substr(fed, parser.value_size() - value.size());
      value.append(more);
      fed += more.size();
      if (value.size() < parser.value_size()) return found;
      EXPECT_EQ(parser.value_index(), values.size());
      values.push_back(std::move(value));
      parser.value_taken();
      continue;
    }
    std::string words;
    for (size_t i = 0; step == Step::kRequest && i < parser.count(); ++i) {
      const auto& argument = parser.argument(i);
      words += (i > 0 ? "|" : "") +
               std::string(argument.is_value ? BytesView(values[argument.offset]) : parser.view(argument, buffer));
    }
    if (step == Step::kRequest) found.push_back(words);
    values.clear();
    buffer.erase(0, parser.size());
  }
}

std::string error_of(BytesView text, bool trusted = true) {
  const auto found = requests(text, text.size(), {}, trusted);
  return found.empty() ? "" : found.back();
}

TEST(RequestParser, TakesRequestsInAnySplit) {
  const Bytes text =
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n*1\r\n$4\r\nPING\r\n\r\n*0\r\n*-1\r\n  get   \"a b\\x41\\n\" "
      "'c\\'d' e\r\nping\n"
      "*1\r\n$0\r\n\r\n";
  const std::vector<std::string> wanted = {"SET|a|\r\n\r\n", "PING", "get|a bA\n|c'd|e", "ping", ""};
  for (size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(requests(text, piece), wanted) << piece;
}

TEST(RequestParser, LongBulkStringsAreTakenAsValues) {
  RespLimits limits;
  limits.value_bytes = 10;
  const Bytes text =
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$20\r\n01234567890123456789\r\n*2\r\n$12\r\nabcdefghijkl\r\n$1\r\nx\r\n";
  const std::vector<std::string> wanted = {"SET|a|01234567890123456789", "abcdefghijkl|x"};
  for (size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(requests(text, piece, limits), wanted) << piece;
}

TEST(RequestParser, ErrorsHaveTheWordsOfRedis) {
  EXPECT_EQ(error_of("*x\r\n"), "Protocol error: invalid multibulk length");
  EXPECT_EQ(error_of("*1048577\r\n"), "Protocol error: invalid multibulk length");
  EXPECT_EQ(error_of("*99999999999999999999\r\n"), "Protocol error: invalid multibulk length");
  EXPECT_EQ(error_of("*1\r\n+a\r\n"), "Protocol error: expected '$', got '+'");
  EXPECT_EQ(error_of("*1\r\n$-1\r\n"), "Protocol error: invalid bulk length");
  EXPECT_EQ(error_of("*1\r\n$536870913\r\n"), "Protocol error: invalid bulk length");
  EXPECT_EQ(error_of("*1\r\n$abc\r\n"), "Protocol error: invalid bulk length");
  EXPECT_EQ(error_of("*" + Bytes(70000, '1')), "Protocol error: too big mbulk count string");
  EXPECT_EQ(error_of("*1\r\n$" + Bytes(70000, '1')), "Protocol error: too big bulk count string");
  EXPECT_EQ(error_of(Bytes(70000, 'a')), "Protocol error: too big inline request");
  EXPECT_EQ(error_of("get \"a\r\n"), "Protocol error: unbalanced quotes in request");
  EXPECT_EQ(error_of("get \"a\"b\r\n"), "Protocol error: unbalanced quotes in request");
  EXPECT_EQ(error_of("*11\r\n", false), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(error_of("*1\r\n$16385\r\n", false), "Protocol error: unauthenticated bulk length");
}

TEST(RequestParser, ARequestIsBounded) {
  RespLimits limits;
  limits.value_bytes = 100;
  limits.max_request_bytes = 200;
  limits.max_values_bytes = 250;
  Bytes small = "*10\r\n", large = "*3\r\n";
  for (int i = 0; i < 10; ++i) small += "$50\r\n" + Bytes(50, 'x') + "\r\n";
  for (int i = 0; i < 3; ++i) large += "$100\r\n" + Bytes(100, 'x') + "\r\n";
  EXPECT_EQ(requests(small, 7, limits).back(), "Protocol error: too big request");
  EXPECT_EQ(requests(large, 7, limits).back(), "Protocol error: too big request");
}

TEST(RespNumber, IntegersHaveOneForm) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<int64_t>::max());
  for (const char* text : {"", "-", "+1", "01", "-0", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "1e3",
                           "99999999999999999999"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(RespNumber, FloatsLoseTheirZeros) {
  EXPECT_EQ(format_float(3.0L), "3");
  EXPECT_EQ(format_float(10.5L), "10.5");
  EXPECT_EQ(format_float(-0.0L), "0");
  EXPECT_EQ(*parse_float("5.0e3"), 5000.0L);
  for (const char* text : {"", " 1", "1 ", "abc", "nan", "1e99999"}) EXPECT_FALSE(parse_float(text)) << text;
}

class Replies : public RespWriter {
 public:
  Bytes take() { return std::exchange(out_, {}); }
};

TEST(RespWriter, WritesBothVersions) {
  Replies out;
  out.null();
  out.null_array();
  out.map(2);
  out.set(1);
  out.real(1.5);
  out.verbatim("hi");
  EXPECT_EQ(out.take(), "$-1\r\n*-1\r\n*4\r\n*1\r\n$3\r\n1.5\r\n$2\r\nhi\r\n");
  out.set_protocol(3);
  out.null();
  out.null_array();
  out.map(2);
  out.set(1);
  out.real(1.5);
  out.verbatim("hi");
  EXPECT_EQ(out.take(), "_\r\n_\r\n%2\r\n~1\r\n,1.5\r\n=6\r\ntxt:hi\r\n");
  out.error("ERR a\r\nb");
  out.bulk_integer(-42);
  EXPECT_EQ(out.take(), "-ERR a  b\r\n$3\r\n-42\r\n");
}

}  // namespace
}  // namespace tp::wire
