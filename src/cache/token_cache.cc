#include "cache/token_cache.h"

#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "cache/engine/engine.h"

namespace tp::cache {
namespace {

class TokenCacheImpl final : public TokenCache {
 public:
  explicit TokenCacheImpl(Options options) : options_(std::move(options)) {}

  Task<std::shared_ptr<CacheVolume>> open_volume(VolumeId id, std::string name, CacheSettings settings) override {
    {
      const std::unique_lock lock(mutex_);
      if (volumes_.contains(name) || is_open(id) || !opening_.insert(id.value).second) {
        co_return fail(Code::kAlreadyExists, "the cache volume is open");
      }
    }
    CacheEngine::Options options;
    options.cache = options_;
    options.id = id;
    options.name = std::move(name);
    options.settings = std::move(settings);
    auto engine = co_await CacheEngine::open(std::move(options));
    const std::unique_lock lock(mutex_);
    opening_.erase(id.value);
    if (!engine) co_return fail(std::move(engine).error());
    volumes_[(*engine)->name()] = *engine;
    co_return std::shared_ptr<CacheVolume>(*engine);
  }

  std::shared_ptr<CacheVolume> find(std::string_view name) const override {
    const std::shared_lock lock(mutex_);
    const auto found = volumes_.find(name);
    return found == volumes_.end() ? nullptr : found->second;
  }

  std::vector<std::shared_ptr<CacheVolume>> list() const override {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<CacheVolume>> all;
    for (const auto& [name, volume] : volumes_) all.push_back(volume);
    return all;
  }

  Task<void> remove_volume(VolumeId id) override {
    if (std::shared_ptr<CacheEngine> engine = take(id)) co_return co_await engine->close_and_delete();
    co_return co_await CacheEngine::delete_files(options_.files, CacheEngine::directory_of(options_, id));
  }

  Task<void> close() override {
    Result<void> first = ok;
    while (std::shared_ptr<CacheEngine> engine = take(std::nullopt)) {
      const auto closed = co_await engine->close();
      if (!closed && first) first = closed;
    }
    co_return first;
  }

 private:
  bool is_open(VolumeId id) const {  // mutex_ held
    for (const auto& [name, volume] : volumes_) {
      if (volume->id() == id) return true;
    }
    return false;
  }
  std::shared_ptr<CacheEngine> take(std::optional<VolumeId> id) {
    const std::unique_lock lock(mutex_);
    for (auto volume = volumes_.begin(); volume != volumes_.end(); ++volume) {
      if (id && volume->second->id() != *id) continue;
      std::shared_ptr<CacheEngine> taken = std::move(volume->second);
      volumes_.erase(volume);
      return taken;
    }
    return nullptr;
  }

  const Options options_;
  mutable std::shared_mutex mutex_;
  std::set<uint64_t> opening_;  // ids
  // Shared: connections hold a volume while it is removed.
  std::map<std::string, std::shared_ptr<CacheEngine>, std::less<>> volumes_;
};

}  // namespace

Task<std::unique_ptr<TokenCache>> TokenCache::open(Options options) {
  std::unique_ptr<TokenCache> cache = std::make_unique<TokenCacheImpl>(std::move(options));
  co_return cache;
}

}  // namespace tp::cache
