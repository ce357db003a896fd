// TreeExecutor: does steps of either protocol to a plane and to a ModelTree and compares what both say. A difference is
// an error whose message says what differs. Owner: a test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plane/plane.h"
#include "property/files/tree_model.h"
#include "property/files/tree_step.h"

namespace tp::test {

class TreeExecutor {
 public:
  /// The plane that steps go to from now on.
  void use(plane::Plane* plane) { plane_ = plane; }
  Task<void> apply(TreeStep step);
  /// Reads everything back through both protocols.
  Task<void> verify_all();
  /// The plane is about to go: who had files open is gone too.
  void lose_opens();
  /// After a start: what was not stable may be gone. Some of the files without a name are reclaimed, the others go.
  Task<void> after_start(uint64_t seed);
  void forget_opens() { opens_.clear(); }
  const std::string& last_step() const { return last_step_; }
  size_t object_count() { return tree_.files().size(); }

 private:
  struct Open {
    plane::FilePin pin;
    ModelFilePtr file;
  };
  using Place = std::pair<ModelDirectory*, std::string>;

  void say(std::string text) { last_step_ = std::move(text); }
  plane::Files& files() { return plane_->files(); }

  // tree_executor.cc
  std::string pick_key(rt::Rng& rng);
  std::string pick_name(rt::Rng& rng);
  ModelDirectory* pick_directory(rt::Rng& rng);
  /// Some file and a key of it; null if there is none.
  std::pair<std::string, ModelFilePtr> pick_file(rt::Rng& rng, bool regular);
  /// A name as it is shown in the directory: of some entry, or any.
  Task<std::string> pick_shown(rt::Rng* rng, ModelDirectory* at);
  /// How entries are shown.
  Task<std::map<std::string, Place>> shown(ModelDirectory* at);
  Task<plane::FileId> id_of(ModelDirectory* at);
  Task<plane::FileAttributes> look_up(ModelDirectory* at, std::string name, bool directory);
  /// Directories that S3 made may have gone with their last file.
  Task<void> settle();
  Task<void> compare(std::string key);
  Task<void> compare_as_file(ModelFilePtr file);
  Task<void> compare_entries(ModelDirectory* at, uint32_t page);
  Task<Bytes> read_file(plane::FileId id, uint64_t offset, uint32_t size);

  // tree_executor_s3.cc
  Task<void> s3_put(rt::Rng rng);
  Task<void> s3_get(rt::Rng rng);
  Task<void> s3_remove(rt::Rng rng);
  Task<void> s3_copy(rt::Rng rng);
  Task<void> s3_rename(rt::Rng rng);
  Task<void> s3_rename_prefix(rt::Rng rng);
  Task<void> s3_list(rt::Rng rng);
  Task<void> s3_multipart(rt::Rng rng);

  // tree_executor_names.cc
  Task<void> create(rt::Rng rng, TreeStepKind kind);
  Task<void> link(rt::Rng rng);
  Task<void> rename(rt::Rng rng);
  Task<void> remove(rt::Rng rng, bool directory);
  Task<void> read_directory(rt::Rng rng);
  Task<void> set_mode(rt::Rng rng);
  Task<void> open(rt::Rng rng);
  Task<void> close(rt::Rng rng);

  // tree_executor_bytes.cc
  Task<void> bytes_step(rt::Rng rng, TreeStepKind kind);
  Task<void> write(rt::Rng rng, ModelFilePtr file, bool stable);
  Task<void> commit(ModelFilePtr file);
  Task<void> truncate(rt::Rng rng, ModelFilePtr file);
  Task<void> read(rt::Rng rng, ModelFilePtr file);
  Task<void> seek(rt::Rng rng, ModelFilePtr file);
  Task<void> allocate(rt::Rng rng, ModelFilePtr file, bool hole);
  Task<void> copy_range(rt::Rng rng, ModelFilePtr source, bool clone);

  plane::Plane* plane_ = nullptr;
  ModelTree tree_;
  std::vector<Open> opens_;
  std::string last_step_;
};

}  // namespace tp::test
