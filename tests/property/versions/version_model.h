// VersionModel: what a volume with versions must show, kept as plain lists: of each key its versions, newest first.
// Written from S3's words and not from our code.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "base/bytes.h"
#include "meta/volume_record.h"

namespace tp::test {

struct ModelVersion {
  std::string id;  // "null" or what the plane told
  bool marker = false;
  Bytes data;
};

class VersionModel {
 public:
  using Keys = std::map<std::string, std::deque<ModelVersion>>;

  meta::Versioning versioning = meta::Versioning::kOff;

  const Keys& keys() const { return keys_; }
  const ModelVersion* current(const std::string& key) const {
    const auto found = keys_.find(key);
    if (found == keys_.end() || found->second.front().marker) return nullptr;
    return &found->second.front();
  }

  /// `id`: what the plane told; "" where nothing is kept.
  void put(const std::string& key, ModelVersion version) {
    make_way(key);
    if (versioning != meta::Versioning::kEnabled) version.id = "null";
    keys_[key].push_front(std::move(version));
  }
  void remove(const std::string& key, const std::string& marker_id) {
    make_way(key);
    if (versioning != meta::Versioning::kOff) keys_[key].push_front({marker_id, true, {}});
    tidy(key);
  }
  void remove_version(const std::string& key, const std::string& id) {
    std::erase_if(keys_[key], [&id](const ModelVersion& version) { return version.id == id; });
    tidy(key);
  }
  /// `to_id`, `marker_id`: what the plane shows afterwards.
  void rename(const std::string& from, const std::string& to, const std::string& to_id, const std::string& marker_id) {
    if (from == to) return;
    ModelVersion moved = keys_[from].front();
    keys_[from].pop_front();
    moved.id = to_id;
    put(to, std::move(moved));
    if (!keys_[from].empty() && !keys_[from].front().marker) {
      std::deque<ModelVersion>& left = keys_[from];
      if (marker_id == "null") std::erase_if(left, [](const ModelVersion& version) { return version.id == "null"; });
      left.push_front({marker_id, true, {}});
    }
    tidy(from);
  }

 private:
  /// What a change without a version takes away.
  void make_way(const std::string& key) {
    if (versioning == meta::Versioning::kEnabled) return;
    std::erase_if(keys_[key], [](const ModelVersion& version) { return version.id == "null"; });
  }
  void tidy(const std::string& key) {
    if (keys_[key].empty()) keys_.erase(key);
  }

  Keys keys_;
};

}  // namespace tp::test
