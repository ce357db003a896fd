// EntryView: the entries of a cache volume under names, in the order of names, for read-only listings. Entries of the
// volume's own identity and its owner (of everybody, if the volume is shared) are shown by their keys; all others, and
// keys that begin with '~', as ~IDENTITY/TENANT/KEY (docs/cache.md, the view). The index has no order: a page is the
// smallest names of one walk through it, and a run of those after them is kept for whoever reads on. Any loop.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "cache/cache_volume.h"
#include "plane/entries/entry_source.h"
#include "rt/env/clock.h"

namespace tp::server {

/// A volume as it is looked at: its engine, and who is at home in it.
struct ViewedVolume {
  VolumeId id;
  std::shared_ptr<cache::CacheVolume> engine;
  std::string home_identity, home_tenant;
};

/// A space, and what its keys are shown with.
struct ViewedSpace {
  cache::Space* space = nullptr;
  std::string prefix;       // "~IDENTITY/TENANT/"
  bool home = false;        // keys that do not begin with '~' are shown as they are
};
/// Of an identity's text: 16 hexadecimal digits.
std::string identity_digits(std::string_view identity);
std::vector<ViewedSpace> viewed_spaces(const ViewedVolume& volume);

class EntryView {
 public:
  static constexpr uint32_t kMaxEntries = 10'000;

  Task<plane::SourcePage> list(ViewedVolume volume, plane::ListQuery query);
  Task<bool> any(ViewedVolume volume, Bytes prefix);
  Task<plane::SourceEntry> find(ViewedVolume volume, Bytes name);
  Task<plane::Payload> read(ViewedVolume volume, plane::SourceEntry entry);

 private:
  struct Item {
    Bytes name;
    bool prefix = false;
    friend bool operator<(const Item& a, const Item& b) { return a.name < b.name; }
  };
  /// Names in order, of one walk.
  struct Run {
    VolumeId volume;
    std::string query_prefix, delimiter;
    std::vector<Item> items;
    bool truncated = false;       // the walk met names after these
    rt::Nanos made_at = 0;
  };
  using RunPtr = std::shared_ptr<const Run>;
  static constexpr size_t kMaxRunItems = 16'384, kMaxRunBytes = 1 << 20, kMaxRuns = 32;
  static constexpr rt::Nanos kRunLife = 30 * rt::kSecond;

  Task<RunPtr> walk(ViewedVolume volume, plane::ListQuery query);
  /// A kept run that has the name, and where it goes on after it.
  RunPtr find_run(const ViewedVolume& volume, const plane::ListQuery& query, size_t* next) const;
  void keep(RunPtr run);

  mutable std::mutex mutex_;
  std::deque<RunPtr> runs_;  // the oldest first
};

}  // namespace tp::server
