#include "plane/state/pin_table.h"

namespace tp::plane {

void PinTable::pin(FileId file) {
  std::lock_guard lock(mutex_);
  ++pins_[file];
  entries_ = pins_.size() + uses_.size();
}

bool PinTable::unpin(FileId file) {
  std::lock_guard lock(mutex_);
  const auto found = pins_.find(file);
  if (found == pins_.end() || --found->second > 0) return false;
  pins_.erase(found);
  entries_ = pins_.size() + uses_.size();
  return true;
}

bool PinTable::pinned(FileId file) const {
  std::lock_guard lock(mutex_);
  return pins_.contains(file);
}

void PinTable::use(FileId file, rt::Nanos now) {
  std::lock_guard lock(mutex_);
  if (uses_.size() >= kUseLimit) drop_old_uses(now);
  if (uses_.size() >= kUseLimit) uses_.erase(uses_.begin());
  uses_[file] = now;
  entries_ = pins_.size() + uses_.size();
}

bool PinTable::kept(FileId file, rt::Nanos now) const {
  if (idle()) return false;
  std::lock_guard lock(mutex_);
  return kept_locked(file, now);
}

bool PinTable::keep_nameless(FileId file, rt::Nanos now) {
  if (idle()) return false;
  std::lock_guard lock(mutex_);
  if (!kept_locked(file, now)) return false;
  nameless_.insert(file);
  return true;
}

bool PinTable::nameless(FileId file) const {
  std::lock_guard lock(mutex_);
  return nameless_.contains(file);
}

void PinTable::forget_nameless(FileId file) {
  std::lock_guard lock(mutex_);
  nameless_.erase(file);
}

bool PinTable::kept_locked(FileId file, rt::Nanos now) const {
  if (pins_.contains(file)) return true;
  const auto used = uses_.find(file);
  return used != uses_.end() && now - used->second < kUseMemory;
}

void PinTable::drop_old_uses(rt::Nanos now) {
  std::erase_if(uses_, [now](const auto& use) { return now - use.second >= kUseMemory; });
}

}  // namespace tp::plane
