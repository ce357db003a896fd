// Listings, from bytes to bytes: order, prefixes, pages whose truncation is exact at every size, encodings, bad input.
#include <gtest/gtest.h>

#include "support/naive_listing.h"
#include "unit/front/s3_rig.h"
#include "wire/text/uri.h"
#include "wire/text/xml_reader.h"

namespace tp::test {
namespace {

struct Listed {
  std::vector<std::string> keys;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string next;  // NextContinuationToken, NextMarker or NextKeyMarker
};

Listed parse_listing(const Reply& reply) {
  EXPECT_EQ(reply.status, 200) << reply.body;
  Listed listed;
  const auto document = wire::XmlDocument::parse(reply.body);
  if (!document) {
    ADD_FAILURE() << reply.body;
    return listed;
  }
  const wire::XmlNode root = document->root();
  for (const auto& object : root.children("Contents")) listed.keys.push_back(object.child_text("Key"));
  for (const auto& object : root.children("Version")) listed.keys.push_back(object.child_text("Key"));
  for (const auto& prefix : root.children("CommonPrefixes")) listed.prefixes.push_back(prefix.child_text("Prefix"));
  listed.truncated = root.child_text("IsTruncated") == "true";
  for (const char* name : {"NextContinuationToken", "NextMarker", "NextKeyMarker"}) {
    if (root.child(name)) listed.next = root.child_text(name);
  }
  return listed;
}

std::string encoded(const std::string& text) { return wire::percent_encode(text, wire::Slash::kEncode); }

// How each form asks, first and then from where the page before ended.
struct Form {
  std::string name, position;
  bool always_says_next = true;
};
const std::vector<Form> kForms = {
    {"list-type=2", "&continuation-token="}, {"", "marker=", false}, {"versions", "&key-marker="}};

class ListRequests : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(rig_.put("/box", "").status, 200);
    for (const std::string& key : keys_) {
      ASSERT_EQ(rig_.put("/box/" + encoded(key), "x").status, 200) << key;
    }
  }
  Listed list(const std::string& query) { return parse_listing(rig_.get("/box", {}, query)); }
  NaivePage expected(const std::string& prefix, const std::string& delimiter) {
    plane::ListQuery query;
    query.prefix = prefix;
    query.delimiter = delimiter;
    return naive_list(keys_, query);
  }

  // Page after page; whether each is truncated must be exact.
  Listed list_all(const Form& form, const std::string& prefix, const std::string& delimiter, size_t size,
                  size_t entries) {
    Listed sum;
    std::string next;
    for (size_t pages = 1;; ++pages) {
      const Listed page = list(form.name + (next.empty() ? "" : form.position + encoded(next)) +
                               "&max-keys=" + std::to_string(size) + "&prefix=" + encoded(prefix) +
                               "&delimiter=" + encoded(delimiter));
      sum.keys.insert(sum.keys.end(), page.keys.begin(), page.keys.end());
      sum.prefixes.insert(sum.prefixes.end(), page.prefixes.begin(), page.prefixes.end());
      EXPECT_EQ(page.truncated, pages * size < entries) << "page " << pages;
      if (!page.truncated || pages > entries) return sum;
      EXPECT_EQ(page.next.empty(), !form.always_says_next && delimiter.empty());
      next = page.next.empty() ? page.keys.back() : page.next;
    }
  }

  const std::set<std::string> keys_ = {"a",   "a/",  "a/b",    "a/box/c", "a//d", "b",        "b c",       "b+c",
                                       "b/1", "b/2", "photo%", "z/",    "é/x",  "\xf0\x9f\x98\x80", "…dots…"};
  S3Rig rig_;
};

TEST_F(ListRequests, PagesOfEverySizeAddUpInAllThreeForms) {
  for (const std::string prefix : {"", "a", "a/", "b", "nothing"}) {
    for (const std::string delimiter : {"", "/", "//", "b"}) {
      const NaivePage whole = expected(prefix, delimiter);
      const size_t entries = whole.keys.size() + whole.common_prefixes.size();
      for (size_t size = 1; size <= entries + 1; ++size) {
        for (const Form& form : kForms) {
          SCOPED_TRACE(form.name + " size " + std::to_string(size) + " prefix " + prefix + " delimiter " + delimiter);
          const Listed sum = list_all(form, prefix, delimiter, size, entries);
          ASSERT_EQ(sum.keys, whole.keys);
          ASSERT_EQ(sum.prefixes, whole.common_prefixes);
        }
      }
    }
  }
}

TEST_F(ListRequests, StartAfterAndMarkerBeginBehindAKeyThatNeedNotExist) {
  EXPECT_EQ(list("list-type=2&start-after=b%20b").keys.front(), "b c");
  EXPECT_EQ(list("list-type=2&start-after=b%20c").keys.front(), "b+c");
  EXPECT_EQ(list("marker=b%2Fz").keys.front(), "photo%");
  EXPECT_TRUE(list("marker=%F4%8F%BF%BF").keys.empty());
}

TEST_F(ListRequests, UrlEncodingCoversEveryName) {
  const Reply reply = rig_.get("/box", {}, "list-type=2&encoding-type=url&delimiter=%20&prefix=b&start-after=a%2Bz");
  EXPECT_EQ(reply.element("EncodingType"), "url");
  EXPECT_EQ(reply.element("Delimiter"), "%20");
  EXPECT_EQ(reply.element("StartAfter"), "a%2Bz");
  EXPECT_NE(reply.body.find("<Key>b%2Bc</Key>"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find("<Prefix>b%20</Prefix>"), std::string::npos);
  EXPECT_NE(rig_.get("/box", {}, "encoding-type=url").body.find("<Key>%C3%A9/x</Key>"), std::string::npos);
}

TEST_F(ListRequests, MaxKeysIsClampedCountedAndChecked) {
  const Reply many = rig_.get("/box", {}, "list-type=2&max-keys=5000");
  EXPECT_EQ(many.element("MaxKeys"), "1000");
  EXPECT_EQ(many.element("KeyCount"), std::to_string(keys_.size()));
  const Reply none = rig_.get("/box", {}, "list-type=2&max-keys=0");
  EXPECT_EQ(none.element("KeyCount"), "0");
  EXPECT_EQ(none.element("IsTruncated"), "false");
  for (const std::string bad : {"-1", "x", "1.5", "99999999999999999999", "%20"}) {
    EXPECT_EQ(rig_.get("/box", {}, "max-keys=" + bad).code(), "InvalidArgument") << bad;
  }
}

TEST_F(ListRequests, OwnersAreShownAsEachFormHasIt) {
  EXPECT_EQ(rig_.get("/box", {}, "").element("DisplayName"), "root");
  EXPECT_EQ(rig_.get("/box", {}, "list-type=2").body.find("<Owner>"), std::string::npos);
  EXPECT_NE(rig_.get("/box", {}, "list-type=2&fetch-owner=true").body.find("<Owner>"), std::string::npos);
}

TEST_F(ListRequests, VersionsAreTheOneThatEachObjectHas) {
  const Reply reply = rig_.get("/box", {}, "versions&max-keys=1");
  EXPECT_EQ(reply.element("VersionId"), "null");
  EXPECT_EQ(reply.element("IsLatest"), "true");
  EXPECT_EQ(reply.element("NextKeyMarker"), "a");
  EXPECT_EQ(reply.element("NextVersionIdMarker"), "null");
  const Reply second = rig_.get("/box", {}, "versions&max-keys=1&key-marker=a&version-id-marker=null");
  EXPECT_EQ(second.element("Key"), "a/");
  EXPECT_EQ(rig_.get("/box", {}, "versions&version-id-marker=null").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box", {}, "versions&key-marker=a&version-id-marker=7").code(), "InvalidArgument");
}

TEST_F(ListRequests, NamesThatFileClientsMadeOfAnyBytesAreListedReadAndRemoved) {
  const std::string name = "a\xff\x01", path = "/box/a%FF%01";
  auto& files = rig_.store().plane().files();
  plane::FileCaller root;
  root.super_user = true;
  root.uid = root.gid = 0;
  ASSERT_TRUE(rig_.store().run(files.create(root, *files.root("box"), name, {})));
  EXPECT_EQ(parse_listing(rig_.get("/box", {}, "encoding-type=url&marker=a/box/c")).keys[0], "a%FF%01");
  const Reply shown = rig_.get("/box");
  EXPECT_NE(shown.body.find("<Key>a\xef\xbf\xbd&#x1;</Key>"), std::string::npos) << shown.body;
  EXPECT_EQ(parse_listing(rig_.get("/box", {}, "encoding-type=url&marker=a%FF%01")).keys[0], "b");
  // A page may end there.
  const std::string ask = "list-type=2&encoding-type=url&max-keys=1";
  const Listed first = parse_listing(rig_.get("/box", {}, ask + "&start-after=a/box/c"));
  ASSERT_TRUE(first.truncated);
  EXPECT_EQ(first.keys, std::vector<std::string>{"a%FF%01"});
  EXPECT_EQ(parse_listing(rig_.get("/box", {}, ask + "&continuation-token=" + encoded(first.next))).keys,
            std::vector<std::string>{"b"});
  EXPECT_EQ(rig_.get(path).status, 200);
  EXPECT_EQ(rig_.head(path).status, 200);
  EXPECT_EQ(rig_.put("/box/copy", "", {{"x-amz-copy-source", path}}).status, 200);
  EXPECT_EQ(rig_.put(path, "x").code(), "InvalidURI");
  EXPECT_EQ(rig_.remove(path).status, 204);
  EXPECT_EQ(rig_.get(path).code(), "NoSuchKey");
}

TEST_F(ListRequests, BadParametersAreRefused) {
  EXPECT_EQ(rig_.get("/box", {}, "encoding-type=base64").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box", {}, "list-type=2&continuation-token=").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box", {}, "list-type=2&continuation-token=../../etc/passwd").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box", {}, "prefix=%FF").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box", {}, "marker=%ED%A0%80").code(), "InvalidArgument");
  EXPECT_EQ(rig_.send({.method = "GET", .path = "/box", .query = "prefix=%zz", .sign = false}).code(), "InvalidURI");
  EXPECT_EQ(rig_.get("/nowhere").code(), "NoSuchBucket");
}

}  // namespace
}  // namespace tp::test
