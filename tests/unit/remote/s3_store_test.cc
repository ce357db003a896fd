#include "backend/s3/s3_store.h"

#include "base/hash/sha256.h"
#include "fake_service.h"
#include "wire/aws/sigv4.h"

namespace tp::backend::s3 {
namespace {

using net::Reply;
using net::reply_with;
using net::SeenRequest;

std::string page_xml(const std::vector<std::string>& names, const std::string& token = {}, bool truncated = false) {
  std::string xml = "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const auto& name : names) xml += "<Contents><Key>" + name + "</Key><Size>7</Size></Contents>";
  xml += std::string("<IsTruncated>") + (truncated ? "true" : "false") + "</IsTruncated>";
  if (!token.empty()) xml += "<NextContinuationToken>" + token + "</NextContinuationToken>";
  return xml + "</ListBucketResult>";
}

class S3StoreTest : public net::RemoteFixture {
 protected:
  S3StoreTest() {
    options_.runtime = &runtime_;
    options_.dial = service_.dial();
    options_.endpoint.host = "s3.test";
    options_.bucket = "packs";
    options_.region = "eu-west-3";
    options_.credentials = {"AKIDTEST", "the-secret", ""};
  }
  void TearDown() override {
    if (store_ != nullptr) EXPECT_TRUE(run(store_->stop()));
    store_.reset();
    RemoteFixture::TearDown();
  }
  io::ObjectStore& store() {
    if (store_ == nullptr) {
      auto opened = open(options_);
      EXPECT_TRUE(opened) << opened.error().to_string();
      store_ = std::move(*opened);
    }
    return *store_;
  }
  /// As a service checks it.
  void expect_signed(const SeenRequest& seen, const std::string& secret) {
    wire::HeaderList fields;
    for (const auto& [name, value] : seen.headers) fields.push_back({name, value});
    const wire::SigV4Request request{seen.method, seen.path, seen.query, fields};
    auto claim = wire::parse_sigv4(request);
    ASSERT_TRUE(claim) << claim.error().to_string();
    EXPECT_EQ(claim->scope.region(), "eu-west-3");
    EXPECT_EQ(claim->payload_hash, to_hex(as_view(sha256(seen.body))));
    wire::SigningKeyCache keys;
    auto verified = wire::verify_sigv4(request, *claim, secret, clock_.wall_now() / rt::kSecond, keys);
    EXPECT_TRUE(verified) << verified.error().to_string();
  }

  S3Options options_;
  std::unique_ptr<io::ObjectStore> store_;
};

TEST_F(S3StoreTest, PutsSignedInPathStyle) {
  options_.storage_class = "STANDARD_IA";
  options_.credentials.session_token = "temporary";
  ASSERT_TRUE(run(store().put("a/b c+d", std::make_shared<const Bytes>(Bytes(100'000, 'x')))));
  const SeenRequest& seen = service_.seen.at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.path, "/packs/a/b%20c%2Bd");
  EXPECT_EQ(seen.body.size(), 100'000u);
  EXPECT_EQ(seen.header("host"), "s3.test");
  EXPECT_EQ(seen.header("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(seen.header("x-amz-security-token"), "temporary");
  expect_signed(seen, "the-secret");
}

TEST_F(S3StoreTest, VirtualHostStylePutsTheBucketIntoTheHost) {
  options_.virtual_host = true;
  options_.endpoint.port = 9000;
  service_.answer = [](const SeenRequest& seen) {
    return seen.method == "GET" ? reply_with(200, page_xml({})) : reply_with(200);
  };
  ASSERT_TRUE(run(store().put("a", std::make_shared<const Bytes>("x"))));
  ASSERT_TRUE(run(store().list("", "", 10)));
  EXPECT_EQ(service_.dialed.at(0).host, "packs.s3.test");
  EXPECT_EQ(service_.seen.at(0).path, "/a");
  EXPECT_EQ(service_.seen.at(0).header("host"), "packs.s3.test:9000");
  EXPECT_EQ(service_.seen.at(1).path, "/");
  expect_signed(service_.seen.at(1), "the-secret");
}

TEST_F(S3StoreTest, GetsExactlyTheRange) {
  service_.answer = [](const SeenRequest&) { return reply_with(206, "abcde", "Content-Range: bytes 10-14/20\r\n"); };
  EXPECT_EQ(run(store().get("n", 10, 5)).value(), "abcde");
  EXPECT_EQ(service_.seen.at(0).header("range"), "bytes=10-14");
  expect_signed(service_.seen.at(0), "the-secret");
  EXPECT_EQ(run(store().get("n", 11, 5)).error().code, Code::kIo) << "a service that answers another range";
  EXPECT_EQ(run(store().get("n", 10, 0)).value(), "");
  service_.answer = [](const SeenRequest&) { return reply_with(200, std::string(1 << 20, 'x')); };
  EXPECT_FALSE(run(store().get("n", 0, 5))) << "a service that knows no ranges";
}

TEST_F(S3StoreTest, WhatIsGoneIsRemovedAndABucketThatIsGoneIsAnError) {
  service_.answer = [](const SeenRequest&) { return reply_with(204); };
  EXPECT_TRUE(run(store().remove("n")));
  service_.answer = [](const SeenRequest&) { return reply_with(404, "<Error><Code>NoSuchKey</Code></Error>"); };
  EXPECT_TRUE(run(store().remove("n")));
  EXPECT_EQ(run(store().get("n", 0, 1)).error().code, Code::kNotFound);
  service_.answer = [](const SeenRequest&) { return reply_with(404, "<Error><Code>NoSuchBucket</Code></Error>"); };
  EXPECT_EQ(run(store().remove("n")).error().code, Code::kNotFound);
  service_.answer = [](const SeenRequest&) { return reply_with(403, "<Error><Code>AccessDenied</Code></Error>"); };
  EXPECT_EQ(run(store().remove("n")).error().code, Code::kPermissionDenied);
  service_.answer = [](const SeenRequest&) {
    return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n", false, false};
  };
  EXPECT_EQ(run(store().head("n")).value().size_bytes, 77u);
}

TEST_F(S3StoreTest, ListsPageAfterPage) {
  service_.answer = [](const SeenRequest& seen) {
    const bool first = seen.query.find("continuation-token") == std::string::npos;
    return first ? reply_with(200, page_xml({"p/b", "p/c"}, "t/1=", true)) : reply_with(200, page_xml({"p/d", "p/e"}));
  };
  auto listed = run(store().list("p/", "p/a", 100));
  ASSERT_TRUE(listed) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 4u);
  EXPECT_EQ((*listed)[3].name, "p/e");
  EXPECT_EQ((*listed)[3].size_bytes, 7u);
  EXPECT_EQ(service_.seen.at(0).path, "/packs");
  EXPECT_NE(service_.seen.at(0).query.find("start-after=p%2Fa"), std::string::npos) << service_.seen.at(0).query;
  EXPECT_NE(service_.seen.at(1).query.find("continuation-token=t%2F1%3D"), std::string::npos);
  EXPECT_EQ(run(store().list("p/", "p/a", 3)).value().size(), 3u);
}

TEST_F(S3StoreTest, AListingThatLiesIsRefused) {
  for (const std::string& xml :
       {page_xml({"p/c", "p/b"}), page_xml({"p/b", "p/b"}), page_xml({"p/a"}), page_xml({"q/b"}),
        page_xml({"p/b"}, "", true), page_xml({""}), std::string("<html/>"), std::string("no xml"), std::string(),
        std::string("<ListBucketResult><Contents><Key>p/b</Key><Size>-1</Size></Contents></ListBucketResult>"),
        std::string("<ListBucketResult><Contents><Key>p/b</Key><Size>99999999999999999999</Size></Contents>"
                    "</ListBucketResult>"),
        std::string("<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult>&a;</ListBucketResult>")}) {
    service_.answer = [&xml](const SeenRequest&) { return reply_with(200, xml); };
    auto listed = run(store().list("p/", "p/a", 100));
    ASSERT_FALSE(listed) << xml;
    EXPECT_TRUE(listed.error().code == Code::kIo || listed.error().code == Code::kMalformed) << xml;
  }
  service_.seen.clear();
  service_.answer = [](const SeenRequest&) { return reply_with(200, page_xml({}, "again", true)); };
  EXPECT_EQ(run(store().list("p/", "", 100)).error().code, Code::kIo);
  EXPECT_LT(service_.seen.size(), 200u);
}

TEST_F(S3StoreTest, SettingsThatCannotBeAreRefusedWithoutShowingSecrets) {
  const auto refused = [this](auto change) {
    S3Options options = options_;
    change(options);
    auto opened = open(options);
    EXPECT_FALSE(opened);
    if (!opened) EXPECT_EQ(opened.error().message.find("the-secret"), std::string::npos);
    return !opened && opened.error().code == Code::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](S3Options& options) { options.bucket = "a/b"; }));
  EXPECT_TRUE(refused([](S3Options& options) { options.bucket = ""; }));
  EXPECT_TRUE(refused([](S3Options& options) { options.region = "a\r\nb"; }));
  EXPECT_TRUE(refused([](S3Options& options) { options.credentials.secret_key = ""; }));
  EXPECT_TRUE(refused([](S3Options& options) { options.credentials.access_key = "a\nb"; }));
  EXPECT_TRUE(refused([](S3Options& options) { options.storage_class = "DEEP_ARCHIVE"; }));
  EXPECT_TRUE(refused([](S3Options& options) {
    options.virtual_host = true;
    options.endpoint.host = "::1";
  }));
}

}  // namespace
}  // namespace tp::backend::s3
