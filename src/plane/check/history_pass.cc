#include "plane/check/history_pass.h"

#include "meta/history/history_records.h"
#include "meta/keys.h"
#include "meta/versions/version_record.h"
#include "plane/core/namespace.h"
#include "plane/snapshots/freeing/free_clone.h"

namespace tp::plane {

namespace {

using kv::Space;

constexpr char kEntry = 'h', kIndex = 'e';  // what keys in Space::kHistory begin with (docs/formats/history.md)
constexpr size_t kEntryHead = 1 + sizeof(uint64_t) + 1;

std::string epoch_text(Epoch at) { return "epoch " + std::to_string(at.value); }

}  // namespace

HistoryPass::HistoryPass(meta::ReadView& view, FindingList& findings, TimeIndex& index)
    : view_(view), findings_(findings), index_(index) {}

Result<bool> HistoryPass::step() {
  if (stage_ == Stage::kSnapshots) {
    TP_TRY_VOID(read_volumes());
    TP_TRY_VOID(check_snapshots());
    make_layers();
    stage_ = Stage::kHistory;
    begin(Space::kHistory);
    return true;
  }
  for (size_t done = 0; done < kRecordsPerStep && stage_ != Stage::kDone; ++done) {
    if (records_->valid()) {
      findings_.count_record();
      TP_TRY_VOID(visit());
      records_->next();
      continue;
    }
    TP_TRY_VOID(records_->status());
    stage_ = static_cast<Stage>(static_cast<uint8_t>(stage_) + 1);
    if (stage_ == Stage::kOverlay) begin(Space::kOverlay);
    if (stage_ == Stage::kVersions) begin(Space::kVersions);
  }
  return stage_ != Stage::kDone;
}

void HistoryPass::begin(Space space) {
  records_ = view_.iterate(space, Bytes(), Bytes());
  records_->seek({});
}

Result<void> HistoryPass::visit() {
  switch (stage_) {
    case Stage::kHistory: return check_history();
    case Stage::kOverlay: check_overlay(); return ok;
    case Stage::kVersions: return check_version();
    case Stage::kSnapshots:
    case Stage::kDone: break;
  }
  return ok;
}

const meta::VolumeRecord* HistoryPass::volume_of(VolumeId id) const {
  const auto found = volumes_.find(id);
  return found == volumes_.end() ? nullptr : &found->second;
}

std::string HistoryPass::name_of(VolumeId id) const {
  const meta::VolumeRecord* volume = volume_of(id);
  return volume == nullptr ? "volume " + std::to_string(id.value) : volume->name;
}

Result<void> HistoryPass::read_volumes() {
  const auto visit = [&](BytesView, BytesView value) {
    // What does not parse, the volume pass has named.
    if (auto volume = meta::decode_volume(value)) volumes_.emplace(volume->id, *volume);
    return true;
  };
  TP_TRY_VOID(view_.scan(Space::kMeta, meta::volumes_begin(), meta::volumes_end(), visit));
  TP_TRY(index_.removed_clones, removed_clones(view_));
  return ok;
}

Result<void> HistoryPass::check_snapshots() {
  const auto visit = [&](BytesView key, BytesView value) {
    findings_.count_record();
    const auto record = meta::decode_snapshot(value);
    if (!record || meta::snapshot_key(record->volume, record->at) != key) {
      findings_.add("corrupt-snapshot", to_hex(key), record ? "the record is another's" : record.error().message);
    } else if (volume_of(record->volume) == nullptr) {
      findings_.add("orphan-snapshot", name_of(record->volume) + "@" + record->name, "its volume is not there");
    } else {
      snapshots_.emplace(record->at, *record);
    }
    return true;
  };
  TP_TRY_VOID(view_.scan(Space::kMeta, meta::snapshots_begin(), meta::snapshots_end(), visit));
  std::map<Epoch, uint32_t> clones;
  for (const auto& [id, volume] : volumes_) {
    TP_TRY_VOID(check_scope(volume));
    if (!volume.base_at) continue;
    ++clones[volume.base_at];
    const auto base = snapshots_.find(volume.base_at);
    if (base == snapshots_.end() || base->second.volume != volume.base || base->second.deleting) {
      findings_.add("missing-base", volume.name, "the snapshot that it is a clone of is not there");
    }
  }
  for (const auto& [at, record] : snapshots_) {
    if (record.clones == clones[at]) continue;
    findings_.add("wrong-clones", name_of(record.volume) + "@" + record.name,
                  "recorded " + std::to_string(record.clones) + ", has " + std::to_string(clones[at]));
  }
  return ok;
}

Result<void> HistoryPass::check_scope(const meta::VolumeRecord& volume) {
  Epoch latest, newest_marked;
  for (const auto& [at, record] : snapshots_) {
    if (record.volume != volume.id) continue;
    if (!record.deleting) {
      latest = at;
      newest_marked = Epoch();
    } else if (latest) {
      newest_marked = at;
    }
  }
  TP_TRY(const auto value, view_.get(Space::kMeta, meta::counters_key(volume.id)));
  const auto counters = value ? meta::decode_counters(*value) : Result<meta::VolumeCounters>();
  if (!value || !counters) return ok;  // the tree pass says so
  if (counters->latest != latest || counters->newest_marked != newest_marked) {
    findings_.add("wrong-scope", volume.name, "its changes keep what the newest snapshot is not the one to need");
  }
  return ok;
}

/// A clone's base is of an earlier epoch than its own snapshots: in that order the layers below are there.
void HistoryPass::make_layers() {
  std::map<Epoch, const meta::VolumeRecord*> by_base;
  std::multimap<Epoch, const meta::VolumeRecord*> ordered;
  for (const auto& [id, volume] : volumes_) {
    if (volume.base_at) ordered.emplace(volume.base_at, &volume);
  }
  std::map<VolumeId, meta::LayerPtr> layers;
  for (const auto& [at, volume] : ordered) {
    auto base = std::make_shared<meta::Layer>();
    base->volume = volume->base;
    base->at = at;
    if (const auto below = layers.find(volume->base); below != layers.end()) base->base = below->second->base;
    auto layer = std::make_shared<meta::Layer>();
    layer->volume = volume->id;
    layer->base = std::move(base);
    layers.emplace(volume->id, layer);
    index_.clones.push_back({*volume, layer});
    views_.emplace(volume->id, index_.view(layer));
  }
}

Result<void> HistoryPass::check_history() {
  const BytesView key = records_->key();
  if (!key.empty() && key[0] == kIndex) return check_index(key);
  if (key.size() > kEntryHead && key[0] == kEntry) return check_entry(key, records_->value());
  findings_.add("corrupt-key", "history", to_hex(key));
  return ok;
}

Result<void> HistoryPass::check_index(BytesView key) {
  const auto kept = meta::parse_kept_index_key(key);
  if (!kept) {
    findings_.add("corrupt-key", "history", kept.error().message);
    return ok;
  }
  const Epoch at(get_be<uint64_t>(key.data() + 1));
  const auto snapshot = snapshots_.find(at);
  if (snapshot == snapshots_.end() || snapshot->second.volume != kept->volume) {
    findings_.add("orphan-history", name_of(kept->volume) + ", " + epoch_text(at), "no snapshot keeps it");
  }
  if (kept->held()) index_.held.insert(kept->inode().value);
  const Space space = kept->held() ? Space::kInodes : kept->space;
  TP_TRY(const auto entry, view_.get(Space::kHistory, meta::history_key(kept->volume, space, kept->key, at)));
  if (!entry && !kept->held()) {
    findings_.add("wrong-history", name_of(kept->volume) + ", " + epoch_text(at), "an index names what is not kept");
  }
  return ok;
}

Result<void> HistoryPass::check_entry(BytesView key, BytesView value) {
  const VolumeId volume(get_be<uint64_t>(key.data() + 1));
  const auto space = static_cast<Space>(key[kEntryHead - 1]);
  const auto parts = meta::parse_history_key(key);
  const auto kept = meta::decode_kept(value);
  if (!parts || !kept || !meta::is_tracked(space)) {
    findings_.add("corrupt-history", name_of(volume), to_hex(key));
    return ok;
  }
  const meta::VolumeRecord* record = volume_of(volume);
  if (kept->kind == meta::KeptKind::kBase && (record == nullptr || !record->base_at)) {
    findings_.add("corrupt-history", name_of(volume) + ", " + epoch_text(parts->at), "a clone's, in no clone");
  }
  TP_TRY(const auto index, view_.get(Space::kHistory, meta::kept_index_key(parts->at, volume, space, parts->key)));
  if (!index) {
    findings_.add("wrong-history", name_of(volume) + ", " + epoch_text(parts->at), "what is kept is in no index");
  }
  return ok;
}

void HistoryPass::check_overlay() {
  const BytesView key = records_->key();
  if (key.size() < meta::kOverlayPrefixBytes + sizeof(uint64_t) || !meta::decode_overlay(records_->value())) {
    findings_.add("corrupt-overlay", "overlay", to_hex(key));
    return;
  }
  const VolumeId id(get_be<uint64_t>(key.data()));
  Epoch base_at;
  if (const meta::VolumeRecord* volume = volume_of(id); volume != nullptr) base_at = volume->base_at;
  for (const meta::VolumeRecord& removed : index_.removed_clones) {
    if (removed.id == id) base_at = removed.base_at;
  }
  if (meta::inode_of_key(key.substr(meta::kOverlayPrefixBytes)).value >= base_at.value) {
    findings_.add("orphan-overlay", name_of(id), "a record that no base has to make way for");
  }
}

Result<void> HistoryPass::check_version() {
  const BytesView key = records_->key();
  const auto parts = meta::parse_version_key(key);
  if (!parts) {
    findings_.add("corrupt-key", "versions", parts.error().message);
    return ok;
  }
  const std::string where = name_of(parts->volume) + "/" + printable(parts->object_key);
  bool known = volume_of(parts->volume) != nullptr;
  for (const meta::VolumeRecord& removed : index_.removed_clones) known |= removed.id == parts->volume;
  if (!known) findings_.add("orphan-version", where, "its volume is not there");
  if (parts->order == 0) return ok;  // names the null version among the others
  const auto version = meta::decode_version(records_->value());
  if (!version) {
    findings_.add("corrupt-version", where, version.error().message);
    return ok;
  }
  if (!version->inode) return ok;  // a delete marker
  index_.versions.insert(version->inode.value);
  const auto view = views_.find(parts->volume);
  meta::ReadView& records = view == views_.end() ? view_ : *view->second;
  TP_TRY(const auto stored, records.get(Space::kInodes, meta::inode_key(version->inode)));
  const auto inode = stored ? meta::decode_inode(*stored) : fail(Code::kNotFound, "it is not there");
  if (!inode || inode->superseded == 0 || inode->parent) {
    findings_.add("wrong-version", where, inode ? "its inode is no earlier version" : inode.error().message);
  } else {
    index_.version_bytes[parts->volume] += counted_bytes(*inode);
  }
  return ok;
}

}  // namespace tp::plane
