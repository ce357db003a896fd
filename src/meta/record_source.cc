#include "meta/record_source.h"

namespace tp::meta {

Result<std::optional<Bytes>> ReadView::get(kv::Space space, BytesView key) {
  return engine_.get(space, key, snapshot_, mode_);
}

Result<std::vector<std::optional<Bytes>>> ReadView::multi_get(kv::Space space, std::span<const Bytes> keys) {
  if (mode_ == kv::ReadMode::kAny) return engine_.multi_get(space, keys, snapshot_);
  // A batch may touch the disk; one by one they stop at the first that would.
  std::vector<std::optional<Bytes>> values;
  values.reserve(keys.size());
  for (const Bytes& key : keys) {
    TP_TRY(auto value, engine_.get(space, key, snapshot_, mode_));
    values.push_back(std::move(value));
  }
  return values;
}

Result<void> ReadView::scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) {
  if (!end.empty() && begin >= end) return ok;
  const auto iterator = iterate(space, Bytes(begin), Bytes(end));
  for (iterator->seek(begin); iterator->valid(); iterator->next()) {
    if (!visit(iterator->key(), iterator->value())) return ok;
  }
  return iterator->status();
}

Result<std::optional<RecordSource::Record>> ReadView::last_at_or_before(kv::Space space, BytesView begin,
                                                                        BytesView target) {
  const auto iterator = iterate(space, Bytes(begin), Bytes());
  iterator->seek_for_prev(target);
  if (iterator->valid()) return std::optional(Record{Bytes(iterator->key()), Bytes(iterator->value())});
  TP_TRY_VOID(iterator->status());
  return std::nullopt;
}

std::unique_ptr<kv::Iterator> ReadView::iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) {
  kv::IterateOptions options;
  options.snapshot = snapshot_;
  options.lower_bound = std::move(lower_bound);
  options.upper_bound = std::move(upper_bound);
  options.mode = mode_;
  return engine_.iterate(space, std::move(options));
}

}  // namespace tp::meta
