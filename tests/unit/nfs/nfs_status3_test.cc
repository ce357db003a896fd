#include "front/nfs/core/nfs_status3.h"

#include <gtest/gtest.h>

#include <map>

#include "plane/reason.h"

namespace tp::nfs {
namespace {

using plane::Reason;

TEST(Status3, IsAnErrorWithANameForEveryCode) {
  for (int code = 0; code < kCodeCount; ++code) {
    const Status3 status = status3_of(Error(static_cast<Code>(code), ""));
    EXPECT_NE(status, Status3::kOk) << code;
    EXPECT_FALSE(status3_name(status).empty()) << code;
  }
}

TEST(Status3, IsAnErrorWithANameForEveryReasonAndCode) {
  for (int code = 0; code < kCodeCount; ++code) {
    for (uint32_t reason = 0; reason <= UINT16_MAX; ++reason) {
      Error error(static_cast<Code>(code), "");
      error.reason = static_cast<uint16_t>(reason);
      const Status3 status = status3_of(error);
      ASSERT_NE(status, Status3::kOk) << code << " " << reason;
      ASSERT_FALSE(status3_name(status).empty()) << code << " " << reason;
    }
  }
}

TEST(Status3, SaysWhatFilesAreRefusedFor) {
  const std::map<Reason, Status3> expected = {
      {Reason::kStale, Status3::kStale},
      {Reason::kNoSuchVolume, Status3::kStale},
      {Reason::kNotDirectory, Status3::kNotDir},
      {Reason::kIsDirectory, Status3::kIsDir},
      {Reason::kNotFile, Status3::kInval},
      {Reason::kNameTooLong, Status3::kNameTooLong},
      {Reason::kInvalidName, Status3::kInval},
      {Reason::kTooManyLinks, Status3::kMlink},
      {Reason::kCrossVolume, Status3::kXdev},
      {Reason::kNotOwner, Status3::kPerm},
      {Reason::kReadOnlyVolume, Status3::kRofs},
      {Reason::kQuota, Status3::kDquot},
      {Reason::kBadCookie, Status3::kBadCookie},
      {Reason::kFileTooLarge, Status3::kFbig},
      {Reason::kNotSynchronized, Status3::kNotSync},
      {Reason::kNotExported, Status3::kAcces},
      {Reason::kLocked, Status3::kPerm},
      {Reason::kOffline, Status3::kIo},
  };
  for (const auto& [reason, status] : expected) {
    EXPECT_EQ(status3_of(Error(Code::kInvalidArgument, reason, "")), status) << static_cast<int>(reason);
  }
}

TEST(Status3, AsksToComeAgainWhereThatHelps) {
  for (const Code code : {Code::kBusy, Code::kUnavailable, Code::kTimeout, Code::kConflict}) {
    EXPECT_EQ(status3_of(Error(code, "")), Status3::kJukebox);
  }
  EXPECT_EQ(status3_of(Error(Code::kBusy, Reason::kQuota, "")), Status3::kJukebox);
  EXPECT_TRUE(fail3(Status3::kJukebox, "").error().retryable());
}

TEST(Status3, SaysWhatCodesMean) {
  const std::map<Code, Status3> expected = {
      {Code::kNotFound, Status3::kNoEnt},          {Code::kAlreadyExists, Status3::kExist},
      {Code::kNotEmpty, Status3::kNotEmpty},       {Code::kPermissionDenied, Status3::kAcces},
      {Code::kNoSpace, Status3::kNoSpc},           {Code::kReadOnly, Status3::kRofs},
      {Code::kIo, Status3::kIo},                   {Code::kCorruption, Status3::kIo},
      {Code::kNotImplemented, Status3::kNotSupp},  {Code::kInternal, Status3::kServerFault},
  };
  for (const auto& [code, status] : expected) EXPECT_EQ(status3_of(Error(code, "")), status) << code_name(code);
}

TEST(Status3, ComesBackOutOfTheFrontsOwnErrors) {
  for (const Status3 status : {Status3::kPerm, Status3::kBadHandle, Status3::kTooSmall, Status3::kBadType}) {
    EXPECT_EQ(status3_of(fail3(status, "why").error()), status);
  }
}

}  // namespace
}  // namespace tp::nfs
