// RecordSource: where records are read from: a snapshot outside a transaction, or a transaction that sees its own
// writes. Lookups (paths, volumes, objects) are written once against it. With a Layer, records of tracked spaces are
// those of one snapshot or clone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kv/engine.h"
#include "meta/layer.h"

namespace tp::meta {

class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// nullopt if there is no such record. kIo, kCorruption; kWouldBlock where only cached reads are allowed.
  virtual Result<std::optional<Bytes>> get(kv::Space space, BytesView key) = 0;
  virtual Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys) = 0;

  /// Calls `visit` for each record with begin <= key < end in key order until it returns false.
  using Visitor = std::function<bool(BytesView key, BytesView value)>;
  virtual Result<void> scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) = 0;

  struct Record {
    Bytes key, value;
  };
  /// The last record with begin <= key <= target; nullopt if there is none.
  virtual Result<std::optional<Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target) = 0;
};

/// Reads outside transactions. One call's reads see one point in time if it was made with a snapshot of the engine;
/// with a layer it takes one itself where it was given none.
class ReadView final : public RecordSource {
 public:
  ReadView(kv::KvEngine& engine, kv::ReadMode mode, const kv::Snapshot* snapshot = nullptr, LayerPtr layer = nullptr);
  ~ReadView() override;
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys) override;
  Result<void> scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) override;
  Result<std::optional<Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target) override;
  /// A raw iterator, for walks that jump about. Not longer than the view.
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound);
  kv::ReadMode mode() const { return mode_; }
  /// Null: of records as they lie.
  const LayerPtr& layer() const { return layer_; }

 private:
  struct Layered;
  kv::KvEngine& engine_;
  kv::ReadMode mode_;
  const kv::Snapshot* snapshot_;
  LayerPtr layer_;
  std::unique_ptr<Layered> layered_;  // null where layer_ is
};

}  // namespace tp::meta
