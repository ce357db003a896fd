// Hard links and what S3 does with them; renames; files that have lost their last name.
#include <gtest/gtest.h>

#include "meta/keys.h"
#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;
using Strings = std::vector<std::string>;
using FileLinks = FilesFixture;
using FileRename = FilesFixture;
using FileOrphans = FilesFixture;

TEST_F(FileLinks, AreNamesOfOneFile) {
  ASSERT_TRUE(put("d/one", "bytes"));
  const FileId file = find("d/one")->file;
  const auto before = attributes(file);
  auto linked = link(file, root(), "two");
  ASSERT_TRUE(linked) << linked.error().to_string();
  EXPECT_GT(linked->after.changed, linked->before.changed);
  EXPECT_EQ(find("two")->file, file);
  EXPECT_EQ(attributes(file)->links, 2u);
  EXPECT_GT(attributes(file)->changed, before->changed);
  EXPECT_EQ(attributes(file)->modified, before->modified);
  EXPECT_EQ(*get("two"), "bytes");
  EXPECT_EQ(keys(), (Strings{"d/one", "two"}));
  EXPECT_EQ(counters().objects, 2u);
  EXPECT_EQ(counters().bytes, 5u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(unlink(find("d")->file, "one"));
  EXPECT_EQ(attributes(file)->links, 1u);
  EXPECT_EQ(*get("two"), "bytes");
  EXPECT_EQ(counters().bytes, 5u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(unlink(root(), "two"));
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(counters().bytes, 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileLinks, AreRefusedWhereTheyCannotBe) {
  ASSERT_TRUE(put("f", "x"));
  ASSERT_TRUE(make_directory(root(), "d"));
  const FileId file = find("f")->file;
  EXPECT_TRUE(failed_with(link(find("d")->file, root(), "e"), Code::kInvalidArgument, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(link(file, root(), "f"), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(link(file, root(), "d"), Code::kAlreadyExists));
  EXPECT_TRUE(failed_with(link(file, file, "g"), Code::kInvalidArgument, Reason::kNotDirectory));
  EXPECT_TRUE(failed_with(link(file, root(), "g", user(9)), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(link(file, root(), "g~s3"), Code::kInvalidArgument, Reason::kInvalidName));
  ASSERT_TRUE(run(plane().create_volume(operator_caller(), "other", {})));
  EXPECT_TRUE(failed_with(link(file, *files().root("other"), "g"), Code::kInvalidArgument, Reason::kCrossVolume));
  for (uint32_t i = 1; i < plane::kMaxLinks; ++i) ASSERT_TRUE(link(file, find("d")->file, std::to_string(i)));
  EXPECT_TRUE(failed_with(link(file, root(), "one too many"), Code::kInvalidArgument, Reason::kTooManyLinks));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileLinks, LoseTheNameThatS3ReplacesOrRemoves) {
  ASSERT_TRUE(put("a", "old"));
  const FileId file = find("a")->file;
  ASSERT_TRUE(link(file, root(), "b"));
  ASSERT_TRUE(link(file, root(), "c"));
  EXPECT_EQ(*get("a"), "old");
  EXPECT_EQ(*get("b"), "old");
  ASSERT_TRUE(put("a", "new one"));
  EXPECT_EQ(*get("a"), "new one");
  EXPECT_EQ(*get("b"), "old");
  EXPECT_EQ(attributes(file)->links, 2u);
  EXPECT_EQ(counters().bytes, 10u);
  EXPECT_EQ(counters().objects, 3u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(remove("c"));
  EXPECT_EQ(*get("b"), "old");
  EXPECT_EQ(attributes(file)->links, 1u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileLinks, AllShowWhatS3AppendsOrTags) {
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(link(find("a")->file, root(), "b"));
  EXPECT_EQ(*get("a"), "one");
  EXPECT_EQ(*get("b"), "one");
  plane::WriteOptions append;
  append.append_offset = 3;
  ASSERT_TRUE(put("b", " two", append));
  EXPECT_EQ(*get("a"), "one two");
  EXPECT_EQ(*get("b"), "one two");
  ASSERT_TRUE(run(plane().set_tags(operator_caller(), ref("a"), {{"k", "v"}})));
  EXPECT_EQ(stat("b")->record.tags.size(), 1u);
  auto page = run(plane().list(operator_caller(), "vol", {}));
  ASSERT_TRUE(page);
  for (const auto& object : page->objects) EXPECT_EQ(object.size_bytes, 7u) << object.key;
  EXPECT_EQ(counters().bytes, 7u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileLinks, MoveOneByOneThroughS3) {
  ASSERT_TRUE(put("d/a", "x"));
  ASSERT_TRUE(link(find("d/a")->file, root(), "b"));
  ASSERT_TRUE(rename("d/a", "e/c"));
  EXPECT_EQ(find("e/c")->file, find("b")->file);
  EXPECT_EQ(damage(), "");
  // Onto another name of itself: one name is left.
  ASSERT_TRUE(rename("b", "e/c"));
  EXPECT_EQ(keys(), Strings{"e/c"});
  EXPECT_EQ(find("e/c")->links, 1u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(link(find("e/c")->file, find("e")->file, "d"));
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("e/d"), ref("copy"), {})));
  EXPECT_EQ(find("copy")->links, 1u);
  ASSERT_TRUE(rename("e/", "moved/"));
  EXPECT_EQ(*get("moved/c"), "x");
  EXPECT_EQ(*get("moved/d"), "x");
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, MovesFilesOverFiles) {
  ASSERT_TRUE(put("a/f", "one"));
  ASSERT_TRUE(put("b/g", "two"));
  const FileId file = find("a/f")->file;
  EXPECT_EQ(*get("a/f"), "one");
  auto moved = move(find("a")->file, "f", find("b")->file, "g");
  ASSERT_TRUE(moved) << moved.error().to_string();
  EXPECT_GT(moved->from.after.changed, moved->from.before.changed);
  EXPECT_GT(moved->to.after.changed, moved->to.before.changed);
  EXPECT_EQ(find("b/g")->file, file);
  EXPECT_EQ(*get("b/g"), "one");
  EXPECT_TRUE(failed_with(get("a/f"), Code::kNotFound, Reason::kNoSuchKey));
  // Emptied by a file client, it stays.
  EXPECT_TRUE(find("a"));
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(counters().bytes, 3u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, FollowsPosixWhateverMeetsWhat) {
  ASSERT_TRUE(put("f", "file"));
  ASSERT_TRUE(put("g", "file"));
  ASSERT_TRUE(make_directory(root(), "empty"));
  ASSERT_TRUE(make_directory(root(), "empty2"));
  ASSERT_TRUE(put("full/x", "x"));
  EXPECT_TRUE(failed_with(move(root(), "none", root(), "h"), Code::kNotFound));
  EXPECT_TRUE(failed_with(move(root(), "f", root(), "empty"), Code::kAlreadyExists, Reason::kIsDirectory));
  EXPECT_TRUE(failed_with(move(root(), "empty", root(), "f"), Code::kAlreadyExists, Reason::kNotDirectory));
  EXPECT_TRUE(failed_with(move(root(), "empty", root(), "full"), Code::kNotEmpty));
  EXPECT_TRUE(failed_with(move(root(), "f", root(), "h~s3"), Code::kInvalidArgument, Reason::kInvalidName));
  EXPECT_TRUE(
      failed_with(move(root(), "f", root(), std::string(256, 'x')), Code::kInvalidArgument, Reason::kNameTooLong));
  EXPECT_TRUE(failed_with(move(root(), ".", root(), "h"), Code::kInvalidArgument, Reason::kInvalidName));
  EXPECT_TRUE(move(root(), "f", root(), "f"));
  EXPECT_EQ(*get("f"), "file");
  ASSERT_TRUE(move(root(), "full", root(), "empty"));
  EXPECT_EQ(*get("empty/x"), "x");
  ASSERT_TRUE(move(root(), "empty2", find("empty")->file, "in"));
  EXPECT_EQ(names(root()), (Strings{"empty", "f", "g"}));
  EXPECT_EQ(attributes(root())->links, 3u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, TakesNoDirectoryIntoItself) {
  ASSERT_TRUE(put("a/b/c/f", "x"));
  EXPECT_TRUE(failed_with(move(root(), "a", find("a")->file, "x"), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(move(root(), "a", find("a/b/c")->file, "x"), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(move(find("a")->file, "b", find("a/b")->file, "x"), Code::kInvalidArgument));
  EXPECT_TRUE(move(find("a")->file, "b", find("a")->file, "b"));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, OfADirectoryTakesEverythingAlongAtOnce) {
  for (const char* key : {"p/1", "p/q/2", "p/q/r/3", "other/x"}) ASSERT_TRUE(put(key, key));
  ASSERT_TRUE(make_directory(find("p/q")->file, "mine"));
  EXPECT_EQ(*get("p/q/2"), "p/q/2");
  const FileId file = find("p/q/2")->file;
  ASSERT_TRUE(move(find("p")->file, "q", find("other")->file, "s"));
  EXPECT_EQ(find("other/s/2")->file, file);
  EXPECT_EQ(*get("other/s/2"), "p/q/2");
  EXPECT_TRUE(failed_with(get("p/q/2"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_EQ(keys(), (Strings{"other/s/2", "other/s/r/3", "other/x", "p/1"}));
  EXPECT_EQ(look(find("other/s")->file, "..")->file, find("other")->file);
  EXPECT_EQ(find("other")->links, 3u);
  EXPECT_EQ(find("p")->links, 2u);
  // A directory that stays keeps those above it.
  ASSERT_TRUE(remove("other/s/2"));
  ASSERT_TRUE(remove("other/s/r/3"));
  ASSERT_TRUE(remove("other/x"));
  EXPECT_TRUE(find("other/s/mine"));
  EXPECT_TRUE(failed_with(find("other/s/r"), Code::kNotFound));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, OfTheOnlyThingInADirectoryLeavesItThere) {
  ASSERT_TRUE(put("a/b/f", "x"));
  ASSERT_TRUE(make_directory(root(), "t"));
  ASSERT_TRUE(move(find("a")->file, "b", find("t")->file, "b"));
  EXPECT_TRUE(find("a"));
  EXPECT_EQ(*get("t/b/f"), "x");
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, BetweenNamesOfOneFileDoesNothing) {
  ASSERT_TRUE(put("a", "x"));
  ASSERT_TRUE(link(find("a")->file, root(), "b"));
  ASSERT_TRUE(move(root(), "a", root(), "b"));
  EXPECT_EQ(keys(), (Strings{"a", "b"}));
  ASSERT_TRUE(move(root(), "a", root(), "c"));
  ASSERT_TRUE(put("d", "y"));
  ASSERT_TRUE(move(root(), "b", root(), "d"));
  EXPECT_EQ(*get("d"), "x");
  EXPECT_EQ(find("d")->file, find("c")->file);
  EXPECT_EQ(keys(), (Strings{"c", "d"}));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileRename, InAStickyDirectoryIsForOwners) {
  ASSERT_TRUE(make_directory(root(), "tmp", mode(01777)));
  const FileId tmp = find("tmp")->file;
  ASSERT_TRUE(create(tmp, "mine", {}, user(1)));
  ASSERT_TRUE(create(tmp, "yours", {}, user(2)));
  EXPECT_TRUE(failed_with(unlink(tmp, "yours", user(1)), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_TRUE(failed_with(move(tmp, "yours", tmp, "x", user(1)), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_TRUE(failed_with(move(tmp, "mine", tmp, "yours", user(1)), Code::kPermissionDenied, Reason::kNotOwner));
  EXPECT_TRUE(move(tmp, "mine", tmp, "still mine", user(1)));
  EXPECT_TRUE(unlink(tmp, "still mine", user(1)));
  EXPECT_TRUE(unlink(tmp, "yours", root_user()));
}

TEST_F(FileOrphans, KeepTheirBytesUntilTheyAreClosed) {
  const Bytes data = make_data(3, 3 << 20);
  ASSERT_TRUE(put("big", data));
  ASSERT_TRUE(put("small", "bytes"));
  auto big = open(root(), "big");
  ASSERT_TRUE(big) << big.error().to_string();
  auto small = open(root(), "small");
  ASSERT_TRUE(small);
  ASSERT_TRUE(unlink(root(), "big"));
  ASSERT_TRUE(put("small", "of somebody else"));
  EXPECT_TRUE(keys() == Strings{"small"});
  const FileId file = big->pin.file();
  EXPECT_EQ(attributes(file)->links, 0u);
  EXPECT_EQ(attributes(small->pin.file())->size_bytes, 5u);
  EXPECT_EQ(live_blob_bytes(), data.size());
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(damage(), "");
  EXPECT_TRUE(failed_with(link(file, root(), "again"), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(set(file, mode(0600)));
  {
    auto second = run(files().open_file(root_user(), file, 0));
    ASSERT_TRUE(second);
    big->pin = plane::FilePin();
    EXPECT_TRUE(attributes(file));
  }
  small->pin = plane::FilePin();
  reopen();  // joins what the pins left to do
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(counters().bytes, 16u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileOrphans, WaitAfterARestartUntilTheGraceEnds) {
  ASSERT_TRUE(put("reclaimed", "one"));
  ASSERT_TRUE(put("forgotten", "two!"));
  const FileId one = find("reclaimed")->file, two = find("forgotten")->file;
  // Opens that the crash ends, not their clients.
  plane().core().pins.pin(one);
  plane().core().pins.pin(two);
  ASSERT_TRUE(unlink(root(), "reclaimed"));
  ASSERT_TRUE(unlink(root(), "forgotten"));
  memory_.crash(1);
  ASSERT_TRUE(memory_.open());
  EXPECT_EQ(damage(), "");
  EXPECT_EQ(counters().bytes, 7u);
  {
    auto reclaimed = run(files().open_file(root_user(), one, plane::kMayRead));
    ASSERT_TRUE(reclaimed) << reclaimed.error().to_string();
    ASSERT_TRUE(run(files().end_of_grace()));
    EXPECT_TRUE(attributes(one));
    EXPECT_TRUE(failed_with(attributes(two), Code::kNotFound, Reason::kStale));
    EXPECT_EQ(counters().bytes, 3u);
  }
  reopen();
  EXPECT_TRUE(failed_with(attributes(one), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileOrphans, OfLateReadersGoInTheirTime) {
  ASSERT_TRUE(put("f", "x"));
  const FileId file = find("f")->file;
  auto& core = plane().core();
  core.pins.use(file, core.runtime.clock().now());
  ASSERT_TRUE(remove("f"));
  EXPECT_EQ(attributes(file)->links, 0u);
  ASSERT_TRUE(run(files().end_of_grace()));
  EXPECT_TRUE(attributes(file));
  core.pins.use(file, core.runtime.clock().now() - 2 * plane::PinTable::kUseMemory);
  ASSERT_TRUE(run(files().end_of_grace()));
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(damage(), "");
}

TEST_F(FileOrphans, AndLinksThatAreDamagedAreFound) {
  ASSERT_TRUE(put("one", "x"));
  ASSERT_TRUE(link(find("one")->file, root(), "two"));
  ASSERT_TRUE(put("gone", "y"));
  const FileId linked = find("one")->file, gone = find("gone")->file;
  auto opened = open(root(), "gone");
  ASSERT_TRUE(unlink(root(), "gone"));
  ASSERT_EQ(damage(), "");
  const auto write = [&](kv::Space space, Bytes key, std::optional<Bytes> value) {
    const kv::Write change{space, std::move(key), std::move(value)};
    ASSERT_TRUE(memory_.engine().write({&change, 1}, kv::Durability::kSync));
  };
  const auto stored = [&](kv::Space space, const Bytes& key) { return **memory_.engine().get(space, key); };
  struct Damage {
    kv::Space space;
    Bytes key;
    std::optional<Bytes> value;
    std::string finding;
  };
  const Bytes inode_key = meta::inode_key(linked.inode);
  auto record = *meta::decode_inode(stored(kv::Space::kInodes, inode_key));
  record.links = 3;
  const Bytes wrong_links = meta::encode_inode(record);
  record.links = 1;
  record.further_names.clear();
  const Bytes unknown_name = meta::encode_inode(record);
  auto directory = *meta::decode_inode(stored(kv::Space::kInodes, meta::inode_key(root().inode)));
  directory.links = 3;
  const std::vector<Damage> damages = {
      {kv::Space::kInodes, inode_key, wrong_links, "wrong-links"},
      {kv::Space::kInodes, inode_key, unknown_name, "wrong-name"},
      {kv::Space::kInodes, meta::inode_key(root().inode), meta::encode_inode(directory), "wrong-links"},
      {kv::Space::kMeta, meta::orphan_key(gone.volume, gone.inode), std::nullopt, "orphan-inode"},
      {kv::Space::kMeta, meta::orphan_key(gone.volume, gone.inode), Bytes("short"), "corrupt-orphan"},
      {kv::Space::kMeta, meta::orphan_key(linked.volume, linked.inode), Bytes(8, '\1'), "wrong-orphan"},
      {kv::Space::kMeta, meta::orphan_key(gone.volume, InodeId(77)), Bytes(8, '\1'), "wrong-orphan"},
  };
  for (const Damage& each : damages) {
    const auto before = *memory_.engine().get(each.space, each.key);
    write(each.space, each.key, each.value);
    EXPECT_NE(damage().find(each.finding), std::string::npos) << each.finding << ": " << damage();
    write(each.space, each.key, before);
  }
  EXPECT_EQ(damage(), "");
}

TEST_F(FileOrphans, AndEmptyDirectoriesGoWithTheirVolume) {
  ASSERT_TRUE(put("f", "x"));
  ASSERT_TRUE(make_directory(root(), "a"));
  ASSERT_TRUE(make_directory(find("a")->file, "b"));
  EXPECT_TRUE(
      failed_with(run(plane().delete_volume(operator_caller(), "vol")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  auto opened = open(root(), "f");
  ASSERT_TRUE(remove("f"));
  const FileId file = opened->pin.file();
  ASSERT_TRUE(run(plane().delete_volume(operator_caller(), "vol")));
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  EXPECT_EQ(records(kv::Space::kInodes), 0u);
  EXPECT_EQ(records(kv::Space::kNames), 0u);
  opened->pin = plane::FilePin();
  EXPECT_EQ(damage(), "");
}

TEST_F(FileOrphans, AreNotMadeOfFilesThatNobodyHasOpen) {
  ASSERT_TRUE(put("f", "x"));
  {
    auto opened = open(root(), "f");
    ASSERT_TRUE(opened);
  }
  const FileId file = find("f")->file;
  ASSERT_TRUE(remove("f"));
  EXPECT_TRUE(failed_with(attributes(file), Code::kNotFound, Reason::kStale));
  plane::OpenRequest request;
  EXPECT_TRUE(failed_with(open(root(), "f", request), Code::kNotFound));
  EXPECT_TRUE(plane().core().pins.idle());
  request.create.emplace();
  request.permissions = plane::kMayWrite;
  auto made = open(root(), "f", request);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->created.made);
  EXPECT_TRUE(failed_with(run(files().open_file(user(9), made->pin.file(), plane::kMayWrite)), Code::kPermissionDenied,
                          Reason::kAccessDenied));
}

}  // namespace
}  // namespace tp::test
