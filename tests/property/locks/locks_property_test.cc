#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {
namespace {

using meta::RetentionMode;

constexpr int kStepsPerHistory = 60;
constexpr rt::Nanos kDay = 86'400 * rt::kSecond;

int histories() {
  const char* wanted = std::getenv("TP_PROPERTY_HISTORIES");
  return wanted == nullptr ? 100 : std::atoi(wanted);
}

/// A version that must stay.
struct Guard {
  Bytes data;
  RetentionMode retention = RetentionMode::kNone;
  bool legal_hold = false;
  bool bypassable() const { return !legal_hold && retention != RetentionMode::kCompliance; }
};
using Named = std::pair<std::string, std::string>;  // key and version

class History {
 public:
  explicit History(uint64_t seed) : rng_(seed) {
    EXPECT_TRUE(memory_.open());
    plane::CreateVolumeOptions options;
    options.object_lock = true;
    EXPECT_TRUE(run(plane().create_volume(operator_caller(), "vol", options)));
  }

  void go() {
    for (int step = 0; step < kStepsPerHistory && !testing::Test::HasFailure(); ++step) {
      one_step();
      compare();
      if (rng_.below(25) == 0) {
        tell("crash");
        memory_.crash(rng_.next());
        ASSERT_TRUE(memory_.open());
        compare();
      }
    }
  }
  const std::string& story() const { return story_; }

 private:
  plane::PlaneImpl& plane() { return memory_.plane(); }
  plane::Files& files() { return plane().files(); }
  template <class T>
  Result<T> run(Task<T> task) {
    return memory_.run(std::move(task), 0);
  }
  rt::Nanos soon() { return memory_.runtime().clock().wall_now() + kDay; }
  void tell(const std::string& text) { story_ += text + "\n"; }
  std::string any_key() {
    static const std::string kKeys[] = {"a", "b", "d/a", "d/b", "d/e/f", "x/a"};
    return kKeys[rng_.below(std::size(kKeys))];
  }
  std::string any_directory() { return rng_.below(2) == 0 ? "d" : "x"; }
  static plane::FileCaller super_user() {
    plane::FileCaller caller;
    caller.super_user = true;
    return caller;
  }

  void one_step() {
    switch (rng_.below(12)) {
      case 0: case 1: case 2: return put();
      case 3: return lock();
      case 4: return remove();
      case 5: case 6: return remove_version();
      case 7: return other_change_over_s3();
      case 8: case 9: return change_by_files();
      case 10: return lifecycle();
      default: return time_travel();
    }
  }

  std::vector<plane::ListedVersion> versions() {
    plane::VersionQuery query;
    auto page = run(plane().list_versions(operator_caller(), "vol", query));
    EXPECT_TRUE(page) << page.error().to_string();
    return page ? std::move(page->versions) : std::vector<plane::ListedVersion>();
  }
  std::optional<Named> any_version() {
    const auto all = versions();
    if (all.empty()) return std::nullopt;
    const auto& one = all[rng_.below(all.size())];
    return Named(one.object.key, one.version);
  }
  plane::ObjectRef ref(const Named& named) { return {"vol", named.first, named.second}; }

  /// What the version's record says of locks is from now on what must hold.
  void look_again(const Named& named) {
    const auto info = run(plane().stat(operator_caller(), ref(named), plane::Action::kGetObject));
    guards_.erase(named);
    if (!info) return;
    const meta::InodeRecord& record = (*info)->record;
    if (record.retention == RetentionMode::kNone && !record.legal_hold) return;
    const auto data = run(get_object(&plane(), ref(named)));
    ASSERT_TRUE(data) << data.error().to_string();
    guards_[named] = {*data, record.retention, record.legal_hold};
  }

  void put() {
    plane::WriteOptions options;
    const uint64_t kind = rng_.below(5);
    if (kind == 1 || kind == 2) {
      options.attributes.retention = kind == 1 ? RetentionMode::kGovernance : RetentionMode::kCompliance;
      options.attributes.retain_until = soon();
    }
    options.attributes.legal_hold = kind == 3;
    const std::string key = any_key();
    const Bytes data = make_data(rng_.next(), rng_.below(8) == 0 ? 70'000 : 1 + rng_.below(100));
    const auto result = run(put_object(&plane(), {"vol", key}, data, options));
    ASSERT_TRUE(result) << result.error().to_string();
    tell("put " + key + " " + std::to_string(kind) + " -> " + result->version);
    look_again({key, result->version});
  }

  void lock() {
    const auto named = any_version();
    if (!named) return;
    const bool bypass = rng_.below(2) == 0;
    const uint64_t kind = rng_.below(5);
    tell("lock " + named->first + " " + named->second + " " + std::to_string(kind) + (bypass ? " bypass" : ""));
    const auto guard = guards_.find(*named);
    const auto retain = [&](RetentionMode mode, rt::Nanos until) {
      return run(plane().set_retention(operator_caller(), ref(*named), mode, until, bypass));
    };
    Result<void> done = ok;
    bool loosens = false;
    if (kind == 0) done = run(plane().set_legal_hold(operator_caller(), ref(*named), true));
    if (kind == 1) done = run(plane().set_legal_hold(operator_caller(), ref(*named), false));
    if (kind == 2) done = retain(RetentionMode::kGovernance, soon() + kDay);
    if (kind == 3) done = retain(RetentionMode::kCompliance, soon() + kDay);
    if (kind == 4) done = retain(RetentionMode::kNone, 0);
    if (guard != guards_.end()) {
      const RetentionMode mode = guard->second.retention;
      loosens = (kind == 4 && mode != RetentionMode::kNone) || (kind == 2 && mode == RetentionMode::kCompliance) ||
                (kind == 3 && mode == RetentionMode::kGovernance);
      if (loosens && (!bypass || mode == RetentionMode::kCompliance)) EXPECT_FALSE(done) << "retention was loosened";
    }
    if (done) look_again(*named);
  }

  void remove() {
    const std::string key = any_key();
    tell("remove " + key);
    ASSERT_TRUE(run(plane().remove(operator_caller(), {"vol", key}, {})));
  }

  void remove_version() {
    const auto named = any_version();
    if (!named) return;
    plane::WriteConditions conditions;
    conditions.bypass_governance = rng_.below(2) == 0;
    tell("remove " + named->first + " " + named->second + (conditions.bypass_governance ? " bypass" : ""));
    const auto guard = guards_.find(*named);
    const bool may = guard == guards_.end() || (conditions.bypass_governance && guard->second.bypassable());
    const auto removed = run(plane().remove(operator_caller(), ref(*named), conditions));
    EXPECT_EQ(removed.has_value(), may) << (removed ? "it went" : removed.error().to_string());
    if (removed) guards_.erase(*named);
  }

  // Whatever these do, or refuse: the guards tell.
  void other_change_over_s3() {
    const std::string from = any_key(), to = any_key();
    const uint64_t kind = rng_.below(6);
    tell("change " + std::to_string(kind) + " " + from + " " + to);
    plane::VolumeChange change;
    plane::WriteOptions append;
    append.append_offset = 1 + rng_.below(100);
    switch (kind) {
      case 0: (void)run(plane().rename(operator_caller(), "vol", from, to, {}, {})); break;
      case 1: (void)run(plane().rename(operator_caller(), "vol", any_directory() + "/", "y/", {}, {})); break;
      case 2: (void)run(plane().copy(operator_caller(), {"vol", from}, {"vol", to}, {})); break;
      case 3: (void)run(put_object(&plane(), {"vol", from}, "more", append)); break;
      case 4:
        change.versioning = meta::Versioning::kSuspended;
        EXPECT_FALSE(run(plane().set_volume(operator_caller(), "vol", change)));
        break;
      default: (void)run(plane().set_tags(operator_caller(), {"vol", from}, {{"k", "v"}}));
    }
    if (!guards_.empty()) EXPECT_FALSE(run(plane().delete_volume(operator_caller(), "vol")));
  }

  struct Place {
    plane::FileId directory;
    Bytes name;
  };
  std::optional<Place> place_of(const std::string& key) {
    Place place{*files().root("vol"), {}};
    size_t begin = 0;
    for (size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', begin)) {
      const auto below = run(files().lookup(super_user(), place.directory, key.substr(begin, slash - begin)));
      if (!below) return std::nullopt;
      place.directory = below->file;
      begin = slash + 1;
    }
    place.name = key.substr(begin);
    return place;
  }

  void change_by_files() {
    const std::string from = any_key(), to = any_key();
    const uint64_t kind = rng_.below(9);
    tell("file " + std::to_string(kind) + " " + from + " " + to);
    const auto at = place_of(from);
    const auto target = place_of(to);
    if (kind == 0) {
      const auto root = *files().root("vol");
      (void)run(files().rename(super_user(), root, any_directory(), root, "y"));
      return;
    }
    if (!at || !target) return;
    if (kind == 1) return (void)run(files().remove(super_user(), at->directory, at->name));
    if (kind == 2) {
      return (void)run(files().rename(super_user(), at->directory, at->name, target->directory, target->name));
    }
    const auto found = run(files().lookup(super_user(), at->directory, at->name));
    if (!found) return (void)run(files().create(super_user(), at->directory, at->name, {}));
    change_file(kind, found->file, *target);
  }

  void change_file(uint64_t kind, plane::FileId file, const Place& target) {
    const auto check = plane::AccessCheck::kByMode;
    static const Bytes kBytes = "written";
    plane::SetAttributes set;
    switch (kind) {
      case 3: case 4: {
        const auto stability = kind == 3 ? plane::Stability::kUnstable : plane::Stability::kFileSync;
        (void)run(files().write(super_user(), file, rng_.below(50), {kBytes, nullptr}, stability, check));
        break;
      }
      case 5: set.size_bytes = rng_.below(20); break;
      case 6: set.mode = 0444; break;
      case 7: (void)run(files().link(super_user(), file, target.directory, target.name)); break;
      default: (void)run(files().deallocate(super_user(), file, 0, 10, check));
    }
    if (!set.empty()) (void)run(files().set_attributes(super_user(), file, set, std::nullopt, check));
  }

  void lifecycle() {
    plane::Upkeep& upkeep = plane().upkeep();
    const VolumeId volume = plane().volume("vol").value()->id;
    const std::string key = any_key();
    tell("lifecycle " + key);
    const auto all = run(upkeep.versions(volume, key));
    ASSERT_TRUE(all);
    for (const plane::UpkeepObject& one : *all) {
      if (one.current && one.inode) (void)run(upkeep.expire(volume, key, one.inode));
      else (void)run(upkeep.expire_version(volume, key, one.version));
    }
  }

  void time_travel() {
    const std::string name = "s" + std::to_string(rng_.below(2));
    const uint64_t kind = rng_.below(3);
    tell("snapshot " + std::to_string(kind) + " " + name);
    if (kind == 0) (void)run(plane().snapshots().create(operator_caller(), {"vol"}, name, ""));
    if (kind == 1) {
      (void)run(plane().snapshots().restore(operator_caller(), "vol", name, "", std::nullopt));
      // What comes back is a new version with the locks it had.
      for (const auto& one : versions()) {
        const Named named(one.object.key, one.version);
        if (!one.delete_marker && !guards_.contains(named)) look_again(named);
      }
    }
    if (kind == 2) (void)run(plane().snapshots().remove(operator_caller(), "vol", name));
  }

  void compare() {
    for (const auto& [named, guard] : guards_) {
      const auto info = run(plane().stat(operator_caller(), ref(named), plane::Action::kGetObject));
      ASSERT_TRUE(info) << named.first << " " << named.second << ": " << info.error().to_string();
      EXPECT_EQ((*info)->record.retention, guard.retention) << named.first;
      EXPECT_EQ((*info)->record.legal_hold, guard.legal_hold) << named.first;
      const auto data = run(get_object(&plane(), ref(named)));
      ASSERT_TRUE(data) << data.error().to_string();
      EXPECT_TRUE(*data == guard.data) << named.first << " " << named.second << " has other bytes";
    }
  }

  MemoryPlane memory_;
  rt::Rng rng_;
  std::map<Named, Guard> guards_;
  std::string story_;
};

TEST(Locks, HoldWhateverHappens) {
  const char* wanted = std::getenv("TP_SEED");
  const uint64_t first = wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
  const uint64_t count = wanted == nullptr ? static_cast<uint64_t>(histories()) : 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    History history(seed);
    history.go();
    if (HasFailure()) FAIL() << "TP_SEED=" << seed << "\n" << history.story();
  }
}

}  // namespace
}  // namespace tp::test
