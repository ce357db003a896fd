// What changed between two points in time.
#include "unit/plane/snapshots/snapshots_fixture.h"

namespace tp::test {
namespace {

class Differences : public SnapshotsFixture {};
using Lines = std::vector<std::string>;

TEST_F(Differences, of_nothing_are_none) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(take("s"));
  EXPECT_EQ(diff("s"), Lines());
  ASSERT_TRUE(take("t"));
  EXPECT_EQ(diff("s", "t"), Lines());
  EXPECT_EQ(diff("s", "s"), Lines());
  EXPECT_TRUE(failed_with(run(snapshots().diff(operator_caller(), "vol", "t", "s", "", 10)), Code::kInvalidArgument));
}

TEST_F(Differences, name_what_came_went_and_changed) {
  for (const std::string key : {"gone", "changed", "same", "dir/gone", "dir/same", "tree/x", "tree/y/z"}) {
    ASSERT_TRUE(put(key, key));
  }
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(remove("gone"));
  ASSERT_TRUE(remove("dir/gone"));
  ASSERT_TRUE(remove("tree/x"));
  ASSERT_TRUE(remove("tree/y/z"));
  ASSERT_TRUE(put("changed", "other"));
  ASSERT_TRUE(put("dir/new", "new"));
  ASSERT_TRUE(put("new/a/b", "new"));
  ASSERT_TRUE(put("new/c", "new"));
  const Lines wanted = {"+ dir/new", "+ new/a/b", "+ new/c",    "- dir/gone",
                        "- gone",    "- tree/x",  "- tree/y/z", "M changed"};
  for (const uint32_t page_size : {1u, 2u, 3u, 1000u}) EXPECT_EQ(diff("s", "", page_size), wanted) << page_size;
  ASSERT_TRUE(take("t"));
  ASSERT_TRUE(put("later", "l"));
  ASSERT_TRUE(put("changed", "again"));
  EXPECT_EQ(diff("s", "t"), wanted);
  EXPECT_EQ(diff("t"), (Lines{"+ later", "M changed"}));
}

TEST_F(Differences, that_were_undone_are_none_though_they_left_history) {
  ASSERT_TRUE(put("dir/a", "a"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("dir/b", "b"));
  ASSERT_TRUE(remove("dir/b"));
  ASSERT_TRUE(put("x/y", "b"));
  ASSERT_TRUE(remove("x/y"));
  EXPECT_EQ(diff("s"), Lines());
}

TEST_F(Differences, of_the_same_key_in_several_snapshots_are_told_once) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("a", "2"));
  ASSERT_TRUE(take("t"));
  ASSERT_TRUE(put("a", "3"));
  ASSERT_TRUE(put("b", "3"));
  ASSERT_TRUE(take("u"));
  ASSERT_TRUE(put("a", "4"));
  EXPECT_EQ(diff("s"), (Lines{"+ b", "M a"}));
  EXPECT_EQ(diff("s", "t"), (Lines{"M a"}));
  EXPECT_EQ(diff("s", "u"), (Lines{"+ b", "M a"}));
  ASSERT_TRUE(drop("t"));
  EXPECT_EQ(diff("s", "u"), (Lines{"+ b", "M a"}));
  ASSERT_TRUE(free());
  EXPECT_EQ(diff("s", "u"), (Lines{"+ b", "M a"}));
}

TEST_F(Differences, follow_names_of_files_and_directories) {
  ASSERT_TRUE(put("a", "a"));
  ASSERT_TRUE(put("dir/b", "b"));
  ASSERT_TRUE(put("dir/deep/c", "c"));
  ASSERT_TRUE(put("over", "over"));
  ASSERT_TRUE(put("onto", "onto"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(rename("a", "new/place"));
  ASSERT_TRUE(rename("dir/", "folder/"));
  ASSERT_TRUE(rename("over", "onto"));
  ASSERT_TRUE(put("folder/more", "more"));
  ASSERT_TRUE(put("dir/again", "again"));
  EXPECT_EQ(diff("s"), (Lines{"+ dir/again", "+ folder/more", "R a new/place", "R dir/ folder/", "R over onto"}));
}

TEST_F(Differences, of_files_written_in_place_and_with_several_names) {
  ASSERT_TRUE(put("file", "content"));
  ASSERT_TRUE(put("linked", "content"));
  const FileId linked = find("linked")->file;
  ASSERT_TRUE(link(linked, root(), "second"));
  ASSERT_TRUE(make_directory(root(), "empty"));
  ASSERT_TRUE(make_directory(root(), "mode"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put(find("file")->file, 3, "XX", plane::Stability::kFileSync));
  ASSERT_TRUE(put(linked, 0, "XX", plane::Stability::kFileSync));
  ASSERT_TRUE(link(find("file")->file, root(), "third"));
  ASSERT_TRUE(remove_directory(root(), "empty"));
  ASSERT_TRUE(make_directory(root(), "made"));
  ASSERT_TRUE(set(find("mode")->file, mode(0700)));
  EXPECT_EQ(diff("s"), (Lines{"+ made/", "+ third", "- empty/", "M file", "M linked", "M mode/", "M second"}));
}

TEST_F(Differences, go_on_at_no_place_that_they_did_not_name) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(put("a", "2"));
  for (const std::string after : {"x", "abc", "zz", "..", "6.6."}) {
    EXPECT_FALSE(run(snapshots().diff(operator_caller(), "vol", "s", "", after, 10))) << after;
  }
  // Hex of whatever: nothing is before or after it, and nothing breaks.
  for (const std::string after : {"00", "ff", "65", "65.ff", "6500000000000000ff.00"}) {
    EXPECT_TRUE(run(snapshots().diff(operator_caller(), "vol", "s", "", after, 10))) << after;
  }
}

/// What `model` becomes when the differences are applied; `now` has the bytes of what is new.
Model apply(const Model& model, const std::vector<plane::Difference>& differences, const Model& now) {
  std::map<std::string, std::string> renamed;
  for (const auto& each : differences) {
    if (each.kind == plane::DifferenceKind::kRenamed) renamed[each.key] = each.new_key;
  }
  Model moved, applied;
  for (const auto& [key, bytes] : model) {
    // The deepest of its directories that moved, or the file itself, says where it is now.
    std::string target = key;
    bool found = false;
    if (const auto file = renamed.find(key); file != renamed.end()) {
      target = file->second;
      found = true;
    }
    for (size_t slash = key.rfind('/'); !found && slash != std::string::npos && slash > 0;
         slash = key.rfind('/', slash - 1)) {
      const auto directory = renamed.find(key.substr(0, slash + 1));
      if (directory == renamed.end()) continue;
      target = directory->second + key.substr(slash + 1);
      found = true;
    }
    (found ? moved : applied)[target] = bytes;
  }
  for (const auto& each : differences) {
    if (each.kind == plane::DifferenceKind::kRemoved) applied.erase(each.key);
  }
  for (auto& [key, bytes] : moved) applied[key] = bytes;
  for (const auto& each : differences) {
    if (each.key.ends_with('/') || each.kind == plane::DifferenceKind::kRenamed) continue;
    if (each.kind == plane::DifferenceKind::kRemoved) continue;
    const auto there = now.find(each.key);
    if (there == now.end())
      ADD_FAILURE() << "told of " << each.key << ", which is not there";
    else
      applied[each.key] = there->second;
  }
  return applied;
}

TEST_F(Differences, applied_to_the_one_give_the_other) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rt::Rng rng(seed);
    const auto pick = [&](uint64_t below) { return rng.next() % below; };
    const auto key = [&] {
      std::string made;
      for (uint64_t depth = pick(3); depth > 0; --depth) made += std::string(1, static_cast<char>('p' + pick(3))) + "/";
      return made + std::string(1, static_cast<char>('a' + pick(5)));
    };
    std::vector<Model> models;
    for (int snapshot = 0; snapshot < 4; ++snapshot) {
      for (int step = 0; step < 25; ++step) {
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
            ASSERT_TRUE(put(from, std::to_string(rng.next())));
            break;
        }
      }
      models.push_back(contents("vol"));
      ASSERT_TRUE(take("s" + std::to_string(seed) + "-" + std::to_string(snapshot)));
    }
    for (size_t from = 0; from < models.size(); ++from) {
      for (size_t to = from; to < models.size(); ++to) {
        const std::string prefix = "s" + std::to_string(seed) + "-";
        const auto told = differences(prefix + std::to_string(from), prefix + std::to_string(to), 7);
        EXPECT_EQ(apply(models[from], told, models[to]), models[to]) << from << " to " << to;
      }
    }
    EXPECT_EQ(damage(), "");
  }
}

TEST_F(Differences, of_a_clone_are_its_own) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(put("b", "1"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(clone("s", "copy"));
  ASSERT_TRUE(take("t", "copy"));
  ASSERT_TRUE(put_in("copy", "a", "2"));
  ASSERT_TRUE(remove_from("copy", "b"));
  ASSERT_TRUE(put("c", "not the clone's"));
  const auto told = differences("t", "", 10, "copy");
  ASSERT_EQ(told.size(), 2u);
  for (const auto& each : told) {
    EXPECT_EQ(each.kind, each.key == "a" ? plane::DifferenceKind::kChanged : plane::DifferenceKind::kRemoved);
  }
}

}  // namespace
}  // namespace tp::test
