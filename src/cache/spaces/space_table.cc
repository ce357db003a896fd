#include "cache/spaces/space_table.h"

#include <xxhash.h>

#include <algorithm>

#include "base/hash/hasher.h"

namespace tp::cache {

SpaceKey space_key(const std::string& identity_text, std::string_view tenant) {
  Bytes text = identity_text;
  text.push_back('\0');
  text += tenant;
  const Bytes hash = digest(ChecksumAlgorithm::kXxh128, text);
  SpaceKey key;
  std::copy_n(hash.data(), key.size(), key.data());
  return key;
}

uint64_t key_hash(uint64_t seed, BytesView key) noexcept { return XXH3_64bits_withSeed(key.data(), key.size(), seed); }

Tenant* SpaceTable::tenant(std::string_view name) {
  const auto found = tenants_.find(name);
  if (found != tenants_.end()) return found->second.get();
  auto made = std::make_unique<Tenant>(std::string(name), dollars_per_second_);
  Tenant* const result = made.get();
  tenants_.emplace(std::string(name), std::move(made));
  return result;
}

Space* SpaceTable::handle(SpaceCore* core, Tenant* tenant) {
  auto& held = handles_[{core, tenant}];
  if (!held) held = std::make_unique<Space>(core, tenant);
  return held.get();
}

Space* SpaceTable::own_handle(SpaceCore* core) { return handle(core, core->owner); }

uint32_t SpaceTable::new_number(SpaceCore* core) {
  uint32_t number = 0;
  if (!unused_numbers_.empty()) {
    number = unused_numbers_.back();
    unused_numbers_.pop_back();
  } else {
    if (numbers_.size() >= kMostNumbers) return 0;
    number = static_cast<uint32_t>(numbers_.size());
    numbers_.push_back(std::make_unique<SpaceNumber>());
  }
  SpaceNumber& made = *numbers_[number];
  made.core = core;
  made.entries = 0;
  made.bytes = 0;
  return number;
}

SpaceCore* SpaceTable::make(const SpaceKey& key) {
  SpaceCore& core = cores_.emplace_back();
  const uint32_t number = new_number(&core);
  if (number == 0) {
    cores_.pop_back();
    return nullptr;
  }
  core.key = key;
  std::memcpy(&core.seed, key.data(), sizeof core.seed);
  core.number = number;
  core.owner = tenant("");
  by_key_[key] = &core;
  return &core;
}

Result<Space*> SpaceTable::open(const std::string& identity, std::string_view tenant_name, bool shared) {
  const std::string_view owner = shared ? std::string_view() : tenant_name;
  const SpaceKey key = space_key(identity, owner);
  const auto found = by_key_.find(key);
  SpaceCore* core = found != by_key_.end() ? found->second : make(key);
  if (core == nullptr) return fail(Code::kBusy, "the volume has too many key spaces");
  if (core->identity.empty()) {
    core->identity = identity;
    core->tenant_name = owner;
    Tenant* const owning = tenant(owner);
    const uint64_t bytes = numbers_[core->number]->bytes;
    core->owner->bytes -= bytes;
    owning->bytes += bytes;
    core->owner = owning;
    ++generation_;
  }
  return handle(core, tenant(tenant_name));
}

void SpaceTable::remember(const std::string& identity, const std::string& tenant_name) {
  const SpaceKey key = space_key(identity, tenant_name);
  if (by_key_.contains(key)) return;
  SpaceCore* const core = make(key);
  if (core == nullptr) return;
  core->identity = identity;
  core->tenant_name = tenant_name;
  core->owner = tenant(tenant_name);
}

SpaceCore* SpaceTable::find_or_make(BytesView view) {
  SpaceKey key;
  if (view.size() != key.size()) return nullptr;
  std::copy_n(view.data(), key.size(), key.data());
  const auto found = by_key_.find(key);
  return found != by_key_.end() ? found->second : make(key);
}

Result<uint32_t> SpaceTable::renumber(SpaceCore* core) {
  const uint32_t fresh = new_number(core);
  if (fresh == 0) return fail(Code::kBusy, "the volume has too many key spaces");
  return core->number.exchange(fresh);
}

void SpaceTable::release_if_unused(uint32_t number) {
  if (numbers_[number]->entries == 0 && !present(number)) unused_numbers_.push_back(number);
}

void SpaceTable::set_price(double dollars_per_second) {
  dollars_per_second_ = dollars_per_second;
  for (auto& [name, tenant] : tenants_) tenant->ledger.set_price(dollars_per_second);
}

uint64_t SpaceTable::hash_of(const void* context, const KeyArena::Block& block) {
  const auto* const table = static_cast<const SpaceTable*>(context);
  return key_hash(table->numbers_[block.space]->core->seed, block.key);
}

}  // namespace tp::cache
