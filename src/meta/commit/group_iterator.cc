#include "meta/commit/group_iterator.h"

namespace tp::meta {

GroupIterator::GroupIterator(const Table& table, std::unique_ptr<kv::Iterator> stored, Bytes lower_bound,
                             Bytes upper_bound)
    : table_(table), stored_(std::move(stored)), lower_(std::move(lower_bound)), upper_(std::move(upper_bound)) {}

void GroupIterator::take(BytesView key, BytesView value) {
  key_ = key;
  value_ = value;
  valid_ = true;
}

void GroupIterator::settle_forward(Table::const_iterator own) {
  valid_ = false;
  for (;; ++own) {
    const bool has_own = own != table_.end() && (upper_.empty() || own->first < upper_);
    if (!stored_->valid() && !stored_->status()) return;
    // The engine's that this group has written are the group's.
    while (stored_->valid() && has_own && stored_->key() == own->first) stored_->next();
    if (stored_->valid() && (!has_own || stored_->key() < own->first)) return take(stored_->key(), stored_->value());
    if (!has_own) return;
    if (own->second) return take(own->first, *own->second);
  }
}

void GroupIterator::settle_backward(Table::const_iterator own_end) {
  valid_ = false;
  for (auto own = own_end;; --own) {
    const bool has_own = own != table_.begin() && std::prev(own)->first >= lower_;
    if (!stored_->valid() && !stored_->status()) return;
    while (stored_->valid() && has_own && stored_->key() == std::prev(own)->first) stored_->prev();
    if (stored_->valid() && (!has_own || stored_->key() > std::prev(own)->first)) {
      return take(stored_->key(), stored_->value());
    }
    if (!has_own) return;
    if (std::prev(own)->second) return take(std::prev(own)->first, *std::prev(own)->second);
  }
}

void GroupIterator::seek(BytesView target) {
  const Bytes from(std::max<BytesView>(target, lower_));
  stored_->seek(from);
  settle_forward(table_.lower_bound(from));
}

void GroupIterator::seek_for_prev(BytesView target) {
  stored_->seek_for_prev(target);
  const bool bounded = !upper_.empty() && target >= BytesView(upper_);
  settle_backward(bounded ? table_.lower_bound(upper_) : table_.upper_bound(target));
}

void GroupIterator::next() {
  // It may stand before key_, after prev(), or on it.
  if (!stored_->valid() || stored_->key() < BytesView(key_)) stored_->seek(key_);
  if (stored_->valid() && stored_->key() == BytesView(key_)) stored_->next();
  settle_forward(table_.upper_bound(key_));
}

void GroupIterator::prev() {
  if (!stored_->valid() || stored_->key() > BytesView(key_)) stored_->seek_for_prev(key_);
  if (stored_->valid() && stored_->key() == BytesView(key_)) stored_->prev();
  settle_backward(table_.lower_bound(key_));
}

}  // namespace tp::meta
