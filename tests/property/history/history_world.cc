#include "property/history/history_world.h"

#include <algorithm>

#include "plane/snapshots/freeing/free_clone.h"
#include "plane/snapshots/freeing/free_snapshot.h"
#include "property/executor.h"
#include "property/history/stored_references.h"
#include "support/disk_plane.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {
namespace {

constexpr size_t kMaxSnapshots = 4, kMaxVolumes = 5;

std::unique_ptr<PlaneStack> make_store(Backends backends) {
  const PlaneStackOptions options{.segment_bytes = 32 << 20};
  if (backends == Backends::kDisk) return std::make_unique<DiskPlane>(options);
  return std::make_unique<MemoryPlane>(options);
}

Task<void> make_volume(plane::Plane* plane, std::string name, bool versions) {
  plane::CreateVolumeOptions options;
  TP_CO_TRY_VOID(co_await plane->create_volume(operator_caller(), name, std::move(options)));
  if (!versions) co_return ok;
  plane::VolumeChange change;
  change.versioning = meta::Versioning::kEnabled;
  TP_CO_TRY_VOID(co_await plane->set_volume(operator_caller(), name, std::move(change)));
  co_return ok;
}

Task<std::vector<std::string>> list_keys(plane::Plane* plane, std::string volume) {
  plane::ListQuery query;
  TP_CO_TRY(const plane::ListPage page, co_await plane->list(operator_caller(), std::move(volume), std::move(query)));
  std::vector<std::string> keys;
  for (const plane::ListedObject& object : page.objects) keys.push_back(object.key);
  co_return keys;
}

}  // namespace

HistoryWorld::HistoryWorld(uint64_t seed, Backends backends) : rng_(seed), store_(make_store(backends)) {
  volumes_.reserve(kMaxVolumes);
}

Result<void> HistoryWorld::run(size_t steps) {
  TP_TRY_VOID(store_->open());
  versions_ = below(4) == 0;
  if (versions_) say("volumes keep versions");
  for (const char* name : {"one", "two"}) {
    TP_TRY_VOID(wait(make_volume(&plane(), name, versions_)));
    volumes_.push_back({name, "", "", {}, {}});
  }
  for (size_t i = 0; i < steps; ++i) {
    TP_TRY_VOID(step());
    if (below(steps) < 4) TP_TRY_VOID(compare_all());
  }
  TP_TRY_VOID(restart());
  TP_TRY_VOID(compare_all());
  TP_TRY_VOID(check());
  return remove_everything();
}

Result<void> HistoryWorld::step() {
  const uint64_t choice = below(100);
  if (choice < 12) return take_snapshot();
  if (choice < 18) return remove_snapshot();
  if (choice < 22) return make_clone();
  if (choice < 24) return remove_clone();
  if (choice < 27) return restart();
  if (choice < 33) {
    say("free a batch");
    TP_TRY_VOID(wait(plane::free_one_batch(plane().core())));
    TP_TRY_VOID(wait(plane::free_clone_batch(plane().core())));
    return ok;
  }
  if (choice < 35) {
    say("rewrite files");
    plane().core().open_files.rewrites.slack_bytes = 16 << 10;
    return wait(plane().janitor().rewrite_files());
  }
  return change();
}

bool HistoryWorld::is_base(const std::string& volume, const std::string& snapshot) const {
  return std::ranges::any_of(volumes_,
                             [&](const Volume& each) { return each.base == volume && each.base_snapshot == snapshot; });
}

std::pair<std::string, const HistoryWorld::Tree*> HistoryWorld::any_view() {
  const Volume& volume = any_volume();
  if (below(2) == 0 && !volume.snapshots.empty()) {
    const Snapshot& snapshot = volume.snapshots[below(volume.snapshots.size())];
    return {volume.name + "@" + snapshot.name, snapshot.tree.empty() ? nullptr : &snapshot.tree};
  }
  return {volume.name, volume.tree.empty() ? nullptr : &volume.tree};
}

Result<void> HistoryWorld::take_snapshot_of(Volume& volume) {
  const std::string name = "s" + std::to_string(++names_);
  say("snapshot " + volume.name + "@" + name);
  TP_TRY_VOID(wait(plane().snapshots().create(operator_caller(), {volume.name}, name)));
  volume.snapshots.push_back({name, volume.tree});
  return ok;
}

Result<void> HistoryWorld::take_snapshot() {
  Volume& volume = any_volume();
  Volume& other = any_volume();
  if (volume.snapshots.size() >= kMaxSnapshots) return ok;
  if (volume.name == other.name || other.snapshots.size() >= kMaxSnapshots) return take_snapshot_of(volume);
  const std::string name = "s" + std::to_string(++names_);
  say("snapshot of " + volume.name + " and " + other.name + " " + name);
  TP_TRY_VOID(wait(plane().snapshots().create(operator_caller(), {volume.name, other.name}, name)));
  volume.snapshots.push_back({name, volume.tree});
  other.snapshots.push_back({name, other.tree});
  return ok;
}

Result<void> HistoryWorld::remove_snapshot() {
  Volume& volume = any_volume();
  if (volume.snapshots.empty()) return ok;
  const size_t index = below(volume.snapshots.size());
  const std::string name = volume.snapshots[index].name;
  if (is_base(volume.name, name)) return ok;
  say("delete " + volume.name + "@" + name);
  TP_TRY_VOID(wait(plane().snapshots().remove(operator_caller(), volume.name, name)));
  volume.snapshots.erase(volume.snapshots.begin() + static_cast<long>(index));
  return ok;
}

Result<void> HistoryWorld::make_clone() {
  const Volume& volume = any_volume();
  if (volume.snapshots.empty() || volumes_.size() == kMaxVolumes) return ok;
  const Snapshot& snapshot = volume.snapshots[below(volume.snapshots.size())];
  const std::string name = "clone-" + std::to_string(++names_);
  say(name + " of " + volume.name + "@" + snapshot.name);
  TP_TRY_VOID(wait(plane().snapshots().clone(operator_caller(), volume.name, snapshot.name, name)));
  volumes_.push_back({name, volume.name, snapshot.name, snapshot.tree, {}});
  return ok;
}

Result<void> HistoryWorld::remove_clone() {
  const size_t index = below(volumes_.size());
  if (volumes_[index].base.empty() || !volumes_[index].snapshots.empty()) return ok;
  say("remove " + volumes_[index].name);
  TP_TRY_VOID(wait(plane().snapshots().remove_clone(operator_caller(), volumes_[index].name)));
  volumes_.erase(volumes_.begin() + static_cast<long>(index));
  return ok;
}

Result<void> HistoryWorld::restart() {
  const bool crash = below(2) == 0;
  say(crash ? "crash" : "restart");
  if (crash)
    store_->crash(rng_.next());
  else
    store_->close();
  TP_TRY_VOID(store_->open());
  return wait(plane().files().end_of_grace());
}

Result<void> HistoryWorld::compare(const std::string& volume, const Tree& tree) {
  TP_TRY(const auto keys, wait(list_keys(&plane(), volume)));
  std::vector<std::string> expected;
  for (const auto& [key, data] : tree) expected.push_back(key);
  TP_TRY_VOID(expect(keys == expected, volume + " lists other keys: " + std::to_string(keys.size()) + " for " +
                                           std::to_string(expected.size())));
  TP_TRY(const meta::VolumeCounters counters, wait(plane().counters(volume)));
  TP_TRY_VOID(expect(counters.objects == tree.size(), volume + " counts other objects"));
  for (const auto& [key, data] : tree) {
    const auto got = wait(get_object(&plane(), {volume, key}));
    TP_TRY_VOID(expect(got.has_value(), volume + "/" + key + (got ? "" : ": " + got.error().to_string())));
    TP_TRY_VOID(expect(*got == data, volume + "/" + key + " has other bytes"));
    if (below(4) == 0) TP_TRY_VOID(compare_as_file(volume, key, data));
  }
  return ok;
}

Result<void> HistoryWorld::compare_all() {
  say("compare");
  for (const Volume& volume : volumes_) {
    TP_TRY_VOID(compare(volume.name, volume.tree));
    for (const Snapshot& snapshot : volume.snapshots) {
      TP_TRY_VOID(compare(volume.name + "@" + snapshot.name, snapshot.tree));
    }
  }
  return check_stored_references(store_->meta().engine());
}

Result<void> HistoryWorld::check() {
  say("check");
  TP_TRY_VOID(store_->tidy_up());
  TP_TRY(const plane::CheckReport report, wait(plane().check({})));
  std::string text = "check finds:";
  for (const plane::CheckFinding& finding : report.findings) {
    text += "\n    " + finding.kind + " | " + finding.where + " | " + finding.detail;
  }
  return expect(report.clean(), text);
}

Result<void> HistoryWorld::remove_everything() {
  say("remove everything");
  // Clones before what they began as.
  for (size_t i = volumes_.size(); i-- > 0;) {
    Volume& volume = volumes_[i];
    for (const Snapshot& snapshot : volume.snapshots) {
      TP_TRY_VOID(wait(plane().snapshots().remove(operator_caller(), volume.name, snapshot.name)));
    }
    if (!volume.base.empty()) {
      TP_TRY_VOID(wait(plane().snapshots().remove_clone(operator_caller(), volume.name)));
      continue;
    }
    for (;;) {
      TP_TRY(const auto page, wait(plane().list_versions(operator_caller(), volume.name, {})));
      if (page.versions.empty()) break;
      for (const plane::ListedVersion& version : page.versions) {
        plane::ObjectRef object{volume.name, version.object.key, version.version};
        TP_TRY_VOID(wait(plane().remove(operator_caller(), std::move(object), {})));
      }
    }
    TP_TRY_VOID(wait(plane().delete_volume(operator_caller(), volume.name)));
  }
  TP_TRY_VOID(wait(plane().janitor().free_snapshots()));
  TP_TRY_VOID(check_stored_references(store_->meta().engine()));
  return check_nothing_stored(store_->meta().engine(), 0);
}

}  // namespace tp::test
