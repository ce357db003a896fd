// TokenCache: the cache volumes of one store, each under DIR/cache/VOLUME-ID.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "cache/cache_volume.h"
#include "io/file_system.h"
#include "rt/runtime.h"

namespace tp::cache {

class TokenCache {
 public:
  struct Options {
    rt::Runtime* runtime = nullptr;
    io::FileSystem* files = nullptr;
    std::string directory = "cache";  // within `files`
    rt::Nanos lost_at_most = rt::kSecond;  // by a crash, of what flash takes
    bool background = true;                // false: tests step flushing and sweeping themselves
  };
  static Task<std::unique_ptr<TokenCache>> open(Options options);
  virtual ~TokenCache() = default;

  /// Opens (or makes) the engine of a volume; warm when it succeeds. kAlreadyExists if it is open.
  virtual Task<std::shared_ptr<CacheVolume>> open_volume(VolumeId id, std::string name, CacheSettings settings) = 0;
  virtual std::shared_ptr<CacheVolume> find(std::string_view name) const = 0;   // null: none. Any thread
  virtual std::vector<std::shared_ptr<CacheVolume>> list() const = 0;
  /// Closes and deletes its files.
  virtual Task<void> remove_volume(VolumeId id) = 0;
  /// A clean stop: what is whole goes to flash as far as it has room, tables are written. Nobody uses the volumes.
  virtual Task<void> close() = 0;
};

}  // namespace tp::cache
