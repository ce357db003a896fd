#include "cache/engine/engine.h"

#include <algorithm>
#include <cmath>

namespace tp::cache {
namespace {
constexpr double kUsableShare = 0.92;    // of flash: the rest keeps reclaiming cheap
constexpr uint64_t kSpareSegments = 5;  // of it at least: open, being filled by what is carried, and reserved
}

CacheEngine::CacheEngine(Options options)
    : options_(std::move(options)),
      clock_(options_.cache.runtime->clock()),
      home_(rt::Loop::current()),
      facts_([](uint32_t, uint32_t) { return uint64_t{0}; }) {
  for (auto& stripe : stripes_) stripe = std::make_unique<Stripe>(&SpaceTable::hash_of, &spaces_);
}

CacheEngine::~CacheEngine() = default;

FactTable::Price CacheEngine::price() const {
  const Profile* const costs = &profile();
  if (costs->prefill_seconds.empty()) return [](uint32_t, uint32_t) { return uint64_t{0}; };
  return [costs](uint32_t tokens, uint32_t first_token) {
    return static_cast<uint64_t>(std::llround(costs->seconds(first_token, tokens) * 1e9));
  };
}

uint64_t CacheEngine::limit_for(const CacheSettings& settings) const {
  if (!on_flash_) return settings.dram_bytes;
  const uint64_t capacity = std::min(settings.capacity_bytes, opened_capacity_);
  const auto usable = static_cast<uint64_t>(static_cast<double>(capacity) * kUsableShare);
  return std::min(usable, capacity - std::min(capacity / 2, kSpareSegments * segment_bytes_));
}

Result<void> CacheEngine::apply(const CacheSettings& settings) {
  auto costs = std::make_unique<Profile>();
  if (!settings.profile_toml.empty()) {
    TP_TRY(*costs, parse_profile(settings.profile_toml));
  }
  if (settings.dram_bytes == 0) return fail(Code::kInvalidArgument, "a cache volume needs DRAM");
  profile_.store(costs.get(), std::memory_order_release);
  profiles_.push_back(std::move(costs));
  facts_.set_price(price());
  spaces_.set_price(profile().dollars(1));
  options_.settings = settings;
  limit_bytes_ = limit_for(settings);
  for (auto& [name, tenant] : spaces_.tenants()) tenant->reserved_bytes = tenant->quota_bytes = 0;
  for (const CacheSettings::Share& share : settings.shares) {
    Tenant* const tenant = spaces_.tenant(share.tenant);
    tenant->reserved_bytes = share.reserved_bytes;
    tenant->quota_bytes = share.quota_bytes;
  }
  return ok;
}

Result<void> CacheEngine::configure(const CacheSettings& settings) {
  const std::lock_guard lock(structure_);
  if (settings.policy != options_.settings.policy) {
    return fail(Code::kInvalidArgument, "the policy of an open cache volume stays");
  }
  if ((settings.capacity_bytes > 0) != on_flash_) {
    return fail(Code::kInvalidArgument, "a cache volume keeps to its having flash or not");
  }
  TP_TRY_VOID(apply(settings));
  make_room(nullptr);
  return ok;
}

CacheSettings CacheEngine::settings() const {
  const std::lock_guard lock(structure_);
  return options_.settings;
}

Result<Space*> CacheEngine::space(const Identity& identity, std::string_view tenant) {
  const std::lock_guard lock(structure_);
  return spaces_.open(identity.text(), tenant, options_.settings.shared);
}

bool CacheEngine::live(EntryId id) const noexcept {
  const At seen = at(id);
  return seen.number < seen.stripe->end() && static_cast<Where>(seen.entry().where) != Where::kFree;
}

FlashPlace CacheEngine::place_of(const At& at) const {
  if (const Resident* const held = at.resident()) return held->place;
  const uint64_t place = at.entry().place;
  if (place == 0) return {};
  return {segments_.number(static_cast<uint32_t>(place >> 24)), static_cast<uint32_t>(place & 0xffffff)};
}

void CacheEngine::set_place(Entry& entry, FlashPlace place) {
  entry.where = static_cast<uint64_t>(Where::kFlash);
  entry.place = uint64_t{segments_.slot_of(place.segment)} << 24 | place.unit;
}

CacheEngine::Saves CacheEngine::saves(const At& at) const {
  const Entry& entry = at.entry();
  if (entry.fact != FactTable::kNone) [[likely]] {
    const TokenFact& fact = facts_.get(static_cast<uint32_t>(entry.fact));
    return {fact.tokens, fact.first_token, fact.nanoseconds.load(std::memory_order_relaxed)};
  }
  const Side* const side = at.stripe->side(at.number);
  if (side == nullptr) return {};
  return {side->tokens, side->first_token, facts_.price(side->tokens, side->first_token)};
}

EntryView CacheEngine::view(const At& at) const {
  const Entry& entry = at.entry();
  EntryView seen;
  seen.type = static_cast<ValueType>(entry.type);
  seen.size_bytes = entry.size_bytes;
  const Saves saved = saves(at);
  seen.tokens = saved.tokens;
  seen.first_token = saved.first_token;
  if (Resident* const held = at.resident()) {
    seen.value = held->value;
    seen.version = held->version;
    if (held->used.load(std::memory_order_relaxed) == 0) held->used.store(1, std::memory_order_relaxed);
  } else {
    const FlashPlace place = place_of(at);
    seen.flash = {place.segment, place.unit};
    seen.version = place_version(place);
  }
  if (const Side* const side = at.stripe->side(at.number)) {
    seen.expires_ms = side->expires_ms;
    seen.pinned = side->pinned;
    if (side->version != 0) seen.version = side->version;
  }
  return seen;
}

void CacheEngine::note(HitNotes::Kind kind, uint64_t value) {
  if (!notes_.note(kind, value)) [[likely]] return;
  if (!structure_.try_lock()) return;
  drain_notes();
  structure_.unlock();
}

CacheVolume::Stats CacheEngine::stats() const {
  const std::lock_guard lock(structure_);
  Stats stats;
  for (const auto& stripe : stripes_) {
    stats.entries += stripe->live();
    stats.key_bytes += stripe->key_bytes();
    stats.index_bytes += stripe->memory_bytes() - stripe->key_bytes();
  }
  stats.index_bytes += sizeof(*this) + facts_.memory_bytes() + segments_.memory_bytes() + policy_->state_bytes() +
                       leases_.size() * 48 + lease_order_.size() * 16;
  stats.dram_bytes = resident_bytes_;
  if (flash_) {
    const FlashStats flash = flash_->stats();
    stats.flash_bytes = flash.bytes;
    stats.flash_written_bytes = flash.written_bytes;
    stats.flash_read_bytes = flash.read_bytes;
    stats.live_flash_bytes = total_bytes_ - std::min(total_bytes_, dirty_bytes_);
    stats.carried_bytes = carried_bytes_;
  }
  stats.pinned = pinned_;
  stats.leases = leases_.size();
  stats.policy = policy_->name();
  for (const SpaceCore& core : spaces_.cores()) {
    const SpaceNumber& number = spaces_.number(core.number);
    if (number.entries > 0) stats.spaces.push_back({core.identity, core.tenant_name, number.entries, number.bytes});
  }
  return stats;
}

LedgerPage CacheEngine::ledger() const {
  const std::lock_guard lock(structure_);
  LedgerPage page;
  for (const auto& [name, tenant] : spaces_.tenants()) page[name] = tenant->ledger.counts();
  return page;
}

std::vector<std::pair<CacheVolume::SpaceInfo, Space*>> CacheEngine::spaces() {
  const std::lock_guard lock(structure_);
  std::vector<std::pair<SpaceInfo, Space*>> list;
  for (SpaceCore& core : spaces_.cores()) {
    const SpaceNumber& number = spaces_.number(core.number);
    if (number.entries == 0) continue;
    list.emplace_back(SpaceInfo{core.identity, core.tenant_name, number.entries, number.bytes},
                      spaces_.own_handle(&core));
  }
  return list;
}

uint64_t CacheEngine::size(Space& space) {
  const std::lock_guard lock(structure_);
  return spaces_.number(space.core->number).entries;
}

}  // namespace tp::cache
