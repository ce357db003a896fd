// InodePass: goes through inodes, names, small data and extents side by side, since all order by inode: each inode
// has a name that leads to it and the bytes it claims; nothing belongs to an inode that is not there.
#pragma once

#include <optional>
#include <unordered_set>

#include <memory>
#include <optional>
#include <vector>

#include "meta/inode_record.h"
#include "plane/check/passes/check_pass.h"
#include "plane/check/time_index.h"

namespace tp::plane {

class InodePass final : public CheckPass {
 public:
  /// `read_data`: also verify the checksums of small data.
  InodePass(meta::ReadView& view, FindingList& findings, const TimeIndex& index, bool read_data);
  Result<bool> step() override;
  uint64_t names_met() const { return names_met_; }

 private:
  /// A space whose keys start with the inode they belong to.
  struct Side {
    kv::Space space;
    std::string_view orphan_kind;
    std::unique_ptr<kv::Iterator> iterator;
    std::optional<uint64_t> orphan_owner;  // reported last, so that one owner is one finding
  };
  struct Named {
    InodeId inode;
    Bytes name_key;
    Bytes listed;  // what the name may say of a file
  };

  Result<void> check_inode(InodeId inode, BytesView value);
  /// Notes the names that the record believes in; of a file without one, that it is known as an orphan.
  Result<void> expect_names(InodeId inode, const meta::InodeRecord& record);
  Result<void> check_orphans();
  Result<bool> has_orphan(InodeId inode);
  Result<void> take_names(InodeId inode, const meta::InodeRecord& record);
  Result<void> take_small_data(InodeId inode, const meta::InodeRecord& record);
  Result<void> take_extents(InodeId inode, const meta::InodeRecord& record);
  /// Reports what lies before `inode`, then stands at it; false if nothing is there for it. nullopt: to the end.
  Result<bool> align(Side& side, std::optional<InodeId> inode);
  Result<void> look_up_names();
  /// Whether a clone has the name, in a directory that it has from its base.
  Result<bool> named_in_clone(const Named& named);
  std::string where(InodeId inode) const { return findings_.name_of(view_, inode); }

  meta::ReadView& view_;
  std::optional<std::unordered_set<uint64_t>> orphans_;  // read when the first is asked for
  FindingList& findings_;
  const TimeIndex& index_;
  const bool read_data_;
  std::unique_ptr<kv::Iterator> inodes_;
  Side names_, data_, extents_;
  std::vector<Named> named_;  // whose name records are not looked up yet
  uint64_t names_met_ = 0;
};

}  // namespace tp::plane
