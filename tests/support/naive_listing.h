// What a listing has to say, worked out from a sorted set of keys in the plainest way: the reference for tests.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plane/object_types.h"

namespace tp::test {

struct NaivePage {
  std::vector<std::string> keys;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;
  bool last_is_prefix = false;
};

/// The common prefix that `key` belongs to; empty if to none.
inline std::string group_of(const std::string& key, const std::string& prefix, const std::string& delimiter) {
  if (delimiter.empty()) return {};
  const size_t found = key.find(delimiter, prefix.size());
  return found == std::string::npos ? std::string() : key.substr(0, found + delimiter.size());
}

template <class Keys>  // sorted strings
NaivePage naive_list(const Keys& keys, const plane::ListQuery& query) {
  NaivePage page;
  if (query.max_entries == 0) return page;
  for (const std::string& key : keys) {
    if (!key.starts_with(query.prefix)) continue;
    if (!query.after.empty() && key <= query.after) continue;
    if (query.after_is_prefix && !query.after.empty() && key.starts_with(query.after)) continue;
    const std::string group = group_of(key, query.prefix, query.delimiter);
    if (!group.empty() && !page.common_prefixes.empty() && page.common_prefixes.back() == group) continue;
    if (page.keys.size() + page.common_prefixes.size() == query.max_entries) {
      page.truncated = true;
      break;
    }
    if (group.empty()) {
      page.keys.push_back(key);
    } else {
      page.common_prefixes.push_back(group);
    }
    page.last = group.empty() ? key : group;
    page.last_is_prefix = !group.empty();
  }
  return page;
}

/// Where the two differ, in words; empty if nowhere.
inline std::string difference(const NaivePage& expected, const plane::ListPage& page) {
  std::vector<std::string> keys;
  for (const plane::ListedObject& object : page.objects) keys.push_back(object.key);
  if (keys != expected.keys) {
    return "keys: " + std::to_string(keys.size()) + " given, " + std::to_string(expected.keys.size()) + " expected";
  }
  if (page.common_prefixes != expected.common_prefixes) return "common prefixes";
  if (page.truncated != expected.truncated) return page.truncated ? "truncated" : "not truncated";
  if (page.last != expected.last || page.last_is_prefix != expected.last_is_prefix) return "last";
  return {};
}

}  // namespace tp::test
