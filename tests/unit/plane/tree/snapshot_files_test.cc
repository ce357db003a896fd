// ".snapshot": where it is, what is in it, who may do what there, and that nobody changes anything.
#include "plane/tree/snapshots/snapshot_ids.h"

#include <gtest/gtest.h>

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using plane::AccessCheck;
using plane::FileAttributes;
using plane::FileId;
using plane::Reason;
using Names = std::vector<std::string>;

class SnapshotFiles : public FilesFixture {
 protected:
  void TearDown() override { EXPECT_EQ(damage(), ""); }
  void take(const std::string& name) {
    const auto made = run(plane().snapshots().create(operator_caller(), {"vol"}, name));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  void forget(const std::string& name) { ASSERT_TRUE(run(plane().snapshots().remove(operator_caller(), "vol", name))); }
  /// Where a path of shown names leads to.
  FileAttributes at(const std::string& path) {
    const auto found = find(path);
    EXPECT_TRUE(found) << path << ": " << found.error().to_string();
    return found ? *found : FileAttributes();
  }
  Bytes read(FileId file) {
    const auto got = run(files().read(root_user(), file, 0, 1 << 20, AccessCheck::kByMode));
    EXPECT_TRUE(got) << got.error().to_string();
    Bytes bytes;
    if (got) {
      for (const auto& region : got->regions) bytes += region.bytes;
    }
    return bytes;
  }
  Bytes read(const std::string& path) { return read(at(path).file); }
  ::testing::AssertionResult refused(const Error& error) {
    if (error.reason == static_cast<uint16_t>(Reason::kReadOnlyVolume)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << error.to_string() << ", reason " << error.reason;
  }
};

#define EXPECT_READ_ONLY(...)              \
  do {                                     \
    const auto outcome = __VA_ARGS__;      \
    ASSERT_FALSE(outcome);                 \
    EXPECT_TRUE(refused(outcome.error())); \
  } while (false)

TEST_F(SnapshotFiles, EveryDirectoryHasOneAndNoListingShowsIt) {
  ASSERT_TRUE(put("d/file", "x"));
  EXPECT_EQ(names(root()), Names{"d"});
  EXPECT_EQ(names(at("d").file), Names{"file"});
  for (const char* path : {".snapshot", "d/.snapshot"}) {
    const FileAttributes list = at(path);
    EXPECT_EQ(list.type, meta::InodeType::kDirectory);
    EXPECT_EQ(list.mode & 0222, 0u);
    EXPECT_TRUE(plane::is_snapshot_list(list.file.volume));
    EXPECT_TRUE(names(list.file).empty());
    EXPECT_EQ(attributes(list.file)->file, list.file);
  }
  EXPECT_TRUE(failed_with(find("d/file/.snapshot"), Code::kInvalidArgument, Reason::kNotDirectory));
  EXPECT_TRUE(failed_with(find(".snapshot/none"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_TRUE(failed_with(find(".snapshot/.snapshot"), Code::kNotFound, Reason::kNoSuchKey));
}

TEST_F(SnapshotFiles, AnEntryIsTheDirectoryAsItWas) {
  ASSERT_TRUE(put("d/a", "one"));
  ASSERT_TRUE(put("d/large", make_data(1, 300 << 10)));
  ASSERT_TRUE(put("d/gone", "soon"));
  take("first");
  ASSERT_TRUE(put("d/a", "two"));
  ASSERT_TRUE(put("d/b", "new"));
  ASSERT_TRUE(put("d/large", "small now"));
  ASSERT_TRUE(remove("d/gone"));
  take("second");
  ASSERT_TRUE(put("d/a", "three"));

  EXPECT_EQ(names(at(".snapshot").file), (Names{"first", "second"}));
  EXPECT_EQ(names(at(".snapshot/first").file), Names{"d"});
  EXPECT_EQ(names(at(".snapshot/first/d").file), (Names{"a", "gone", "large"}));
  EXPECT_EQ(names(at("d/.snapshot/second").file), (Names{"a", "b", "large"}));
  EXPECT_EQ(read("d/.snapshot/first/a"), "one");
  EXPECT_EQ(read(".snapshot/first/d/gone"), "soon");
  EXPECT_EQ(read("d/.snapshot/second/a"), "two");
  EXPECT_EQ(read("d/a"), "three");
  EXPECT_EQ(read("d/.snapshot/first/large"), make_data(1, 300 << 10));
  EXPECT_EQ(read("d/.snapshot/second/large"), "small now");
  // It is the same directory from wherever one comes, and not that of today.
  EXPECT_EQ(at("d/.snapshot/first").file, at(".snapshot/first/d").file);
  EXPECT_NE(at("d/.snapshot/first").file, at("d").file);
  EXPECT_TRUE(failed_with(find(".snapshot/first/.snapshot"), Code::kNotFound));
}

TEST_F(SnapshotFiles, OnlySnapshotsThatHaveTheDirectoryAreInItAndItIsKnownAfterARename) {
  ASSERT_TRUE(put("old/a", "a"));
  take("first");
  ASSERT_TRUE(put("new/b", "b"));
  take("second");
  EXPECT_EQ(names(at("old/.snapshot").file), (Names{"first", "second"}));
  EXPECT_EQ(names(at("new/.snapshot").file), Names{"second"});
  EXPECT_TRUE(failed_with(find("new/.snapshot/first"), Code::kNotFound, Reason::kNoSuchKey));
  ASSERT_TRUE(move(root(), "old", at("new").file, "moved"));
  EXPECT_EQ(read("new/moved/.snapshot/first/a"), "a");
  EXPECT_EQ(read(".snapshot/first/old/a"), "a");
  EXPECT_EQ(names(at("new/.snapshot/second").file), Names{"b"});
}

TEST_F(SnapshotFiles, PagesGoOnWhereTheyEnded) {
  for (const char* name : {"a", "b", "c", "d"}) take(name);
  const FileId list = at(".snapshot").file;
  for (const uint32_t page : {1u, 2u, 3u, 10u}) EXPECT_EQ(names(list, page), (Names{"a", "b", "c", "d"}));
  const auto first = run(files().read_directory(root_user(), list, 0, 2, true));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->end);
  forget("b");
  forget("c");
  const auto rest = run(files().read_directory(root_user(), list, first->entries.back().cookie, 10, true));
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->entries.size(), 1u);
  EXPECT_EQ(rest->entries[0].name, "d");
  EXPECT_TRUE(rest->end);
}

TEST_F(SnapshotFiles, TheWayUpLeadsOut) {
  ASSERT_TRUE(put("d/e/f", "x"));
  take("s");
  const auto up = [&](const std::string& path) { return run(files().parent(root_user(), at(path).file))->file; };
  EXPECT_EQ(up("d/.snapshot"), at("d").file);
  EXPECT_EQ(up(".snapshot"), root());
  EXPECT_EQ(up(".snapshot/s"), at(".snapshot").file);
  EXPECT_EQ(up(".snapshot/s/d/e"), at(".snapshot/s/d").file);
  EXPECT_EQ(at("d/.snapshot/.").file, at("d/.snapshot").file);
}

TEST_F(SnapshotFiles, WhoMayNotEnterTheDirectoryMayNotEnterItsSnapshots) {
  plane::SetAttributes owner = mode(0700);
  owner.uid = 1000;
  ASSERT_TRUE(make_directory(root(), "own", owner));
  take("s");
  const FileId own = at("own").file, list = at("own/.snapshot").file;
  EXPECT_TRUE(look(own, ".snapshot", user(1000)));
  EXPECT_TRUE(look(list, "s", user(1000)));
  EXPECT_TRUE(failed_with(look(own, ".snapshot", user(2000)), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(look(list, "s", user(2000)), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(run(files().read_directory(user(2000), list, 0, 10, true)), Code::kPermissionDenied,
                          Reason::kAccessDenied));
  // What the mode was counts in the snapshot, whatever it is now.
  ASSERT_TRUE(set(own, mode(0755)));
  const FileId then = at("own/.snapshot/s").file;
  EXPECT_TRUE(failed_with(run(files().read_directory(user(2000), then, 0, 10, true)), Code::kPermissionDenied,
                          Reason::kAccessDenied));
}

TEST_F(SnapshotFiles, NothingInASnapshotCanBeChanged) {
  ASSERT_TRUE(put("d/file", "bytes"));
  take("s");
  const FileId file = at(".snapshot/s/d/file").file;
  for (const FileId directory : {at(".snapshot/s/d").file, at("d/.snapshot").file}) {
    EXPECT_READ_ONLY(create(directory, "new"));
    EXPECT_READ_ONLY(make_directory(directory, "new"));
    EXPECT_READ_ONLY(run(files().make_link(root_user(), directory, "new", "target", {})));
    EXPECT_READ_ONLY(unlink(directory, "file"));
    EXPECT_READ_ONLY(remove_directory(directory, "s"));
    EXPECT_READ_ONLY(move(directory, "file", directory, "other"));
    EXPECT_READ_ONLY(set(directory, mode(0777)));
    EXPECT_EQ(*run(files().access(root_user(), directory, 7)) & plane::kMayWrite, 0u);
    EXPECT_TRUE(*files().read_only(directory.volume));
  }
  EXPECT_READ_ONLY(link(file, at(".snapshot/s/d").file, "other"));
  EXPECT_READ_ONLY(set(file, mode(0600)));
  plane::SetAttributes cut;
  cut.size_bytes = 0;
  EXPECT_READ_ONLY(set(file, cut));
  EXPECT_READ_ONLY(
      run(files().write(root_user(), file, 0, {"no", nullptr}, plane::Stability::kFileSync, AccessCheck::kByMode)));
  EXPECT_READ_ONLY(run(files().set_attribute(root_user(), file, {"a", "b"}, plane::AttributeMode::kEither)));
  plane::OpenRequest writing;
  writing.permissions = plane::kMayRead | plane::kMayWrite;
  EXPECT_READ_ONLY(open(at(".snapshot/s/d").file, "file", writing));
  EXPECT_READ_ONLY(run(files().open_file(root_user(), file, plane::kMayWrite)));
  writing.create.emplace();
  EXPECT_READ_ONLY(open(at(".snapshot/s/d").file, "new", writing));
  EXPECT_READ_ONLY(open(at("d/.snapshot").file, "new", writing));
  EXPECT_EQ(read(file), "bytes");
  EXPECT_EQ(read("d/file"), "bytes");
}

TEST_F(SnapshotFiles, FilesOpenForReadingAndAttributesAreThere) {
  plane::SetAttributes owned = mode(0640);
  owned.uid = 1000;
  ASSERT_TRUE(create(root(), "file", {.set = owned}));
  const FileId live = at("file").file;
  ASSERT_TRUE(run(files().set_attribute(root_user(), live, {"colour", "red"}, plane::AttributeMode::kEither)));
  take("s");
  ASSERT_TRUE(run(files().set_attribute(root_user(), live, {"colour", "blue"}, plane::AttributeMode::kEither)));
  ASSERT_TRUE(unlink(root(), "file"));
  const FileId then = at(".snapshot/s").file;
  const auto opened = open(then, "file", {}, user(1000));
  ASSERT_TRUE(opened) << opened.error().to_string();
  const FileId file = opened->created.attributes.file;
  EXPECT_EQ(opened->created.attributes.uid, 1000u);
  EXPECT_TRUE(run(files().open_file(user(1000), file, plane::kMayRead)));
  EXPECT_TRUE(failed_with(open(then, "file", {}, user(2000)), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(open(then, "none"), Code::kNotFound));
  EXPECT_EQ(*run(files().attribute(root_user(), file, "colour")), "red");
  const FileId list = at(".snapshot").file;
  EXPECT_TRUE(run(files().attributes_list(root_user(), list))->empty());
  EXPECT_TRUE(failed_with(open(list, "s"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(run(files().read(root_user(), list, 0, 10, AccessCheck::kByMode)), Code::kInvalidArgument,
                          Reason::kIsDirectory));
}

TEST_F(SnapshotFiles, NobodyTakesTheName) {
  take("s");
  EXPECT_TRUE(failed_with(make_directory(root(), ".snapshot"), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(create(root(), ".snapshot"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(open(root(), ".snapshot"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_READ_ONLY(remove_directory(root(), ".snapshot"));
  EXPECT_READ_ONLY(unlink(root(), ".snapshot"));
  EXPECT_READ_ONLY(move(root(), ".snapshot", root(), "mine"));
  ASSERT_TRUE(create(root(), "file"));
  EXPECT_TRUE(failed_with(move(root(), "file", root(), ".snapshot"), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(link(at("file").file, root(), ".snapshot"), Code::kAlreadyExists));
}

TEST_F(SnapshotFiles, WhatS3CallsSoIsShownByAnotherName) {
  ASSERT_TRUE(put(".snapshot/key", "bytes"));
  ASSERT_TRUE(put("d/.snapshot", "a file"));
  EXPECT_EQ(names(root()), (Names{".snapshot~s3", "d"}));
  EXPECT_EQ(read(".snapshot~s3/key"), "bytes");
  EXPECT_EQ(read("d/.snapshot~s3"), "a file");
  EXPECT_TRUE(names(at("d/.snapshot").file).empty());
  EXPECT_EQ(get(".snapshot/key"), "bytes");
}

TEST_F(SnapshotFiles, IdsOutliveARestartAndGoWithTheSnapshot) {
  ASSERT_TRUE(put("d/file", "then"));
  take("s");
  const FileId list = at("d/.snapshot").file, then = at("d/.snapshot/s").file, file = at("d/.snapshot/s/file").file;
  ASSERT_TRUE(put("d/file", "now"));
  reopen();
  EXPECT_EQ(at("d/.snapshot/s/file").file, file);
  EXPECT_EQ(read(file), "then");
  EXPECT_EQ(names(then), Names{"file"});
  EXPECT_EQ(names(list), Names{"s"});
  forget("s");
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(failed_with(attributes(then), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(names(list).empty());
  EXPECT_TRUE(failed_with(look(list, "s"), Code::kNotFound, Reason::kNoSuchKey));
}

TEST_F(SnapshotFiles, TheListChangesWhenSnapshotsComeAndGo) {
  const FileId list = at(".snapshot").file;
  const auto changed = [&] { return attributes(list)->changed; };
  const rt::Nanos none = changed();
  EXPECT_EQ(changed(), none);
  take("s");
  const rt::Nanos one = changed();
  EXPECT_GT(one, none);
  EXPECT_EQ(changed(), one);
  forget("s");
  EXPECT_GT(changed(), one);
}

TEST_F(SnapshotFiles, ASnapshotIsExportedAsItsVolumeIsAndIsFull) {
  ASSERT_TRUE(put("file", Bytes(100'000, 'x')));
  take("s");
  const FileId then = at(".snapshot/s").file, list = at(".snapshot").file;
  EXPECT_EQ(*files().root("vol@s"), then);
  EXPECT_EQ(plane::shown_file_system(list), root().volume.value);
  EXPECT_NE(plane::shown_file_number(list), root().inode.value);
  EXPECT_EQ(plane::shown_file_system(then), then.volume.value);
  const auto space = run(files().space(then));
  ASSERT_TRUE(space);
  EXPECT_EQ(space->total_bytes, 100'000u);
  EXPECT_EQ(space->total_files, 1u);
  EXPECT_EQ(space->free_bytes, 0u);
  EXPECT_GT(run(files().space(list))->free_bytes, 0u);

  plane::ClaimedIdentity client;
  client.uid = client.gid = 1000;
  client.source_ip = "127.0.0.1";
  EXPECT_TRUE(files().admit(client, then.volume));
  EXPECT_TRUE(files().admit(client, list.volume));
  plane::VolumeChange change;
  change.exports.networks = std::vector<std::string>{"10.0.0.0/8"};
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  EXPECT_TRUE(failed_with(files().admit(client, then.volume), Code::kPermissionDenied, Reason::kNotExported));
  EXPECT_TRUE(failed_with(files().admit(client, list.volume), Code::kPermissionDenied, Reason::kNotExported));
  EXPECT_TRUE(
      failed_with(files().admit(client, VolumeId(plane::kSnapshotListBit | 12345)), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(
      failed_with(files().admit(client, VolumeId(plane::kSnapshotVolumeBit | 12345)), Code::kNotFound, Reason::kStale));
}

TEST_F(SnapshotFiles, IdsThatNobodyGaveLeadNowhere) {
  take("s");
  const uint64_t inode = root().inode.value;
  for (const uint64_t volume : {plane::kSnapshotListBit | 999, plane::kSnapshotVolumeBit | 999,
                                plane::kSnapshotVolumeBit | plane::kSnapshotListBit | root().volume.value}) {
    EXPECT_TRUE(failed_with(attributes({VolumeId(volume), InodeId(inode)}), Code::kNotFound, Reason::kStale));
    EXPECT_FALSE(look({VolumeId(volume), InodeId(inode)}, "s"));
    EXPECT_FALSE(run(files().read_directory(root_user(), {VolumeId(volume), InodeId(inode)}, 0, 10, true)));
  }
  // A file has no snapshots of its own.
  ASSERT_TRUE(put("file", "x"));
  const FileId list = plane::snapshot_list_of(at("file").file);
  EXPECT_FALSE(look(list, "s"));
  EXPECT_FALSE(run(files().read_directory(root_user(), list, 0, 10, true)));
}

}  // namespace
}  // namespace tp::test
