// SnapshotsFixture: the volume "vol" with snapshots asked for in one line each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "unit/plane/content/content_fixture.h"

namespace tp::test {

using Model = std::map<std::string, Bytes>;  // key -> bytes

class SnapshotsFixture : public ContentFixture {
 protected:
  using ContentFixture::ContentFixture;
  using ContentFixture::put;

  plane::Snapshots& snapshots() { return plane().snapshots(); }
  Result<std::vector<plane::SnapshotInfo>> take(const std::string& name, const std::string& volume = "vol") {
    return run(snapshots().create(operator_caller(), {volume}, name));
  }
  Result<void> drop(const std::string& name, const std::string& volume = "vol") {
    return run(snapshots().remove(operator_caller(), volume, name));
  }
  Result<void> free() { return run(plane().janitor().free_snapshots()); }
  std::vector<std::string> listed(const std::string& volume = "vol") {
    std::vector<std::string> found;
    auto infos = run(snapshots().list(operator_caller(), volume));
    EXPECT_TRUE(infos);
    if (infos) {
      for (const auto& info : *infos) found.push_back(info.record.name);
    }
    return found;
  }
  Result<plane::VolumePtr> clone(const std::string& snapshot, const std::string& name,
                                 const std::string& volume = "vol") {
    return run(snapshots().clone(operator_caller(), volume, snapshot, name));
  }
  Result<plane::RestoreReport> restore(const std::string& snapshot, const std::string& path,
                                       std::optional<std::string> target = std::nullopt,
                                       const std::string& volume = "vol") {
    return run(snapshots().restore(operator_caller(), volume, snapshot, path, std::move(target)));
  }
  /// All pages of so many.
  std::vector<plane::Difference> differences(const std::string& from, const std::string& to = "",
                                             uint32_t page_size = 3, const std::string& volume = "vol") {
    std::vector<plane::Difference> all;
    std::string after;
    do {
      auto page = run(snapshots().diff(operator_caller(), volume, from, to, after, page_size));
      EXPECT_TRUE(page) << page.error().to_string();
      if (!page) break;
      for (auto& difference : page->differences) all.push_back(std::move(difference));
      after = page->next;
    } while (!after.empty());
    return all;
  }
  /// "+ key", "- key", "M key", "R key new_key", sorted.
  std::vector<std::string> diff(const std::string& from, const std::string& to = "", uint32_t page_size = 3) {
    std::vector<std::string> lines;
    for (const auto& each : differences(from, to, page_size)) {
      const char mark = "?+-MR"[static_cast<size_t>(each.kind)];
      lines.push_back(std::string(1, mark) + " " + each.key + (mark == 'R' ? " " + each.new_key : ""));
    }
    std::ranges::sort(lines);
    return lines;
  }

  Result<plane::PutResult> put_in(const std::string& volume, const std::string& key, Bytes data) {
    return run(put_object(&plane(), plane::ObjectRef{volume, key}, std::move(data)));
  }
  Result<Bytes> get_from(const std::string& volume, const std::string& key) {
    return run(get_object(&plane(), plane::ObjectRef{volume, key}));
  }
  Result<plane::DeleteResult> remove_from(const std::string& volume, const std::string& key) {
    return run(plane().remove(operator_caller(), plane::ObjectRef{volume, key}, {}));
  }
  /// Keys and bytes of a volume, or of "volume@snapshot".
  Model contents(const std::string& volume) {
    Model found;
    plane::ListQuery query;
    query.max_entries = 1000;
    auto page = run(plane().list(operator_caller(), volume, query));
    EXPECT_TRUE(page) << page.error().to_string();
    if (!page) return found;
    EXPECT_FALSE(page->truncated);
    for (const auto& object : page->objects) {
      auto bytes = get_from(volume, object.key);
      EXPECT_TRUE(bytes) << object.key << ": " << bytes.error().to_string();
      if (bytes) found[object.key] = std::move(*bytes);
    }
    return found;
  }
};

}  // namespace tp::test
