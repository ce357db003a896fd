// SpaceTable: the key spaces and tenants of a volume. A space has a SpaceKey for ever and a number for its present
// entries: clearing it gives it another number, so that what stood under the old one is gone at once and swept later.
// Changes are made under the volume's structure mutex.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/cache_volume.h"
#include "cache/index/key_arena.h"
#include "cache/ledger/tenant_ledger.h"

namespace tp::cache {

using SpaceKey = std::array<char, 16>;
inline BytesView as_view(const SpaceKey& key) noexcept { return {key.data(), key.size()}; }
/// XXH3-128 of the identity's text and the tenant.
SpaceKey space_key(const std::string& identity_text, std::string_view tenant);
/// Of a key in a space; the same at every start.
uint64_t key_hash(uint64_t seed, BytesView key) noexcept;

struct Tenant {
  std::string name;
  TenantLedger ledger;
  uint64_t bytes = 0, pinned_bytes = 0;            // charges of its entries
  uint64_t reserved_bytes = 0, quota_bytes = 0;
  Tenant(std::string name_in, double dollars_per_second) : name(std::move(name_in)), ledger(dollars_per_second) {}
};

struct SpaceCore {
  std::string identity, tenant_name;  // identity "": not known since a start lost it
  SpaceKey key{};
  uint64_t seed = 0;
  Tenant* owner = nullptr;            // whom its entries count for
  std::atomic<uint32_t> number{0};
};

/// The entries under one number of a space.
struct SpaceNumber {
  SpaceCore* core = nullptr;
  std::atomic<uint64_t> entries{0};
  uint64_t bytes = 0;
};

/// Who comes: a space, and the tenant whose ledger counts.
class Space {
 public:
  Space(SpaceCore* core_in, Tenant* tenant_in) : core(core_in), tenant(tenant_in) {}
  SpaceCore* const core;
  Tenant* const tenant;
};

class SpaceTable {
 public:
  static constexpr uint32_t kMostNumbers = 65536;  // 0 is none

  Result<Space*> open(const std::string& identity, std::string_view tenant, bool shared);
  /// Of a record that a start found. Null: too many.
  SpaceCore* find_or_make(BytesView key);
  /// Known from an earlier run.
  void remember(const std::string& identity, const std::string& tenant);
  /// Moves the space to a new number; its old one. kBusy: none is free.
  Result<uint32_t> renumber(SpaceCore* core);
  /// A number without entries that is no space's present one may be given again.
  void release_if_unused(uint32_t number);

  SpaceNumber& number(uint32_t number) { return *numbers_[number]; }
  const SpaceNumber& number(uint32_t number) const { return *numbers_[number]; }
  bool present(uint32_t number) const { return numbers_[number]->core->number.load() == number; }
  Tenant* tenant(std::string_view name);
  std::map<std::string, std::unique_ptr<Tenant>, std::less<>>& tenants() { return tenants_; }
  const std::map<std::string, std::unique_ptr<Tenant>, std::less<>>& tenants() const { return tenants_; }
  std::deque<SpaceCore>& cores() { return cores_; }
  const std::deque<SpaceCore>& cores() const { return cores_; }
  /// The one that counts for the space's owner.
  Space* own_handle(SpaceCore* core);
  void set_price(double dollars_per_second);
  /// Grows with every space that became known by name.
  uint64_t generation() const { return generation_; }

  /// For Stripe: `context` is a SpaceTable.
  static uint64_t hash_of(const void* context, const KeyArena::Block& block);

 private:
  SpaceCore* make(const SpaceKey& key);
  uint32_t new_number(SpaceCore* core);
  Space* handle(SpaceCore* core, Tenant* tenant);

  std::deque<SpaceCore> cores_;
  std::map<SpaceKey, SpaceCore*> by_key_;
  std::map<std::pair<SpaceCore*, Tenant*>, std::unique_ptr<Space>> handles_;
  std::vector<std::unique_ptr<SpaceNumber>> numbers_{1};
  std::vector<uint32_t> unused_numbers_;
  std::map<std::string, std::unique_ptr<Tenant>, std::less<>> tenants_;
  double dollars_per_second_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace tp::cache
