#include "base/hash/sha256.h"

#include <gtest/gtest.h>

#include "base/hash/hmac_sha256.h"

namespace tp {
namespace {

TEST(Sha256, GivesTheAnswersOfFips180) {
  EXPECT_EQ(to_hex(as_view(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(as_view(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 hash;
  for (int i = 0; i < 1000; ++i) hash.update(Bytes(1000, 'a'));
  EXPECT_EQ(to_hex(as_view(hash.finish())), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, ACopyIsAFork) {
  Sha256 trunk;
  trunk.update("common ");
  Sha256 branch = trunk;
  branch.update("branch");
  trunk.update("trunk");
  EXPECT_EQ(trunk.finish(), sha256("common trunk"));
  EXPECT_EQ(branch.finish(), sha256("common branch"));
  EXPECT_EQ(branch.finish(), sha256(""));
}

struct HmacCase {
  Bytes key;
  Bytes data;
  const char* hex;
};

TEST(HmacSha256, GivesTheAnswersOfRfc4231) {
  Bytes counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  const HmacCase cases[] = {
      {Bytes(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, '\xaa'), Bytes(50, '\xdd'), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, Bytes(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& [key, data, hex] : cases) EXPECT_EQ(to_hex(as_view(hmac_sha256(key, data))), hex);
}

TEST(HmacSha256, AKeySignsManyTimes) {
  const HmacSha256Key key("secret");
  EXPECT_EQ(key.sign("one"), hmac_sha256("secret", "one"));
  EXPECT_EQ(key.sign("two"), hmac_sha256("secret", "two"));
  EXPECT_EQ(key.sign("one"), hmac_sha256("secret", "one"));
  EXPECT_NE(key.sign("one"), key.sign("two"));
  EXPECT_EQ(HmacSha256Key("").sign("x"), hmac_sha256(Bytes(64, '\0'), "x"));  // padding makes them one key
}

}  // namespace
}  // namespace tp
