#include "front/s3/core/router.h"

#include <gtest/gtest.h>

#include "front/s3/core/s3_error.h"
#include "wire/http/head_parser.h"

namespace tp::s3 {
namespace {

struct Routed {
  Address address;
  std::string operation;  // or the error's code
};

// Parses and routes a request as it comes off the wire.
Routed route_text(const std::string& method, const std::string& target, const std::string& fields = "",
                  const std::vector<std::string>& domains = {}, const std::string& host = "127.0.0.1:9000") {
  const std::string text = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
  wire::HeadParser parser;
  wire::RequestHead head;
  const auto status = parser.parse_request(text, head);
  EXPECT_TRUE(status && *status == wire::HeadStatus::kComplete) << text;
  auto address = parse_address(head, domains);
  if (!address) return {{}, std::string(s3_error_of(address.error()).name)};
  const auto query = wire::parse_query(head.query);
  if (!query) return {*address, "InvalidURI"};
  const auto operation = route(head, *address, HeaderScan(head.headers), *query);
  if (!operation) return {*address, std::string(s3_error_of(operation.error()).name)};
  return {*address, std::string(operation_name(*operation))};
}

std::string operation_of(const std::string& method, const std::string& target, const std::string& fields = "") {
  return route_text(method, target, fields).operation;
}

TEST(S3Router, PlainRequestsAreWhatTheyLookLike) {
  EXPECT_EQ(operation_of("GET", "/"), "ListBuckets");
  EXPECT_EQ(operation_of("GET", "/b"), "ListObjects");
  EXPECT_EQ(operation_of("GET", "/b/?list-type=2"), "ListObjectsV2");
  EXPECT_EQ(operation_of("GET", "/b?list-type=1&prefix=x"), "ListObjects");
  EXPECT_EQ(operation_of("HEAD", "/b"), "HeadBucket");
  EXPECT_EQ(operation_of("PUT", "/b"), "CreateBucket");
  EXPECT_EQ(operation_of("DELETE", "/b/"), "DeleteBucket");
  EXPECT_EQ(operation_of("POST", "/b"), "PostObject");
  EXPECT_EQ(operation_of("POST", "/b?delete"), "DeleteObjects");
  EXPECT_EQ(operation_of("GET", "/b/k"), "GetObject");
  EXPECT_EQ(operation_of("HEAD", "/b/k?versionId=null"), "HeadObject");
  EXPECT_EQ(operation_of("PUT", "/b/k?x-id=PutObject"), "PutObject");
  EXPECT_EQ(operation_of("DELETE", "/b/k"), "DeleteObject");
  EXPECT_EQ(operation_of("OPTIONS", "/b/k"), "OptionsPreflight");
}

TEST(S3Router, HeadersTellPutsApart) {
  EXPECT_EQ(operation_of("PUT", "/b/k", "x-amz-copy-source: /a/b\r\n"), "CopyObject");
  EXPECT_EQ(operation_of("PUT", "/b/k?renameObject", "x-amz-rename-source: a\r\n"), "RenameObject");
  EXPECT_EQ(operation_of("PUT", "/b/k", "X-Amz-Rename-Source: a\r\n"), "RenameObject");
  EXPECT_EQ(operation_of("PUT", "/b/k?partNumber=1&uploadId=u"), "UploadPart");
  EXPECT_EQ(operation_of("PUT", "/b/k?partNumber=1&uploadId=u", "x-amz-copy-source: /a/b\r\n"), "UploadPartCopy");
}

TEST(S3Router, EverySubResourceIsRecognised) {
  struct Row {
    const char *method, *target, *operation;
  };
  const Row rows[] = {
      {"GET", "/b?acl", "GetBucketAcl"},
      {"PUT", "/b?acl", "PutBucketAcl"},
      {"GET", "/b?cors", "GetBucketCors"},
      {"DELETE", "/b?cors", "DeleteBucketCors"},
      {"GET", "/b?location", "GetBucketLocation"},
      {"GET", "/b?policyStatus", "GetBucketPolicyStatus"},
      {"PUT", "/b?versioning", "PutBucketVersioning"},
      {"GET", "/b?versions", "ListObjectVersions"},
      {"GET", "/b?uploads", "ListMultipartUploads"},
      {"PUT", "/b?lifecycle", "PutBucketLifecycleConfiguration"},
      {"PUT", "/b?replication", "PutBucketReplication"},
      {"PUT", "/b?website", "PutBucketWebsite"},
      {"PUT", "/b?notification", "PutBucketNotificationConfiguration"},
      {"PUT", "/b?logging", "PutBucketLogging"},
      {"PUT", "/b?encryption", "PutBucketEncryption"},
      {"PUT", "/b?object-lock", "PutObjectLockConfiguration"},
      {"PUT", "/b?accelerate", "PutBucketAccelerateConfiguration"},
      {"PUT", "/b?requestPayment", "PutBucketRequestPayment"},
      {"GET", "/b?analytics", "ListBucketAnalyticsConfigurations"},
      {"GET", "/b?analytics&id=1", "GetBucketAnalyticsConfiguration"},
      {"GET", "/b?inventory", "ListBucketInventoryConfigurations"},
      {"GET", "/b?metrics&id=1", "GetBucketMetricsConfiguration"},
      {"GET", "/b?intelligent-tiering", "ListBucketIntelligentTieringConfigurations"},
      {"GET", "/b?session", "CreateSession"},
      {"PUT", "/b?publicAccessBlock", "PutPublicAccessBlock"},
      {"POST", "/b?metadataTable", "CreateBucketMetadataTableConfiguration"},
      {"GET", "/b/k?acl", "GetObjectAcl"},
      {"GET", "/b/k?tagging", "GetObjectTagging"},
      {"DELETE", "/b/k?tagging", "DeleteObjectTagging"},
      {"GET", "/b/k?attributes", "GetObjectAttributes"},
      {"PUT", "/b/k?retention", "PutObjectRetention"},
      {"PUT", "/b/k?legal-hold", "PutObjectLegalHold"},
      {"GET", "/b/k?torrent", "GetObjectTorrent"},
      {"POST", "/b/k?select&select-type=2", "SelectObjectContent"},
      {"POST", "/b/k?restore", "RestoreObject"},
      {"PUT", "/b/k?annotation=a", "PutObjectAnnotation"},
      {"POST", "/b/k?uploads", "CreateMultipartUpload"},
      {"POST", "/b/k?uploadId=u", "CompleteMultipartUpload"},
      {"DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"},
      {"GET", "/b/k?uploadId=u", "ListParts"},
  };
  for (const Row& row : rows) EXPECT_EQ(operation_of(row.method, row.target), row.operation) << row.target;
}

TEST(S3Router, AMethodThatAResourceLacksIsNotAnotherOperation) {
  EXPECT_EQ(operation_of("PUT", "/"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("DELETE", "/b?acl"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("DELETE", "/b?uploads"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("DELETE", "/b/k?acl"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("PUT", "/b/k?torrent"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("DELETE", "/b?location"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("POST", "/b/k"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("PATCH", "/b/k"), "MethodNotAllowed");
  EXPECT_EQ(operation_of("TRACE", "/b/k"), "MethodNotAllowed");
}

TEST(S3Router, AKeyIsANameAndNoPath) {
  EXPECT_EQ(route_text("GET", "/b/a%2Fb").address.key, "a/b");
  EXPECT_EQ(route_text("GET", "/b//k").address.key, "/k");
  EXPECT_EQ(route_text("GET", "/b/../../etc/passwd").address.key, "../../etc/passwd");
  EXPECT_EQ(route_text("GET", "/b/%2e%2e/x").address.key, "../x");
  EXPECT_EQ(route_text("GET", "/b/a+b").address.key, "a+b");
  EXPECT_EQ(route_text("GET", "/b/a%00b").address.key, std::string("a\0b", 3));
  EXPECT_EQ(route_text("GET", "/b/k/").address.key, "k/");
  EXPECT_EQ(route_text("GET", "/b/%zz").operation, "InvalidURI");
  EXPECT_EQ(route_text("GET", "//k").operation, "InvalidBucketName");
}

TEST(S3Router, KeysAreCheckedForLengthAndEncoding) {
  EXPECT_TRUE(check_key(std::string(1024, 'k')));
  EXPECT_TRUE(check_key("\xc3\xa4"));
  EXPECT_EQ(s3_error_of(check_key(std::string(1025, 'k')).error()).name, "KeyTooLongError");
  EXPECT_EQ(s3_error_of(check_key("\xff").error()).name, "InvalidURI");
  EXPECT_FALSE(check_key(""));
}

TEST(S3Router, AHostOfADomainNamesTheBucket) {
  const std::vector<std::string> domains = {"s3.example.com", "example.com"};
  const auto address = [&](const char* host, const char* target) {
    return route_text("GET", target, "", domains, host).address;
  };
  EXPECT_EQ(address("b.s3.example.com", "/k").bucket, "b");
  EXPECT_EQ(address("b.s3.example.com", "/k").key, "k");
  EXPECT_EQ(address("My-B.S3.Example.com:9000", "/x/y").bucket, "my-b");
  EXPECT_EQ(address("a.b.s3.example.com", "/").bucket, "a.b");
  EXPECT_EQ(address("s3.example.com", "/b/k").bucket, "b");
  EXPECT_EQ(address("other.example.com", "/k").bucket, "other");
  EXPECT_EQ(address("b.localhost:9000", "/k").bucket, "b");
  EXPECT_EQ(address("localhost", "/b/k").bucket, "b");
  EXPECT_EQ(address("[::1]:9000", "/b/k").bucket, "b");
  EXPECT_EQ(address("127.0.0.1", "/b/k").bucket, "b");
  EXPECT_EQ(address("elsewhere.org", "/b/k").bucket, "b");
  EXPECT_EQ(route_text("GET", "/", "", domains, "b.s3.example.com").operation, "ListObjects");
}

}  // namespace
}  // namespace tp::s3
