#include "plane/state/volume_table.h"

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "meta/keys.h"
#include "plane/reason.h"

namespace tp::plane {

Result<VolumeEntryPtr> make_volume_entry(meta::VolumeRecord record) {
  auto entry = std::make_shared<VolumeEntry>();
  static_cast<meta::VolumeRecord&>(*entry) = std::move(record);
  if (!entry->policy.empty()) {
    auto rules = Policy::parse(entry->policy, entry->name);
    if (!rules) return fail(Code::kCorruption, "stored policy of volume " + entry->name + ": " + rules.error().message);
    entry->rules = std::move(*rules);
  }
  entry->networks = parse_ip_ranges(entry->exports.networks);
  return entry;
}

namespace {

/// Between the names of a volume and a snapshot, for clients that let no '@' pass.
constexpr std::string_view kAlias = ".snapshot.";

struct Stored {
  std::vector<meta::VolumeRecord> volumes;
  std::vector<meta::SnapshotRecord> snapshots;
};

/// Decodes all records of [begin, end) into `out`.
template <class Record>
Result<void> read_all(meta::ReadView& view, const Bytes& begin, const Bytes& end, Result<Record> (*decode)(BytesView),
                      std::vector<Record>* out) {
  Result<void> parsed = ok;
  auto visit = [&](BytesView, BytesView value) {
    auto record = decode(value);
    if (record) out->push_back(std::move(*record));
    else parsed = std::unexpected(std::move(record).error());
    return parsed.has_value();
  };
  TP_TRY_VOID(view.scan(kv::Space::kMeta, begin, end, visit));
  return parsed;
}

/// What a snapshot shows of its volume's record: it is never changed, so nothing that makes it change is left.
std::shared_ptr<VolumeEntry> snapshot_entry(const VolumeEntry& live, Epoch at, meta::LayerPtr layer) {
  auto entry = std::make_shared<VolumeEntry>(live);
  entry->id = snapshot_volume_id(at);
  entry->live = live.id;
  entry->snapshot = at;
  entry->layer = std::move(layer);
  entry->exports.read_only = true;
  entry->generation = 0;
  entry->lifecycle.clear();
  entry->snapshot_schedule.clear();
  entry->latest = entry->newest_marked = Epoch();
  return entry;
}

}  // namespace

Task<void> VolumeTable::load(meta::MetaStore& meta) {
  auto read = [](meta::ReadView& view) -> Result<Stored> {
    Stored found;
    TP_TRY_VOID(read_all(view, meta::volumes_begin(), meta::volumes_end(), meta::decode_volume, &found.volumes));
    TP_TRY_VOID(read_all(view, meta::snapshots_begin(), meta::snapshots_end(), meta::decode_snapshot,
                         &found.snapshots));
    return found;
  };
  TP_CO_TRY(Stored stored, co_await meta.read(std::move(read)));
  // A clone is put where its base's snapshot is there: snapshots of a volume that is not there yet wait for it.
  std::ranges::sort(stored.volumes, {}, &meta::VolumeRecord::base_at);
  std::unordered_multimap<uint64_t, const meta::SnapshotRecord*> snapshots;
  for (const meta::SnapshotRecord& record : stored.snapshots) snapshots.emplace(record.volume.value, &record);
  for (meta::VolumeRecord& record : stored.volumes) {
    const VolumeId id = record.id;
    if (record.base_at && !by_epoch_.contains(record.base_at.value)) {
      co_return fail(Code::kCorruption, "the snapshot that " + record.name + " is a clone of is not there");
    }
    TP_CO_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
    put(std::move(entry));
    const auto [begin, end] = snapshots.equal_range(id.value);
    for (auto at = begin; at != end; ++at) put_snapshot(*at->second);
  }
  co_return ok;
}

const VolumeTable::Kept* VolumeTable::find_kept(std::string_view name) const {
  if (const size_t at = name.find('@'); at != std::string_view::npos) {
    return find_kept(name.substr(0, at), name.substr(at + 1));
  }
  // Both names may have dots: the first way to read it that leads somewhere counts.
  for (size_t at = name.find(kAlias); at != std::string_view::npos; at = name.find(kAlias, at + 1)) {
    const Kept* kept = find_kept(name.substr(0, at), name.substr(at + kAlias.size()));
    if (kept != nullptr) return kept;
  }
  return nullptr;
}

const VolumeTable::Kept* VolumeTable::find_kept(std::string_view of, std::string_view name) const {
  const auto volume = volumes_.find(of);
  if (volume == volumes_.end()) return nullptr;
  const auto kept = kept_.find(volume->second->id.value);
  if (kept == kept_.end()) return nullptr;
  for (const auto& [epoch, snapshot] : kept->second) {
    if (!snapshot.record.deleting && snapshot.record.name == name) return &snapshot;
  }
  return nullptr;
}

const VolumeTable::Kept* VolumeTable::find_kept(VolumeId id) const {
  constexpr uint64_t kEpochBits = ~snapshot_volume_id(Epoch()).value;
  const auto volume = by_epoch_.find(id.value & kEpochBits);
  if (volume == by_epoch_.end()) return nullptr;
  const Kept& kept = kept_.at(volume->second.value).at(id.value & kEpochBits);
  return kept.record.deleting ? nullptr : &kept;
}

VolumeEntryPtr VolumeTable::entry_of(const Kept& kept) const {
  if (kept.entry == nullptr) {
    const auto live = by_id_.find(kept.record.volume.value);
    if (live != by_id_.end()) kept.entry = snapshot_entry(*live->second, kept.record.at, kept.layer);
  }
  return kept.entry;
}

Result<VolumeEntryPtr> VolumeTable::find(std::string_view name) const {
  {
    std::shared_lock lock(mutex_);
    if (auto found = volumes_.find(name); found != volumes_.end()) return found->second;
    const Kept* kept = find_kept(name);
    if (kept == nullptr) {
      const size_t at = name.find('@');
      if (at == std::string_view::npos || !volumes_.contains(name.substr(0, at))) {
        return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
      }
    } else if (kept->entry != nullptr) {
      return kept->entry;
    }
  }
  std::unique_lock lock(mutex_);
  const Kept* kept = find_kept(name);
  if (kept == nullptr) return fail(Code::kNotFound, Reason::kNoSuchSnapshot, "there is no such snapshot");
  return entry_of(*kept);
}

VolumeEntryPtr VolumeTable::find_id(VolumeId id) const {
  {
    std::shared_lock lock(mutex_);
    if (const auto found = by_id_.find(id.value); found != by_id_.end()) return found->second;
    if ((id.value & snapshot_volume_id(Epoch()).value) == 0) return nullptr;
    const Kept* kept = find_kept(id);
    if (kept == nullptr || kept->entry != nullptr) return kept == nullptr ? nullptr : kept->entry;
  }
  std::unique_lock lock(mutex_);
  const Kept* kept = find_kept(id);
  return kept == nullptr ? nullptr : entry_of(*kept);
}

void VolumeTable::put(VolumeEntryPtr volume) {
  std::unique_lock lock(mutex_);
  put_locked(std::move(volume));
}

void VolumeTable::put_locked(VolumeEntryPtr volume) {
  auto entry = std::make_shared<VolumeEntry>(*volume);
  entry->latest = entry->newest_marked = Epoch();
  entry->layer = nullptr;
  if (entry->base_at) {
    const auto base = by_epoch_.find(entry->base_at.value);
    TP_CHECK(base != by_epoch_.end());  // a snapshot stays while there are clones of it
    auto layer = std::make_shared<meta::Layer>();
    layer->volume = entry->id;
    layer->base = kept_.at(base->second.value).at(entry->base_at.value).layer;
    entry->layer = std::move(layer);
  }
  if (const auto kept = kept_.find(entry->id.value); kept != kept_.end()) {
    for (auto& [epoch, snapshot] : kept->second) {
      snapshot.entry.reset();
      if (!snapshot.record.deleting) {
        entry->latest = snapshot.record.at;
        entry->newest_marked = Epoch();
      } else if (entry->latest) {
        entry->newest_marked = snapshot.record.at;
      }
    }
  }
  if (entry->snapshot_schedule.empty()) scheduled_.erase(entry->id.value);
  else scheduled_.insert(entry->id.value);
  by_id_[entry->id.value] = entry;
  std::string name = entry->name;
  volumes_.insert_or_assign(std::move(name), std::move(entry));
}

void VolumeTable::erase(std::string_view name) {
  std::unique_lock lock(mutex_);
  if (auto found = volumes_.find(name); found != volumes_.end()) {
    scheduled_.erase(found->second->id.value);
    by_id_.erase(found->second->id.value);
    volumes_.erase(found);
  }
}

void VolumeTable::put_snapshot(const meta::SnapshotRecord& record) {
  std::unique_lock lock(mutex_);
  Kept& kept = kept_[record.volume.value][record.at.value];
  by_epoch_[record.at.value] = record.volume;
  kept.record = record;
  const auto volume = by_id_.find(record.volume.value);
  if (volume == by_id_.end()) return;
  if (kept.layer == nullptr) {
    auto layer = std::make_shared<meta::Layer>();
    layer->volume = record.volume;
    layer->at = record.at;
    if (volume->second->layer != nullptr) layer->base = volume->second->layer->base;
    kept.layer = std::move(layer);
  }
  put_locked(volume->second);
}

void VolumeTable::erase_snapshot(VolumeId volume, Epoch at) {
  std::unique_lock lock(mutex_);
  const auto kept = kept_.find(volume.value);
  if (kept == kept_.end()) return;
  by_epoch_.erase(at.value);
  kept->second.erase(at.value);
  if (kept->second.empty()) kept_.erase(kept);
  if (const auto found = by_id_.find(volume.value); found != by_id_.end()) put_locked(found->second);
}

std::vector<meta::SnapshotRecord> VolumeTable::snapshots(VolumeId volume) const {
  std::shared_lock lock(mutex_);
  std::vector<meta::SnapshotRecord> found;
  const auto kept = kept_.find(volume.value);
  if (kept == kept_.end()) return found;
  for (const auto& [epoch, snapshot] : kept->second) {
    if (!snapshot.record.deleting) found.push_back(snapshot.record);
  }
  return found;
}

std::optional<meta::SnapshotRecord> VolumeTable::snapshot(VolumeId volume, std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto kept = kept_.find(volume.value);
  if (kept == kept_.end()) return std::nullopt;
  for (const auto& [epoch, snapshot] : kept->second) {
    if (!snapshot.record.deleting && snapshot.record.name == name) return snapshot.record;
  }
  return std::nullopt;
}

std::vector<meta::SnapshotRecord> VolumeTable::marked(VolumeId of) const {
  std::shared_lock lock(mutex_);
  std::vector<meta::SnapshotRecord> found;
  for (const auto& [volume, snapshots] : kept_) {
    if (of && volume != of.value) continue;
    for (const auto& [epoch, snapshot] : snapshots) {
      if (snapshot.record.deleting) found.push_back(snapshot.record);
    }
  }
  std::ranges::sort(found, {}, &meta::SnapshotRecord::at);
  return found;
}

size_t VolumeTable::snapshot_count() const {
  std::shared_lock lock(mutex_);
  return by_epoch_.size();
}

std::vector<VolumeEntryPtr> VolumeTable::scheduled() const {
  std::shared_lock lock(mutex_);
  std::vector<VolumeEntryPtr> found;
  for (const uint64_t id : scheduled_) {
    if (const auto volume = by_id_.find(id); volume != by_id_.end()) found.push_back(volume->second);
  }
  return found;
}

void VolumeTable::walk(std::string_view after, const std::function<bool(const VolumeEntryPtr&)>& visit) const {
  std::shared_lock lock(mutex_);
  for (auto at = volumes_.upper_bound(after); at != volumes_.end(); ++at) {
    if (!visit(at->second)) return;
  }
}

size_t VolumeTable::size() const {
  std::shared_lock lock(mutex_);
  return volumes_.size();
}

}  // namespace tp::plane
