#include "plane/actions.h"

namespace tp::plane {

std::string_view action_name(Action action) {
  using enum Action;
  switch (action) {
    case kCreateBucket: return "s3:CreateBucket";
    case kDeleteBucket: return "s3:DeleteBucket";
    case kListBucket: return "s3:ListBucket";
    case kListBucketMultipartUploads: return "s3:ListBucketMultipartUploads";
    case kGetBucketLocation: return "s3:GetBucketLocation";
    case kGetBucketAcl: return "s3:GetBucketAcl";
    case kPutBucketAcl: return "s3:PutBucketAcl";
    case kGetBucketTagging: return "s3:GetBucketTagging";
    case kPutBucketTagging: return "s3:PutBucketTagging";
    case kGetBucketCors: return "s3:GetBucketCORS";
    case kPutBucketCors: return "s3:PutBucketCORS";
    case kGetBucketPolicy: return "s3:GetBucketPolicy";
    case kPutBucketPolicy: return "s3:PutBucketPolicy";
    case kDeleteBucketPolicy: return "s3:DeleteBucketPolicy";
    case kGetBucketOwnershipControls: return "s3:GetBucketOwnershipControls";
    case kPutBucketOwnershipControls: return "s3:PutBucketOwnershipControls";
    case kGetBucketVersioning: return "s3:GetBucketVersioning";
    case kGetObject: return "s3:GetObject";
    case kPutObject: return "s3:PutObject";
    case kDeleteObject: return "s3:DeleteObject";
    case kGetObjectAcl: return "s3:GetObjectAcl";
    case kPutObjectAcl: return "s3:PutObjectAcl";
    case kGetObjectTagging: return "s3:GetObjectTagging";
    case kPutObjectTagging: return "s3:PutObjectTagging";
    case kDeleteObjectTagging: return "s3:DeleteObjectTagging";
    case kGetObjectAttributes: return "s3:GetObjectAttributes";
    case kAbortMultipartUpload: return "s3:AbortMultipartUpload";
    case kListMultipartUploadParts: return "s3:ListMultipartUploadParts";
    case kListBucketVersions: return "s3:ListBucketVersions";
    case kPutBucketVersioning: return "s3:PutBucketVersioning";
    case kGetObjectVersion: return "s3:GetObjectVersion";
    case kGetObjectVersionAcl: return "s3:GetObjectVersionAcl";
    case kPutObjectVersionAcl: return "s3:PutObjectVersionAcl";
    case kGetObjectVersionTagging: return "s3:GetObjectVersionTagging";
    case kPutObjectVersionTagging: return "s3:PutObjectVersionTagging";
    case kDeleteObjectVersionTagging: return "s3:DeleteObjectVersionTagging";
    case kGetObjectVersionAttributes: return "s3:GetObjectVersionAttributes";
    case kDeleteObjectVersion: return "s3:DeleteObjectVersion";
    case kGetBucketObjectLockConfiguration: return "s3:GetBucketObjectLockConfiguration";
    case kPutBucketObjectLockConfiguration: return "s3:PutBucketObjectLockConfiguration";
    case kGetObjectRetention: return "s3:GetObjectRetention";
    case kPutObjectRetention: return "s3:PutObjectRetention";
    case kGetObjectLegalHold: return "s3:GetObjectLegalHold";
    case kPutObjectLegalHold: return "s3:PutObjectLegalHold";
    case kBypassGovernanceRetention: return "s3:BypassGovernanceRetention";
    case kGetLifecycleConfiguration: return "s3:GetLifecycleConfiguration";
    case kPutLifecycleConfiguration: return "s3:PutLifecycleConfiguration";
    case kRestoreObject: return "s3:RestoreObject";
  }
  return "";
}

}  // namespace tp::plane
