// Attribute: the numbers of NFSv4's file attributes that this server knows by name.
// Spec: RFC 8881 §5.6 to §5.13, RFC 7862 §12.2, RFC 8275 §5, RFC 8276 §8.2.
#pragma once

#include <cstdint>

namespace tp::nfs::v4 {

enum class Attribute : uint8_t {
  kSupportedAttrs = 0,
  kType = 1,
  kFhExpireType = 2,
  kChange = 3,
  kSize = 4,
  kLinkSupport = 5,
  kSymlinkSupport = 6,
  kNamedAttr = 7,
  kFsid = 8,
  kUniqueHandles = 9,
  kLeaseTime = 10,
  kRdattrError = 11,
  kAclSupport = 13,
  kCanSetTime = 15,
  kCaseInsensitive = 16,
  kCasePreserving = 17,
  kChownRestricted = 18,
  kFileHandle = 19,
  kFileId = 20,
  kFilesAvail = 21,
  kFilesFree = 22,
  kFilesTotal = 23,
  kHomogeneous = 26,
  kMaxFileSize = 27,
  kMaxLink = 28,
  kMaxName = 29,
  kMaxRead = 30,
  kMaxWrite = 31,
  kMode = 33,
  kNoTrunc = 34,
  kNumLinks = 35,
  kOwner = 36,
  kOwnerGroup = 37,
  kRawDev = 41,
  kSpaceAvail = 42,
  kSpaceFree = 43,
  kSpaceTotal = 44,
  kSpaceUsed = 45,
  kTimeAccess = 47,
  kTimeAccessSet = 48,
  kTimeCreate = 50,
  kTimeDelta = 51,
  kTimeMetadata = 52,
  kTimeModify = 53,
  kTimeModifySet = 54,
  kMountedOnFileId = 55,
  kFsLayoutTypes = 62,
  kSuppAttrExclCreat = 75,
  kCloneBlockSize = 77,
  kChangeAttrType = 79,
  kModeUmask = 81,
  kXattrSupport = 82,
};

}  // namespace tp::nfs::v4
