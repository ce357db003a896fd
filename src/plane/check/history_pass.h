// HistoryPass: snapshots, what they keep, what clones have of their own, and earlier versions: every record parses and
// belongs to something, every entry of a history has its place in an epoch's index and the other way round, volumes
// know what their changes have to keep. Fills the TimeIndex, so it runs right after VolumePass.
#pragma once

#include <map>
#include <memory>

#include "meta/snapshot_record.h"
#include "plane/check/passes/check_pass.h"
#include "plane/check/time_index.h"

namespace tp::plane {

class HistoryPass final : public CheckPass {
 public:
  HistoryPass(meta::ReadView& view, FindingList& findings, TimeIndex& index);
  Result<bool> step() override;

 private:
  enum class Stage : uint8_t { kSnapshots, kHistory, kOverlay, kVersions, kDone };

  Result<void> read_volumes();
  Result<void> check_snapshots();
  Result<void> check_scope(const meta::VolumeRecord& volume);
  void make_layers();
  Result<void> visit();
  Result<void> check_history();
  Result<void> check_index(BytesView key);
  Result<void> check_entry(BytesView key, BytesView value);
  void check_overlay();
  Result<void> check_version();
  void begin(kv::Space space);
  const meta::VolumeRecord* volume_of(VolumeId id) const;
  std::string name_of(VolumeId id) const;

  meta::ReadView& view_;
  FindingList& findings_;
  TimeIndex& index_;
  Stage stage_ = Stage::kSnapshots;
  std::map<VolumeId, meta::VolumeRecord> volumes_;
  std::map<VolumeId, std::unique_ptr<meta::ReadView>> views_;  // of clones
  std::map<Epoch, meta::SnapshotRecord> snapshots_;
  std::unique_ptr<kv::Iterator> records_;
};

}  // namespace tp::plane
