#include "meta/record_source.h"

#include "meta/history/layered_reader.h"

namespace tp::meta {

struct ReadView::Layered {
  /// What is stored, as of one snapshot of the engine.
  struct Stored final : RawSource {
    kv::KvEngine& engine;
    const kv::ReadMode mode;
    const std::unique_ptr<kv::Snapshot> own;
    const kv::Snapshot* const snapshot;
    Stored(kv::KvEngine& engine_in, kv::ReadMode mode_in, const kv::Snapshot* given)
        : engine(engine_in),
          mode(mode_in),
          own(given == nullptr ? engine_in.snapshot() : nullptr),
          snapshot(given == nullptr ? own.get() : given) {}

    Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override {
      return engine.get(space, key, snapshot, mode);
    }
    std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) override {
      kv::IterateOptions options;
      options.snapshot = snapshot;
      options.lower_bound = std::move(lower_bound);
      options.upper_bound = std::move(upper_bound);
      options.mode = mode;
      return engine.iterate(space, std::move(options));
    }
  };
  Stored stored;
  LayeredReader records;
  Layered(kv::KvEngine& engine, kv::ReadMode mode, const kv::Snapshot* given, const Layer& layer)
      : stored(engine, mode, given), records(stored, layer) {}
};

ReadView::ReadView(kv::KvEngine& engine, kv::ReadMode mode, const kv::Snapshot* snapshot, LayerPtr layer)
    : engine_(engine), mode_(mode), snapshot_(snapshot), layer_(std::move(layer)) {
  if (layer_ == nullptr) return;
  layered_ = std::make_unique<Layered>(engine, mode, snapshot, *layer_);
  snapshot_ = layered_->stored.snapshot;
}

ReadView::~ReadView() = default;

Result<std::optional<Bytes>> ReadView::get(kv::Space space, BytesView key) {
  if (layered_ != nullptr && is_tracked(space)) return layered_->records.get(space, key);
  return engine_.get(space, key, snapshot_, mode_);
}

Result<std::vector<std::optional<Bytes>>> ReadView::multi_get(kv::Space space, std::span<const Bytes> keys) {
  const bool layered = layered_ != nullptr && is_tracked(space);
  if (mode_ == kv::ReadMode::kAny && !layered) return engine_.multi_get(space, keys, snapshot_);
  // A batch may touch the disk; one by one they stop at the first that would.
  std::vector<std::optional<Bytes>> values;
  values.reserve(keys.size());
  for (const Bytes& key : keys) {
    TP_TRY(auto value, get(space, key));
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
  if (layered_ != nullptr && is_tracked(space)) {
    return layered_->records.iterate(space, std::move(lower_bound), std::move(upper_bound));
  }
  kv::IterateOptions options;
  options.snapshot = snapshot_;
  options.lower_bound = std::move(lower_bound);
  options.upper_bound = std::move(upper_bound);
  options.mode = mode_;
  return engine_.iterate(space, std::move(options));
}

}  // namespace tp::meta
