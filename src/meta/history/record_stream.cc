#include "meta/history/record_stream.h"

namespace tp::meta {

namespace {

class StoredStream final : public RecordStream {
 public:
  explicit StoredStream(std::unique_ptr<kv::Iterator> records) : records_(std::move(records)) {}
  void seek(BytesView target) override { records_->seek(target); }
  void seek_for_prev(BytesView target) override { records_->seek_for_prev(target); }
  void next() override { records_->next(); }
  void prev() override { records_->prev(); }
  bool valid() const override { return records_->valid(); }
  BytesView key() const override { return records_->key(); }
  Result<KeptValue> value() const override { return KeptValue{KeptKind::kValue, Bytes(records_->value())}; }
  Result<void> status() const override { return records_->status(); }

 private:
  std::unique_ptr<kv::Iterator> records_;
};

class OverlayStream final : public RecordStream {
 public:
  OverlayStream(std::unique_ptr<kv::Iterator> records, Bytes prefix)
      : records_(std::move(records)), prefix_(std::move(prefix)) {}
  void seek(BytesView target) override { records_->seek(prefix_ + Bytes(target)); }
  void seek_for_prev(BytesView target) override { records_->seek_for_prev(prefix_ + Bytes(target)); }
  void next() override { records_->next(); }
  void prev() override { records_->prev(); }
  bool valid() const override { return records_->valid(); }
  BytesView key() const override { return records_->key().substr(prefix_.size()); }
  Result<KeptValue> value() const override {
    TP_TRY(auto value, decode_overlay(records_->value()));
    if (!value) return KeptValue();
    return KeptValue{KeptKind::kValue, std::move(*value)};
  }
  Result<void> status() const override { return records_->status(); }

 private:
  std::unique_ptr<kv::Iterator> records_;
  const Bytes prefix_;
};

/// While valid it stands on the entry that counts for key_.
class HistoryStream final : public RecordStream {
 public:
  HistoryStream(std::unique_ptr<kv::Iterator> records, VolumeId volume, kv::Space space, Epoch at)
      : records_(std::move(records)), volume_(volume), space_(space), at_(at) {}

  void seek(BytesView target) override {
    records_->seek(entry(target, Epoch()));
    settle_forward();
  }
  void next() override {
    records_->seek(entry(key_, Epoch(UINT64_MAX)));
    settle_forward();
  }
  void seek_for_prev(BytesView target) override {
    records_->seek_for_prev(entry(target, Epoch(UINT64_MAX)));
    settle_backward();
  }
  void prev() override {
    records_->seek_for_prev(entry(key_, Epoch()));
    settle_backward();
  }
  bool valid() const override { return valid_; }
  BytesView key() const override { return key_; }
  Result<KeptValue> value() const override { return decode_kept(records_->value()); }
  Result<void> status() const override {
    if (error_) return std::unexpected(*error_);
    return records_->status();
  }

 private:
  Bytes entry(BytesView key, Epoch at) const { return history_key(volume_, space_, key, at); }

  /// What the records stand on; false: nothing.
  bool parse(HistoryKeyParts* parts) {
    valid_ = false;
    if (!records_->valid()) return false;
    auto parsed = parse_history_key(records_->key());
    if (!parsed) {
      error_ = std::move(parsed.error());
      return false;
    }
    *parts = std::move(*parsed);
    return true;
  }

  void settle_forward() {
    HistoryKeyParts parts;
    while (parse(&parts)) {
      if (parts.at >= at_) {
        key_ = std::move(parts.key);
        valid_ = true;
        return;
      }
      records_->seek(entry(parts.key, at_));
    }
  }

  void settle_backward() {
    HistoryKeyParts parts;
    while (parse(&parts)) {
      if (parts.at >= at_) {
        key_ = std::move(parts.key);
        records_->seek(entry(key_, at_));  // there is that one, if no earlier one
        valid_ = records_->valid();
        return;
      }
      records_->seek_for_prev(entry(parts.key, Epoch()));
    }
  }

  std::unique_ptr<kv::Iterator> records_;
  const VolumeId volume_;
  const kv::Space space_;
  const Epoch at_;
  Bytes key_;
  bool valid_ = false;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<RecordStream> stored_stream(RawSource& raw, kv::Space space, const KeyRange& range) {
  return std::make_unique<StoredStream>(raw.iterate(space, range.lower, range.upper));
}

std::unique_ptr<RecordStream> overlay_stream(RawSource& raw, VolumeId volume, kv::Space space, const KeyRange& range) {
  Bytes upper = range.upper.empty() ? overlay_end(volume, space) : overlay_key(volume, space, range.upper);
  auto records = raw.iterate(kv::Space::kOverlay, overlay_key(volume, space, range.lower), std::move(upper));
  return std::make_unique<OverlayStream>(std::move(records), overlay_begin(volume, space));
}

std::unique_ptr<RecordStream> history_stream(RawSource& raw, VolumeId volume, kv::Space space, Epoch at,
                                             const KeyRange& range) {
  Bytes lower = range.lower.empty() ? history_begin(volume, space) : history_key(volume, space, range.lower, Epoch());
  Bytes upper = range.upper.empty() ? history_end(volume, space) : history_key(volume, space, range.upper, Epoch());
  auto records = raw.iterate(kv::Space::kHistory, std::move(lower), std::move(upper));
  return std::make_unique<HistoryStream>(std::move(records), volume, space, at);
}

}  // namespace tp::meta
