// What a connection finds of the requests that wait in its input, without parsing them.
#include "front/redis/connection/look_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tp::redis {
namespace {

std::vector<std::string> found(BytesView input) {
  LookAhead ahead;
  const auto keys = ahead.keys(input);
  return {keys.begin(), keys.end()};
}

TEST(LookAhead, NamesTheKeysOfWholeRequests) {
  const std::string get = "*2\r\n$3\r\nGET\r\n$2\r\nk1\r\n", set = "*3\r\n$3\r\nSET\r\n$2\r\nk2\r\n$4\r\n\r\n$9\r\n";
  EXPECT_THAT(found(get + set + get), testing::ElementsAre("k1", "k2", "k1"));
  EXPECT_THAT(found(""), testing::IsEmpty());
  const std::string both = get + set;
  for (size_t cut = get.size(); cut < both.size(); ++cut) {
    EXPECT_THAT(found(both.substr(0, cut)), testing::ElementsAre("k1")) << cut;
  }
}

TEST(LookAhead, EndsAtWhatIsUnusual) {
  const std::string get = "*2\r\n$3\r\nGET\r\n$2\r\nk1\r\n";
  for (const std::string odd :
       {"PING\r\n", "*1\r\n$4\r\nPING\r\n", "*9\r\n", "*-1\r\n", "*2\r\n$-1\r\n", "*99999999999999999999\r\n",
        "*2\r\n$3\r\nGET\r\n$4294967295\r\nx\r\n", "*2\r\n:3\r\n", "*2\n", "*", "$3\r\nGET\r\n"}) {
    EXPECT_THAT(found(get + odd + get), testing::ElementsAre("k1")) << odd;
  }
}

TEST(LookAhead, IsBounded) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "*2\r\n$3\r\nGET\r\n$2\r\nk1\r\n";
  EXPECT_EQ(found(many).size(), LookAhead::kMostRequests);
}

}  // namespace
}  // namespace tp::redis
