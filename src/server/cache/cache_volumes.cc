#include "server/cache/cache_volumes.h"

#include <spdlog/spdlog.h>

#include <set>

#include "server/cache/settings_json.h"

namespace tp::server {

namespace {

constexpr const char* kDirectory = "cache";

plane::Caller root_caller() {
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  return root;
}

Result<cache::CacheSettings> kept_settings(const meta::VolumeRecord& volume) {
  // What was kept was whole when it was written; a profile that a later server refuses must not lose the volume.
  return read_cache_settings(volume.cache_settings, cache::CacheSettings(), false);
}

std::string directory_of(VolumeId volume) { return std::string(kDirectory) + "/" + std::to_string(volume.value); }

/// What an engine that is not open left.
Task<void> remove_files(io::FileSystem* files, std::string directory) {
  TP_CO_TRY(const auto names, co_await files->list(directory));
  for (const std::string& name : names) TP_CO_TRY_VOID(co_await files->remove(directory + "/" + name));
  co_return ok;
}

/// The files of volumes whose removal a crash came before.
Task<void> remove_strays(io::FileSystem* files, std::set<std::string> known) {
  TP_CO_TRY_VOID(co_await files->make_directory(kDirectory));
  TP_CO_TRY(const auto names, co_await files->list(kDirectory));
  for (const std::string& name : names) {
    const bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    if (!number || known.contains(name)) continue;
    const auto removed = co_await remove_files(files, std::string(kDirectory) + "/" + name);
    if (removed) continue;
    spdlog::warn("files of a removed cache volume stay id={} error=\"{}\"", name, removed.error().message);
  }
  co_return ok;
}

}  // namespace

Task<void> CacheVolumes::open(plane::Plane& plane) {
  plane_ = &plane;
  cache::TokenCache::Options options;
  options.runtime = &runtime_;
  options.files = &files_;
  options.directory = kDirectory;
  TP_CO_TRY(cache_, co_await cache::TokenCache::open(std::move(options)));
  TP_CO_TRY(const auto page, plane.list_volumes(root_caller(), "", "", UINT32_MAX));
  std::vector<plane::VolumePtr> volumes;
  std::set<std::string> known;
  for (const auto& listed : page.volumes) {
    auto volume = plane.volume(listed.name);
    if (!volume || (*volume)->kind != meta::VolumeKind::kCache) continue;
    known.insert(std::to_string((*volume)->id.value));
    volumes.push_back(std::move(*volume));
  }
  TP_CO_TRY_VOID(co_await remove_strays(&files_, std::move(known)));
  for (const auto& volume : volumes) {
    const rt::Nanos began = runtime_.clock().now();
    const auto opened = co_await open_engine(volume);
    if (!opened) {
      spdlog::error("cache volume not opened volume={} error=\"{}\"", volume->name, opened.error().message);
      continue;
    }
    spdlog::info("cache volume opened volume={} entries={} ms={}", volume->name,
                 cache_->find(volume->name)->stats().entries, (runtime_.clock().now() - began) / rt::kMillisecond);
  }
  co_return ok;
}

Task<void> CacheVolumes::close() {
  if (cache_ == nullptr) co_return ok;
  co_return co_await cache_->close();
}

Task<void> CacheVolumes::open_engine(plane::VolumePtr volume) {
  auto settings = kept_settings(*volume);
  Result<std::shared_ptr<cache::CacheVolume>> opened = fail(Code::kUnavailable, "");
  if (settings) {
    opened = co_await cache_->open_volume(volume->id, volume->name, std::move(*settings));
  } else {
    opened = std::unexpected(std::move(settings).error());
  }
  {
    const std::lock_guard lock(mutex_);
    troubles_.erase(volume->name);
    if (!opened) troubles_[volume->name] = opened.error().message;
  }
  generation_.fetch_add(1);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  co_return ok;
}

Result<std::string> CacheVolumes::settings(const std::string& wanted, const std::string& present) const {
  const bool made = !present.empty();
  cache::CacheSettings base = default_cache_settings();
  if (made) {
    TP_TRY(base, read_cache_settings(present, cache::CacheSettings(), false));
  }
  TP_TRY(const auto settings, read_cache_settings(wanted, base, made));
  return cache_settings_json(settings);
}

Task<void> CacheVolumes::created(plane::VolumePtr volume) { return open_engine(std::move(volume)); }

Task<void> CacheVolumes::changed(plane::VolumePtr volume) {
  generation_.fetch_add(1);
  const auto engine = cache_->find(volume->name);
  // Perhaps it was the settings that kept it from opening.
  if (engine == nullptr) co_return co_await open_engine(std::move(volume));
  TP_CO_TRY(const auto settings, kept_settings(*volume));
  co_return engine->configure(settings);
}

Task<void> CacheVolumes::removed(plane::VolumePtr volume) {
  {
    const std::lock_guard lock(mutex_);
    troubles_.erase(volume->name);
  }
  generation_.fetch_add(1);
  auto gone = co_await cache_->remove_volume(volume->id);
  if (gone || gone.error().code != Code::kNotFound) co_return gone;
  // Its engine could not be opened, or not even made.
  [[maybe_unused]] const auto removed = co_await remove_files(&files_, directory_of(volume->id));
  co_return ok;
}

Result<std::shared_ptr<cache::CacheVolume>> CacheVolumes::engine(std::string_view name) const {
  auto found = cache_ ? cache_->find(name) : nullptr;
  if (found != nullptr) return found;
  const std::lock_guard lock(mutex_);
  const auto trouble = troubles_.find(name);
  if (trouble == troubles_.end()) return fail(Code::kUnavailable, "the cache volume is not open");
  return fail(Code::kUnavailable, "the cache volume could not be opened: " + trouble->second);
}

Result<ViewedVolume> CacheVolumes::viewed(const meta::VolumeRecord& volume) const {
  ViewedVolume viewed;
  viewed.id = volume.id;
  TP_TRY(viewed.engine, engine(volume.name));
  viewed.home_identity = viewed.engine->profile().identity.text();
  const auto owner = plane_->users().find_user(volume.owner);
  viewed.home_tenant = owner ? owner->name : volume.owner;
  // After a crash a space is known by its hash until somebody comes for it by name.
  [[maybe_unused]] const auto home = viewed.engine->space(viewed.engine->profile().identity, viewed.home_tenant);
  return viewed;
}

Task<plane::SourcePage> CacheVolumes::list(plane::VolumePtr volume, plane::ListQuery query) {
  TP_CO_TRY(auto seen, viewed(*volume));
  co_return co_await view_.list(std::move(seen), std::move(query));
}

Task<bool> CacheVolumes::any(plane::VolumePtr volume, Bytes prefix) {
  TP_CO_TRY(auto seen, viewed(*volume));
  co_return co_await view_.any(std::move(seen), std::move(prefix));
}

Task<plane::SourceEntry> CacheVolumes::find(plane::VolumePtr volume, Bytes key) {
  TP_CO_TRY(auto seen, viewed(*volume));
  co_return co_await view_.find(std::move(seen), std::move(key));
}

Task<plane::Payload> CacheVolumes::read(plane::VolumePtr volume, plane::SourceEntry entry) {
  TP_CO_TRY(auto seen, viewed(*volume));
  co_return co_await view_.read(std::move(seen), std::move(entry));
}

}  // namespace tp::server
