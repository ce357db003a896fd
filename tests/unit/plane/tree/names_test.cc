// Names in directories: lookup, create, remove, directories, links, nodes, and what S3 sees of them.
#include <gtest/gtest.h>

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using meta::InodeType;
using plane::CreateRequest;
using plane::Reason;

using FileNames = FilesFixture;
using Strings = std::vector<std::string>;

TEST_F(FileNames, OfAnEmptyVolumeAreNone) {
  auto found = attributes(root());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, InodeType::kDirectory);
  EXPECT_EQ(found->links, 2u);
  EXPECT_EQ(found->mode, 0755u);
  EXPECT_TRUE(names(root()).empty());
  EXPECT_TRUE(failed_with(look(root(), "none"), Code::kNotFound));
  EXPECT_EQ(look(root(), ".")->file, root());
  EXPECT_EQ(look(root(), "..")->file, root());
  EXPECT_EQ(run(files().parent(root_user(), root()))->file, root());
  EXPECT_TRUE(failed_with(files().root("other"), Code::kNotFound, Reason::kNoSuchVolume));
  EXPECT_TRUE(failed_with(attributes({root().volume, InodeId(12345)}), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(failed_with(attributes({VolumeId(99), root().inode}), Code::kNotFound, Reason::kStale));
}

TEST_F(FileNames, MadeByS3AreFilesAndDirectories) {
  ASSERT_TRUE(put("a/b/c", "hello"));
  auto file = find("a/b/c");
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->type, InodeType::kFile);
  EXPECT_EQ(file->size_bytes, 5u);
  EXPECT_EQ(file->mode, 0644u);
  EXPECT_EQ(file->uid, meta::kNobody);
  EXPECT_EQ(file->links, 1u);
  auto a = find("a");
  EXPECT_EQ(a->links, 3u);
  EXPECT_EQ(find("a/b")->links, 2u);
  EXPECT_EQ(look(find("a/b")->file, "..")->file, a->file);
  EXPECT_TRUE(failed_with(look(file->file, "x"), Code::kInvalidArgument, Reason::kNotDirectory));
  EXPECT_EQ(names(root()), Strings{"a"});
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, MadeHereAreObjects) {
  auto directory = make_directory(root(), "d", mode(0750), user(7));
  EXPECT_TRUE(failed_with(directory, Code::kPermissionDenied, Reason::kAccessDenied));
  directory = make_directory(root(), "d", mode(0750));
  ASSERT_TRUE(directory) << directory.error().to_string();
  EXPECT_TRUE(directory->made);
  EXPECT_EQ(directory->attributes.mode, 0750u);
  EXPECT_EQ(directory->directory.after.links, directory->directory.before.links + 1);
  EXPECT_GT(directory->directory.after.changed, directory->directory.before.changed);
  const FileId d = directory->attributes.file;
  EXPECT_TRUE(keys().empty());
  CreateRequest request;
  request.set = mode(0600);
  auto made = create(d, "f", request);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_TRUE(made->made);
  EXPECT_EQ(made->attributes.mode, 0600u);
  EXPECT_EQ(made->attributes.uid, 0u);
  EXPECT_EQ(keys(), Strings{"d/f"});
  EXPECT_EQ(*get("d/f"), "");
  EXPECT_EQ(stat("d/f")->record.etag, "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(counters().objects, 1u);
  ASSERT_TRUE(unlink(d, "f"));
  EXPECT_TRUE(keys().empty());
  EXPECT_TRUE(find("d"));
  ASSERT_TRUE(remove_directory(root(), "d"));
  EXPECT_TRUE(failed_with(attributes(d), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(failed_with(create(d, "x"), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(attributes(root())->links, 2u);
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, ThatPosixForbidsAreRefused) {
  EXPECT_TRUE(failed_with(create(root(), std::string(256, 'x')), Code::kInvalidArgument, Reason::kNameTooLong));
  EXPECT_TRUE(create(root(), std::string(255, 'x')));
  for (const std::string bad : {"", ".", "..", "a/b", "x~s3", "y~s3f", "z~s3l"}) {
    EXPECT_TRUE(failed_with(create(root(), bad), Code::kInvalidArgument, Reason::kInvalidName)) << bad;
    EXPECT_TRUE(failed_with(make_directory(root(), bad), Code::kInvalidArgument, Reason::kInvalidName)) << bad;
  }
  EXPECT_TRUE(failed_with(create(root(), Bytes("a\0b", 3)), Code::kInvalidArgument, Reason::kInvalidName));
  EXPECT_TRUE(create(root(), "\xff\xfe\x01 any bytes"));
  EXPECT_EQ(*get("\xff\xfe\x01 any bytes"), "");
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, TakenAreHeeded) {
  auto first = create(root(), "f");
  ASSERT_TRUE(first);
  CreateRequest request;
  auto again = create(root(), "f", request);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->made);
  EXPECT_EQ(again->attributes.file, first->attributes.file);
  request.kind = CreateRequest::Kind::kGuarded;
  EXPECT_TRUE(failed_with(create(root(), "f", request), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(make_directory(root(), "f"), Code::kAlreadyExists));
  ASSERT_TRUE(make_directory(root(), "d"));
  EXPECT_TRUE(failed_with(create(root(), "d"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(make_directory(root(), "d"), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(unlink(root(), "d"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(remove_directory(root(), "f"), Code::kInvalidArgument, Reason::kNotDirectory));
  EXPECT_TRUE(failed_with(unlink(root(), "none"), Code::kNotFound));
  ASSERT_TRUE(create(find("d")->file, "x"));
  EXPECT_TRUE(failed_with(remove_directory(root(), "d"), Code::kNotEmpty));
}

TEST_F(FileNames, CreatedExclusivelyAreFoundAgainByTheSameClientOnly) {
  for (const uint64_t verifier : {uint64_t{0}, uint64_t{17}}) {
    const std::string name = "f" + std::to_string(verifier);
    CreateRequest request;
    request.kind = CreateRequest::Kind::kExclusive;
    request.verifier = verifier;
    auto first = create(root(), name, request, root_user());
    ASSERT_TRUE(first && first->made);
    auto replayed = create(root(), name, request, root_user());
    ASSERT_TRUE(replayed);
    EXPECT_FALSE(replayed->made);
    EXPECT_EQ(replayed->attributes.file, first->attributes.file);
    request.verifier = 18;
    EXPECT_TRUE(failed_with(create(root(), name, request), Code::kAlreadyExists));
  }
  CreateRequest request;
  request.kind = CreateRequest::Kind::kExclusive;
  ASSERT_TRUE(put("s3", "x"));
  EXPECT_TRUE(failed_with(create(root(), "s3", request), Code::kAlreadyExists));
}

TEST_F(FileNames, OfDirectoriesThatS3MadeStayWhenAFileClientEmptiesThem) {
  ASSERT_TRUE(put("a/b/one", "1"));
  ASSERT_TRUE(put("x/y/one", "1"));
  ASSERT_TRUE(unlink(find("a/b")->file, "one"));
  EXPECT_TRUE(find("a/b"));
  EXPECT_TRUE(keys("a").empty());
  ASSERT_TRUE(remove_directory(find("a")->file, "b"));
  ASSERT_TRUE(remove_directory(root(), "a"));
  // S3's own removal takes them along.
  ASSERT_TRUE(remove("x/y/one"));
  EXPECT_TRUE(failed_with(find("x"), Code::kNotFound));
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, OfDirectoriesMadeHereKeepThoseAboveThem) {
  ASSERT_TRUE(put("a/b/one", "1"));
  ASSERT_TRUE(make_directory(find("a/b")->file, "mine"));
  ASSERT_TRUE(remove("a/b/one"));
  EXPECT_TRUE(find("a/b/mine"));
  EXPECT_TRUE(keys().empty());
  plane::ListQuery query;
  query.delimiter = "/";
  EXPECT_TRUE(run(plane().list(operator_caller(), "vol", query))->common_prefixes.empty());
  ASSERT_TRUE(put("a/b/mine/two", "2"));
  EXPECT_EQ(run(plane().list(operator_caller(), "vol", query))->common_prefixes, Strings{"a/"});
  ASSERT_TRUE(remove("a/b/mine/two"));
  EXPECT_TRUE(find("a/b/mine"));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, OfLinksAndNodesAreObjectsOfTheirOwnKind) {
  auto made = run(files().make_link(root_user(), root(), "l", "some/where", {}));
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->attributes.type, InodeType::kSymlink);
  EXPECT_EQ(made->attributes.mode, 0777u);
  EXPECT_EQ(made->attributes.size_bytes, 10u);
  EXPECT_EQ(*run(files().read_link(root_user(), made->attributes.file)), "some/where");
  EXPECT_EQ(*get("l"), "some/where");
  EXPECT_EQ(stat("l")->record.headers, (meta::HeaderList{{"content-type", "inode/symlink"}}));
  EXPECT_TRUE(failed_with(run(files().make_link(root_user(), root(), "m", "", {})), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(run(files().make_link(root_user(), root(), "m", Bytes(4097, 'x'), {})),
                          Code::kInvalidArgument, Reason::kNameTooLong));
  auto fifo = run(files().make_node(user(0), root(), "p", InodeType::kFifo, 0, {}));
  EXPECT_TRUE(failed_with(fifo, Code::kPermissionDenied, Reason::kAccessDenied));
  ASSERT_TRUE(run(files().make_node(root_user(), root(), "p", InodeType::kFifo, 0, {})));
  auto device = run(files().make_node(user(5), root(), "n", InodeType::kCharacterDevice, 1, {}));
  EXPECT_TRUE(failed_with(device, Code::kPermissionDenied, Reason::kNotOwner));
  device = run(files().make_node(root_user(), root(), "n", InodeType::kCharacterDevice, (1ull << 32) | 3, {}));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->attributes.device, (1ull << 32) | 3);
  EXPECT_TRUE(
      failed_with(run(files().make_node(root_user(), root(), "q", InodeType::kFile, 0, {})), Code::kInvalidArgument));
  EXPECT_EQ(*get("p"), "");
  EXPECT_TRUE(
      failed_with(run(files().read_link(root_user(), find("p")->file)), Code::kInvalidArgument, Reason::kNotFile));
  EXPECT_TRUE(failed_with(create(root(), "l"), Code::kInvalidArgument, Reason::kNotFile));
  EXPECT_EQ(keys(), (Strings{"l", "n", "p"}));
  for (const auto& entry : entries(root(), 1, false)) {
    EXPECT_EQ(entry.attributes.type, find(entry.name)->type) << entry.name;
  }
  // S3 copies what it sees of them.
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("l"), ref("copy"), {})));
  EXPECT_EQ(find("copy")->type, InodeType::kFile);
  EXPECT_EQ(*get("copy"), "some/where");
  plane::WriteOptions append;
  append.append_offset = 10;
  EXPECT_TRUE(failed_with(put("l", "x", append), Code::kInvalidArgument));
  ASSERT_TRUE(put("l", "now a file"));
  EXPECT_EQ(find("l")->type, InodeType::kFile);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileNames, OfAFileThatS3ReplacesLeadToTheNewOneAndTheDirectoryTells) {
  ASSERT_TRUE(put("d/f", "old"));
  const auto before = find("d");
  const auto file = find("d/f");
  ASSERT_TRUE(put("d/f", "newer"));
  EXPECT_GT(find("d")->changed, before->changed);
  EXPECT_NE(find("d/f")->file, file->file);
  EXPECT_EQ(find("d/f")->size_bytes, 5u);
  EXPECT_TRUE(failed_with(attributes(file->file), Code::kNotFound, Reason::kStale));
}

TEST_F(FileNames, OnAReadOnlyVolumeCannotChange) {
  ASSERT_TRUE(put("f", "x"));
  plane::VolumeChange change;
  change.exports.read_only = true;
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  EXPECT_TRUE(failed_with(create(root(), "g"), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_TRUE(failed_with(make_directory(root(), "g"), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_TRUE(failed_with(unlink(root(), "f"), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_TRUE(open(root(), "f"));
  plane::OpenRequest request;
  request.permissions = plane::kMayWrite;
  EXPECT_TRUE(failed_with(open(root(), "f", request), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_EQ(*run(files().access(root_user(), find("f")->file, plane::kMayRead | plane::kMayWrite)), plane::kMayRead);
}

TEST_F(FileNames, OverTheQuotaOfFilesAreRefused) {
  plane::VolumeChange change;
  change.quota_objects = 2;
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  ASSERT_TRUE(create(root(), "1"));
  ASSERT_TRUE(create(root(), "2"));
  EXPECT_TRUE(failed_with(create(root(), "3"), Code::kNoSpace, Reason::kQuota));
  ASSERT_TRUE(unlink(root(), "1"));
  EXPECT_TRUE(create(root(), "3"));
}

}  // namespace
}  // namespace tp::test
