// Making files, trees and volumes as they were.
#include "unit/plane/snapshots/snapshots_fixture.h"

namespace tp::test {
namespace {

class Restoring : public SnapshotsFixture {};

TEST_F(Restoring, brings_a_file_back_without_moving_data) {
  const Bytes large = make_data(1, 300'000);
  plane::WriteOptions options;
  options.attributes.user_metadata = {{"color", "red"}};
  ASSERT_TRUE(put("dir/a", large, options));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("dir/a", "other"));
  const uint64_t written = memory_.blobs().stats().bytes_written;
  auto report = restore("s", "dir/a");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->restored, 1u);
  EXPECT_EQ(*get("dir/a"), large);
  EXPECT_EQ(stat("dir/a")->record.user_metadata, options.attributes.user_metadata);
  EXPECT_EQ(memory_.blobs().stats().bytes_written, written);
  report = restore("s", "dir/a");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->unchanged, 1u) << "what is as it was is left alone";
  ASSERT_TRUE(remove("dir/a"));
  ASSERT_TRUE(restore("s", "dir/a"));
  EXPECT_EQ(*get("dir/a"), large);
  ASSERT_TRUE(restore("s", "dir/a", "else/where"));
  EXPECT_EQ(*get("else/where"), large);
  ASSERT_TRUE(drop("s"));
  ASSERT_TRUE(free());
  EXPECT_EQ(*get("dir/a"), large);
  EXPECT_EQ(damage(), "");
}

TEST_F(Restoring, makes_a_tree_as_it_was_and_leaves_the_rest_alone) {
  for (const std::string key : {"d/a", "d/b", "d/e/f", "other", "d2"}) ASSERT_TRUE(put(key, key));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("d/a", "changed"));
  ASSERT_TRUE(remove("d/e/f"));
  ASSERT_TRUE(put("d/new/x", "new"));
  ASSERT_TRUE(put("other", "changed"));
  auto report = restore("s", "d/");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->restored, 2u);
  EXPECT_EQ(report->removed, 1u);
  EXPECT_EQ(report->unchanged, 1u);
  EXPECT_EQ(contents("vol"),
            (Model{{"d/a", "d/a"}, {"d/b", "d/b"}, {"d/e/f", "d/e/f"}, {"other", "changed"}, {"d2", "d2"}}));
  report = restore("s", "d");
  ASSERT_TRUE(report) << "a directory without its '/' is found too";
  EXPECT_EQ(report->restored + report->removed, 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(Restoring, puts_a_tree_beside_what_is_elsewhere) {
  ASSERT_TRUE(put("d/a", "a"));
  ASSERT_TRUE(put("d/e/f", "f"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(remove("d/a"));
  ASSERT_TRUE(put("to/there/b", "b"));
  auto report = restore("s", "d/", "to/there");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->restored, 2u);
  EXPECT_EQ(report->removed, 0u);
  EXPECT_EQ(contents("vol"), (Model{{"d/e/f", "f"}, {"to/there/a", "a"}, {"to/there/b", "b"}, {"to/there/e/f", "f"}}));
  EXPECT_EQ(damage(), "");
}

TEST_F(Restoring, knows_directories_modes_and_hard_links) {
  ASSERT_TRUE(make_directory(root(), "empty", mode(0711)));
  ASSERT_TRUE(make_directory(root(), "dir", mode(0700)));
  const FileId dir = find("dir")->file;
  ASSERT_TRUE(create(dir, "one"));
  const FileId one = find("dir/one")->file;
  ASSERT_TRUE(put(one, 0, "content", plane::Stability::kFileSync));
  ASSERT_TRUE(link(one, dir, "two"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(remove_directory(root(), "empty"));
  ASSERT_TRUE(unlink(dir, "one"));
  ASSERT_TRUE(unlink(dir, "two"));
  ASSERT_TRUE(set(dir, mode(0777)));
  ASSERT_TRUE(make_directory(root(), "extra"));
  ASSERT_TRUE(make_directory(find("extra")->file, "below"));
  auto report = restore("s", "");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(find("empty")->mode, 0711u);
  EXPECT_EQ(find("dir")->mode, 0700u);
  EXPECT_FALSE(find("extra"));
  EXPECT_EQ(find("dir/one")->file, find("dir/two")->file);
  EXPECT_EQ(find("dir/one")->links, 2u);
  EXPECT_EQ(*get("dir/two"), "content");
  report = restore("s", "");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->restored + report->removed, 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(Restoring, keeps_as_versions_what_it_replaces) {
  plane::VolumeChange change;
  change.versioning = meta::Versioning::kEnabled;
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("a", "two"));
  ASSERT_TRUE(put("b", "new"));
  ASSERT_TRUE(restore("s", ""));
  EXPECT_EQ(contents("vol"), (Model{{"a", "one"}}));
  auto page = run(plane().list_versions(operator_caller(), "vol", {}));
  ASSERT_TRUE(page);
  std::vector<std::string> found;
  for (const auto& each : page->versions) {
    found.push_back(each.object.key + (each.delete_marker ? " marker" : "") + (each.latest ? " latest" : ""));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"a latest", "a", "a", "b marker latest", "b"}));
  EXPECT_EQ(damage(), "");
}

TEST_F(Restoring, refuses_what_the_snapshot_does_not_have) {
  ASSERT_TRUE(put("a", "a"));
  ASSERT_TRUE(take("s"));
  EXPECT_TRUE(failed_with(restore("s", "b"), Code::kNotFound, plane::Reason::kNoSuchKey));
  EXPECT_TRUE(failed_with(restore("s", "b/"), Code::kNotFound, plane::Reason::kNoSuchKey));
  EXPECT_FALSE(restore("s", "a", "x/"));
  EXPECT_TRUE(failed_with(run(snapshots().restore(user_caller("eve"), "vol", "s", "a", {})), Code::kPermissionDenied,
                          plane::Reason::kAccessDenied));
}

TEST_F(Restoring, of_a_large_tree_takes_many_transactions) {
  for (int i = 0; i < 1200; ++i) ASSERT_TRUE(put("d" + std::to_string(i % 9) + "/" + std::to_string(i), "old"));
  ASSERT_TRUE(take("s"));
  for (int i = 0; i < 1200; i += 2) ASSERT_TRUE(put("d" + std::to_string(i % 9) + "/" + std::to_string(i), "new"));
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(put("d" + std::to_string(i % 9) + "/extra" + std::to_string(i), "new"));
  auto report = restore("s", "");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->restored, 600u);
  EXPECT_EQ(report->removed, 600u);
  EXPECT_EQ(report->unchanged, 600u);
  EXPECT_EQ(counters().objects, 1200u);
  EXPECT_EQ(damage(), "");
}

/// Random trees: a restore gives exactly the model, a second one changes nothing, and snapshots taken meanwhile stay.
TEST_F(Restoring, gives_what_was_there_whatever_happened_since) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rt::Rng rng(seed);
    const auto pick = [&](uint64_t below) { return rng.next() % below; };
    const auto key = [&] {
      std::string made;
      for (uint64_t depth = pick(3); depth > 0; --depth) made += std::string(1, static_cast<char>('p' + pick(3))) + "/";
      return made + std::string(1, static_cast<char>('a' + pick(5)));
    };
    std::map<std::string, Model> models;
    for (int snapshot = 0; snapshot < 3; ++snapshot) {
      for (int step = 0; step < 30; ++step) {
        const std::string from = key(), to = key();
        switch (pick(6)) {
          case 0:
            (void)remove(from);
            break;
          case 1:
            (void)rename(from, to);
            break;
          case 2:
            (void)rename(from + "/", to + "x/");
            break;
          default:
            ASSERT_TRUE(put(from, make_data(rng.next(), pick(4) == 0 ? 100'000 : 10)));
            break;
        }
      }
      const std::string name = "s" + std::to_string(seed) + "-" + std::to_string(snapshot);
      models[name] = contents("vol");
      ASSERT_TRUE(take(name));
    }
    for (const auto& [name, model] : models) {
      auto report = restore(name, "");
      ASSERT_TRUE(report) << report.error().to_string();
      EXPECT_EQ(contents("vol"), model);
      report = restore(name, "");
      ASSERT_TRUE(report);
      EXPECT_EQ(report->restored + report->removed, 0u);
      for (const auto& [other, kept] : models) EXPECT_EQ(contents("vol@" + other), kept);
      EXPECT_EQ(damage(), "");
    }
  }
}

}  // namespace
}  // namespace tp::test
