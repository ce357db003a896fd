// GroupIterator: goes through the records of one space as a group commit in the making has them: what it has written,
// over the engine. Writing beside it is allowed: records ahead are seen as they are when it gets there.
#pragma once

#include <map>

#include "kv/engine.h"

namespace tp::meta {

class GroupIterator final : public kv::Iterator {
 public:
  using Table = std::map<Bytes, std::optional<Bytes>, std::less<>>;
  /// `table` outlives it.
  GroupIterator(const Table& table, std::unique_ptr<kv::Iterator> stored, Bytes lower_bound, Bytes upper_bound);

  void seek(BytesView target) override;
  void seek_for_prev(BytesView target) override;
  void next() override;
  void prev() override;
  bool valid() const override { return valid_; }
  BytesView key() const override { return key_; }
  BytesView value() const override { return value_; }
  Result<void> status() const override { return valid_ ? Result<void>() : stored_->status(); }

 private:
  /// Takes up the first record of `own` and those on and what stored_ stands on; stored_ is not before them.
  void settle_forward(Table::const_iterator own);
  void settle_backward(Table::const_iterator own_end);
  void take(BytesView key, BytesView value);

  const Table& table_;
  std::unique_ptr<kv::Iterator> stored_;
  const Bytes lower_, upper_;
  Bytes key_, value_;
  bool valid_ = false;
};

}  // namespace tp::meta
