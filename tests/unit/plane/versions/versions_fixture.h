// VersionsFixture: a plane in memory whose volume keeps versions, asked in one line each.
#pragma once

#include <vector>

#include "meta/versions/version_id.h"
#include "unit/plane/tree/files_fixture.h"

namespace tp::test {

class VersionsFixture : public FilesFixture {
 protected:
  void SetUp() override {
    FilesFixture::SetUp();
    ASSERT_TRUE(set_versioning(meta::Versioning::kEnabled));
  }

  Result<plane::VolumePtr> set_versioning(meta::Versioning versioning) {
    plane::VolumeChange change;
    change.versioning = versioning;
    return run(plane().set_volume(operator_caller(), "vol", change));
  }
  plane::ObjectRef ref_of(const std::string& key, const std::string& version) { return {"vol", key, version}; }
  std::string put_version(const std::string& key, Bytes data) {
    auto result = put(key, std::move(data));
    EXPECT_TRUE(result);
    return result ? result->version : "";
  }
  Result<Bytes> get_version(const std::string& key, const std::string& version) {
    return run(get_object(&plane(), ref_of(key, version), {}));
  }
  Result<plane::DeleteResult> remove_version(const std::string& key, const std::string& version) {
    return run(plane().remove(operator_caller(), ref_of(key, version), {}));
  }
  plane::VersionPage versions(plane::VersionQuery query = {}) {
    auto page = run(plane().list_versions(operator_caller(), "vol", std::move(query)));
    EXPECT_TRUE(page);
    return page ? *page : plane::VersionPage();
  }
  /// "key:size" or "key:marker", with '*' where it is the latest.
  std::vector<std::string> shown(plane::VersionQuery query = {}) {
    std::vector<std::string> out;
    for (const plane::ListedVersion& version : versions(std::move(query)).versions) {
      out.push_back(version.object.key + ":" +
                    (version.delete_marker ? "marker" : std::to_string(version.object.size_bytes)) +
                    (version.latest ? "*" : ""));
    }
    return out;
  }
};

}  // namespace tp::test
