// LayeredIterator: goes through the records of one snapshot or clone in key order: the stored records, the overlays and
// the histories of all its layers side by side; at each key that any of them has, the layers say which counts.
#pragma once

#include <vector>

#include "meta/history/record_stream.h"
#include "meta/layer.h"

namespace tp::meta {

class LayeredIterator final : public kv::Iterator {
 public:
  /// `raw` and `layer` outlive it.
  LayeredIterator(RawSource& raw, const Layer& layer, kv::Space space, Bytes lower_bound, Bytes upper_bound);

  void seek(BytesView target) override;
  void seek_for_prev(BytesView target) override;
  void next() override;
  void prev() override;
  bool valid() const override { return valid_; }
  BytesView key() const override { return key_; }
  BytesView value() const override { return value_; }
  Result<void> status() const override;

 private:
  struct LayerStreams {
    const Layer* layer = nullptr;
    RecordStream* history = nullptr;  // null: of a clone as it is now
    RecordStream* overlay = nullptr;  // null: of a volume that is no clone
  };

  /// Takes up the first key that any stream stands on and that has a value.
  void settle_forward();
  void settle_backward();
  /// The value at key_, which some stream stands on; nullopt: there is none.
  Result<std::optional<Bytes>> resolve() const;
  bool at_key(const RecordStream& stream) const { return stream.valid() && stream.key() == BytesView(key_); }
  /// False: a stream has failed, and so has this.
  bool streams_good();
  void fail_with(Error error);

  std::vector<std::unique_ptr<RecordStream>> streams_;  // the first one: of the stored records
  std::vector<LayerStreams> layers_;                    // the topmost first
  Bytes key_, value_;
  bool valid_ = false, backward_ = false;
  std::optional<Error> error_;
};

}  // namespace tp::meta
