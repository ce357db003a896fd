#include <gtest/gtest.h>

#include "wire/text/uri.h"

namespace tp::wire {
namespace {

TEST(Uri, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~", Slash::kEncode), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c+d=%\n", Slash::kEncode), "a%20b%2Fc%2Bd%3D%25%0A");
  EXPECT_EQ(percent_encode("a b/c", Slash::kKeep), "a%20b/c");
  EXPECT_EQ(percent_encode("\xc3\xa9", Slash::kKeep), "%C3%A9");
}

TEST(Uri, DecodesWhatItEncodes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const Slash slash : {Slash::kEncode, Slash::kKeep}) {
    const Result<Bytes> decoded = percent_decode(percent_encode(all, slash));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, all);
  }
}

TEST(Uri, RefusesBadEscapes) {
  for (const char* text : {"%", "%4", "%4g", "%g4", "a%", "%%41", "%+1"}) EXPECT_FALSE(percent_decode(text)) << text;
  EXPECT_EQ(percent_decode("%41%2f%2F").value(), "A//");
}

TEST(Uri, KeepsOrTurnsPlus) {
  EXPECT_EQ(percent_decode("a+b").value(), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", Plus::kSpace).value(), "a b+");
}

TEST(Query, KeepsOrderAndNamesWithoutValue) {
  const auto params = parse_query("acl&prefix=a%2Fb+c&prefix=&&=x&a=b=c");
  ASSERT_TRUE(params);
  ASSERT_EQ(params->size(), 5u);
  EXPECT_EQ((*params)[0].name, "acl");
  EXPECT_FALSE((*params)[0].has_value);
  EXPECT_EQ((*params)[1].value, "a/b c");
  EXPECT_TRUE((*params)[2].has_value);
  EXPECT_EQ((*params)[2].value, "");
  EXPECT_EQ((*params)[3].name, "");
  EXPECT_EQ((*params)[4].value, "b=c");
  EXPECT_EQ(find_query_param(*params, "prefix")->value, "a/b c");
  EXPECT_EQ(find_query_param(*params, "ACL"), nullptr);
}

TEST(Query, RefusesBadEscapesAndFloods) {
  EXPECT_FALSE(parse_query("a=%zz"));
  EXPECT_FALSE(parse_query("%=1"));
  std::string flood;
  for (size_t i = 0; i < kMaxQueryParams; ++i) flood += "a&";
  EXPECT_TRUE(parse_query(flood));
  EXPECT_FALSE(parse_query(flood + "a"));
  EXPECT_TRUE(parse_query("").value().empty());
}

}  // namespace
}  // namespace tp::wire
