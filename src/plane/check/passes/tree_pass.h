// TreePass: walks every volume from its root: each name leads to an inode that knows it, each directory counts its
// children right, each volume counts its objects and bytes right.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "meta/inode_record.h"
#include "plane/check/passes/check_pass.h"
#include "plane/check/time_index.h"
#include "plane/list/tree_walker.h"

namespace tp::plane {

class TreePass final : public CheckPass {
 public:
  TreePass(meta::ReadView& view, FindingList& findings, const TimeIndex& index);
  Result<bool> step() override;
  /// Names met on the way, over all volumes; whatever else is among the names is not under any root.
  uint64_t names_met() const { return names_met_; }

 private:
  struct Directory {
    InodeId inode;
    size_t path_size;
    bool implicit;
    uint64_t live_recorded;
    uint64_t live_counted;
    uint64_t links_recorded;
    uint64_t directories = 0;  // in it
  };
  struct File {
    InodeId inode;
    InodeId parent;
    Bytes path;
  };

  Result<bool> begin_volume();
  Result<void> end_volume();
  Result<void> add_up_orphans();
  Result<void> visit();
  Result<void> visit_directory();
  void leave_directory();
  Result<void> look_up_files();
  void check_file(const File& file, const meta::InodeRecord& record);
  void compare_counter(std::string_view what, uint64_t recorded, uint64_t counted);

  meta::ReadView& view_;
  FindingList& findings_;
  const TimeIndex& index_;
  std::vector<TimeIndex::Clone> volumes_;    // plain ones have no layer
  size_t next_volume_ = 0;
  std::unique_ptr<meta::ReadView> clone_;    // of the one in hand, where it is a clone
  meta::ReadView* tree_ = nullptr;           // through which its tree is read
  meta::VolumeRecord volume_;                // the one in hand
  std::unique_ptr<TreeWalker> walker_;       // null between volumes
  std::vector<Directory> open_;              // the root first
  std::vector<File> files_;                  // not looked up yet
  uint64_t objects_ = 0, bytes_ = 0;
  uint64_t names_met_ = 0;
  /// Bytes of files that are open and have no name.
  std::optional<std::unordered_map<VolumeId, uint64_t>> orphan_bytes_;
};

}  // namespace tp::plane
