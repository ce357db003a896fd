// The numbers of NFSv4.1 and 4.2: operations, statuses, file types, flags. Spec: RFC 8881, RFC 5662 (XDR), RFC 7862 §15
// and RFC 7863 (4.2), RFC 8276 (extended attributes).
#pragma once

#include <cstdint>

namespace tp::nfs::v4 {

enum class Status : uint32_t {
  kOk = 0,
  kPerm = 1,
  kNoEnt = 2,
  kIo = 5,
  kNxio = 6,
  kAccess = 13,
  kExist = 17,
  kXdev = 18,
  kNotDir = 20,
  kIsDir = 21,
  kInval = 22,
  kFbig = 27,
  kNoSpc = 28,
  kRofs = 30,
  kMlink = 31,
  kNameTooLong = 63,
  kNotEmpty = 66,
  kDquot = 69,
  kStale = 70,
  kBadHandle = 10001,
  kBadCookie = 10003,
  kNotSupp = 10004,
  kTooSmall = 10005,
  kServerFault = 10006,
  kBadType = 10007,
  kDelay = 10008,
  kSame = 10009,
  kDenied = 10010,
  kExpired = 10011,
  kLocked = 10012,
  kGrace = 10013,
  kShareDenied = 10015,
  kWrongSec = 10016,
  kClidInUse = 10017,
  kNoFileHandle = 10020,
  kMinorVersMismatch = 10021,
  kStaleClientId = 10022,
  kStaleStateId = 10023,
  kOldStateId = 10024,
  kBadStateId = 10025,
  kBadSeqId = 10026,
  kNotSame = 10027,
  kLockRange = 10028,
  kSymlink = 10029,
  kAttrNotSupp = 10032,
  kNoGrace = 10033,
  kReclaimBad = 10034,
  kReclaimConflict = 10035,
  kBadXdr = 10036,
  kLocksHeld = 10037,
  kOpenMode = 10038,
  kBadOwner = 10039,
  kBadChar = 10040,
  kBadName = 10041,
  kBadRange = 10042,
  kLockNotSupp = 10043,
  kOpIllegal = 10044,
  kDeadlock = 10045,
  kFileOpen = 10046,
  kAdminRevoked = 10047,
  kBadSession = 10052,
  kBadSlot = 10053,
  kCompleteAlready = 10054,
  kConnNotBoundToSession = 10055,
  kSeqMisordered = 10063,
  kSequencePos = 10064,
  kReqTooBig = 10065,
  kRepTooBig = 10066,
  kRepTooBigToCache = 10067,
  kRetryUncachedRep = 10068,
  kUnsafeCompound = 10069,
  kTooManyOps = 10070,
  kOpNotInSession = 10071,
  kClientIdBusy = 10074,
  kSeqFalseRetry = 10076,
  kBadHighSlot = 10077,
  kDeadSession = 10078,
  kEncrAlgUnsupp = 10079,
  kNotOnlyOp = 10081,
  kWrongCred = 10082,
  kWrongType = 10083,
  kRejectDeleg = 10085,
  kDelegRevoked = 10087,
  kPartnerNotSupp = 10088,
  kUnionNotSupp = 10090,
  kOffloadDenied = 10091,
  kOffloadNoReqs = 10094,
  kNoXattr = 10095,
  kXattrTooBig = 10096,
};

enum class Op : uint32_t {
  kAccess = 3,
  kClose = 4,
  kCommit = 5,
  kCreate = 6,
  kDelegPurge = 7,
  kDelegReturn = 8,
  kGetAttr = 9,
  kGetFh = 10,
  kLink = 11,
  kLock = 12,
  kLockT = 13,
  kLockU = 14,
  kLookup = 15,
  kLookupP = 16,
  kNverify = 17,
  kOpen = 18,
  kOpenAttr = 19,
  kOpenConfirm = 20,
  kOpenDowngrade = 21,
  kPutFh = 22,
  kPutPubFh = 23,
  kPutRootFh = 24,
  kRead = 25,
  kReadDir = 26,
  kReadLink = 27,
  kRemove = 28,
  kRename = 29,
  kRenew = 30,
  kRestoreFh = 31,
  kSaveFh = 32,
  kSecInfo = 33,
  kSetAttr = 34,
  kSetClientId = 35,
  kSetClientIdConfirm = 36,
  kVerify = 37,
  kWrite = 38,
  kReleaseLockOwner = 39,
  kBackchannelCtl = 40,
  kBindConnToSession = 41,
  kExchangeId = 42,
  kCreateSession = 43,
  kDestroySession = 44,
  kFreeStateId = 45,
  kGetDirDelegation = 46,
  kGetDeviceInfo = 47,
  kGetDeviceList = 48,
  kLayoutCommit = 49,
  kLayoutGet = 50,
  kLayoutReturn = 51,
  kSecInfoNoName = 52,
  kSequence = 53,
  kSetSsv = 54,
  kTestStateId = 55,
  kWantDelegation = 56,
  kDestroyClientId = 57,
  kReclaimComplete = 58,
  kAllocate = 59,
  kCopy = 60,
  kCopyNotify = 61,
  kDeallocate = 62,
  kIoAdvise = 63,
  kLayoutError = 64,
  kLayoutStats = 65,
  kOffloadCancel = 66,
  kOffloadStatus = 67,
  kReadPlus = 68,
  kSeek = 69,
  kWriteSame = 70,
  kClone = 71,
  kGetXattr = 72,
  kSetXattr = 73,
  kListXattrs = 74,
  kRemoveXattr = 75,
  kIllegal = 10044,
};
inline constexpr uint32_t kFirstOp = 3, kLastOp41 = 58, kLastOp42 = 75;

/// nfs_ftype4.
enum class FileType : uint32_t { kReg = 1, kDir = 2, kBlk = 3, kChr = 4, kLnk = 5, kSock = 6, kFifo = 7 };

// ACCESS4_*; the last three: RFC 8276.
inline constexpr uint32_t kAccessRead = 0x01, kAccessLookup = 0x02, kAccessModify = 0x04, kAccessExtend = 0x08,
                          kAccessDelete = 0x10, kAccessExecute = 0x20, kAccessXattrRead = 0x40,
                          kAccessXattrWrite = 0x80, kAccessXattrList = 0x100;

// OPEN.
inline constexpr uint32_t kShareAccessRead = 1, kShareAccessWrite = 2, kShareAccessBoth = 3, kShareDenyBoth = 3;
inline constexpr uint32_t kShareWantMask = 0xff00, kShareWantNone = 0, kShareWantNoDelegation = 0x0400,
                          kShareWantCancel = 0x0500, kShareWantSignals = 0x30000;
enum class CreateMode : uint32_t { kUnchecked = 0, kGuarded = 1, kExclusive = 2, kExclusive41 = 3 };
enum class Claim : uint32_t {
  kNull = 0,
  kPrevious = 1,
  kDelegateCur = 2,
  kDelegatePrev = 3,
  kFh = 4,
  kDelegCurFh = 5,
  kDelegPrevFh = 6,
};
inline constexpr uint32_t kDelegateNone = 0, kDelegateNoneExt = 3;
inline constexpr uint32_t kWhyNotWanted = 0, kWhyResource = 2, kWhyCancelled = 7;
inline constexpr uint32_t kResultLockTypePosix = 0x4, kResultPreserveUnlinked = 0x8;

// EXCHANGE_ID flags.
inline constexpr uint32_t kExchangeSuppMovedRefer = 0x1, kExchangeSuppMovedMigr = 0x2, kExchangeBindPrincipal = 0x100,
                          kExchangeUseNonPnfs = 0x10000, kExchangeUsePnfsMds = 0x20000, kExchangeUsePnfsDs = 0x40000,
                          kExchangeUpdateConfirmed = 0x40000000, kExchangeConfirmed = 0x80000000;
inline constexpr uint32_t kExchangeClientFlags = kExchangeSuppMovedRefer | kExchangeSuppMovedMigr |
                                                 kExchangeBindPrincipal | kExchangeUseNonPnfs | kExchangeUsePnfsMds |
                                                 kExchangeUsePnfsDs | kExchangeUpdateConfirmed;
// CREATE_SESSION flags.
inline constexpr uint32_t kSessionPersist = 1, kSessionBackChannel = 2, kSessionRdma = 4;

// Limits of what is decoded.
inline constexpr uint32_t kOpaqueLimit = 1024, kHandleLimit = 128, kVerifierBytes = 8, kSessionIdBytes = 16,
                          kStateIdBytes = 16, kMaxNameArgument = 1 << 20, kMaxOps = 128, kMaxTestStateIds = 1024;

struct ChangeInfo {
  bool atomic = false;
  uint64_t before = 0, after = 0;
};

}  // namespace tp::nfs::v4
