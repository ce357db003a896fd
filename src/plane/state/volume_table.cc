#include "plane/state/volume_table.h"

#include <mutex>

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

Task<void> VolumeTable::load(meta::MetaStore& meta) {
  using Records = std::vector<meta::VolumeRecord>;
  TP_CO_TRY(Records records, co_await meta.read([](meta::ReadView& view) -> Result<Records> {
    Records found;
    Result<void> parsed;
    TP_TRY_VOID(
        view.scan(kv::Space::kMeta, meta::volumes_begin(), meta::volumes_end(), [&](BytesView, BytesView value) {
          auto record = meta::decode_volume(value);
          if (record)
            found.push_back(std::move(*record));
          else
            parsed = std::unexpected(std::move(record.error()));
          return parsed.has_value();
        }));
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    return found;
  }));
  for (meta::VolumeRecord& record : records) {
    TP_CO_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
    put(std::move(entry));
  }
  co_return ok;
}

Result<VolumeEntryPtr> VolumeTable::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  auto found = volumes_.find(name);
  if (found == volumes_.end()) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  return found->second;
}

VolumeEntryPtr VolumeTable::find_id(VolumeId id) const {
  std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id.value);
  return found == by_id_.end() ? nullptr : found->second;
}

void VolumeTable::put(VolumeEntryPtr volume) {
  std::unique_lock lock(mutex_);
  std::string name = volume->name;
  by_id_[volume->id.value] = volume;
  volumes_.insert_or_assign(std::move(name), std::move(volume));
}

void VolumeTable::erase(std::string_view name) {
  std::unique_lock lock(mutex_);
  if (auto found = volumes_.find(name); found != volumes_.end()) {
    by_id_.erase(found->second->id.value);
    volumes_.erase(found);
  }
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
