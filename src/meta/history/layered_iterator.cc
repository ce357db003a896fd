#include "meta/history/layered_iterator.h"

#include <algorithm>

namespace tp::meta {

LayeredIterator::LayeredIterator(RawSource& raw, const Layer& layer, kv::Space space, Bytes lower_bound,
                                 Bytes upper_bound) {
  KeyRange range{std::move(lower_bound), std::move(upper_bound)};
  if (layer.at) {
    // Records of later inodes are not the snapshot's, and there may be very many.
    Bytes end;
    append_be(end, layer.at.value);
    if (range.upper.empty() || end < range.upper) range.upper = std::move(end);
  }
  // An engine need not take bounds the wrong way round.
  if (!range.upper.empty() && range.lower > range.upper) range.lower = range.upper;
  streams_.push_back(stored_stream(raw, space, range));
  for (const Layer* each = &layer; each != nullptr; each = each->base.get()) {
    LayerStreams& streams = layers_.emplace_back();
    streams.layer = each;
    if (each->at) {
      streams_.push_back(history_stream(raw, each->volume, space, each->at, range));
      streams.history = streams_.back().get();
    }
    if (each->base != nullptr) {
      streams_.push_back(overlay_stream(raw, each->volume, space, range));
      streams.overlay = streams_.back().get();
    }
  }
}

void LayeredIterator::fail_with(Error error) {
  error_ = std::move(error);
  valid_ = false;
}

bool LayeredIterator::streams_good() {
  valid_ = false;
  for (const auto& stream : streams_) {
    if (stream->valid()) continue;
    if (auto status = stream->status(); !status) {
      fail_with(std::move(status.error()));
      return false;
    }
  }
  return true;
}

Result<std::optional<Bytes>> LayeredIterator::resolve() const {
  const uint64_t inode = inode_of_key(key_).value;
  for (const LayerStreams& streams : layers_) {
    if (streams.layer->at && inode >= streams.layer->at.value) return std::nullopt;
    const RecordStream* says = nullptr;
    if (streams.history != nullptr && at_key(*streams.history)) {
      says = streams.history;
    } else if (streams.overlay == nullptr || inode >= streams.layer->base->at.value) {
      break;
    } else if (at_key(*streams.overlay)) {
      says = streams.overlay;
    } else {
      continue;
    }
    TP_TRY(KeptValue kept, says->value());
    if (kept.kind == KeptKind::kAbsent) return std::nullopt;
    if (kept.kind == KeptKind::kValue) return std::optional(std::move(kept.value));
    if (streams.overlay == nullptr) return fail(Code::kCorruption, "history of a clone in a volume that is none");
  }
  if (!at_key(*streams_.front())) return std::nullopt;
  TP_TRY(KeptValue stored, streams_.front()->value());
  return std::optional(std::move(stored.value));
}

void LayeredIterator::settle_forward() {
  backward_ = false;
  while (streams_good()) {
    const RecordStream* first = nullptr;
    for (const auto& stream : streams_) {
      if (stream->valid() && (first == nullptr || stream->key() < first->key())) first = stream.get();
    }
    if (first == nullptr) return;
    key_ = first->key();
    auto value = resolve();
    if (!value) return fail_with(std::move(value.error()));
    if (*value) {
      value_ = std::move(**value);
      valid_ = true;
      return;
    }
    for (const auto& stream : streams_) {
      if (at_key(*stream)) stream->next();
    }
  }
}

void LayeredIterator::settle_backward() {
  backward_ = true;
  while (streams_good()) {
    const RecordStream* last = nullptr;
    for (const auto& stream : streams_) {
      if (stream->valid() && (last == nullptr || stream->key() > last->key())) last = stream.get();
    }
    if (last == nullptr) return;
    key_ = last->key();
    auto value = resolve();
    if (!value) return fail_with(std::move(value.error()));
    if (*value) {
      value_ = std::move(**value);
      valid_ = true;
      return;
    }
    for (const auto& stream : streams_) {
      if (at_key(*stream)) stream->prev();
    }
  }
}

void LayeredIterator::seek(BytesView target) {
  error_.reset();
  for (const auto& stream : streams_) stream->seek(target);
  settle_forward();
}

void LayeredIterator::seek_for_prev(BytesView target) {
  error_.reset();
  for (const auto& stream : streams_) stream->seek_for_prev(target);
  settle_backward();
}

void LayeredIterator::next() {
  if (backward_) {
    for (const auto& stream : streams_) stream->seek(key_);
  }
  for (const auto& stream : streams_) {
    if (at_key(*stream)) stream->next();
  }
  settle_forward();
}

void LayeredIterator::prev() {
  if (!backward_) {
    for (const auto& stream : streams_) stream->seek_for_prev(key_);
  }
  for (const auto& stream : streams_) {
    if (at_key(*stream)) stream->prev();
  }
  settle_backward();
}

Result<void> LayeredIterator::status() const {
  if (error_) return std::unexpected(*error_);
  return ok;
}

}  // namespace tp::meta
