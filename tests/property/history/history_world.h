// HistoryWorld: one random history: a plane and, of each volume and snapshot, a plain copy of what is in it.
// Owner: a test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "property/runner.h"
#include "rt/env/rng.h"
#include "support/plane_stack.h"

namespace tp::test {

class HistoryWorld {
 public:
  HistoryWorld(uint64_t seed, Backends backends);
  /// So many steps, with everything compared now and then; then everything is removed, and nothing may be left.
  Result<void> run(size_t steps);
  const std::vector<std::string>& trace() const { return trace_; }

 private:
  using Tree = std::map<std::string, Bytes>;  // by key
  struct Snapshot {
    std::string name;
    Tree tree;
  };
  struct Volume {
    std::string name;
    std::string base, base_snapshot;  // of a clone
    Tree tree;
    std::vector<Snapshot> snapshots;
  };

  Result<void> step();
  // Changes of a volume (history_changes.cc).
  Result<void> change();
  Result<void> put(Volume& volume);
  Result<void> append(Volume& volume);
  Result<void> remove(Volume& volume);
  Result<void> remove_earlier_version(Volume& volume);
  Result<void> rename(Volume& volume);
  Result<void> rename_prefix(Volume& volume);
  Result<void> copy(Volume& volume);
  Result<void> write(Volume& volume);
  Result<void> truncate(Volume& volume);
  Result<void> remove_file(Volume& volume);
  Result<void> move_file(Volume& volume);
  Result<void> copy_range(Volume& volume);
  // Of snapshots.
  Result<void> take_snapshot();
  Result<void> take_snapshot_of(Volume& volume);
  Result<void> remove_snapshot();
  Result<void> make_clone();
  Result<void> remove_clone();
  Result<void> restart();

  Result<void> compare_all();
  Result<void> compare(const std::string& volume, const Tree& tree);
  Result<void> compare_as_file(const std::string& volume, const std::string& key, const Bytes& data);
  /// The plane's own check finds nothing.
  Result<void> check();
  Result<void> remove_everything();

  uint64_t below(uint64_t limit) { return rng_.below(limit); }
  void say(std::string what) { trace_.push_back(std::move(what)); }
  Volume& any_volume() { return volumes_[below(volumes_.size())]; }
  bool is_base(const std::string& volume, const std::string& snapshot) const;
  std::string random_key();
  /// One that is there; empty if none is.
  std::string known_key(const Tree& tree);
  Bytes random_data();
  /// A volume or a snapshot that has files, by name.
  std::pair<std::string, const Tree*> any_view();
  Result<plane::FileId> find(const std::string& volume, const std::string& key);
  Result<plane::FileId> directory_of(const std::string& volume, const std::string& key);
  plane::PlaneImpl& plane() { return store_->plane(); }
  template <class T>
  Result<T> wait(Task<T> task) {
    return store_->run(std::move(task));
  }

  rt::Rng rng_;
  const std::unique_ptr<PlaneStack> store_;
  std::vector<Volume> volumes_;
  std::vector<std::string> trace_;
  uint64_t names_ = 0;
  bool versions_ = false;  // the volumes that are no clones keep versions
};

}  // namespace tp::test
