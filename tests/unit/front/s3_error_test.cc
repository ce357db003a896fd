#include "front/s3/core/s3_error.h"

#include <gtest/gtest.h>

#include <set>

#include "plane/reason.h"
#include "wire/aws/sigv4_error.h"
#include "wire/http/http_error.h"
#include "wire/text/xml_reader.h"
#include "wire/upload/aws_chunked_decoder.h"
#include "wire/upload/post_policy.h"

namespace tp::s3 {
namespace {

using plane::Reason;

Error with_reason(Code code, uint16_t reason, std::string message = "words") {
  Error error(code, std::move(message));
  error.reason = reason;
  return error;
}

TEST(S3Error, EveryCodeHasItsOwnNameAndAnErrorStatus) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kS3CodeCount; ++i) {
    const S3CodeInfo& info = s3_code_info(static_cast<S3Code>(i));
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(info.status == 304 || (info.status >= 400 && info.status < 600)) << info.name;
    EXPECT_FALSE(info.message.empty()) << info.name;
  }
}

TEST(S3Error, AnErrorOfTheFrontComesOutAsItWentIn) {
  for (size_t i = 0; i < kS3CodeCount; ++i) {
    const auto code = static_cast<S3Code>(i);
    const S3Error plain = s3_error_of(s3_fail(code).error());
    EXPECT_EQ(plain.code, code);
    EXPECT_EQ(plain.message, s3_code_info(code).message);
    EXPECT_EQ(s3_error_of(s3_fail(code, "mine").error()).message, "mine");
  }
}

TEST(S3Error, EveryReasonOfThePlaneIsSomethingThatTheClientCanActOn) {
  const auto last = static_cast<uint16_t>(Reason::kSnapshotInUse);
  for (uint16_t reason = 1; reason <= last; ++reason) {
    const S3Error error = s3_error_of(with_reason(Code::kInvalidArgument, reason));
    EXPECT_NE(error.code, S3Code::kInternalError) << reason;
    EXPECT_LT(error.status, 500) << reason;
  }
}

TEST(S3Error, ReasonsOfThePlaneHaveTheirDocumentedCodes) {
  const auto name_of = [](Reason reason) {
    return std::string(s3_error_of(with_reason(Code::kInvalidArgument, static_cast<uint16_t>(reason))).name);
  };
  EXPECT_EQ(name_of(Reason::kNoSuchVolume), "NoSuchBucket");
  EXPECT_EQ(name_of(Reason::kNoSuchKey), "NoSuchKey");
  EXPECT_EQ(name_of(Reason::kNoSuchUpload), "NoSuchUpload");
  EXPECT_EQ(name_of(Reason::kVolumeExists), "BucketAlreadyExists");
  EXPECT_EQ(name_of(Reason::kVolumeOwnedByCaller), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(name_of(Reason::kVolumeNotEmpty), "BucketNotEmpty");
  EXPECT_EQ(name_of(Reason::kAccessDenied), "AccessDenied");
  EXPECT_EQ(name_of(Reason::kAclNotSupported), "AccessControlListNotSupported");
  EXPECT_EQ(name_of(Reason::kPartTooSmall), "EntityTooSmall");
  EXPECT_EQ(name_of(Reason::kBadDigest), "BadDigest");
  EXPECT_EQ(name_of(Reason::kContentSha256Mismatch), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(name_of(Reason::kChecksumMismatch), "BadDigest");
  EXPECT_EQ(name_of(Reason::kWriteOffset), "InvalidWriteOffset");
  EXPECT_EQ(name_of(Reason::kCopyOntoItself), "InvalidRequest");
  EXPECT_EQ(name_of(Reason::kSourceConditionFailed), "PreconditionFailed");
  EXPECT_EQ(name_of(Reason::kQuota), "QuotaExceeded");
  EXPECT_EQ(name_of(Reason::kStale), "NoSuchKey");
  EXPECT_EQ(name_of(Reason::kReadOnlyVolume), "MethodNotAllowed");
}

TEST(S3Error, EveryCodeWithoutAReasonHasAnAnswer) {
  const std::set<Code> internal = {Code::kIo, Code::kCorruption, Code::kWouldBlock, Code::kInternal};
  for (int i = 0; i < kCodeCount; ++i) {
    const auto code = static_cast<Code>(i);
    const S3Error error = s3_error_of(Error(code, "words"));
    EXPECT_EQ(error.code == S3Code::kInternalError, internal.contains(code)) << code_name(code);
  }
  EXPECT_EQ(s3_error_of(Error(Code::kBusy, "")).status, 503);
  EXPECT_EQ(s3_error_of(Error(Code::kBusy, "")).name, "SlowDown");
  EXPECT_EQ(s3_error_of(Error(Code::kNoSpace, "")).status, 507);
  EXPECT_EQ(s3_error_of(Error(Code::kPreconditionFailed, "")).status, 412);
  EXPECT_EQ(s3_error_of(Error(Code::kConflict, "")).name, "ConditionalRequestConflict");
}

TEST(S3Error, WhatWentWrongInsideStaysInside) {
  const std::string secret = "segment 7 at /data is torn";
  for (const Code code : {Code::kIo, Code::kCorruption, Code::kInternal}) {
    EXPECT_EQ(s3_error_of(Error(code, secret)).message.find(secret), std::string::npos);
    const Error error = with_reason(code, static_cast<uint16_t>(Reason::kInvalidKey), secret);
    EXPECT_EQ(s3_error_of(error).status, 500);
    EXPECT_EQ(s3_error_of(error).message.find(secret), std::string::npos);
  }
}

template <class Reasons>
void expect_all_mapped(Reasons first, Reasons last) {
  for (auto i = static_cast<uint16_t>(first); i <= static_cast<uint16_t>(last); ++i) {
    // Internal is what an unmapped one would fall to.
    const S3Error error = s3_error_of(with_reason(Code::kInternal, i));
    EXPECT_NE(error.code, S3Code::kInternalError) << i;
  }
}

TEST(S3Error, EveryReasonOfTheWireIsMapped) {
  expect_all_mapped(wire::HttpReason::kBadRequest, wire::HttpReason::kBadChunk);
  expect_all_mapped(wire::SigV4Error::kBothMechanisms, wire::SigV4Error::kChunkSignatureMismatch);
  expect_all_mapped(wire::AwsChunkedError::kBadChunk, wire::AwsChunkedError::kTruncated);
  expect_all_mapped(wire::PostPolicyError::kBadDocument, wire::PostPolicyError::kTooLarge);
}

TEST(S3Error, TheStatusOfAMalformedHeadIsTheOneThatTheServerSends) {
  for (auto i = static_cast<uint16_t>(wire::HttpReason::kBadRequest);
       i <= static_cast<uint16_t>(wire::HttpReason::kBadChunk); ++i) {
    const Error error = with_reason(Code::kMalformed, i);
    EXPECT_EQ(s3_error_of(error).status, wire::http_status(error)) << i;
  }
}

TEST(S3Error, TheDocumentSaysWhereAndEscapesWhatTheClientSent) {
  ErrorPlace place;
  place.resource = "/b/<k>";
  place.bucket = "b";
  place.key = "<k>&\x01";
  place.details = "<Extra>1</Extra>";
  place.request_id = "0123456789ABCDEF";
  place.host_id = "host";
  const Bytes document = error_document(s3_error_of(s3_fail(S3Code::kNoSuchKey).error()), place);
  const auto parsed = wire::XmlDocument::parse(document);
  ASSERT_TRUE(parsed) << document;
  const wire::XmlNode root = parsed->root();
  EXPECT_EQ(root.name(), "Error");
  EXPECT_EQ(root.child_text("Code"), "NoSuchKey");
  EXPECT_EQ(root.child_text("Extra"), "1");
  EXPECT_EQ(root.child_text("Key").substr(0, 4), "<k>&");
  EXPECT_EQ(root.child_text("Resource"), "/b/<k>");
  EXPECT_EQ(root.child_text("RequestId"), "0123456789ABCDEF");
  EXPECT_FALSE(root.child("BucketName"));
}

}  // namespace
}  // namespace tp::s3
