#include "plane/state/pin_table.h"

namespace tp::plane {

void PinTable::pin(InodeId inode) {
  std::lock_guard lock(mutex_);
  ++pins_[inode.value];
  entries_ = pins_.size() + uses_.size();
}

bool PinTable::unpin(InodeId inode) {
  std::lock_guard lock(mutex_);
  const auto found = pins_.find(inode.value);
  if (found == pins_.end() || --found->second > 0) return false;
  pins_.erase(found);
  entries_ = pins_.size() + uses_.size();
  return true;
}

bool PinTable::pinned(InodeId inode) const {
  std::lock_guard lock(mutex_);
  return pins_.contains(inode.value);
}

void PinTable::use(InodeId inode, rt::Nanos now) {
  std::lock_guard lock(mutex_);
  if (uses_.size() >= kUseLimit) drop_old_uses(now);
  if (uses_.size() >= kUseLimit) uses_.erase(uses_.begin());
  uses_[inode.value] = now;
  entries_ = pins_.size() + uses_.size();
}

bool PinTable::kept(InodeId inode, rt::Nanos now) const {
  if (idle()) return false;
  std::lock_guard lock(mutex_);
  return kept_locked(inode, now);
}

bool PinTable::keep_nameless(InodeId inode, rt::Nanos now) {
  if (idle()) return false;
  std::lock_guard lock(mutex_);
  if (!kept_locked(inode, now)) return false;
  nameless_.insert(inode.value);
  return true;
}

bool PinTable::nameless(InodeId inode) const {
  std::lock_guard lock(mutex_);
  return nameless_.contains(inode.value);
}

void PinTable::forget_nameless(InodeId inode) {
  std::lock_guard lock(mutex_);
  nameless_.erase(inode.value);
}

bool PinTable::kept_locked(InodeId inode, rt::Nanos now) const {
  if (pins_.contains(inode.value)) return true;
  const auto used = uses_.find(inode.value);
  return used != uses_.end() && now - used->second < kUseMemory;
}

void PinTable::drop_old_uses(rt::Nanos now) {
  std::erase_if(uses_, [now](const auto& use) { return now - use.second >= kUseMemory; });
}

}  // namespace tp::plane
