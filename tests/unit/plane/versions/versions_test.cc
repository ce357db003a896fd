#include "plane/versions/delete_marker.h"
#include "unit/plane/versions/versions_fixture.h"

namespace tp::test {
namespace {

using meta::Versioning;
using plane::Reason;
using Shown = std::vector<std::string>;

class Versions : public VersionsFixture {};

constexpr size_t kMiB = 1 << 20;

TEST_F(Versions, APutKeepsWhatWasThereByItsId) {
  const Bytes large = make_data(1, 3 * kMiB);
  const std::string first = put_version("a/k", large), second = put_version("a/k", "two");
  EXPECT_EQ(first.size(), 32u);
  EXPECT_NE(first, second);
  EXPECT_EQ(*get("a/k"), "two");
  EXPECT_TRUE(*get_version("a/k", first) == large);
  EXPECT_EQ(*get_version("a/k", second), "two");
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(counters().bytes, large.size() + 3);
  EXPECT_EQ(live_blob_bytes() >= large.size(), true);
  reopen();
  EXPECT_TRUE(*get_version("a/k", first) == large);
  EXPECT_EQ(shown(), (Shown{"a/k:3*", "a/k:" + std::to_string(large.size())}));
}

TEST_F(Versions, ADeleteMakesAMarkerAndRemovingThatBringsTheObjectBack) {
  const std::string first = put_version("k", "one");
  auto removed = remove("k");
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->delete_marker);
  EXPECT_TRUE(failed_with(get("k"), Code::kNotFound, Reason::kDeleteMarker));
  EXPECT_EQ(plane::delete_marker_of(get("k").error())->version, removed->version);
  EXPECT_TRUE(failed_with(get_version("k", removed->version), Code::kConflict, Reason::kDeleteMarker));
  EXPECT_EQ(*get_version("k", first), "one");
  EXPECT_EQ(counters().objects, 0u);
  EXPECT_EQ(counters().bytes, 3u);
  EXPECT_EQ(shown(), (Shown{"k:marker*", "k:3"}));
  auto unmarked = remove_version("k", removed->version);
  ASSERT_TRUE(unmarked);
  EXPECT_TRUE(unmarked->delete_marker);
  EXPECT_EQ(*get("k"), "one");
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(shown(), (Shown{"k:3*"}));
}

TEST_F(Versions, AKeyThatIsNotThereGetsAMarkerToo) {
  auto removed = remove("never");
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->delete_marker);
  EXPECT_FALSE(removed->existed);
  EXPECT_EQ(shown(), (Shown{"never:marker*"}));
}

TEST_F(Versions, RemovingTheCurrentVersionMakesTheNextOneCurrent) {
  const std::string one = put_version("d/k", "1"), two = put_version("d/k", "22"), three = put_version("d/k", "333");
  ASSERT_TRUE(remove_version("d/k", two));
  EXPECT_EQ(shown(), (Shown{"d/k:3*", "d/k:1"}));
  ASSERT_TRUE(remove_version("d/k", three));
  EXPECT_EQ(*get("d/k"), "1");
  EXPECT_EQ(counters().objects, 1u);
  EXPECT_EQ(counters().bytes, 1u);
  ASSERT_TRUE(remove_version("d/k", one));
  EXPECT_TRUE(failed_with(get("d/k"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(counters().objects, 0u);
  EXPECT_EQ(counters().bytes, 0u);
  EXPECT_EQ(records(kv::Space::kVersions), 0u);
}

TEST_F(Versions, IdsThatAreNoneAreRefusedAndThoseThatAreGoneSaySo) {
  const std::string one = put_version("k", "1");
  EXPECT_TRUE(failed_with(get_version("k", "abc"), Code::kInvalidArgument, Reason::kInvalidVersion));
  EXPECT_TRUE(failed_with(get_version("k", std::string(32, '0')), Code::kInvalidArgument, Reason::kInvalidVersion));
  EXPECT_TRUE(failed_with(get_version("k", "null"), Code::kNotFound, Reason::kNoSuchVersion));
  EXPECT_TRUE(failed_with(get_version("other", one), Code::kNotFound, Reason::kNoSuchVersion));
  EXPECT_TRUE(failed_with(remove_version("k", "abc"), Code::kInvalidArgument, Reason::kInvalidVersion));
  auto absent = remove_version("other", one);
  ASSERT_TRUE(absent);
  EXPECT_FALSE(absent->existed);
  EXPECT_EQ(*get("k"), "1");
}

TEST_F(Versions, WhatWasThereBeforeIsTheNullVersion) {
  ASSERT_TRUE(run(plane().create_volume(operator_caller(), "vol2", {})));
  ASSERT_TRUE(run(put_object(&plane(), {"vol2", "k"}, "before")));
  plane::VolumeChange change;
  change.versioning = Versioning::kEnabled;
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol2", change)));
  auto after = run(put_object(&plane(), {"vol2", "k"}, "after"));
  ASSERT_TRUE(after);
  EXPECT_EQ(*run(get_object(&plane(), {"vol2", "k", "null"}, {})), "before");
  EXPECT_EQ(*run(get_object(&plane(), {"vol2", "k", after->version}, {})), "after");
  EXPECT_EQ(*run(get_object(&plane(), {"vol2", "k"}, {})), "after");
}

TEST_F(Versions, SuspendedPutsReplaceTheNullVersionAlone) {
  const std::string one = put_version("k", "1");
  ASSERT_TRUE(set_versioning(Versioning::kSuspended));
  EXPECT_EQ(put_version("k", "22"), "null");
  EXPECT_EQ(put_version("k", "333"), "null");
  EXPECT_EQ(shown(), (Shown{"k:3*", "k:1"}));
  auto marker = remove("k");
  ASSERT_TRUE(marker);
  EXPECT_EQ(marker->version, "null");
  EXPECT_EQ(shown(), (Shown{"k:marker*", "k:1"}));
  ASSERT_TRUE(set_versioning(Versioning::kEnabled));
  const std::string four = put_version("k", "4444");
  EXPECT_EQ(shown(), (Shown{"k:4*", "k:marker", "k:1"}));
  ASSERT_TRUE(set_versioning(Versioning::kSuspended));
  EXPECT_EQ(put_version("k", "55555"), "null");
  EXPECT_EQ(shown(), (Shown{"k:5*", "k:4", "k:1"}));
  EXPECT_EQ(*get_version("k", four), "4444");
  EXPECT_EQ(*get_version("k", one), "1");
  EXPECT_EQ(counters().bytes, 10u);
}

TEST_F(Versions, NeverGoBackToNone) {
  EXPECT_TRUE(failed_with(set_versioning(Versioning::kOff), Code::kInvalidArgument, Reason::kVersioningState));
}

TEST_F(Versions, TagsAndAclsAreOfTheVersionThatIsNamed) {
  const std::string one = put_version("k", "1"), two = put_version("k", "22");
  ASSERT_TRUE(run(plane().set_tags(operator_caller(), ref_of("k", one), {{"of", "one"}})));
  ASSERT_TRUE(run(plane().set_tags(operator_caller(), ref("k"), {{"of", "two"}})));
  auto first = run(plane().stat(operator_caller(), ref_of("k", one), plane::Action::kGetObject));
  auto second = run(plane().stat(operator_caller(), ref_of("k", two), plane::Action::kGetObject));
  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first)->record.tags.at(0).second, "one");
  EXPECT_EQ((*second)->record.tags.at(0).second, "two");
  auto marker = remove("k");
  ASSERT_TRUE(marker);
  EXPECT_TRUE(failed_with(run(plane().set_tags(operator_caller(), ref_of("k", marker->version), {{"a", "b"}})),
                          Code::kConflict, Reason::kDeleteMarker));
}

TEST_F(Versions, ACopyOfAnEarlierVersionOntoItsKeyRestoresIt) {
  const Bytes large = make_data(5, 2 * kMiB);
  const std::string one = put_version("k", large);
  put_version("k", "two");
  auto copied = run(plane().copy(operator_caller(), ref_of("k", one), ref("k"), {}));
  ASSERT_TRUE(copied) << copied.error().to_string();
  EXPECT_EQ(copied->source_version, one);
  EXPECT_NE(copied->version, one);
  EXPECT_TRUE(*get("k") == large);
  EXPECT_EQ(versions().versions.size(), 3u);
  EXPECT_TRUE(failed_with(run(plane().copy(operator_caller(), ref("k"), ref("k"), {})), Code::kInvalidArgument,
                          Reason::kCopyOntoItself));
}

TEST_F(Versions, PartsAreCopiedFromTheVersionThatIsNamed) {
  const Bytes large = make_data(6, 6 * kMiB);
  const std::string one = put_version("k", large);
  put_version("k", "two");
  auto upload = run(plane().create_upload(operator_caller(), ref("joined"), {}));
  ASSERT_TRUE(upload);
  auto part = run(plane().copy_part(operator_caller(), ref_of("k", one), {}, {}, ref("joined"), *upload, 1));
  ASSERT_TRUE(part) << part.error().to_string();
  EXPECT_EQ(part->source_version, one);
  plane::CompleteOptions options;
  options.parts.push_back({1, part->etag, {}});
  auto done = run(plane().complete_upload(operator_caller(), ref("joined"), *upload, options));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->version.size(), 32u);
  EXPECT_TRUE(*get_version("joined", done->version) == large);
}

TEST_F(Versions, ManyAreRemovedAtOnceEachByItself) {
  const std::string one = put_version("k", "1"), two = put_version("k", "22");
  std::vector<plane::DeleteEntry> entries = {{"k", {}, one}, {"k", {}, {}}, {"k", {}, "bad"}, {"l", {}, "null"}};
  auto results = run(plane().remove_many(operator_caller(), "vol", entries));
  ASSERT_TRUE(results);
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ((*results)[0]->version, one);
  EXPECT_TRUE((*results)[1]->delete_marker);
  EXPECT_TRUE(failed_with((*results)[2], Code::kInvalidArgument, Reason::kInvalidVersion));
  EXPECT_TRUE((*results)[3]);
  EXPECT_EQ(shown(), (Shown{"k:marker*", "k:2"}));
  EXPECT_EQ(*get_version("k", two), "22");
}

TEST_F(Versions, AVolumeWithVersionsIsNotEmpty) {
  const std::string one = put_version("k", "1");
  auto marker = remove("k");
  EXPECT_TRUE(
      failed_with(run(plane().delete_volume(operator_caller(), "vol")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  ASSERT_TRUE(remove_version("k", one));
  EXPECT_TRUE(
      failed_with(run(plane().delete_volume(operator_caller(), "vol")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  ASSERT_TRUE(remove_version("k", marker->version));
  EXPECT_TRUE(run(plane().delete_volume(operator_caller(), "vol")));
}

TEST_F(Versions, CountAgainstTheQuota) {
  plane::VolumeChange change;
  change.quota_bytes = 10;
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  const std::string one = put_version("k", "123456");
  EXPECT_TRUE(failed_with(put("k", "123456"), Code::kNoSpace, Reason::kQuota));
  EXPECT_TRUE(remove("k"));
  EXPECT_TRUE(failed_with(put("k", "123456"), Code::kNoSpace, Reason::kQuota));
  ASSERT_TRUE(remove_version("k", one));
  EXPECT_TRUE(put("k", "123456"));
}

TEST_F(Versions, RightsOfVersionsAreTheirOwn) {
  const std::string one = put_version("k", "1");
  plane::VolumeChange change;
  change.policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                  R"("Resource":"arn:aws:s3:::vol/*"}]})";
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  const plane::Caller bob = user_caller("bob");
  EXPECT_TRUE(run(plane().stat(bob, ref("k"), plane::Action::kGetObject)));
  EXPECT_TRUE(failed_with(run(plane().stat(bob, ref_of("k", one), plane::Action::kGetObject)), Code::kPermissionDenied,
                          Reason::kAccessDenied));
  EXPECT_TRUE(
      failed_with(run(plane().remove(bob, ref_of("k", one), {})), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(run(plane().list_versions(bob, "vol", {})), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(run(plane().set_volume(bob, "vol",
                                                 [] {
                                                   plane::VolumeChange suspend;
                                                   suspend.versioning = Versioning::kSuspended;
                                                   return suspend;
                                                 }())),
                          Code::kPermissionDenied, Reason::kAccessDenied));
}

TEST_F(Versions, ARenameTakesItsVersionAlongAndLeavesTheEarlierOnes) {
  put_version("a", "1");
  put_version("a", "22");
  put_version("b", "333");
  ASSERT_TRUE(rename("a", "b"));
  EXPECT_EQ(shown(), (Shown{"a:marker*", "a:1", "b:2*", "b:3"}));
  EXPECT_EQ(*get("b"), "22");
  put_version("c", "4444");
  ASSERT_TRUE(rename("c", "d"));
  EXPECT_EQ(shown(), (Shown{"a:marker*", "a:1", "b:2*", "b:3", "d:4*"}));
}

}  // namespace
}  // namespace tp::test
