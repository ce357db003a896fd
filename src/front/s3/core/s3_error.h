// S3Code: the error codes of the S3 API that this server answers, with their statuses and messages, and the one mapping
// from the errors of every floor below to them.
// Invariant: every plane::Reason, wire reason and Code has a row; a test walks them all.
// Spec: S3 API reference, "Error responses".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::s3 {

enum class S3Code : uint16_t {
  kAccessControlListNotSupported, kAccessDenied, kAuthorizationHeaderMalformed, kAuthorizationQueryParametersError,
  kBadDigest, kBadRequest, kBucketAlreadyExists, kBucketAlreadyOwnedByYou, kBucketNotEmpty,
  kConditionalRequestConflict, kEntityTooLarge, kEntityTooSmall, kIllegalLocationConstraintException,
  kIllegalVersioningConfigurationException,
  kIncompleteBody, kIncorrectNumberOfFilesInPostRequest, kInsufficientStorage, kInternalError, kInvalidAccessKeyId,
  kInvalidArgument, kInvalidBucketAclWithObjectOwnership, kInvalidBucketName, kInvalidBucketState, kInvalidDigest,
  kInvalidLocationConstraint, kInvalidObjectState, kInvalidPart, kInvalidPartNumber, kInvalidPartOrder,
  kInvalidPolicyDocument, kInvalidRange, kInvalidRequest, kInvalidStorageClass, kInvalidTag, kInvalidToken,
  kInvalidUri, kInvalidWriteOffset, kKeyTooLongError, kMalformedAclError, kMalformedPolicy, kMalformedPostRequest,
  kMalformedTrailerError, kMalformedXml, kMaxMessageLengthExceeded, kMaxPostPreDataLengthExceededError,
  kMetadataTooLarge, kMethodNotAllowed, kMissingContentLength, kMissingRequestBodyError, kMissingSecurityHeader,
  kNoSuchBucket, kNoSuchBucketPolicy, kNoSuchConfiguration, kNoSuchCorsConfiguration, kNoSuchKey,
  kNoSuchLifecycleConfiguration, kNoSuchObjectLockConfiguration, kNoSuchPublicAccessBlockConfiguration, kNoSuchTagSet,
  kNoSuchUpload, kNoSuchVersion, kNoSuchWebsiteConfiguration, kNotImplemented, kNotModified,
  kObjectLockConfigurationNotFoundError, kOperationAborted, kOwnershipControlsNotFoundError, kPreconditionFailed,
  kQuotaExceeded,
  kReplicationConfigurationNotFoundError, kRequestHeaderSectionTooLarge, kRequestIsNotMultiPartContent,
  kRequestTimeTooSkewed, kRequestTimeout, kRestoreAlreadyInProgress, kServerSideEncryptionConfigurationNotFoundError,
  kServiceUnavailable,
  kSignatureDoesNotMatch, kSlowDown, kTooManyBuckets, kTooManyParts, kUnexpectedContent,
  kUnresolvableGrantByEmailAddress, kUriTooLong, kUserKeyMustBeSpecified, kXAmzContentSha256Mismatch,
};
inline constexpr size_t kS3CodeCount = static_cast<size_t>(S3Code::kXAmzContentSha256Mismatch) + 1;

struct S3CodeInfo {
  S3Code code;
  std::string_view name;     // "NoSuchKey"
  int status;
  std::string_view message;  // the documented one
};
const S3CodeInfo& s3_code_info(S3Code code) noexcept;

/// An error of the front's own: travels through Result<T> like any other and comes out of s3_error_of() as `code`. An
/// empty message stands for the documented one.
[[nodiscard]] std::unexpected<Error> s3_fail(S3Code code, std::string message = {});

/// What a client is told of an error.
struct S3Error {
  S3Code code = S3Code::kInternalError;
  int status = 500;
  std::string_view name;
  std::string message;
};
/// Internal errors keep their details to themselves.
S3Error s3_error_of(const Error& error);

/// Where an error document says it happened. Empty parts are left out.
struct ErrorPlace {
  std::string_view resource;  // the request's path, still encoded
  std::string_view bucket;    // named by NoSuchBucket and its kind
  std::string_view key;       // named by NoSuchKey
  std::string_view details;   // finished XML elements for the middle of the document
  std::string_view request_id;
  std::string_view host_id;
};
Bytes error_document(const S3Error& error, const ErrorPlace& place);

}  // namespace tp::s3
