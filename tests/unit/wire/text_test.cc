#include <gtest/gtest.h>

#include "wire/text/encoded_word.h"
#include "wire/text/utf8.h"

namespace tp::wire {
namespace {

TEST(Utf8, AcceptsWellFormedText) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("plain ascii, longer than eight bytes"));
  EXPECT_TRUE(is_valid_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
  EXPECT_TRUE(is_valid_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, ThatIsNoneIsMadeSo) {
  EXPECT_EQ(as_valid_utf8(""), "");
  EXPECT_EQ(as_valid_utf8("plain \xc3\xa4"), "plain \xc3\xa4");
  EXPECT_EQ(as_valid_utf8("\xff\xc3x\xed\xa0\x80"),
            "\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_TRUE(is_valid_utf8(as_valid_utf8("\xf0\x90\x80")));
}

TEST(Utf8, RefusesIllFormedText) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xe0\xa0",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                           "\xff", "\xfe", "a good start \xe2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, TellsAsciiApart) {
  EXPECT_TRUE(is_ascii("abcdefgh\x7f\n"));
  EXPECT_FALSE(is_ascii("abcdefg\xc3\xa9"));
  EXPECT_TRUE(is_printable_ascii("a b~"));
  EXPECT_FALSE(is_printable_ascii("a\n"));
  EXPECT_FALSE(is_printable_ascii("\x7f"));
}

TEST(EncodedWord, DecodesBothEncodings) {
  EXPECT_EQ(decode_encoded_words("=?UTF-8?B?w4RtIGvDvGhs?="), "\xc3\x84m k\xc3\xbchl");
  EXPECT_EQ(decode_encoded_words("=?utf-8?q?caf=C3=A9_x?="), "caf\xc3\xa9 x");
  EXPECT_EQ(decode_encoded_words("a =?UTF-8?Q?b?= c"), "a b c");
  EXPECT_EQ(decode_encoded_words("=?UTF-8?Q?a?= \t=?UTF-8?B?Yg==?="), "ab");
  EXPECT_EQ(decode_encoded_words("=?UTF-8?Q?a?= x =?UTF-8?B?Yg==?="), "a x b");
}

TEST(EncodedWord, LeavesTheRestAsItIs) {
  for (const char* text : {"", "plain", "=?", "=?UTF-8?", "=?UTF-8?B", "=?UTF-8?B?", "=?UTF-8?B?***?=", "=?UTF-8?X?a?=",
                           "=?KOI8-R?Q?a?=", "=?UTF-8?Q?=4?=", "=?UTF-8?Q?=GG?=", "?=", "=?=?=?"}) {
    EXPECT_EQ(decode_encoded_words(text), text);
  }
}

TEST(EncodedWord, LooksAtLongTextOnce) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "=?X?Q?";
  EXPECT_EQ(decode_encoded_words(text + "?="), text + "?=");
}

TEST(EncodedWord, EncodesOnlyWhenNeeded) {
  EXPECT_EQ(encode_word_if_needed("plain text"), "plain text");
  EXPECT_EQ(encode_word_if_needed("caf\xc3\xa9"), "=?UTF-8?B?Y2Fmw6k=?=");
  EXPECT_EQ(decode_encoded_words(encode_word_if_needed("caf\xc3\xa9\n")), "caf\xc3\xa9\n");
}

}  // namespace
}  // namespace tp::wire
