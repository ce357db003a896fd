#include "meta/history/layered_reader.h"

#include "meta/history/layered_iterator.h"

namespace tp::meta {

namespace {

/// The first of the record's history at or after `at`.
Result<std::optional<KeptValue>> first_kept(kv::Iterator& history, VolumeId volume, kv::Space space, BytesView key,
                                            Epoch at) {
  const Bytes from = history_key(volume, space, key, at);
  history.seek(from);
  if (!history.valid()) {
    TP_TRY_VOID(history.status());
    return std::nullopt;
  }
  const BytesView found = history.key();
  const size_t same = from.size() - sizeof(uint64_t);
  if (found.size() != from.size() || found.substr(0, same) != BytesView(from).substr(0, same)) return std::nullopt;
  TP_TRY(KeptValue kept, decode_kept(history.value()));
  return std::optional(std::move(kept));
}

}  // namespace

Result<std::optional<Bytes>> LayeredReader::get(kv::Space space, BytesView key) {
  const uint64_t inode = inode_of_key(key).value;
  for (const Layer* layer = &layer_; layer != nullptr; layer = layer->base.get()) {
    if (layer->at) {
      if (inode >= layer->at.value) return std::nullopt;
      if (history_ == nullptr) history_ = raw_.iterate(kv::Space::kHistory, Bytes(), Bytes());
      TP_TRY(std::optional<KeptValue> kept, first_kept(*history_, layer->volume, space, key, layer->at));
      if (kept && kept->kind == KeptKind::kAbsent) return std::nullopt;
      if (kept && kept->kind == KeptKind::kValue) return std::optional(std::move(kept->value));
      if (kept && layer->base == nullptr) return fail(Code::kCorruption, "history of a clone in a volume that is none");
      if (kept) continue;
    }
    if (layer->base == nullptr || inode >= layer->base->at.value) break;
    TP_TRY(const auto stored, raw_.get(kv::Space::kOverlay, overlay_key(layer->volume, space, key)));
    if (stored) return decode_overlay(*stored);
  }
  return raw_.get(space, key);
}

std::unique_ptr<kv::Iterator> LayeredReader::iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) {
  return std::make_unique<LayeredIterator>(raw_, layer_, space, std::move(lower_bound), std::move(upper_bound));
}

}  // namespace tp::meta
