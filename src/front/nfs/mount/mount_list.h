// MountList: which clients mounted what, as far as they told, for `showmount`. Bounded: the oldest go. Any thread.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace tp::nfs {

struct MountEntry {
  std::string host, path;
  friend bool operator==(const MountEntry&, const MountEntry&) = default;
};

class MountList {
 public:
  static constexpr size_t kMaxEntries = 1024;

  void add(MountEntry entry);
  void remove(const MountEntry& entry);
  void remove_host(const std::string& host);
  std::vector<MountEntry> entries() const;  // oldest first

 private:
  mutable std::mutex mutex_;
  std::deque<MountEntry> entries_;
};

}  // namespace tp::nfs
