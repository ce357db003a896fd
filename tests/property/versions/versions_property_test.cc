#include <gtest/gtest.h>

#include <cstdlib>

#include "property/versions/version_model.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {
namespace {

using meta::Versioning;

constexpr int kStepsPerHistory = 50;
constexpr size_t kMaxSnapshots = 4;

/// 300 histories, or as many as TP_PROPERTY_HISTORIES says.
int histories() {
  const char* wanted = std::getenv("TP_PROPERTY_HISTORIES");
  return wanted == nullptr ? 300 : std::atoi(wanted);
}

class History {
 public:
  explicit History(uint64_t seed) : rng_(seed) {
    EXPECT_TRUE(memory_.open());
    EXPECT_TRUE(run(plane().create_volume(operator_caller(), "vol", {})));
  }

  void go() {
    for (int step = 0; step < kStepsPerHistory && !testing::Test::HasFailure(); ++step) {
      one_step();
      if (rng_.below(4) == 0) compare();
      if (rng_.below(40) == 0) {
        memory_.crash(rng_.next());
        ASSERT_TRUE(memory_.open());
      }
    }
    compare();
  }
  const std::string& story() const { return story_; }

 private:
  plane::PlaneImpl& plane() { return memory_.plane(); }
  template <class T>
  Result<T> run(Task<T> task) {
    return memory_.run(std::move(task), 0);
  }
  std::string any_key() {
    static const std::string kKeys[] = {"a", "a/b", "a/c", "b", "d/e/f", std::string("z\0", 2)};
    return kKeys[rng_.below(std::size(kKeys))];
  }
  /// Of a file in the root directory.
  std::string any_name() { return rng_.below(2) == 0 ? "b" : "n"; }
  plane::FileId root() { return *plane().files().root("vol"); }
  static plane::FileCaller super_user() {
    plane::FileCaller caller;
    caller.super_user = true;
    return caller;
  }
  void tell(const std::string& text) { story_ += text + "\n"; }

  void one_step() {
    switch (rng_.below(14)) {
      case 0:
        return set_versioning();
      case 1:
      case 2:
      case 3:
        return put(any_key());
      case 4:
      case 5:
        return remove(any_key());
      case 6:
        return remove_version(any_key());
      case 7:
        return copy(any_key(), any_key());
      case 8:
        return remove_file(any_name());
      case 9:
        return rename_file(any_name(), any_name());
      case 10:
        return rng_.below(3) == 0 ? remove_snapshot() : take_snapshot();
      default:
        return rename(any_key(), any_key());
    }
  }

  void set_versioning() {
    model_.versioning = rng_.below(3) == 0 ? Versioning::kSuspended : Versioning::kEnabled;
    tell(model_.versioning == Versioning::kEnabled ? "enable" : "suspend");
    plane::VolumeChange change;
    change.versioning = model_.versioning;
    ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  }

  void put(const std::string& key) {
    // Small data, and now and then a blob.
    Bytes data = make_data(rng_.next(), rng_.below(10) == 0 ? 70'000 + rng_.below(1000) : rng_.below(100));
    tell("put " + key + " " + std::to_string(data.size()));
    const auto result = run(put_object(&plane(), {"vol", key}, data));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->version.empty(), model_.versioning == Versioning::kOff);
    model_.put(key, {result->version, false, std::move(data)});
  }

  void remove(const std::string& key) {
    tell("remove " + key);
    const auto result = run(plane().remove(operator_caller(), {"vol", key}, {}));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->existed, model_.current(key) != nullptr);
    EXPECT_EQ(result->delete_marker, model_.versioning != Versioning::kOff);
    model_.remove(key, result->version);
  }

  const ModelVersion* any_version(const std::string& key) {
    const auto found = model_.keys().find(key);
    if (found == model_.keys().end()) return nullptr;
    return &found->second[rng_.below(found->second.size())];
  }

  void remove_version(const std::string& key) {
    const ModelVersion* version = any_version(key);
    if (version == nullptr) return;
    const std::string id = version->id;
    tell("remove " + key + " " + id);
    const auto result = run(plane().remove(operator_caller(), {"vol", key, id}, {}));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_TRUE(result->existed);
    EXPECT_EQ(result->delete_marker, version->marker);
    model_.remove_version(key, id);
  }

  void copy(const std::string& from, const std::string& to) {
    const ModelVersion* version = any_version(from);
    if (version == nullptr || version->marker) return;
    tell("copy " + from + " " + version->id + " to " + to);
    plane::CopyOptions options;
    options.replace_metadata = true;  // onto itself it must change something
    const auto result =
        run(plane().copy(operator_caller(), {"vol", from, version->id}, {"vol", to}, std::move(options)));
    ASSERT_TRUE(result) << result.error().to_string();
    model_.put(to, {result->version, false, Bytes(version->data)});
  }

  void rename(const std::string& from, const std::string& to) {
    if (model_.current(from) == nullptr) return;
    tell("rename " + from + " to " + to);
    const auto result = run(plane().rename(operator_caller(), "vol", from, to, {}, {}));
    ASSERT_TRUE(result) << result.error().to_string();
    model_.rename(from, to, newest_id(to), newest_id(from));
  }

  void take_snapshot() {
    if (snapshots_.size() == kMaxSnapshots) return;
    const std::string name = "s" + std::to_string(++snapshots_taken_);
    tell("snapshot " + name);
    const auto result = run(plane().snapshots().create(operator_caller(), {"vol"}, name, ""));
    ASSERT_TRUE(result) << result.error().to_string();
    std::map<std::string, Bytes>& seen = snapshots_[name];
    for (const auto& [key, versions] : model_.keys()) {
      if (!versions.front().marker) seen[key] = versions.front().data;
    }
  }

  void remove_snapshot() {
    if (snapshots_.empty()) return;
    const auto chosen = std::next(snapshots_.begin(), static_cast<ptrdiff_t>(rng_.below(snapshots_.size())));
    tell("remove snapshot " + chosen->first);
    const auto result = run(plane().snapshots().remove(operator_caller(), "vol", chosen->first));
    ASSERT_TRUE(result) << result.error().to_string();
    snapshots_.erase(chosen);
    if (rng_.below(2) == 0) ASSERT_TRUE(run(plane().janitor().free_snapshots()));
  }

  /// A snapshot shows what was current then, whatever became of it.
  void compare_snapshots() {
    for (const auto& [name, seen] : snapshots_) {
      const std::string volume = "vol@" + name;
      const auto page = run(plane().list(operator_caller(), volume, {}));
      ASSERT_TRUE(page) << page.error().to_string();
      std::vector<std::string> keys, wanted;
      for (const auto& object : page->objects) keys.push_back(object.key);
      for (const auto& [key, data] : seen) wanted.push_back(key);
      EXPECT_EQ(keys, wanted) << volume << "\n" << story_;
      for (const auto& [key, data] : seen) {
        const auto read = run(get_object(&plane(), {volume, key}, {}));
        EXPECT_TRUE(read && *read == data) << volume << " " << key << "\n" << story_;
      }
    }
  }

  /// The id that the newest version of a key is listed with; "" if there is none.
  std::string newest_id(const std::string& key) {
    plane::VersionQuery query;
    query.prefix = key;
    query.max_entries = 1;
    const auto page = run(plane().list_versions(operator_caller(), "vol", query));
    EXPECT_TRUE(page);
    const bool found = page && !page->versions.empty() && page->versions[0].object.key == key;
    return found ? page->versions[0].version : "";
  }

  void remove_file(const std::string& name) {
    if (model_.current(name) == nullptr) return;
    tell("unlink " + name);
    const auto result = run(plane().files().remove(super_user(), root(), name));
    ASSERT_TRUE(result) << result.error().to_string();
    model_.remove(name, newest_id(name));
  }

  void rename_file(const std::string& from, const std::string& to) {
    if (model_.current(from) == nullptr || from == to) return;
    tell("move " + from + " to " + to);
    const auto result = run(plane().files().rename(super_user(), root(), from, root(), to));
    ASSERT_TRUE(result) << result.error().to_string();
    model_.rename(from, to, newest_id(to), newest_id(from));
  }

  void compare() {
    compare_listing();
    compare_pages();
    compare_groups();
    compare_reads();
    compare_snapshots();
    compare_counters();
  }

  static std::string line(const std::string& key, const std::string& id, bool marker, bool latest, size_t size) {
    return key + " " + id + (marker ? " marker" : " " + std::to_string(size)) + (latest ? " latest" : "");
  }
  std::vector<std::string> expected() const {
    std::vector<std::string> lines;
    for (const auto& [key, versions] : model_.keys()) {
      bool latest = true;
      for (const ModelVersion& version : versions) {
        lines.push_back(line(key, version.id, version.marker, latest, version.data.size()));
        latest = false;
      }
    }
    return lines;
  }
  static void append(const plane::VersionPage& page, std::vector<std::string>& lines) {
    for (const plane::ListedVersion& version : page.versions) {
      const plane::ListedObject& object = version.object;
      lines.push_back(line(object.key, version.version, version.delete_marker, version.latest, object.size_bytes));
    }
  }

  void compare_listing() {
    const auto page = run(plane().list_versions(operator_caller(), "vol", {}));
    ASSERT_TRUE(page) << page.error().to_string();
    std::vector<std::string> lines;
    append(*page, lines);
    EXPECT_EQ(lines, expected()) << story_;
    const auto current = run(plane().list(operator_caller(), "vol", {}));
    ASSERT_TRUE(current);
    std::vector<std::string> keys, wanted;
    for (const auto& object : current->objects) keys.push_back(object.key);
    for (const auto& [key, versions] : model_.keys()) {
      if (!versions.front().marker) wanted.push_back(key);
    }
    EXPECT_EQ(keys, wanted) << story_;
  }

  void compare_pages() {
    plane::VersionQuery query;
    query.max_entries = static_cast<uint32_t>(1 + rng_.below(5));
    std::vector<std::string> lines;
    while (true) {
      const auto page = run(plane().list_versions(operator_caller(), "vol", query));
      ASSERT_TRUE(page) << page.error().to_string();
      append(*page, lines);
      if (!page->truncated) break;
      ASSERT_EQ(page->versions.size(), query.max_entries);
      query.key_marker = page->next_key;
      query.version_marker = page->next_version;
    }
    EXPECT_EQ(lines, expected()) << story_;
  }

  /// Under a prefix, with common prefixes, in pages: as one would do it by hand.
  void compare_groups() {
    static const std::string kPrefixes[] = {"", "a", "a/", "d/", "d/e", "x"};
    plane::VersionQuery query;
    query.prefix = kPrefixes[rng_.below(std::size(kPrefixes))];
    query.delimiter = "/";
    query.max_entries = static_cast<uint32_t>(1 + rng_.below(4));
    std::vector<std::string> wanted, given;
    for (const auto& [key, versions] : model_.keys()) {
      if (!key.starts_with(query.prefix)) continue;
      const size_t slash = key.find('/', query.prefix.size());
      const std::string group = slash == std::string::npos ? "" : key.substr(0, slash + 1);
      if (group.empty()) {
        for (const ModelVersion& version : versions) wanted.push_back(key + " " + version.id);
      } else if (wanted.empty() || wanted.back() != group) {
        wanted.push_back(group);
      }
    }
    while (true) {
      const auto page = run(plane().list_versions(operator_caller(), "vol", query));
      ASSERT_TRUE(page) << page.error().to_string();
      // Within a page the two stand apart: by their keys they are in one order.
      std::vector<std::string> both;
      auto group = page->common_prefixes.begin();
      for (const auto& version : page->versions) {
        while (group != page->common_prefixes.end() && *group < version.object.key) both.push_back(*group++);
        both.push_back(version.object.key + " " + version.version);
      }
      both.insert(both.end(), group, page->common_prefixes.end());
      ASSERT_LE(both.size(), query.max_entries);
      given.insert(given.end(), both.begin(), both.end());
      if (!page->truncated) break;
      query.key_marker = page->next_key;
      query.version_marker = page->next_version;
      query.marker_is_prefix = page->next_version.empty();
    }
    EXPECT_EQ(given, wanted) << "prefix " << query.prefix << "\n" << story_;
  }

  void compare_reads() {
    for (const auto& [key, versions] : model_.keys()) {
      for (const ModelVersion& version : versions) {
        const auto data = run(get_object(&plane(), {"vol", key, version.id}, {}));
        EXPECT_EQ(data.has_value(), !version.marker) << key << " " << version.id << "\n" << story_;
        if (data) EXPECT_TRUE(*data == version.data) << key << " " << version.id << "\n" << story_;
      }
      const auto latest = run(get_object(&plane(), {"vol", key}, {}));
      EXPECT_EQ(latest.has_value(), !versions.front().marker) << key << "\n" << story_;
      if (latest) EXPECT_TRUE(*latest == versions.front().data) << key << "\n" << story_;
    }
  }

  void compare_counters() {
    uint64_t objects = 0, bytes = 0;
    for (const auto& [key, versions] : model_.keys()) {
      if (!versions.front().marker) ++objects;
      for (const ModelVersion& version : versions) bytes += version.data.size();
    }
    const auto counted = run(plane().counters("vol"));
    ASSERT_TRUE(counted);
    EXPECT_EQ(counted->objects, objects) << story_;
    EXPECT_EQ(counted->bytes, bytes) << story_;
    plane::CheckOptions options;
    options.read_data = true;
    const auto report = run(plane().check(std::move(options)));
    ASSERT_TRUE(report);
    for (const auto& finding : report->findings) {
      ADD_FAILURE() << finding.kind << " " << finding.where << ": " << finding.detail << "\n" << story_;
    }
  }

  MemoryPlane memory_;
  rt::Rng rng_;
  VersionModel model_;
  std::map<std::string, std::map<std::string, Bytes>> snapshots_;  // name -> key -> what was current
  int snapshots_taken_ = 0;
  std::string story_;
};

TEST(VersionProperties, RandomHistoriesShowWhatAPlainModelShows) {
  for (int seed = 1; seed <= histories() && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history(static_cast<uint64_t>(seed));
    history.go();
  }
}

}  // namespace
}  // namespace tp::test
