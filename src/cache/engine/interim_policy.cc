// The least recently used entry goes: what evicts until the policies proper are here.
#include <list>
#include <unordered_map>

#include "cache/policy/policy.h"

namespace tp::cache {
namespace {

class InterimLru final : public EvictionPolicy {
 public:
  explicit InterimLru(bool has_flash) : has_flash_(has_flash) {}
  std::string_view name() const override { return "lru"; }
  void inserted(EntryId id, const EntryFacts& facts) override {
    order_.push_front(id);
    where_[id] = order_.begin();
    if (has_flash_ && !facts.on_flash) staged_.push_back(id);
  }
  void hit(EntryId id) override { order_.splice(order_.begin(), order_, where_[id]); }
  void replaced(EntryId id, uint32_t) override {
    hit(id);
    if (has_flash_) staged_.push_back(id);
  }
  void linked(EntryId, EntryId, uint32_t) override {}
  void removed(EntryId id, bool) override {
    staged_.remove(id);
    order_.erase(where_[id]);
    where_.erase(id);
  }
  void missed(uint64_t) override {}
  std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) override {
    int looks = 64;
    for (auto id = order_.rbegin(); id != order_.rend() && looks > 0; ++id, --looks) {
      if (may_go(*id)) return *id;
    }
    return std::nullopt;
  }
  bool worth_flash(EntryId) override { return true; }
  std::optional<EntryId> next_staged() override {
    if (staged_.empty()) return std::nullopt;
    const EntryId id = staged_.front();
    staged_.pop_front();
    return id;
  }
  void staged_done(EntryId) override {}
  double worth(EntryId) const override { return 0; }
  uint64_t state_bytes() const override { return order_.size() * 16; }

 private:
  const bool has_flash_;
  std::list<EntryId> order_, staged_;
  std::unordered_map<EntryId, std::list<EntryId>::iterator> where_;
};

}  // namespace

__attribute__((weak)) std::unique_ptr<EvictionPolicy> make_policy(std::string_view, const PolicyOptions& options) {
  return std::make_unique<InterimLru>(options.has_flash);
}

}  // namespace tp::cache
