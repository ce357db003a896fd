// StoreFixture: a real store in a directory of its own, with cache volumes, on one loop.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "server/store.h"

namespace tp::test {

inline constexpr const char* kRootKey = "AKROOTEXAMPLE";
inline constexpr const char* kRootSecret = "0123456789-a-long-secret";

inline plane::Caller root_caller() {
  plane::Caller caller;
  caller.user_id = plane::kRootUserId;
  caller.root = true;
  return caller;
}

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture()
      : directory_(std::filesystem::temp_directory_path() / ("tokenplane-store-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(directory_);
    open();
  }
  ~StoreFixture() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    server::Config config;
    config.data_directory = directory_.string();
    config.root_access_key = kRootKey;
    config.root_secret_key = kRootSecret;
    config.cores = 1;
    config.block_cache_bytes = 16 << 20;
    server::Store::Hooks hooks;
    hooks.background = false;
    auto opened = server::Store::open(config, std::move(hooks));
    ASSERT_TRUE(opened) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  void reopen() {
    store_.reset();
    open();
  }

  template <class T>
  Result<T> run(Task<T> task) {
    return store_->runtime().block_on(std::move(task));
  }
  plane::Plane& plane() { return store_->plane(); }
  void make_volume(const std::string& name, plane::Caller owner = root_caller(),
                   const std::string& settings = R"({"capacity": 0, "dram": "16MiB"})") {
    plane::CreateVolumeOptions options;
    options.kind = meta::VolumeKind::kCache;
    options.cache_settings = settings;
    options.granted = true;
    const auto made = run(plane().create_volume(std::move(owner), name, std::move(options)));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  std::shared_ptr<cache::CacheVolume> engine(const std::string& name) {
    auto found = store_->cache_volumes()->engine(name);
    return found ? *found : nullptr;
  }

  const std::filesystem::path directory_;
  std::unique_ptr<server::Store> store_;
};

}  // namespace tp::test
