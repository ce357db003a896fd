// A locked version stays as it is, whoever asks: S3's operations and those of files.
#include <gtest/gtest.h>

#include "unit/plane/content/bytes_fixture.h"

namespace tp::test {
namespace {

using meta::RetentionMode;
using plane::Action;
using plane::Reason;

constexpr rt::Nanos kDay = 86'400 * rt::kSecond;

template <class T>
::testing::AssertionResult is_locked(const Result<T>& result) {
  return failed_with(result, Code::kPermissionDenied, Reason::kLocked);
}

class Locks : public BytesFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(memory_.open());
    plane::CreateVolumeOptions options;
    options.object_lock = true;
    ASSERT_TRUE(run(plane().create_volume(operator_caller(), "vol", options)));
    ASSERT_TRUE(run(plane().create_volume(operator_caller(), "plain", {})));
  }
  rt::Nanos now() { return memory_.runtime().clock().wall_now(); }
  Result<void> retain(const std::string& key, RetentionMode mode, rt::Nanos until, bool bypass = false) {
    return run(plane().set_retention(operator_caller(), ref(key), mode, until, bypass));
  }
  Result<void> hold(const std::string& key, bool on = true) {
    return run(plane().set_legal_hold(operator_caller(), ref(key), on));
  }
  Result<void> set_default(RetentionMode mode, uint32_t days) {
    plane::VolumeChange change;
    change.lock = meta::LockRules{true, mode, days, 0};
    TP_TRY_VOID(run(plane().set_volume(operator_caller(), "vol", std::move(change))));
    return ok;
  }
  FileId file(const std::string& name) {
    const auto found = look(root(), name);
    return found ? found->file : FileId();
  }
};

TEST_F(Locks, AVolumeMadeWithThemKeepsVersions) {
  const auto volume = plane().volume("vol").value();
  EXPECT_TRUE(volume->lock.enabled);
  EXPECT_EQ(volume->versioning, meta::Versioning::kEnabled);
}

TEST_F(Locks, AreKeptWithTheObject) {
  ASSERT_TRUE(put("a", "text"));
  const rt::Nanos until = now() + kDay;
  ASSERT_TRUE(retain("a", RetentionMode::kCompliance, until));
  ASSERT_TRUE(hold("a"));
  reopen();
  const auto info = stat("a");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->record.retention, RetentionMode::kCompliance);
  EXPECT_EQ(info->record.retain_until, until);
  EXPECT_TRUE(info->record.legal_hold);
  ASSERT_TRUE(hold("a", false));
  EXPECT_FALSE(stat("a")->record.legal_hold);
}

TEST_F(Locks, NeedAVolumeThatHasThem) {
  const plane::ObjectRef object{"plain", "a"};
  ASSERT_TRUE(run(put_object(&plane(), object, "text")));
  EXPECT_TRUE(failed_with(run(plane().set_legal_hold(operator_caller(), object, true)), Code::kInvalidArgument,
                          Reason::kLockNotEnabled));
  EXPECT_TRUE(failed_with(
      run(plane().set_retention(operator_caller(), object, RetentionMode::kGovernance, now() + kDay, false)),
      Code::kInvalidArgument, Reason::kLockNotEnabled));
  plane::WriteOptions options;
  options.attributes.legal_hold = true;
  EXPECT_TRUE(failed_with(run(put_object(&plane(), object, "text", options)), Code::kInvalidArgument,
                          Reason::kLockNotEnabled));
  EXPECT_TRUE(failed_with(hold("absent"), Code::kNotFound, Reason::kNoSuchKey));
}

TEST_F(Locks, ComeWithThePutTheCopyAndTheUpload) {
  plane::WriteOptions options;
  options.attributes.retention = RetentionMode::kGovernance;
  options.attributes.retain_until = now() + kDay;
  ASSERT_TRUE(put("put", "text", options));
  EXPECT_EQ(stat("put")->record.retain_until, options.attributes.retain_until);
  plane::CopyOptions copy;
  copy.attributes.legal_hold = true;
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("put"), ref("copy"), copy)));
  EXPECT_TRUE(stat("copy")->record.legal_hold);
  EXPECT_EQ(stat("copy")->record.retention, RetentionMode::kNone) << "locks are not copied";
  plane::UploadOptions upload_options;
  upload_options.attributes = options.attributes;
  upload_options.attributes.legal_hold = true;
  const auto upload = run(plane().create_upload(operator_caller(), ref("upload"), upload_options));
  ASSERT_TRUE(upload);
  const auto part = run(put_part(&plane(), ref("upload"), *upload, 1, "text", part_options()));
  ASSERT_TRUE(part);
  plane::CompleteOptions complete;
  complete.parts = {{1, part->etag, std::nullopt}};
  ASSERT_TRUE(run(plane().complete_upload(operator_caller(), ref("upload"), *upload, complete)));
  EXPECT_EQ(stat("upload")->record.retention, RetentionMode::kGovernance);
  EXPECT_EQ(stat("upload")->record.retain_until, options.attributes.retain_until);
  EXPECT_TRUE(stat("upload")->record.legal_hold);
}

TEST_F(Locks, InThePastAreRefused) {
  plane::WriteOptions options;
  options.attributes.retention = RetentionMode::kGovernance;
  options.attributes.retain_until = now() - kDay;
  EXPECT_TRUE(failed_with(put("a", "text", options), Code::kInvalidArgument, Reason::kInvalidRetention));
  EXPECT_FALSE(stat("a"));
}

TEST_F(Locks, OfTheVolumeAreGivenToWhatIsPut) {
  ASSERT_TRUE(set_default(RetentionMode::kCompliance, 3));
  const rt::Nanos before = now();
  ASSERT_TRUE(put("a", "text"));
  EXPECT_EQ(stat("a")->record.retention, RetentionMode::kCompliance);
  EXPECT_GE(stat("a")->record.retain_until, before + 3 * kDay);
  EXPECT_LE(stat("a")->record.retain_until, now() + 3 * kDay);
}

TEST_F(Locks, AreLoosenedOnlyByThoseWhoMay) {
  ASSERT_TRUE(put("a", "text"));
  const rt::Nanos until = now() + kDay;
  ASSERT_TRUE(retain("a", RetentionMode::kGovernance, until));
  EXPECT_TRUE(is_locked(retain("a", RetentionMode::kGovernance, until - 1)));
  EXPECT_TRUE(retain("a", RetentionMode::kGovernance, until - 1, true));
  const auto as_stranger = [&](bool bypass) {
    return run(plane().set_retention(user_caller("id-eve"), ref("a"), RetentionMode::kGovernance, until, bypass));
  };
  EXPECT_TRUE(failed_with(as_stranger(false), Code::kPermissionDenied, Reason::kAccessDenied));
  plane::VolumeChange change;
  change.policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
      "Action":"s3:PutObjectRetention","Resource":"arn:aws:s3:::vol/*"}]})";
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", std::move(change))));
  EXPECT_TRUE(as_stranger(false)) << "longer is allowed";
  const auto remove_as_stranger = run(plane().set_retention(user_caller("id-eve"), ref("a"), RetentionMode::kNone, 0,
                                                            true));
  EXPECT_TRUE(is_locked(remove_as_stranger)) << "s3:BypassGovernanceRetention was not given";
  EXPECT_TRUE(retain("a", RetentionMode::kNone, 0, true));
  EXPECT_EQ(stat("a")->record.retention, RetentionMode::kNone);
}

TEST_F(Locks, OfAnObjectRefuseAppendsAndRenames) {
  ASSERT_TRUE(put("d/a", "text"));
  ASSERT_TRUE(hold("d/a"));
  plane::WriteOptions append;
  append.append_offset = 4;
  EXPECT_TRUE(is_locked(put("d/a", "more", append)));
  EXPECT_TRUE(is_locked(rename("d/a", "d/b")));
  EXPECT_TRUE(is_locked(rename("d/", "e/")));
  EXPECT_EQ(get("d/a").value(), "text");
  ASSERT_TRUE(hold("d/a", false));
  EXPECT_TRUE(put("d/a", "more", append));
  EXPECT_TRUE(rename("d/a", "d/b"));
}

TEST_F(Locks, LetTagsAndAccessBeChanged) {
  ASSERT_TRUE(put("a", "text"));
  ASSERT_TRUE(hold("a"));
  EXPECT_TRUE(run(plane().set_tags(operator_caller(), ref("a"), {{"k", "v"}})));
  EXPECT_TRUE(run(plane().set_access(operator_caller(), ref("a"), {})));
  EXPECT_TRUE(stat("a")->record.legal_hold);
}

TEST_F(Locks, OfAFileRefuseEveryChangeOfIt) {
  const FileId locked = make_of("a", "some text");
  const FileId other = make_of("b", "other text");
  ASSERT_TRUE(retain("a", RetentionMode::kGovernance, now() + kDay));
  EXPECT_TRUE(is_locked(write(locked, 0, "x")));
  EXPECT_TRUE(is_locked(write(locked, 0, "x", plane::Stability::kFileSync)));
  EXPECT_TRUE(is_locked(resize(locked, 0)));
  EXPECT_TRUE(is_locked(resize(locked, 100)));
  EXPECT_TRUE(is_locked(set(locked, mode(0600))));
  plane::SetAttributes times;
  times.modified = 5;
  EXPECT_TRUE(is_locked(set(locked, times)));
  plane::SetAttributes owner;
  owner.uid = 5;
  EXPECT_TRUE(is_locked(set(locked, owner)));
  EXPECT_TRUE(is_locked(unlink(root(), "a")));
  EXPECT_TRUE(is_locked(move(root(), "a", root(), "c")));
  EXPECT_TRUE(is_locked(move(root(), "b", root(), "a")));
  EXPECT_TRUE(is_locked(link(locked, root(), "c")));
  const auto by_mode = plane::AccessCheck::kByMode;
  EXPECT_TRUE(is_locked(run(files().allocate(root_user(), locked, 0, 1000, by_mode))));
  EXPECT_TRUE(is_locked(run(files().deallocate(root_user(), locked, 0, 2, by_mode))));
  EXPECT_TRUE(is_locked(run(files().copy_range(root_user(), other, 0, locked, 0, 4, by_mode))));
  EXPECT_TRUE(is_locked(run(files().clone_range(root_user(), other, 0, locked, 0, 4, by_mode))));
  EXPECT_TRUE(is_locked(run(files().set_attribute(root_user(), locked, {"k", "v"}, plane::AttributeMode::kEither))));
  EXPECT_EQ(all(locked), "some text");
  EXPECT_TRUE(run(files().copy_range(root_user(), locked, 0, other, 0, 4, by_mode))) << "reading is free";
  EXPECT_EQ(names(root()), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Locks, OfAFileRefuseOpensThatWouldWrite) {
  make_of("a", "some text");
  ASSERT_TRUE(hold("a"));
  plane::OpenRequest wish;
  wish.permissions = plane::kMayRead | plane::kMayWrite;
  EXPECT_TRUE(is_locked(open(root(), "a", wish)));
  EXPECT_TRUE(is_locked(run(files().open_file(root_user(), file("a"), plane::kMayWrite))));
  EXPECT_TRUE(open(root(), "a"));
  plane::CreateRequest truncating;
  truncating.set.size_bytes = 0;
  EXPECT_TRUE(is_locked(create(root(), "a", truncating)));
  EXPECT_EQ(all(file("a")), "some text");
}

TEST_F(Locks, AreSeenByThoseWhoAskFirst) {
  const FileId locked = make_of("a", "some text");
  const uint32_t both = plane::kMayRead | plane::kMayWrite;
  EXPECT_EQ(run(files().access(root_user(), locked, both)).value(), both);
  ASSERT_TRUE(hold("a"));
  EXPECT_EQ(run(files().access(root_user(), locked, both)).value(), static_cast<uint32_t>(plane::kMayRead));
}

TEST_F(Locks, HoldForClientsThatHadTheFileOpenBefore) {
  const FileId locked = make_of("a", "some text");
  plane::OpenRequest wish;
  wish.permissions = plane::kMayRead | plane::kMayWrite;
  const auto opened = open(root(), "a", wish);
  ASSERT_TRUE(opened);
  ASSERT_TRUE(write(locked, 0, "SOME"));
  ASSERT_TRUE(hold("a"));
  EXPECT_EQ(get("a").value(), "SOME text") << "what was written before is part of what is locked";
  const auto opened_check = plane::AccessCheck::kOpened;
  EXPECT_TRUE(is_locked(run(
      files().write(root_user(), locked, 0, payload("xxxx"), plane::Stability::kUnstable, opened_check))));
  EXPECT_TRUE(run(files().commit(locked)));
  EXPECT_EQ(all(locked), "SOME text");
}

TEST_F(Locks, OfADirectoryAreThoseOfItsFiles) {
  const auto directory = make_directory(root(), "d");
  ASSERT_TRUE(directory);
  EXPECT_TRUE(move(root(), "d", root(), "e")) << "an empty one moves";
  ASSERT_TRUE(create(directory->attributes.file, "f"));
  EXPECT_TRUE(is_locked(move(root(), "e", root(), "d")));
  EXPECT_TRUE(find("e/f"));
}

TEST_F(Locks, ByDefaultBeginWhenAFileBecomesReadOnly) {
  ASSERT_TRUE(set_default(RetentionMode::kGovernance, 2));
  const FileId made = make("a");
  EXPECT_TRUE(set(made, mode(0444)));
  EXPECT_TRUE(set(made, mode(0644))) << "an empty file is not finished";
  ASSERT_TRUE(write(made, 0, "some text"));
  EXPECT_EQ(stat("a")->record.retention, RetentionMode::kNone);
  ASSERT_TRUE(set(made, mode(0644)));
  ASSERT_TRUE(write(made, 9, "!"));
  ASSERT_TRUE(set(made, mode(0444)));
  const auto info = stat("a");
  EXPECT_EQ(info->record.retention, RetentionMode::kGovernance);
  EXPECT_GT(info->record.retain_until, now() + kDay);
  EXPECT_EQ(get("a").value(), "some text!");
  EXPECT_TRUE(is_locked(set(made, mode(0644))));
  EXPECT_TRUE(is_locked(unlink(root(), "a")));
}

TEST_F(Locks, EndByThemselves) {
  const FileId made = make_of("a", "some text");
  ASSERT_TRUE(retain("a", RetentionMode::kCompliance, now() + 20 * rt::kMillisecond));
  while (now() < stat("a")->record.retain_until) {
  }
  EXPECT_TRUE(write(made, 0, "SOME", plane::Stability::kFileSync));
  EXPECT_TRUE(unlink(root(), "a"));
}

TEST_F(Locks, GoAlongIntoAClone) {
  ASSERT_TRUE(put("a", "text"));
  ASSERT_TRUE(hold("a"));
  ASSERT_TRUE(run(plane().snapshots().create(operator_caller(), {"vol"}, "then")));
  ASSERT_TRUE(run(plane().snapshots().clone(operator_caller(), "vol", "then", "copy")));
  const plane::ObjectRef clone{"copy", "a"};
  EXPECT_TRUE(is_locked(run(put_object(&plane(), clone, "other"))));
  EXPECT_TRUE(is_locked(run(plane().remove(operator_caller(), clone, {}))));
  EXPECT_EQ(run(get_object(&plane(), clone)).value(), "text");
  EXPECT_TRUE(run(plane().snapshots().remove_clone(operator_caller(), "copy")));
  EXPECT_EQ(get("a").value(), "text");
}

TEST_F(Locks, AreSeenInNoDamage) {
  ASSERT_TRUE(set_default(RetentionMode::kGovernance, 2));
  ASSERT_TRUE(put("a", make_data(1, 300'000)));
  ASSERT_TRUE(put("a", make_data(2, 300'000)));
  EXPECT_EQ(damage(), "");
}

}  // namespace
}  // namespace tp::test
