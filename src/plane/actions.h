// Action: what rights are asked about, named as S3 policies name them. One enum for every front.
#pragma once

#include <cstdint>
#include <string_view>

namespace tp::plane {

enum class Action : uint32_t {
  kCreateBucket,
  kDeleteBucket,
  kListBucket,
  kListBucketMultipartUploads,
  kGetBucketLocation,
  kGetBucketAcl,
  kPutBucketAcl,
  kGetBucketTagging,
  kPutBucketTagging,
  kGetBucketCors,
  kPutBucketCors,
  kGetBucketPolicy,
  kPutBucketPolicy,
  kDeleteBucketPolicy,
  kGetBucketOwnershipControls,
  kPutBucketOwnershipControls,
  kGetBucketVersioning,
  kGetObject,
  kPutObject,
  kDeleteObject,
  kGetObjectAcl,
  kPutObjectAcl,
  kGetObjectTagging,
  kPutObjectTagging,
  kDeleteObjectTagging,
  kGetObjectAttributes,
  kAbortMultipartUpload,
  kListMultipartUploadParts,
  kListBucketVersions,
  kPutBucketVersioning,
  kGetObjectVersion,
  kGetObjectVersionAcl,
  kPutObjectVersionAcl,
  kGetObjectVersionTagging,
  kPutObjectVersionTagging,
  kDeleteObjectVersionTagging,
  kGetObjectVersionAttributes,
  kDeleteObjectVersion,
  kGetBucketObjectLockConfiguration,
  kPutBucketObjectLockConfiguration,
  kGetObjectRetention,
  kPutObjectRetention,
  kGetObjectLegalHold,
  kPutObjectLegalHold,
  kBypassGovernanceRetention,
  kGetLifecycleConfiguration,
  kPutLifecycleConfiguration,
  kRestoreObject,
};

/// "s3:GetObject".
std::string_view action_name(Action action);

}  // namespace tp::plane
