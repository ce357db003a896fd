#include "front/s3/core/s3_error.h"

#include <array>
#include <optional>

#include "base/check.h"
#include "plane/reason.h"
#include "wire/aws/sigv4_error.h"
#include "wire/http/http_error.h"
#include "wire/text/xml_writer.h"
#include "wire/upload/aws_chunked_decoder.h"
#include "wire/upload/post_policy.h"

namespace tp::s3 {

namespace {

// The front's own errors carry kOwnReasons + S3Code: a range that no floor below uses (plane from 0, wire from 0x1000).
constexpr uint16_t kOwnReasons = 0x5000;

constexpr std::array kCodes = {
    S3CodeInfo{S3Code::kAccessControlListNotSupported, "AccessControlListNotSupported", 400,
               "The bucket does not allow ACLs"},
    S3CodeInfo{S3Code::kAccessDenied, "AccessDenied", 403, "Access Denied"},
    S3CodeInfo{S3Code::kAuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400,
               "The authorization header is malformed."},
    S3CodeInfo{S3Code::kAuthorizationQueryParametersError, "AuthorizationQueryParametersError", 400,
               "Error parsing the query parameters of the signature."},
    S3CodeInfo{S3Code::kBadDigest, "BadDigest", 400,
               "The Content-MD5 or checksum you specified did not match what we received."},
    S3CodeInfo{S3Code::kBadRequest, "BadRequest", 400, "An error occurred when parsing the HTTP request."},
    S3CodeInfo{S3Code::kBucketAlreadyExists, "BucketAlreadyExists", 409,
               "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
               "Please select a different name and try again."},
    S3CodeInfo{S3Code::kBucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409,
               "Your previous request to create the named bucket succeeded and you already own it."},
    S3CodeInfo{S3Code::kBucketNotEmpty, "BucketNotEmpty", 409, "The bucket you tried to delete is not empty"},
    S3CodeInfo{S3Code::kConditionalRequestConflict, "ConditionalRequestConflict", 409,
               "The conditional request cannot succeed due to a conflicting operation against this resource."},
    S3CodeInfo{S3Code::kEntityTooLarge, "EntityTooLarge", 400,
               "Your proposed upload exceeds the maximum allowed object size."},
    S3CodeInfo{S3Code::kEntityTooSmall, "EntityTooSmall", 400,
               "Your proposed upload is smaller than the minimum allowed object size."},
    S3CodeInfo{S3Code::kIllegalLocationConstraintException, "IllegalLocationConstraintException", 400,
               "The specified location constraint is incompatible for the region this request was sent to."},
    S3CodeInfo{S3Code::kIllegalVersioningConfigurationException, "IllegalVersioningConfigurationException", 400,
               "The versioning configuration specified in the request is invalid."},
    S3CodeInfo{S3Code::kIncompleteBody, "IncompleteBody", 400,
               "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    S3CodeInfo{S3Code::kIncorrectNumberOfFilesInPostRequest, "IncorrectNumberOfFilesInPostRequest", 400,
               "POST requires exactly one file upload per request."},
    S3CodeInfo{S3Code::kInsufficientStorage, "InsufficientStorage", 507,
               "The storage is full: nothing was stored. Reads and deletes still work."},
    S3CodeInfo{S3Code::kInternalError, "InternalError", 500,
               "We encountered an internal error. Please try again."},
    S3CodeInfo{S3Code::kInvalidAccessKeyId, "InvalidAccessKeyId", 403,
               "The AWS Access Key Id you provided does not exist in our records."},
    S3CodeInfo{S3Code::kInvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    S3CodeInfo{S3Code::kInvalidBucketAclWithObjectOwnership, "InvalidBucketAclWithObjectOwnership", 400,
               "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
    S3CodeInfo{S3Code::kInvalidBucketName, "InvalidBucketName", 400, "The specified bucket is not valid."},
    S3CodeInfo{S3Code::kInvalidBucketState, "InvalidBucketState", 409,
               "The request is not valid with the current state of the bucket."},
    S3CodeInfo{S3Code::kInvalidDigest, "InvalidDigest", 400, "The Content-MD5 you specified is not valid."},
    S3CodeInfo{S3Code::kInvalidLocationConstraint, "InvalidLocationConstraint", 400,
               "The specified location constraint is not valid."},
    S3CodeInfo{S3Code::kInvalidObjectState, "InvalidObjectState", 403,
               "The operation is not valid for the object's storage class"},
    S3CodeInfo{S3Code::kInvalidPart, "InvalidPart", 400,
               "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
               "specified entity tag may not match the part's entity tag."},
    S3CodeInfo{S3Code::kInvalidPartNumber, "InvalidPartNumber", 416,
               "The requested partnumber is not satisfiable"},
    S3CodeInfo{S3Code::kInvalidPartOrder, "InvalidPartOrder", 400,
               "The list of parts was not in ascending order. Parts must be ordered by part number."},
    S3CodeInfo{S3Code::kInvalidPolicyDocument, "InvalidPolicyDocument", 400,
               "The content of the form does not meet the conditions specified in the policy document."},
    S3CodeInfo{S3Code::kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable"},
    S3CodeInfo{S3Code::kInvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    S3CodeInfo{S3Code::kInvalidStorageClass, "InvalidStorageClass", 400,
               "The storage class you specified is not valid"},
    S3CodeInfo{S3Code::kInvalidTag, "InvalidTag", 400, "The tag provided was not a valid tag."},
    S3CodeInfo{S3Code::kInvalidToken, "InvalidToken", 400,
               "The provided token is malformed or otherwise invalid."},
    S3CodeInfo{S3Code::kInvalidUri, "InvalidURI", 400, "Couldn't parse the specified URI."},
    S3CodeInfo{S3Code::kInvalidWriteOffset, "InvalidWriteOffset", 400,
               "The write offset value that you specified does not match the current object size."},
    S3CodeInfo{S3Code::kKeyTooLongError, "KeyTooLongError", 400, "Your key is too long"},
    S3CodeInfo{S3Code::kMalformedAclError, "MalformedACLError", 400,
               "The XML you provided was not well-formed or did not validate against our published schema"},
    S3CodeInfo{S3Code::kMalformedPolicy, "MalformedPolicy", 400, "Policies must be valid JSON."},
    S3CodeInfo{S3Code::kMalformedPostRequest, "MalformedPOSTRequest", 400,
               "The body of your POST request is not well-formed multipart/form-data."},
    S3CodeInfo{S3Code::kMalformedTrailerError, "MalformedTrailerError", 400,
               "The request contained trailing data that was not well-formed or did not conform to our published "
               "schema."},
    S3CodeInfo{S3Code::kMalformedXml, "MalformedXML", 400,
               "The XML you provided was not well-formed or did not validate against our published schema"},
    S3CodeInfo{S3Code::kMaxMessageLengthExceeded, "MaxMessageLengthExceeded", 400, "Your request was too big."},
    S3CodeInfo{S3Code::kMaxPostPreDataLengthExceededError, "MaxPostPreDataLengthExceededError", 400,
               "Your POST request fields preceding the upload file were too large."},
    S3CodeInfo{S3Code::kMetadataTooLarge, "MetadataTooLarge", 400,
               "Your metadata headers exceed the maximum allowed metadata size"},
    S3CodeInfo{S3Code::kMethodNotAllowed, "MethodNotAllowed", 405,
               "The specified method is not allowed against this resource."},
    S3CodeInfo{S3Code::kMissingContentLength, "MissingContentLength", 411,
               "You must provide the Content-Length HTTP header."},
    S3CodeInfo{S3Code::kMissingRequestBodyError, "MissingRequestBodyError", 400, "Request Body is empty"},
    S3CodeInfo{S3Code::kMissingSecurityHeader, "MissingSecurityHeader", 400,
               "Your request was missing a required header"},
    S3CodeInfo{S3Code::kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
    S3CodeInfo{S3Code::kNoSuchBucketPolicy, "NoSuchBucketPolicy", 404, "The bucket policy does not exist"},
    S3CodeInfo{S3Code::kNoSuchConfiguration, "NoSuchConfiguration", 404,
               "The specified configuration does not exist."},
    S3CodeInfo{S3Code::kNoSuchCorsConfiguration, "NoSuchCORSConfiguration", 404,
               "The CORS configuration does not exist"},
    S3CodeInfo{S3Code::kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    S3CodeInfo{S3Code::kNoSuchLifecycleConfiguration, "NoSuchLifecycleConfiguration", 404,
               "The lifecycle configuration does not exist"},
    S3CodeInfo{S3Code::kNoSuchObjectLockConfiguration, "NoSuchObjectLockConfiguration", 404,
               "The specified object does not have an ObjectLock configuration"},
    S3CodeInfo{S3Code::kNoSuchPublicAccessBlockConfiguration, "NoSuchPublicAccessBlockConfiguration", 404,
               "The public access block configuration was not found"},
    S3CodeInfo{S3Code::kNoSuchTagSet, "NoSuchTagSet", 404, "The TagSet does not exist"},
    S3CodeInfo{S3Code::kNoSuchUpload, "NoSuchUpload", 404,
               "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
               "or completed."},
    S3CodeInfo{S3Code::kNoSuchVersion, "NoSuchVersion", 404, "The specified version does not exist."},
    S3CodeInfo{S3Code::kNoSuchWebsiteConfiguration, "NoSuchWebsiteConfiguration", 404,
               "The specified bucket does not have a website configuration"},
    S3CodeInfo{S3Code::kNotImplemented, "NotImplemented", 501,
               "A header you provided implies functionality that is not implemented"},
    S3CodeInfo{S3Code::kNotModified, "NotModified", 304, "Not Modified"},
    S3CodeInfo{S3Code::kObjectLockConfigurationNotFoundError, "ObjectLockConfigurationNotFoundError", 404,
               "Object Lock configuration does not exist for this bucket"},
    S3CodeInfo{S3Code::kOperationAborted, "OperationAborted", 409,
               "A conflicting conditional operation is currently in progress against this resource. Please try again."},
    S3CodeInfo{S3Code::kOwnershipControlsNotFoundError, "OwnershipControlsNotFoundError", 404,
               "The bucket ownership controls were not found"},
    S3CodeInfo{S3Code::kPreconditionFailed, "PreconditionFailed", 412,
               "At least one of the pre-conditions you specified did not hold"},
    S3CodeInfo{S3Code::kQuotaExceeded, "QuotaExceeded", 403,
               "The bucket's quota is used up: nothing was stored. Reads and deletes still work."},
    S3CodeInfo{S3Code::kReplicationConfigurationNotFoundError, "ReplicationConfigurationNotFoundError", 404,
               "The replication configuration was not found"},
    S3CodeInfo{S3Code::kRequestHeaderSectionTooLarge, "RequestHeaderSectionTooLarge", 400,
               "Your request header section exceeds the maximum allowed size."},
    S3CodeInfo{S3Code::kRequestIsNotMultiPartContent, "RequestIsNotMultiPartContent", 412,
               "Bucket POST must be of the enclosure-type multipart/form-data."},
    S3CodeInfo{S3Code::kRequestTimeTooSkewed, "RequestTimeTooSkewed", 403,
               "The difference between the request time and the current time is too large."},
    S3CodeInfo{S3Code::kRequestTimeout, "RequestTimeout", 400,
               "Your socket connection to the server was not read from or written to within the timeout period."},
    S3CodeInfo{S3Code::kRestoreAlreadyInProgress, "RestoreAlreadyInProgress", 409,
               "Object restore is already in progress"},
    S3CodeInfo{S3Code::kServerSideEncryptionConfigurationNotFoundError,
               "ServerSideEncryptionConfigurationNotFoundError", 404,
               "The server side encryption configuration was not found"},
    S3CodeInfo{S3Code::kServiceUnavailable, "ServiceUnavailable", 503,
               "Service is unable to handle request. Please try again later."},
    S3CodeInfo{S3Code::kSignatureDoesNotMatch, "SignatureDoesNotMatch", 403,
               "The request signature we calculated does not match the signature you provided. Check your key and "
               "signing method."},
    S3CodeInfo{S3Code::kSlowDown, "SlowDown", 503, "Please reduce your request rate."},
    S3CodeInfo{S3Code::kTooManyBuckets, "TooManyBuckets", 400,
               "You have attempted to create more buckets than allowed"},
    S3CodeInfo{S3Code::kTooManyParts, "TooManyParts", 400,
               "You have attempted to add more parts than the maximum of 10000 that are allowed for this object."},
    S3CodeInfo{S3Code::kUnexpectedContent, "UnexpectedContent", 400,
               "This request contains unsupported content."},
    S3CodeInfo{S3Code::kUnresolvableGrantByEmailAddress, "UnresolvableGrantByEmailAddress", 400,
               "The email address you provided does not match any account on record."},
    S3CodeInfo{S3Code::kUriTooLong, "URITooLong", 414, "Your request URI is too long."},
    S3CodeInfo{S3Code::kUserKeyMustBeSpecified, "UserKeyMustBeSpecified", 400,
               "The bucket POST must contain the specified field name. If it is specified, check the order of the "
               "fields."},
    S3CodeInfo{S3Code::kXAmzContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400,
               "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

constexpr bool codes_are_in_order() {
  for (size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<size_t>(kCodes[i].code) != i) return false;
  }
  return kCodes.size() == kS3CodeCount;
}
static_assert(codes_are_in_order());

}  // namespace

const S3CodeInfo& s3_code_info(S3Code code) noexcept { return kCodes[static_cast<size_t>(code)]; }

std::unexpected<Error> s3_fail(S3Code code, std::string message) {
  // Retryability must survive the journey for whoever looks at Code alone.
  const Code general = code == S3Code::kSlowDown ? Code::kBusy : Code::kInvalidArgument;
  Error error(general, std::move(message));
  error.reason = static_cast<uint16_t>(kOwnReasons + static_cast<uint16_t>(code));
  return std::unexpected<Error>(std::move(error));
}

namespace {

S3Error plain(S3Code code) {
  const S3CodeInfo& info = s3_code_info(code);
  return {code, info.status, info.name, std::string(info.message)};
}

S3Error with_message(S3Code code, std::string message) {
  S3Error error = plain(code);
  if (!message.empty()) error.message = std::move(message);
  return error;
}

/// What only file protocols should meet, in case S3 does.
S3Error of_files(plane::Reason reason, const Error& error) {
  using plane::Reason;
  switch (reason) {
    case Reason::kStale: return plain(S3Code::kNoSuchKey);
    case Reason::kNotFile: return with_message(S3Code::kInvalidObjectState, error.message);
    case Reason::kFileTooLarge: return plain(S3Code::kEntityTooLarge);
    case Reason::kReadOnlyVolume: return with_message(S3Code::kMethodNotAllowed, error.message);
    case Reason::kNotOwner:
    case Reason::kNotExported: return plain(S3Code::kAccessDenied);
    default: return with_message(S3Code::kInvalidRequest, error.message);
  }
}

/// Versions, locks, tiers and snapshots.
S3Error of_time(plane::Reason reason, const Error& error) {
  using plane::Reason;
  switch (reason) {
    case Reason::kNoSuchVersion: return plain(S3Code::kNoSuchVersion);
    case Reason::kInvalidVersion: return with_message(S3Code::kInvalidArgument, "Invalid version id specified");
    case Reason::kDeleteMarker:
      return plain(error.code == Code::kNotFound ? S3Code::kNoSuchKey : S3Code::kMethodNotAllowed);
    case Reason::kLocked:
      return with_message(S3Code::kAccessDenied, "Access Denied because object protected by object lock.");
    case Reason::kLockNotEnabled:
      return with_message(S3Code::kInvalidRequest, "Bucket is missing Object Lock Configuration");
    case Reason::kVersioningState: return with_message(S3Code::kInvalidBucketState, error.message);
    case Reason::kInvalidRetention: return with_message(S3Code::kInvalidArgument, error.message);
    case Reason::kOffline: return plain(S3Code::kInvalidObjectState);
    case Reason::kRestoreInProgress: return plain(S3Code::kRestoreAlreadyInProgress);
    case Reason::kInvalidStorageClass:
      return with_message(S3Code::kInvalidObjectState, "Restore is not allowed for the object's current storage class");
    case Reason::kNoSuchSnapshot: return plain(S3Code::kNoSuchBucket);
    default: return with_message(S3Code::kInvalidRequest, error.message);
  }
}

S3Error of_plane(plane::Reason reason, const Error& error) {
  using plane::Reason;
  switch (reason) {
    case Reason::kNone: break;
    case Reason::kNoSuchVolume: return plain(S3Code::kNoSuchBucket);
    case Reason::kNoSuchKey: return plain(S3Code::kNoSuchKey);
    case Reason::kNoSuchUpload: return plain(S3Code::kNoSuchUpload);
    case Reason::kNoSuchUser: return with_message(S3Code::kInvalidArgument, "Invalid id");
    case Reason::kVolumeExists: return plain(S3Code::kBucketAlreadyExists);
    case Reason::kVolumeOwnedByCaller: return plain(S3Code::kBucketAlreadyOwnedByYou);
    case Reason::kVolumeNotEmpty: return plain(S3Code::kBucketNotEmpty);
    case Reason::kInvalidVolumeName: return plain(S3Code::kInvalidBucketName);
    case Reason::kInvalidKey: return with_message(S3Code::kInvalidArgument, error.message);
    case Reason::kAccessDenied: return plain(S3Code::kAccessDenied);
    case Reason::kAclNotSupported: return plain(S3Code::kAccessControlListNotSupported);
    case Reason::kInvalidPart: return plain(S3Code::kInvalidPart);
    case Reason::kInvalidPartOrder: return plain(S3Code::kInvalidPartOrder);
    case Reason::kPartTooSmall: return plain(S3Code::kEntityTooSmall);
    case Reason::kBadDigest:
      return with_message(S3Code::kBadDigest, "The Content-MD5 you specified did not match what we received.");
    case Reason::kContentSha256Mismatch: return plain(S3Code::kXAmzContentSha256Mismatch);
    case Reason::kChecksumMismatch:
      return with_message(S3Code::kBadDigest, "The checksum you specified did not match the calculated checksum.");
    case Reason::kIncompleteBody: return plain(S3Code::kIncompleteBody);
    case Reason::kEntityTooLarge: return plain(S3Code::kEntityTooLarge);
    case Reason::kWriteOffset: return plain(S3Code::kInvalidWriteOffset);
    case Reason::kTooManyParts: return plain(S3Code::kTooManyParts);
    case Reason::kUploadSizeMismatch:
      return with_message(S3Code::kInvalidRequest,
                          "The provided 'x-amz-mp-object-size' header does not match what was computed.");
    case Reason::kInvalidChecksumType: return with_message(S3Code::kInvalidRequest, error.message);
    case Reason::kCopyOntoItself:
      return with_message(S3Code::kInvalidRequest,
                          "This copy request is illegal because it is trying to copy an object to itself without "
                          "changing the object's metadata, storage class, website redirect location or encryption "
                          "attributes.");
    case Reason::kSourceConditionFailed: return plain(S3Code::kPreconditionFailed);
    case Reason::kTooManyVolumes: return plain(S3Code::kTooManyBuckets);
    case Reason::kUserExists: return with_message(S3Code::kInvalidArgument, error.message);
    case Reason::kMalformedPolicy: return with_message(S3Code::kMalformedPolicy, error.message);
    case Reason::kQuota: return plain(S3Code::kQuotaExceeded);
    case Reason::kStale: case Reason::kNotDirectory: case Reason::kIsDirectory: case Reason::kNotFile:
    case Reason::kNameTooLong: case Reason::kInvalidName: case Reason::kTooManyLinks: case Reason::kCrossVolume:
    case Reason::kNotOwner: case Reason::kReadOnlyVolume: case Reason::kBadCookie: case Reason::kNoAttribute:
    case Reason::kAttributesTooLarge: case Reason::kFileTooLarge: case Reason::kNotSynchronized:
    case Reason::kNotExported: return of_files(reason, error);
    case Reason::kNoSuchVersion: case Reason::kInvalidVersion: case Reason::kDeleteMarker: case Reason::kLocked:
    case Reason::kLockNotEnabled: case Reason::kVersioningState: case Reason::kInvalidRetention:
    case Reason::kOffline: case Reason::kRestoreInProgress: case Reason::kInvalidStorageClass:
    case Reason::kNoSuchSnapshot: case Reason::kSnapshotExists:
    case Reason::kSnapshotInUse: return of_time(reason, error);
  }
  return plain(S3Code::kInternalError);
}

std::optional<S3Error> of_signature(const Error& error) {
  using wire::SigV4Error;
  switch (static_cast<SigV4Error>(error.reason)) {
    case SigV4Error::kBothMechanisms:
      return with_message(S3Code::kInvalidArgument,
                          "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                          "string parameter or the Authorization header should be specified");
    case SigV4Error::kSigV2:
      return with_message(S3Code::kInvalidRequest,
                          "The authorization mechanism you have provided is not supported. Please use "
                          "AWS4-HMAC-SHA256.");
    case SigV4Error::kUnsupportedAlgorithm:
      return with_message(S3Code::kInvalidArgument, "Unsupported Authorization Type");
    case SigV4Error::kMalformedAuthorization:
    case SigV4Error::kMalformedCredential:
    case SigV4Error::kScopeService:
    case SigV4Error::kScopeDate:
    case SigV4Error::kScopeRegion:
      return with_message(S3Code::kAuthorizationHeaderMalformed,
                          "The authorization header is malformed; " + error.message);
    case SigV4Error::kMalformedQuery:
    case SigV4Error::kBadExpires: return with_message(S3Code::kAuthorizationQueryParametersError, error.message);
    case SigV4Error::kMissingDate:
      return with_message(S3Code::kAccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
    case SigV4Error::kMissingPayloadHash:
      return with_message(S3Code::kInvalidRequest,
                          "Missing required header for this request: x-amz-content-sha256");
    case SigV4Error::kBadPayloadHash: return with_message(S3Code::kInvalidArgument, error.message);
    case SigV4Error::kExpired: return with_message(S3Code::kAccessDenied, "Request has expired");
    case SigV4Error::kNotYetValid: return with_message(S3Code::kAccessDenied, "Request is not valid yet");
    case SigV4Error::kTimeSkewed: return plain(S3Code::kRequestTimeTooSkewed);
    case SigV4Error::kUnsignedHeaders:
      return with_message(S3Code::kAccessDenied,
                          "There were headers present in the request which were not signed: " + error.message);
    case SigV4Error::kSignatureMismatch:
    case SigV4Error::kChunkSignatureMismatch: return plain(S3Code::kSignatureDoesNotMatch);
  }
  return std::nullopt;
}

std::optional<S3Error> of_upload_coding(const Error& error) {
  switch (static_cast<wire::AwsChunkedError>(error.reason)) {
    case wire::AwsChunkedError::kBadChunk: return with_message(S3Code::kInvalidRequest, error.message);
    case wire::AwsChunkedError::kWrongLength:
    case wire::AwsChunkedError::kTruncated: return plain(S3Code::kIncompleteBody);
    case wire::AwsChunkedError::kBadTrailer: return plain(S3Code::kMalformedTrailerError);
  }
  switch (static_cast<wire::PostPolicyError>(error.reason)) {
    // The policy's own words are S3's.
    case wire::PostPolicyError::kBadDocument: return with_message(S3Code::kInvalidPolicyDocument, error.message);
    case wire::PostPolicyError::kExpired:
    case wire::PostPolicyError::kConditionFailed:
    case wire::PostPolicyError::kUncoveredField: return with_message(S3Code::kAccessDenied, error.message);
    case wire::PostPolicyError::kTooSmall: return plain(S3Code::kEntityTooSmall);
    case wire::PostPolicyError::kTooLarge: return plain(S3Code::kEntityTooLarge);
  }
  return std::nullopt;
}

std::optional<S3Error> of_http(const Error& error) {
  using wire::HttpReason;
  switch (static_cast<HttpReason>(error.reason)) {
    case HttpReason::kBadRequest:
    case HttpReason::kBadContentLength:
    case HttpReason::kConflictingFraming:
    case HttpReason::kBadChunk: return plain(S3Code::kBadRequest);
    case HttpReason::kBadTransferEncoding:
      return with_message(S3Code::kNotImplemented,
                          "A header you provided implies functionality that is not implemented: Transfer-Encoding");
    case HttpReason::kUriTooLong: return plain(S3Code::kUriTooLong);
    case HttpReason::kHeadersTooLarge: {
      S3Error answer = plain(S3Code::kRequestHeaderSectionTooLarge);
      answer.status = 431;
      return answer;
    }
    case HttpReason::kVersionNotSupported: {
      S3Error answer = plain(S3Code::kBadRequest);
      answer.status = 505;
      return answer;
    }
  }
  return std::nullopt;
}

S3Error of_code(const Error& error) {
  switch (error.code) {
    case Code::kInvalidArgument: return with_message(S3Code::kInvalidArgument, error.message);
    case Code::kMalformed: return with_message(S3Code::kInvalidRequest, error.message);
    case Code::kNotFound: return plain(S3Code::kNoSuchKey);
    case Code::kAlreadyExists: return plain(S3Code::kOperationAborted);
    case Code::kNotEmpty: return plain(S3Code::kBucketNotEmpty);
    case Code::kPreconditionFailed: return plain(S3Code::kPreconditionFailed);
    case Code::kNotModified: return plain(S3Code::kNotModified);
    case Code::kConflict: return plain(S3Code::kConditionalRequestConflict);
    case Code::kPermissionDenied: return plain(S3Code::kAccessDenied);
    case Code::kUnauthenticated: return plain(S3Code::kAccessDenied);
    case Code::kOutOfRange: return plain(S3Code::kInvalidRange);
    case Code::kTooLarge: return plain(S3Code::kEntityTooLarge);
    case Code::kNoSpace: return plain(S3Code::kInsufficientStorage);
    case Code::kReadOnly:
      return with_message(S3Code::kServiceUnavailable,
                          "The store takes no changes until it has been repaired. Reads still work.");
    case Code::kBusy: return plain(S3Code::kSlowDown);
    case Code::kUnavailable:
    case Code::kCancelled: return plain(S3Code::kServiceUnavailable);
    case Code::kTimeout: return plain(S3Code::kRequestTimeout);
    case Code::kClosed: return plain(S3Code::kIncompleteBody);
    case Code::kNotImplemented: return with_message(S3Code::kNotImplemented, error.message);
    case Code::kIo:
    case Code::kCorruption:
    case Code::kWouldBlock:
    case Code::kInternal: return plain(S3Code::kInternalError);
  }
  return plain(S3Code::kInternalError);
}

}  // namespace

S3Error s3_error_of(const Error& error) {
  if (error.reason >= kOwnReasons && error.reason < kOwnReasons + kS3CodeCount) {
    return with_message(static_cast<S3Code>(error.reason - kOwnReasons), error.message);
  }
  if (error.reason >= 0x1000) {
    if (auto answer = of_signature(error)) return *std::move(answer);
    if (auto answer = of_upload_coding(error)) return *std::move(answer);
    if (auto answer = of_http(error)) return *std::move(answer);
    return of_code(error);
  }
  // A reason refines what the client did wrong; what went wrong inside stays inside.
  const bool internal = error.code == Code::kInternal || error.code == Code::kIo || error.code == Code::kCorruption;
  if (error.reason == 0 || internal) return of_code(error);
  return of_plane(static_cast<plane::Reason>(error.reason), error);
}

Bytes error_document(const S3Error& error, const ErrorPlace& place) {
  Bytes out;
  out.reserve(512 + place.details.size());
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("Error");
  xml.element("Code", error.name);
  xml.element("Message", error.message);
  out.append(place.details);
  if (error.code == S3Code::kNoSuchKey && !place.key.empty()) xml.element("Key", place.key);
  const bool of_bucket = error.code == S3Code::kNoSuchBucket || error.code == S3Code::kBucketAlreadyExists ||
                         error.code == S3Code::kBucketAlreadyOwnedByYou || error.code == S3Code::kBucketNotEmpty ||
                         error.code == S3Code::kInvalidBucketName || error.name.starts_with("NoSuchBucketPolicy") ||
                         error.code == S3Code::kNoSuchTagSet;
  if (of_bucket && !place.bucket.empty()) xml.element("BucketName", place.bucket);
  if (!place.resource.empty()) xml.element("Resource", place.resource);
  xml.element("RequestId", place.request_id);
  xml.element("HostId", place.host_id);
  xml.close();
  return out;
}

}  // namespace tp::s3
