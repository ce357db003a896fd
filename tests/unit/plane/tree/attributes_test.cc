// Attributes and extended attributes of files by their id.
#include <gtest/gtest.h>

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using plane::AttributeMode;
using plane::Reason;
using plane::SetAttributes;

using FileAttributesSet = FilesFixture;

TEST_F(FileAttributesSet, MakeAFileOfS3OneOfItsOwn) {
  ASSERT_TRUE(put("f", "x"));
  const auto before = *find("f");
  auto changed = set(before.file, mode(0600));
  ASSERT_TRUE(changed) << changed.error().to_string();
  EXPECT_EQ(changed->before.mode, 0644u);
  EXPECT_EQ(changed->after.mode, 0600u);
  EXPECT_EQ(changed->after.uid, meta::kNobody);
  EXPECT_GT(changed->after.changed, before.changed);
  EXPECT_EQ(changed->after.modified, before.modified);
  EXPECT_TRUE(stat("f")->record.posix);
  SetAttributes give;
  give.uid = 7;
  give.gid = 70;
  EXPECT_TRUE(failed_with(set(before.file, give, user(meta::kNobody)), Code::kPermissionDenied, Reason::kNotOwner));
  ASSERT_TRUE(set(before.file, give));
  EXPECT_EQ(find("f")->uid, 7u);
  EXPECT_EQ(*run(files().access(user(7), before.file, 7)), uint32_t{plane::kMayRead | plane::kMayWrite});
  EXPECT_EQ(*run(files().access(user(8), before.file, 7)), 0u);
  EXPECT_EQ(*get("f"), "x");
  EXPECT_EQ(damage(), "");
}

TEST_F(FileAttributesSet, OfTimesShowInListings) {
  ASSERT_TRUE(put("f", "x"));
  const FileId file = find("f")->file;
  SetAttributes times;
  times.modified = 1'000'000'000'123'456'789;
  times.accessed = 7;
  auto changed = set(file, times);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->after.modified, 1'000'000'000'123'456'789);
  EXPECT_EQ(changed->after.accessed, 7);
  auto page = run(plane().list(operator_caller(), "vol", {}));
  EXPECT_EQ(page->objects[0].modified, 1'000'000'000'123'456'789);
  times = {};
  times.modified_now = times.accessed_now = true;
  changed = set(file, times);
  EXPECT_GT(changed->after.modified, 1'000'000'000'123'456'789);
  EXPECT_EQ(changed->after.accessed, changed->after.modified);
  EXPECT_EQ(damage(), "");
}

TEST_F(FileAttributesSet, GrowTheChangeTimeEachTime) {
  ASSERT_TRUE(put("f", "x"));
  const FileId file = find("f")->file;
  rt::Nanos last = find("f")->changed;
  for (int i = 0; i < 100; ++i) {
    auto changed = set(file, mode(0600));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->before.changed, last);
    EXPECT_GT(changed->after.changed, last);
    last = changed->after.changed;
  }
}

TEST_F(FileAttributesSet, UnderAGuardHeedIt) {
  ASSERT_TRUE(put("f", "x"));
  const auto now = *find("f");
  auto guarded = [&](rt::Nanos guard) {
    return run(files().set_attributes(root_user(), now.file, mode(0600), guard, plane::AccessCheck::kByMode));
  };
  EXPECT_TRUE(failed_with(guarded(now.changed - 1), Code::kPreconditionFailed, Reason::kNotSynchronized));
  EXPECT_TRUE(guarded(now.changed));
  EXPECT_TRUE(failed_with(guarded(now.changed), Code::kPreconditionFailed, Reason::kNotSynchronized));
}

TEST_F(FileAttributesSet, OfWhatIsNoFileHaveNoSize) {
  SetAttributes size;
  size.size_bytes = 3;
  EXPECT_TRUE(failed_with(set(root(), size), Code::kInvalidArgument, Reason::kIsDirectory));
  auto link = run(files().make_link(root_user(), root(), "l", "t", {}));
  EXPECT_TRUE(failed_with(set(link->attributes.file, size), Code::kInvalidArgument, Reason::kNotFile));
  ASSERT_TRUE(put("f", "x"));
  size.size_bytes = uint64_t{1} << 63;
  EXPECT_TRUE(failed_with(set(find("f")->file, size), Code::kTooLarge, Reason::kFileTooLarge));
  EXPECT_TRUE(failed_with(set(find("f")->file, size, user(9)), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(set({root().volume, InodeId(5)}, mode(0)), Code::kNotFound, Reason::kStale));
}

TEST_F(FileAttributesSet, OfADirectoryOfS3MakeItStay) {
  ASSERT_TRUE(put("a/b/f", "x"));
  ASSERT_TRUE(set(find("a/b")->file, mode(0700)));
  ASSERT_TRUE(remove("a/b/f"));
  EXPECT_EQ(find("a/b")->mode, 0700u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(set(root(), mode(01777)));
  EXPECT_EQ(attributes(root())->mode, 01777u);
  EXPECT_TRUE(create(root(), "f", {}, user(5)));
}

TEST_F(FileAttributesSet, ExtendedAreKeptReplacedAndListed) {
  ASSERT_TRUE(put("f", "x"));
  const FileId file = find("f")->file;
  auto put_attribute = [&](const std::string& name, Bytes value, AttributeMode how = AttributeMode::kEither) {
    return run(files().set_attribute(root_user(), file, {name, std::move(value)}, how));
  };
  auto value_of = [&](const std::string& name) { return run(files().attribute(root_user(), file, name)); };
  EXPECT_TRUE(failed_with(value_of("a"), Code::kNotFound, Reason::kNoAttribute));
  EXPECT_TRUE(failed_with(put_attribute("a", "1", AttributeMode::kReplace), Code::kNotFound, Reason::kNoAttribute));
  auto changed = put_attribute("a", Bytes("1\0\xff", 3), AttributeMode::kCreate);
  ASSERT_TRUE(changed) << changed.error().to_string();
  EXPECT_GT(changed->after.changed, changed->before.changed);
  EXPECT_TRUE(failed_with(put_attribute("a", "2", AttributeMode::kCreate), Code::kAlreadyExists));
  EXPECT_EQ(*value_of("a"), Bytes("1\0\xff", 3));
  ASSERT_TRUE(put_attribute("a", "", AttributeMode::kReplace));
  EXPECT_EQ(*value_of("a"), "");
  ASSERT_TRUE(put_attribute("b", "2"));
  EXPECT_EQ(*run(files().attributes_list(root_user(), file)), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(failed_with(put_attribute("big", Bytes(plane::kMaxAttributeBytes, 'x')), Code::kTooLarge,
                          Reason::kAttributesTooLarge));
  EXPECT_TRUE(put_attribute("large", Bytes(60'000, 'x')));
  reopen();
  EXPECT_EQ(value_of("large")->size(), 60'000u);
  ASSERT_TRUE(run(files().remove_attribute(root_user(), file, "large")));
  EXPECT_TRUE(
      failed_with(run(files().remove_attribute(root_user(), file, "large")), Code::kNotFound, Reason::kNoAttribute));
  for (const std::string& bad : {std::string(), std::string(256, 'x')}) EXPECT_FALSE(put_attribute(bad, ""));
  EXPECT_TRUE(failed_with(run(files().set_attribute(user(9), file, {"c", ""}, AttributeMode::kEither)),
                          Code::kPermissionDenied, Reason::kAccessDenied));
  auto link = run(files().make_link(root_user(), root(), "l", "t", {}));
  EXPECT_TRUE(failed_with(run(files().attributes_list(root_user(), link->attributes.file)), Code::kPermissionDenied,
                          Reason::kNotFile));
  EXPECT_EQ(damage(), "");
}

}  // namespace
}  // namespace tp::test
