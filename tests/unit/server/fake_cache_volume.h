// FakeCacheVolume: a cache volume in a map, for tests of what looks on: spaces, sections that find, scans without
// order. What the view does not call answers nothing.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "cache/cache_volume.h"

namespace tp::test {

struct FakeSpace {
  cache::CacheVolume::SpaceInfo info;
  struct Held {
    std::string value;
    uint64_t version = 0;
    bool on_flash = false;
  };
  std::map<std::string, Held> entries;
};

class FakeCacheVolume final : public cache::CacheVolume {
 public:
  using Space = cache::Space;  // the engine's own: here it stands for a FakeSpace

  FakeSpace& add_space(std::string identity, std::string tenant) {
    auto& made = spaces_.emplace_back(std::make_unique<FakeSpace>());
    made->info.identity = std::move(identity);
    made->info.tenant = std::move(tenant);
    return *made;
  }
  void put(FakeSpace& space, const std::string& key, std::string value, bool on_flash = false) {
    space.entries[key] = {std::move(value), ++version_, on_flash};
  }
  unsigned scans() const { return scans_; }
  cache::CacheSettings configured;

  const std::string& name() const override { return name_; }
  cache::CacheSettings settings() const override { return configured; }
  const cache::Profile& profile() const override { return profile_; }
  Result<Space*> space(const cache::Identity&, std::string_view) override { return fail(Code::kNotFound, ""); }

  class FakeSection final : public Section {
   public:
    explicit FakeSection(FakeSpace& space) : space_(space) {}
    std::optional<cache::EntryView> find(BytesView key) override {
      const auto found = space_.entries.find(std::string(key));
      if (found == space_.entries.end()) return std::nullopt;
      cache::EntryView view;
      view.size_bytes = static_cast<uint32_t>(found->second.value.size());
      view.version = found->second.version;
      if (!found->second.on_flash) view.value = cache::Value::copy_of(found->second.value);
      return view;
    }
    void count_hit(BytesView, const cache::EntryView&) override { ADD_FAILURE() << "looking on counts for nobody"; }
    void count_miss(BytesView, uint32_t) override { ADD_FAILURE() << "looking on counts for nobody"; }
    Result<void> put(BytesView, cache::Value, const cache::PutOptions&) override { return fail(Code::kReadOnly, ""); }
    bool erase(BytesView) override { return false; }
    bool set_expiry(BytesView, int64_t) override { return false; }
    bool set_pinned(BytesView, bool) override { return false; }

   private:
    FakeSpace& space_;
  };
  std::unique_ptr<Section> read_section(Space& space, std::span<const BytesView>) override {
    return std::make_unique<FakeSection>(of(space));
  }
  std::unique_ptr<Section> write_section(Space& space, std::span<const BytesView>) override {
    return std::make_unique<FakeSection>(of(space));
  }
  Result<cache::EntryView> get_now(Space&, BytesView) override { return fail(Code::kNotFound, ""); }
  Task<cache::EntryView> get(Space&, Bytes) override { co_return fail(Code::kNotFound, ""); }
  Task<cache::Value> load(Space& space, Bytes key, cache::EntryView seen) override {
    const auto found = of(space).entries.find(key);
    if (found == of(space).entries.end() || found->second.version != seen.version) co_return fail(Code::kNotFound, "");
    co_return cache::Value::copy_of(found->second.value);
  }
  Task<void> room(uint64_t) override { co_return ok; }
  PrefixResult prefix(Space&, std::span<const BytesView>, uint32_t, std::optional<uint64_t>) override { return {}; }

  /// From the last key to the first: nothing may depend on an order. The cursor counts keys.
  std::vector<Scanned> scan(Space& space, uint64_t* cursor, uint32_t count) override {
    if (*cursor == 0) ++scans_;
    std::vector<Scanned> page;
    uint64_t at = 0;
    for (auto entry = of(space).entries.rbegin(); entry != of(space).entries.rend(); ++entry, ++at) {
      if (at < *cursor) continue;
      if (page.size() == count) {
        *cursor = at;
        return page;
      }
      page.push_back({entry->first, cache::ValueType::kString, static_cast<uint32_t>(entry->second.value.size()), 0});
    }
    *cursor = 0;
    return page;
  }
  std::optional<Bytes> random_key(Space&) override { return std::nullopt; }
  uint64_t size(Space& space) override { return of(space).entries.size(); }
  Task<void> clear(Space& space) override {
    of(space).entries.clear();
    co_return ok;
  }
  Result<std::unique_ptr<Watch>> watch(Space&, BytesView) override { return fail(Code::kBusy, ""); }
  Stats stats() const override { return {}; }
  cache::LedgerPage ledger() const override { return {}; }
  std::vector<std::pair<SpaceInfo, Space*>> spaces() override {
    std::vector<std::pair<SpaceInfo, Space*>> all;
    for (auto& space : spaces_) all.emplace_back(space->info, reinterpret_cast<Space*>(space.get()));
    return all;
  }
  Result<void> configure(const cache::CacheSettings& settings) override {
    configured = settings;
    return ok;
  }

 private:
  static FakeSpace& of(Space& space) { return reinterpret_cast<FakeSpace&>(space); }

  std::string name_ = "kv";
  cache::Profile profile_;
  std::vector<std::unique_ptr<FakeSpace>> spaces_;
  uint64_t version_ = 0;
  unsigned scans_ = 0;
};

}  // namespace tp::test
