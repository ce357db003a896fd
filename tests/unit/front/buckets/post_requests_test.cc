// Browser form uploads, from bytes to bytes: signed by policy or anonymous, whole, cut and forged.
#include <gtest/gtest.h>

#include "front/s3/post/post_answer.h"
#include "unit/front/s3_rig.h"
#include "wire/text/timestamp.h"

namespace tp::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
constexpr const char* kBoundary = "----WebKitFormBoundaryAbC";

std::string form_of(const Fields& fields, const std::string& filename, const std::string& data) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n";
    body += value + "\r\n";
  }
  return body + "--" + kBoundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
         "\"\r\nContent-Type: image/png\r\n\r\n" + data + "\r\n--" + kBoundary + "--\r\n";
}

class PostRequests : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(rig_.put("/box", "").status, 200); }

  Reply post(std::string body, const std::string& type = std::string("multipart/form-data; boundary=") + kBoundary) {
    return rig_.send({.method = "POST",
                      .path = "/box",
                      .headers = {{"Content-Type", type}},
                      .body = std::move(body),
                      .sign = false});
  }

  /// The fields that sign a policy with these conditions, valid for an hour from now.
  Fields signed_fields(const std::string& conditions, Fields fields, int64_t valid_for = 3600) {
    const int64_t now = rig_.now();
    const std::string date = wire::amz_date(now);
    const std::string credential = "root/" + date.substr(0, 8) + "/us-east-1/s3/aws4_request";
    const std::string policy =
        to_base64("{\"expiration\":\"" + wire::iso8601((now + valid_for) * rt::kSecond) +
                  "\",\"conditions\":[{\"bucket\":\"box\"},[\"starts-with\",\"$key\",\"up/\"],{\"x-amz-algorithm\":"
                  "\"AWS4-HMAC-SHA256\"},{\"x-amz-credential\":\"" +
                  credential + "\"},{\"x-amz-date\":\"" + date + "\"}" + conditions + "]}");
    wire::SigningKeyCache keys;
    const wire::SigningCredentials root{"root", "secret"};
    fields.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    fields.emplace_back("X-Amz-Credential", credential);
    fields.emplace_back("X-Amz-Date", date);
    fields.emplace_back("Policy", policy);
    fields.emplace_back("X-Amz-Signature", wire::sign_policy(policy, root, date.substr(0, 8), keys));
    return fields;
  }
  bool exists(const std::string& path) { return rig_.head(path).status == 200; }
  void open_to_everyone() {
    ASSERT_EQ(rig_.send({.method = "PUT",
                         .path = "/box",
                         .query = "acl",
                         .headers = {{"x-amz-acl", "public-read-write"}}})
                  .status,
              200);
  }

  S3Rig rig_;
};

TEST_F(PostRequests, ASignedFormStoresWhatItSays) {
  const std::string tagging = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
  const std::string conditions = ",{\"acl\":\"public-read\"},[\"starts-with\",\"$Content-Type\",\"text/\"]"
                                 ",{\"x-amz-meta-who\":\"me\"},{\"success_action_status\":\"201\"}"
                                 ",[\"content-length-range\",1,1000],[\"eq\",\"$tagging\",\"" + tagging + "\"]";
  const Fields fields = signed_fields(conditions, {{"key", "up/${filename}"},
                                                   {"acl", "public-read"},
                                                   {"Content-Type", "text/plain"},
                                                   {"x-amz-meta-who", "me"},
                                                   {"success_action_status", "201"},
                                                   {"tagging", tagging}});
  const Reply reply = post(form_of(fields, "C:\\pictures\\cat one.png", "pixels"));
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.element("Key"), "up/cat one.png");
  EXPECT_EQ(reply.element("Bucket"), "box");
  EXPECT_EQ(reply.element("Location"), "http://localhost:9000/box/up/cat%20one.png");
  const Reply got = rig_.get("/box/up/cat%20one.png");
  EXPECT_EQ(got.body, "pixels");
  EXPECT_EQ(got.header("content-type"), "text/plain");
  EXPECT_EQ(got.header("x-amz-meta-who"), "me");
  EXPECT_EQ(rig_.get("/box/up/cat%20one.png", {}, "tagging").element("Value"), "v");
  EXPECT_EQ(rig_.send({.method = "GET", .path = "/box/up/cat%20one.png", .sign = false}).status, 200) << "public-read";
}

TEST_F(PostRequests, TheAnswerIsTheOneAskedFor) {
  open_to_everyone();
  EXPECT_EQ(post(form_of({{"key", "k"}}, "f", "x")).status, 204);
  EXPECT_EQ(post(form_of({{"key", "k"}, {"success_action_status", "200"}}, "f", "x")).status, 200);
  EXPECT_EQ(post(form_of({{"key", "k"}, {"success_action_status", "404"}}, "f", "x")).status, 204);
  const Reply redirect = post(form_of({{"key", "k&k"}, {"success_action_redirect", "http://a.com/x?y=1"}}, "f", "x"));
  EXPECT_EQ(redirect.status, 303);
  EXPECT_EQ(redirect.header("location"),
            "http://a.com/x?y=1&bucket=box&key=k%26k&etag=%229dd4e461268c8034f5c8564e155c67a6%22");
  EXPECT_EQ(post(form_of({{"key", "k"}, {"success_action_redirect", "javascript:alert(1)"}}, "f", "x")).status, 204);
}

TEST_F(PostRequests, ARedirectKeepsItsFragmentAndNothingElseIsOne) {
  EXPECT_EQ(s3::post_redirect("https://a/b#c", "b", "k", "e"), "https://a/b?bucket=b&key=k&etag=%22e%22#c");
  EXPECT_EQ(s3::post_redirect("ftp://a", "b", "k", "e"), "");
  EXPECT_EQ(s3::post_redirect("http://a\r\nSet-Cookie: x", "b", "k", "e"), "");
  EXPECT_EQ(s3::post_redirect("", "b", "k", "e"), "");
}

TEST_F(PostRequests, AnAnonymousFormNeedsAnOpenBucket) {
  EXPECT_EQ(post(form_of({{"key", "k"}}, "f", "x")).code(), "AccessDenied");
  EXPECT_FALSE(exists("/box/k"));
  open_to_everyone();
  const std::string data(3 << 20, 'd');
  EXPECT_EQ(post(form_of({{"key", "k"}}, "f", data)).status, 204);
  EXPECT_TRUE(rig_.get("/box/k").body == data);
}

TEST_F(PostRequests, WhatThePolicyDoesNotAllowIsNotStored) {
  const std::string range = ",[\"content-length-range\",2,4]";
  EXPECT_EQ(post(form_of(signed_fields(range, {{"key", "up/a"}}), "f", "x")).code(), "EntityTooSmall");
  EXPECT_EQ(post(form_of(signed_fields(range, {{"key", "up/a"}}), "f", "12345")).code(), "EntityTooLarge");
  EXPECT_EQ(post(form_of(signed_fields(range, {{"key", "up/a"}}), "f", std::string(2 << 20, 'x'))).code(),
            "EntityTooLarge");
  EXPECT_EQ(post(form_of(signed_fields("", {{"key", "elsewhere/a"}}), "f", "x")).code(), "AccessDenied");
  EXPECT_EQ(post(form_of(signed_fields("", {{"key", "up/a"}, {"acl", "public-read"}}), "f", "x")).code(),
            "AccessDenied");
  EXPECT_EQ(post(form_of(signed_fields("", {{"key", "up/a"}}, -1), "f", "x")).code(), "AccessDenied");
  EXPECT_FALSE(exists("/box/up/a"));
  EXPECT_EQ(post(form_of(signed_fields("", {{"key", "up/a"}, {"x-ignore-me", "x"}}), "f", "x")).status, 204);
}

TEST_F(PostRequests, ForgedAndIncompleteSignaturesAreRefused) {
  const Fields good = signed_fields("", {{"key", "up/a"}});
  const auto changed = [&](const std::string& name, const std::string& value) {
    Fields fields;
    for (const auto& [field, old] : good) {
      if (field != name) fields.emplace_back(field, old);
      if (field == name && !value.empty()) fields.emplace_back(field, value);
    }
    return post(form_of(fields, "f", "x")).code();
  };
  EXPECT_EQ(changed("X-Amz-Signature", std::string(64, '0')), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("X-Amz-Signature", "short"), "SignatureDoesNotMatch");
  EXPECT_EQ(changed("X-Amz-Signature", ""), "InvalidArgument");
  EXPECT_EQ(changed("X-Amz-Algorithm", "AWS4-HMAC-MD5"), "InvalidArgument");
  EXPECT_EQ(changed("X-Amz-Credential", "root/20261123/s3"), "InvalidArgument");
  EXPECT_EQ(changed("X-Amz-Credential", "nobody/" + wire::amz_date(rig_.now()).substr(0, 8) +
                                            "/us-east-1/s3/aws4_request"),
            "InvalidAccessKeyId");
  EXPECT_EQ(changed("Policy", ""), "InvalidArgument") << "a signature without what it signs";
  EXPECT_EQ(changed("Policy", "e30="), "SignatureDoesNotMatch");
  Fields old = {{"key", "up/a"}, {"AWSAccessKeyId", "root"}, {"policy", "e30="}, {"signature", "x"}};
  EXPECT_EQ(post(form_of(old, "f", "x")).code(), "InvalidRequest");
  Fields token = good;
  token.emplace_back("x-amz-security-token", "t");
  EXPECT_EQ(post(form_of(token, "f", "x")).code(), "InvalidToken");
  EXPECT_FALSE(exists("/box/up/a"));
}

TEST_F(PostRequests, DigestsInTheFormAreChecked) {
  open_to_everyone();
  EXPECT_EQ(post(form_of({{"key", "k"}, {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}, "f", "x")).code(), "BadDigest");
  EXPECT_EQ(post(form_of({{"key", "k"}, {"Content-MD5", "?"}}, "f", "x")).code(), "InvalidDigest");
  EXPECT_EQ(post(form_of({{"key", "k"}, {"x-amz-checksum-crc32", "AAAAAA=="}}, "f", "x")).code(), "BadDigest");
  EXPECT_EQ(post(form_of({{"key", "k"}, {"x-amz-checksum-crc32", "AAAA"}}, "f", "x")).code(), "InvalidRequest");
  EXPECT_FALSE(exists("/box/k"));
  const Reply good = post(form_of({{"key", "k"}, {"x-amz-checksum-crc32", "jNwWgw=="}}, "f", "x"));
  EXPECT_EQ(good.status, 204) << good.body;
  EXPECT_EQ(good.header("x-amz-checksum-crc32"), "jNwWgw==");
}

TEST_F(PostRequests, BodiesThatAreNoFormStoreNothing) {
  open_to_everyone();
  const std::string whole = form_of({{"key", "k"}}, "f", "0123456789");
  EXPECT_EQ(post(whole, "application/x-www-form-urlencoded").status, 412);
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post("no form at all").status, 400);
  for (const size_t cut : {10u, 60u, 100u, 200u}) {
    if (cut < whole.size()) EXPECT_EQ(post(whole.substr(0, cut)).status, 400) << cut;
  }
  EXPECT_EQ(post(whole.substr(0, whole.size() - 20)).status, 400) << "the file has no end";
  EXPECT_EQ(post(form_of({}, "f", "x")).code(), "InvalidArgument") << "no key";
  EXPECT_EQ(post(form_of({{"key", ""}}, "f", "x")).status, 400);
  EXPECT_EQ(post(form_of({{"key", std::string(1025, 'k')}}, "f", "x")).code(), "KeyTooLongError");
  EXPECT_EQ(post(form_of({{"key", "k"}, {"x", std::string(2 << 20, 'x')}}, "f", "x")).code(),
            "MaxPostPreDataLengthExceededError");
  EXPECT_FALSE(exists("/box/k"));
}

TEST_F(PostRequests, AKeyWithDotsIsANameAndNoPath) {
  open_to_everyone();
  ASSERT_EQ(post(form_of({{"key", "up/${filename}"}}, "../../etc/passwd", "x")).status, 204);
  EXPECT_TRUE(exists("/box/up/passwd")) << "a browser's path is cut to its last part";
  ASSERT_EQ(post(form_of({{"key", "../escape"}}, "f", "x")).status, 204);
  EXPECT_TRUE(exists("/box/..%2Fescape"));
}

TEST_F(PostRequests, ASignedHeadDoesNotSignAForm) {
  const std::string type = std::string("multipart/form-data; boundary=") + kBoundary;
  const Reply reply = rig_.send({.method = "POST",
                                 .path = "/box",
                                 .headers = {{"Content-Type", type}},
                                 .body = form_of({{"key", "k"}}, "f", "x")});
  EXPECT_EQ(reply.code(), "InvalidArgument");
  EXPECT_FALSE(exists("/box/k"));
}

}  // namespace
}  // namespace tp::test
