#include "backend/azure/azure_store.h"

#include "base/hash/hmac_sha256.h"
#include "base/hash/md5.h"
#include "fake_service.h"

namespace tp::backend::azure {
namespace {

using net::Reply;
using net::reply_with;
using net::SeenRequest;

std::string page_xml(const std::vector<std::string>& names, const std::string& marker = {}) {
  std::string xml = "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>";
  for (const auto& name : names) {
    xml += "<Blob><Name>" + name + "</Name><Properties><Content-Length>7</Content-Length></Properties></Blob>";
  }
  return xml + "</Blobs><NextMarker>" + marker + "</NextMarker></EnumerationResults>";
}

class AzureStoreTest : public net::RemoteFixture {
 protected:
  AzureStoreTest() {
    options_.runtime = &runtime_;
    options_.dial = service_.dial();
    options_.endpoint.host = "acct.blob.test";
    options_.container = "packs";
    options_.credentials.account = "acct";
    options_.credentials.account_key = to_base64("the account key");
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

  AzureOptions options_;
  std::unique_ptr<io::ObjectStore> store_;
};

TEST(AzureSigner, SignsWhatTheSpecificationSays) {
  net::RemoteRequest request;
  request.method = "GET";
  request.path = "/mycontainer";
  request.query = "restype=container&comp=metadata&timeout=20";
  request.headers = {{"x-ms-version", "2015-02-21"}, {"x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"}};
  EXPECT_EQ(string_to_sign(request, "myaccount").value(),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
  request.method = "PUT";
  request.query = "b=2&a=z%2Fy&b=1";
  request.body = std::make_shared<const Bytes>("12345");
  request.headers = {{"Content-MD5", "bWQ1"}, {"Content-Type", "text/plain"}, {"Range", "bytes=0-1"}, {"X-Ms-Z", "q"}};
  EXPECT_EQ(string_to_sign(request, "a").value(),
            "PUT\n\n\n5\nbWQ1\ntext/plain\n\n\n\n\n\nbytes=0-1\nx-ms-z:q\n/a/mycontainer\na:z/y\nb:1,2");
}

TEST_F(AzureStoreTest, PutsABlockBlobWithItsMd5SignedWithTheKey) {
  options_.access_tier = "Cool";
  service_.answer = [](const SeenRequest&) { return reply_with(201); };
  ASSERT_TRUE(run(store().put("p/a b", std::make_shared<const Bytes>(Bytes(100'000, 'x')))));
  const SeenRequest& seen = service_.seen.at(0);
  EXPECT_EQ(seen.path, "/packs/p/a%20b");
  EXPECT_EQ(seen.header("x-ms-blob-type"), "BlockBlob");
  EXPECT_EQ(seen.header("x-ms-access-tier"), "Cool");
  const auto digest = md5(seen.body);
  EXPECT_EQ(seen.header("content-md5"), to_base64(BytesView(digest.data(), digest.size())));
  net::RemoteRequest same;
  same.method = seen.method;
  same.path = seen.path;
  same.body = std::make_shared<const Bytes>(seen.body);
  for (const auto& [name, value] : seen.headers) {
    if (name != "Content-Length") same.headers.emplace_back(name, value);
  }
  const auto signature = hmac_sha256("the account key", string_to_sign(same, "acct").value());
  EXPECT_EQ(seen.header("authorization"), "SharedKey acct:" + to_base64(as_view(signature)));
}

TEST_F(AzureStoreTest, ASharedAccessSignatureGoesWithEachRequestAndIntoNoError) {
  options_.credentials = {};
  options_.credentials.sas_token = "?sv=2020-12-06&sig=se%2Bcret";
  service_.answer = [](const SeenRequest&) { return reply_with(403, "", "x-ms-error-code: AuthorizationFailure\r\n"); };
  auto listed = run(store().list("p/", "", 5));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Code::kPermissionDenied);
  EXPECT_EQ(listed.error().message.find("se%2Bcret"), std::string::npos);
  EXPECT_TRUE(service_.seen.at(0).query.ends_with("&sv=2020-12-06&sig=se%2Bcret")) << service_.seen.at(0).query;
  EXPECT_EQ(service_.seen.at(0).header("authorization"), "");
  EXPECT_FALSE(run(store().remove("n")));
  EXPECT_EQ(service_.seen.at(1).query, "sv=2020-12-06&sig=se%2Bcret");
}

TEST_F(AzureStoreTest, GetsRemovesAndHeads) {
  service_.answer = [](const SeenRequest&) { return reply_with(206, "abcde", "Content-Range: bytes 10-14/20\r\n"); };
  EXPECT_EQ(run(store().get("n", 10, 5)).value(), "abcde");
  EXPECT_EQ(service_.seen.at(0).header("x-ms-range"), "bytes=10-14");
  service_.answer = [](const SeenRequest&) { return reply_with(202); };
  EXPECT_TRUE(run(store().remove("n")));
  service_.answer = [](const SeenRequest&) { return reply_with(404, "", "x-ms-error-code: BlobNotFound\r\n"); };
  EXPECT_TRUE(run(store().remove("n")));
  service_.answer = [](const SeenRequest&) { return reply_with(404, "", "x-ms-error-code: ContainerNotFound\r\n"); };
  EXPECT_EQ(run(store().remove("n")).error().code, Code::kNotFound);
  service_.answer = [](const SeenRequest&) {
    return Reply{"HTTP/1.1 404 No\r\nx-ms-error-code: BlobNotFound\r\nContent-Length: 0\r\n\r\n", false, false};
  };
  EXPECT_EQ(run(store().head("n")).error().code, Code::kNotFound);
}

TEST_F(AzureStoreTest, ListsOnFromWhereItLeftOff) {
  service_.answer = [](const SeenRequest& seen) {
    if (seen.query.find("marker=m1") != std::string::npos) return reply_with(200, page_xml({"p/c", "p/d"}));
    return reply_with(200, page_xml({"p/a", "p/b"}, "m1"));
  };
  EXPECT_EQ(run(store().list("p/", "", 2)).value().size(), 2u);
  auto rest = run(store().list("p/", "p/b", 2));
  ASSERT_TRUE(rest) << rest.error().to_string();
  ASSERT_EQ(rest->size(), 2u);
  EXPECT_EQ((*rest)[0].name, "p/c");
  EXPECT_EQ(service_.seen.size(), 2u) << "the marker was kept";
  // From a name that no listing ended with: from the beginning, and what is before it is left out.
  auto middle = run(store().list("p/", "p/a", 100));
  ASSERT_TRUE(middle);
  ASSERT_EQ(middle->size(), 3u);
  EXPECT_EQ((*middle)[0].name, "p/b");
}

TEST_F(AzureStoreTest, AListingThatLiesIsRefused) {
  for (const std::string& xml :
       {page_xml({"p/c", "p/b"}), page_xml({"q"}), page_xml({""}), std::string("<html/>"), std::string(),
        std::string("<EnumerationResults><Blobs><Blob><Name>p/x</Name></Blob>"
                    "</Blobs></EnumerationResults>")}) {
    service_.answer = [&xml](const SeenRequest&) { return reply_with(200, xml); };
    EXPECT_FALSE(run(store().list("p/", "", 100))) << xml;
  }
  service_.seen.clear();
  service_.answer = [](const SeenRequest&) { return reply_with(200, page_xml({}, "again")); };
  EXPECT_EQ(run(store().list("p/", "", 100)).error().code, Code::kIo);
  EXPECT_LT(service_.seen.size(), 200u);
}

TEST_F(AzureStoreTest, SettingsThatCannotBeAreRefusedWithoutShowingSecrets) {
  const auto refused = [this](auto change) {
    AzureOptions options = options_;
    change(options);
    auto opened = open(options);
    EXPECT_FALSE(opened);
    if (!opened) EXPECT_EQ(opened.error().message.find("se%2Bcret"), std::string::npos);
    return !opened && opened.error().code == Code::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](AzureOptions& options) { options.container = "A/b"; }));
  EXPECT_TRUE(refused([](AzureOptions& options) { options.access_tier = "Archive"; }));
  EXPECT_TRUE(refused([](AzureOptions& options) { options.credentials.account_key = "not base64 se%2Bcret"; }));
  EXPECT_TRUE(refused([](AzureOptions& options) { options.credentials.account_key = ""; }));
  EXPECT_TRUE(refused([](AzureOptions& options) { options.credentials.account = "a:b"; }));
  EXPECT_TRUE(refused([](AzureOptions& options) { options.credentials.sas_token = "sig=se%2Bcret"; }))
      << "a key and a token";
  EXPECT_TRUE(refused([](AzureOptions& options) {
    options.credentials.account_key = "";
    options.credentials.sas_token = "sig=se%2Bcret\r\nHost: b";
  }));
}

}  // namespace
}  // namespace tp::backend::azure
