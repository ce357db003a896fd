// FindingList: what a check has found and how much it has looked at. Keeps the first findings up to a limit and
// counts the rest. Names things as people know them: "volume/key" for whatever a path leads to. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "meta/record_source.h"
#include "meta/volume_record.h"
#include "plane/check_report.h"

namespace tp::plane {

class FindingList {
 public:
  explicit FindingList(size_t limit) : limit_(limit) {}

  void add(std::string_view kind, std::string where, std::string detail);
  void count_record() { ++report_.totals.records; }
  CheckProgress& totals() { return report_.totals; }
  CheckReport take() { return std::move(report_); }

  /// Volumes by root, so that paths can be named.
  void know_volume(const meta::VolumeRecord& volume);
  const std::unordered_map<InodeId, meta::VolumeRecord>& volumes() const { return volumes_; }
  /// "volume/key" by following parents up, or "inode 17" where they lead nowhere.
  std::string name_of(meta::ReadView& view, InodeId inode) const;
  std::string name_of(const meta::VolumeRecord& volume, BytesView key) const;

 private:
  size_t limit_;
  CheckReport report_;
  std::unordered_map<InodeId, meta::VolumeRecord> volumes_;
};

/// Bytes that are not printable ASCII as \xHH.
std::string printable(BytesView bytes);

}  // namespace tp::plane
