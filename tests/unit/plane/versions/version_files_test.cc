#include "unit/plane/versions/versions_fixture.h"

namespace tp::test {
namespace {

using meta::Versioning;
using plane::Reason;
using Shown = std::vector<std::string>;

class VersionFiles : public VersionsFixture {
 protected:
  Result<plane::WriteResult> write(FileId file, uint64_t offset, const Bytes& bytes) {
    plane::Payload data;
    auto owner = std::make_shared<const Bytes>(bytes);
    data.bytes = *owner;
    data.owner = std::move(owner);
    return run(files().write(root_user(), file, offset, std::move(data), plane::Stability::kFileSync,
                             plane::AccessCheck::kByMode));
  }
  FileId make(const std::string& name, const Bytes& bytes) {
    auto made = create(root(), name);
    EXPECT_TRUE(made);
    EXPECT_TRUE(write(made->attributes.file, 0, bytes));
    return made->attributes.file;
  }
};

TEST_F(VersionFiles, RemovingAFileKeepsItAsAVersion) {
  make("f", "one");
  ASSERT_TRUE(unlink(root(), "f"));
  EXPECT_EQ(shown(), (Shown{"f:marker*", "f:3"}));
  EXPECT_TRUE(names(root()).empty());
  const std::string kept = versions().versions[1].version;
  EXPECT_EQ(*get_version("f", kept), "one");
  // Made again, it is a newer version.
  make("f", "four");
  EXPECT_EQ(shown(), (Shown{"f:4*", "f:marker", "f:3"}));
}

TEST_F(VersionFiles, RenamingOverAFileKeepsWhatWasThere) {
  make("target", "old");
  make("temporary", "newer");
  ASSERT_TRUE(move(root(), "temporary", root(), "target"));
  EXPECT_EQ(shown(), (Shown{"target:5*", "target:3"}));
  EXPECT_EQ(*get("target"), "newer");
  EXPECT_EQ(*get_version("target", versions().versions[1].version), "old");
}

TEST_F(VersionFiles, WritingInPlaceMakesNoVersion) {
  const FileId file = make("f", "one");
  ASSERT_TRUE(write(file, 0, "eleven"));
  EXPECT_EQ(shown(), (Shown{"f:6*"}));
}

TEST_F(VersionFiles, AnEarlierVersionIsReadByItsHandleAndNotChanged) {
  const FileId file = make("f", "one");
  put_version("f", "second");
  EXPECT_TRUE(failed_with(write(file, 0, "x"), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_TRUE(failed_with(set(file, mode(0600)), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  plane::SetAttributes cut;
  cut.size_bytes = 0;
  EXPECT_TRUE(failed_with(set(file, cut), Code::kPermissionDenied, Reason::kReadOnlyVolume));
  EXPECT_FALSE(link(file, root(), "again"));
  auto attributes = run(files().attributes(file));
  ASSERT_TRUE(attributes);
  EXPECT_EQ(attributes->links, 0u);
  EXPECT_EQ(*get_version("f", versions().versions[1].version), "one");
}

TEST_F(VersionFiles, AFileWithSeveralNamesGivesAVersionOfItsOwn) {
  const FileId file = make("a", "shared");
  ASSERT_TRUE(link(file, root(), "b"));
  put_version("a", "new");
  EXPECT_EQ(*get("b"), "shared");
  EXPECT_EQ(shown(), (Shown{"a:3*", "a:6", "b:6*"}));
  // The other name's bytes are its own by now.
  ASSERT_TRUE(write(file, 0, "CHANGED"));
  EXPECT_EQ(*get_version("a", versions().versions[1].version), "shared");
}

TEST_F(VersionFiles, DirectoriesTakeTheirObjectsAlongAndLeaveTheEarlierVersions) {
  put_version("d/f", "1");
  put_version("d/f", "22");
  ASSERT_TRUE(move(root(), "d", root(), "e"));
  EXPECT_EQ(shown(), (Shown{"d/f:1", "e/f:2*"}));
  EXPECT_FALSE(get("d/f"));
  EXPECT_EQ(*get_version("d/f", versions().versions[0].version), "1");
  ASSERT_TRUE(remove_version("d/f", versions().versions[0].version));
  EXPECT_EQ(shown(), (Shown{"e/f:2*"}));
}

TEST_F(VersionFiles, AFileMadeWhileSuspendedReplacesTheNullVersion) {
  put_version("f", "1");
  ASSERT_TRUE(set_versioning(Versioning::kSuspended));
  make("f2", "22");
  ASSERT_TRUE(unlink(root(), "f2"));
  EXPECT_EQ(shown(), (Shown{"f:1*", "f2:marker*"}));
  make("f2", "333");
  EXPECT_EQ(shown(), (Shown{"f:1*", "f2:3*"}));
}

TEST_F(VersionFiles, AVersionThatIsOpenWhenItGoesStaysUntilItIsClosed) {
  const FileId file = make("f", "one");
  plane::OpenRequest request;
  request.permissions = plane::kMayRead;
  auto opened = open(root(), "f", request);
  ASSERT_TRUE(opened);
  put_version("f", "second");
  ASSERT_TRUE(remove_version("f", versions().versions[1].version));
  EXPECT_TRUE(run(files().attributes(file)));
  EXPECT_EQ(counters().bytes, 9u);
  opened->pin = {};
  EXPECT_TRUE(memory_.tidy_up());
  EXPECT_EQ(shown(), (Shown{"f:6*"}));
  EXPECT_EQ(counters().bytes, 6u);
}

}  // namespace
}  // namespace tp::test
