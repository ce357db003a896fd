#include <gtest/gtest.h>

#include <ctime>

#include "wire/text/timestamp.h"

namespace tp::wire {
namespace {

constexpr int64_t kTime = 1795413600;  // 2026-11-23T06:00:00Z

TEST(Timestamp, WritesTheThreeForms) {
  EXPECT_EQ(http_date(kTime), "Mon, 23 Nov 2026 06:00:00 GMT");
  EXPECT_EQ(iso8601(kTime * 1'000'000'000 + 7'999'999), "2026-11-23T06:00:00.007Z");
  EXPECT_EQ(amz_date(kTime), "20261123T060000Z");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Timestamp, ReadsTheThreeFormsOfHttpDates) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), 784111777);
  EXPECT_EQ(parse_http_date("Mon Nov 23 06:00:00 2026"), kTime);
  EXPECT_EQ(parse_http_date("Monday, 23-Nov-26 06:00:00 GMT"), kTime);
}

TEST(Timestamp, AgreesWithTheSystemCalendar) {
  for (int64_t time = 0; time <= kMaxUnixSeconds; time += 86400 * 13 + 12345) {
    const time_t seconds = time;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    ASSERT_EQ(http_date(time), text);
    ASSERT_EQ(parse_http_date(text), time);
    ASSERT_EQ(parse_amz_date(amz_date(time)), time);
  }
}

TEST(Timestamp, ReadsIso8601) {
  EXPECT_EQ(parse_iso8601("2026-11-23T06:00:00Z"), kTime * 1'000'000'000);
  EXPECT_EQ(parse_iso8601("2026-11-23T06:00:00.5Z"), kTime * 1'000'000'000 + 500'000'000);
  EXPECT_EQ(parse_iso8601("2026-11-23T06:00:00.123456789Z"), kTime * 1'000'000'000 + 123'456'789);
  EXPECT_EQ(parse_iso8601("2026-11-23T07:30:00+01:30"), kTime * 1'000'000'000);
  EXPECT_EQ(parse_iso8601("2026-11-23T01:00:00-05:00"), kTime * 1'000'000'000);
  EXPECT_EQ(parse_iso8601("1970-01-02"), 86400LL * 1'000'000'000);
  EXPECT_EQ(parse_iso8601("9999-12-31T00:00:00Z"), INT64_MAX);
}

TEST(Timestamp, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "Mon", "Mon, 23 Nov 2026 06:00:00", "Mon, 31 Feb 2026 06:00:00 GMT", "Mon, 23 Nov 2026 24:00:00 GMT",
        "Mon, 23 nov 2026 06:00:00 GMT", "Mon, 23 Nov 2026 06:00:00 CET", "Mon, 3 Nov 2026 06:00:00 GMT",
        "Mon, 23 Nov 2026 06:00:00 GMT ", "Mon, 23 Nov 1969 06:00:00 GMT", "Xyz, 23 Nov 2026 06:00:00 GMT",
        "Mon, 29 Feb 2027 06:00:00 GMT", "Mon, 23 Nov -026 06:00:00 GMT", "1795413600"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
  for (const char* text :
       {"", "2026", "2026-11-23T", "2026-11-23T06:00:00", "2026-13-01T00:00:00Z", "2026-11-23T06:00:00.Z",
        "2026-11-23T06:00:00.1234567890Z", "2026-11-23T06:00:00+25:00", "2026-11-23T06:00:00ZZ", "20261123T060000Z",
        "1970-01-01T00:00:00+01:00", "2026-11-23T06:60:00Z"}) {
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
  }
  for (const char* text : {"", "20261123", "20261123T060000", "20261123T0600000Z", "20261323T060000Z",
                           "2026-11-23T06:00:00Z", "20261123t060000z", "+0261123T060000Z"}) {
    EXPECT_EQ(parse_amz_date(text), std::nullopt) << text;
  }
}

TEST(Timestamp, ClampsWhatCannotBeWritten) {
  EXPECT_EQ(http_date(-1), http_date(0));
  EXPECT_EQ(http_date(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(iso8601(INT64_MIN), "1970-01-01T00:00:00.000Z");
}

TEST(Timestamp, KnowsLeapDays) {
  EXPECT_TRUE(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"));
  EXPECT_TRUE(parse_http_date("Tue, 29 Feb 2000 00:00:00 GMT"));
  EXPECT_FALSE(parse_http_date("Mon, 29 Feb 2100 00:00:00 GMT"));
}

}  // namespace
}  // namespace tp::wire
