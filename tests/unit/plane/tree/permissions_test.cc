// POSIX's rules, as tables.
#include "plane/tree/permissions.h"

#include <gtest/gtest.h>

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using namespace plane;  // NOLINT: the tables below name little else
using meta::InodeType;

FileAttributes file_of(uint32_t uid, uint32_t gid, uint32_t bits, InodeType type = InodeType::kFile) {
  FileAttributes file;
  file.uid = uid;
  file.gid = gid;
  file.mode = bits;
  file.type = type;
  return file;
}

TEST(Permissions, AreThoseOfTheFirstClassThatFits) {
  struct Row {
    FileCaller caller;
    uint32_t bits, wanted;
    InodeType type = InodeType::kFile;
  };
  const Row rows[] = {
      {user(1, 10), 0700, 7},
      {user(1, 10), 0077, 0},
      {user(2, 10), 0070, 7},
      {user(2, 10), 0707, 0},
      {user(2, 20, {10}), 0050, 5},
      {user(2, 20, {30}), 0770, 0},
      {user(2, 20), 0004, kMayRead},
      {user(2, 20), 0773, 3},
      {root_user(), 0000, 3},
      {root_user(), 0001, 7},
      {root_user(), 0000, 7, InodeType::kDirectory},
      {user(0, 0), 0700, 0},
  };
  for (const Row& row : rows) {
    const uint32_t found = permissions_of(row.caller, file_of(1, 10, row.bits, row.type));
    uint32_t wanted = row.wanted;
    if (row.bits == 0773) wanted = kMayWrite | kMayExecute;
    if (row.bits == 0050) wanted = kMayRead | kMayExecute;
    EXPECT_EQ(found, wanted) << std::oct << row.bits << " of " << row.caller.uid;
  }
}

TEST(Permissions, OfBytesLetOwnersAndOpensThrough) {
  const FileAttributes file = file_of(1, 10, 0000);
  EXPECT_TRUE(require_bytes(user(1), file, kMayWrite, AccessCheck::kByMode));
  EXPECT_TRUE(require_bytes(user(2), file, kMayWrite, AccessCheck::kOpened));
  EXPECT_TRUE(failed_with(require_bytes(user(2), file, kMayRead, AccessCheck::kByMode), Code::kPermissionDenied,
                          Reason::kAccessDenied));
  EXPECT_TRUE(require_bytes(user(2), file_of(1, 10, 0001), kMayRead, AccessCheck::kByMode));
  EXPECT_FALSE(require_bytes(user(2), file_of(1, 10, 0001), kMayWrite, AccessCheck::kByMode));
}

TEST(Permissions, ToRemoveAreTheDirectorysAndStickyOnesTheOwners) {
  const FileAttributes plain = file_of(5, 50, 0777, InodeType::kDirectory);
  const FileAttributes sticky = file_of(5, 50, 01777, InodeType::kDirectory);
  const FileAttributes entry = file_of(6, 60, 0);
  EXPECT_TRUE(require_removal(user(7), plain, entry));
  EXPECT_TRUE(failed_with(require_removal(user(7), sticky, entry), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_TRUE(require_removal(user(6), sticky, entry));
  EXPECT_TRUE(require_removal(user(5), sticky, entry));
  EXPECT_TRUE(require_removal(root_user(), sticky, entry));
  EXPECT_TRUE(failed_with(require_removal(user(6), file_of(5, 50, 0755, InodeType::kDirectory), entry),
                          Code::kPermissionDenied, Reason::kAccessDenied));
}

TEST(Permissions, OfNewFilesFollowTheirDirectory) {
  const FileAttributes plain = file_of(5, 50, 0777, InodeType::kDirectory);
  const FileAttributes setgid = file_of(5, 50, 02777, InodeType::kDirectory);
  auto own = ownership_of_new(user(7, 70), plain, InodeType::kFile, 0644, {});
  EXPECT_TRUE(own && own->mode == 0644 && own->uid == 7 && own->gid == 70);
  own = ownership_of_new(user(7, 70), setgid, InodeType::kFile, 0644, mode(02755));
  EXPECT_TRUE(own && own->mode == 0755 && own->gid == 50);  // setgid of a group it is not in
  own = ownership_of_new(user(7, 70, {50}), setgid, InodeType::kFile, 0644, mode(02755));
  EXPECT_TRUE(own && own->mode == 02755 && own->gid == 50);
  own = ownership_of_new(user(7, 70), setgid, InodeType::kDirectory, 0755, {});
  EXPECT_TRUE(own && own->mode == 02755 && own->gid == 50);
  SetAttributes give;
  give.uid = 8;
  EXPECT_TRUE(failed_with(ownership_of_new(user(7), plain, InodeType::kFile, 0, give), Code::kPermissionDenied,
                          Reason::kNotOwner));
  EXPECT_EQ(ownership_of_new(root_user(), plain, InodeType::kFile, 0, give)->uid, 8u);
  give = {};
  give.gid = 71;
  EXPECT_FALSE(ownership_of_new(user(7, 70), plain, InodeType::kFile, 0, give));
  EXPECT_EQ(ownership_of_new(user(7, 70, {71}), plain, InodeType::kFile, 0, give)->gid, 71u);
}

TEST(Permissions, ToChangeOwnerAndModeAreTheOwners) {
  const FileAttributes file = file_of(1, 10, 06755);
  SetAttributes set = mode(0600);
  EXPECT_TRUE(failed_with(changed_ownership(user(2, 10), file, set), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_EQ(changed_ownership(user(1, 10), file, set)->mode, 0600u);
  EXPECT_EQ(changed_ownership(user(1, 10), file, mode(02755))->mode, 02755u);
  EXPECT_EQ(changed_ownership(user(1, 99), file, mode(02755))->mode, 0755u);
  EXPECT_EQ(changed_ownership(root_user(), file, mode(0177777))->mode, 07777u);
  set = {};
  set.uid = 2;
  EXPECT_FALSE(changed_ownership(user(1, 10), file, set));
  EXPECT_EQ(changed_ownership(root_user(), file, set)->uid, 2u);
  EXPECT_EQ(changed_ownership(root_user(), file, set)->mode, 0755u);
  set = {};
  set.gid = 11;
  EXPECT_FALSE(changed_ownership(user(1, 10), file, set));
  EXPECT_FALSE(changed_ownership(user(2, 11), file, set));
  auto own = changed_ownership(user(1, 10, {11}), file, set);
  EXPECT_TRUE(own && own->gid == 11 && own->mode == 0755);
  // Setgid without the group's execute bit means locking, and stays.
  EXPECT_EQ(changed_ownership(user(1, 10, {11}), file_of(1, 10, 02644), set)->mode, 02644u);
  own = changed_ownership(user(1, 10, {11}), file_of(1, 10, 02775, InodeType::kDirectory), set);
  EXPECT_EQ(own->mode, 02775u);
  set = {};
  set.uid = 1;
  EXPECT_TRUE(changed_ownership(user(1, 10), file, set));  // what it is already
}

TEST(Permissions, ToSetTimesAreTheOwnersAndNowTheWriters) {
  const FileAttributes file = file_of(1, 10, 0602);
  SetAttributes now, then;
  now.modified_now = true;
  then.modified = 5;
  EXPECT_TRUE(require_times(user(1), file, then));
  EXPECT_TRUE(require_times(user(2), file, now));
  EXPECT_TRUE(failed_with(require_times(user(2), file, then), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_TRUE(failed_with(require_times(user(2, 10), file, now), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_EQ(mode_after_write(user(1), 06755), 0755u);
  EXPECT_EQ(mode_after_write(user(1), 06644), 02644u);
  EXPECT_EQ(mode_after_write(root_user(), 06755), 06755u);
}

}  // namespace
}  // namespace tp::test
