// Operation: every operation of the S3 API by its documented name, built or not, and two that have no name there: the
// browser's form upload and its CORS preflight. Handler: what carries one out.
// Spec: S3 API reference, "Actions: Amazon S3".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "rt/task.h"

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): names and enumerators must not drift apart
#define TP_S3_OPERATIONS(X) \
  X(Unknown) X(OptionsPreflight) X(PostObject) \
  X(AbortMultipartUpload) X(CompleteMultipartUpload) X(CopyObject) X(CreateBucket) \
  X(CreateBucketMetadataConfiguration) X(CreateBucketMetadataTableConfiguration) X(CreateMultipartUpload) \
  X(CreateSession) X(DeleteBucket) X(DeleteBucketAnalyticsConfiguration) X(DeleteBucketCors) \
  X(DeleteBucketEncryption) X(DeleteBucketIntelligentTieringConfiguration) X(DeleteBucketInventoryConfiguration) \
  X(DeleteBucketLifecycle) X(DeleteBucketMetadataConfiguration) X(DeleteBucketMetadataTableConfiguration) \
  X(DeleteBucketMetricsConfiguration) X(DeleteBucketOwnershipControls) X(DeleteBucketPolicy) \
  X(DeleteBucketReplication) X(DeleteBucketTagging) X(DeleteBucketWebsite) X(DeleteObject) \
  X(DeleteObjectAnnotation) X(DeleteObjects) X(DeleteObjectTagging) X(DeletePublicAccessBlock) X(GetBucketAbac) \
  X(GetBucketAccelerateConfiguration) X(GetBucketAcl) X(GetBucketAnalyticsConfiguration) X(GetBucketCors) \
  X(GetBucketEncryption) X(GetBucketIntelligentTieringConfiguration) X(GetBucketInventoryConfiguration) \
  X(GetBucketLifecycleConfiguration) X(GetBucketLocation) X(GetBucketLogging) X(GetBucketMetadataConfiguration) \
  X(GetBucketMetadataTableConfiguration) X(GetBucketMetricsConfiguration) X(GetBucketNotificationConfiguration) \
  X(GetBucketOwnershipControls) X(GetBucketPolicy) X(GetBucketPolicyStatus) X(GetBucketReplication) \
  X(GetBucketRequestPayment) X(GetBucketTagging) X(GetBucketVersioning) X(GetBucketWebsite) X(GetObject) \
  X(GetObjectAcl) X(GetObjectAnnotation) X(GetObjectAttributes) X(GetObjectLegalHold) \
  X(GetObjectLockConfiguration) X(GetObjectRetention) X(GetObjectTagging) X(GetObjectTorrent) \
  X(GetPublicAccessBlock) X(HeadBucket) X(HeadObject) X(ListBucketAnalyticsConfigurations) \
  X(ListBucketIntelligentTieringConfigurations) X(ListBucketInventoryConfigurations) \
  X(ListBucketMetricsConfigurations) X(ListBuckets) X(ListMultipartUploads) X(ListObjectAnnotations) \
  X(ListObjects) X(ListObjectsV2) X(ListObjectVersions) X(ListParts) X(PutBucketAbac) \
  X(PutBucketAccelerateConfiguration) X(PutBucketAcl) X(PutBucketAnalyticsConfiguration) X(PutBucketCors) \
  X(PutBucketEncryption) X(PutBucketIntelligentTieringConfiguration) X(PutBucketInventoryConfiguration) \
  X(PutBucketLifecycleConfiguration) X(PutBucketLogging) X(PutBucketMetricsConfiguration) \
  X(PutBucketNotificationConfiguration) X(PutBucketOwnershipControls) X(PutBucketPolicy) X(PutBucketReplication) \
  X(PutBucketRequestPayment) X(PutBucketTagging) X(PutBucketVersioning) X(PutBucketWebsite) X(PutObject) \
  X(PutObjectAcl) X(PutObjectAnnotation) X(PutObjectLegalHold) X(PutObjectLockConfiguration) \
  X(PutObjectRetention) X(PutObjectTagging) X(PutPublicAccessBlock) X(RenameObject) X(RestoreObject) \
  X(SelectObjectContent) X(UpdateBucketMetadataInventoryTableConfiguration) \
  X(UpdateBucketMetadataJournalTableConfiguration) X(UpdateObjectEncryption) X(UploadPart) X(UploadPartCopy) \
  X(WriteGetObjectResponse)

namespace tp::s3 {

class S3Request;

enum class Operation : uint8_t {
#define TP_S3_OPERATION(name) k##name,
  TP_S3_OPERATIONS(TP_S3_OPERATION)
#undef TP_S3_OPERATION
};

inline constexpr std::array kOperationNames = {
#define TP_S3_OPERATION(name) std::string_view(#name),
    TP_S3_OPERATIONS(TP_S3_OPERATION)
#undef TP_S3_OPERATION
};
inline constexpr size_t kOperationCount = kOperationNames.size();

/// "GetObject".
constexpr std::string_view operation_name(Operation operation) noexcept {
  return kOperationNames[static_cast<size_t>(operation)];
}

/// Carries out one authenticated request: answers it, or returns an error before it began to answer (the front then
/// sends the error document). Whether the caller may do it is the plane's decision, not the handler's.
using Handler = Task<void> (*)(S3Request& request);

/// One row of the registry. Each folder of operations gives its rows (object/object_handlers.h and so on); an operation
/// without a row answers NotImplemented.
struct HandlerRow {
  Operation operation;
  Handler handler;
};

}  // namespace tp::s3
