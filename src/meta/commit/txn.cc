#include "meta/txn.h"

#include "meta/commit/group.h"
#include "meta/history/history.h"
#include "meta/history/layered_reader.h"

namespace tp::meta {

namespace {

/// What a group has stored, for LayeredReader.
class GroupSource final : public RawSource {
 public:
  explicit GroupSource(Group& group) : group_(group) {}
  Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override { return group_.get(space, key); }
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) override {
    return group_.iterate(space, std::move(lower_bound), std::move(upper_bound));
  }

 private:
  Group& group_;
};

Bytes key_of(InodeId inode) {
  Bytes key;
  append_be(key, inode.value);
  return key;
}

}  // namespace

Result<std::optional<Bytes>> TxnView::get(kv::Space space, BytesView key) {
  if (layer_ == nullptr || !is_tracked(space)) return txn_.group_.get(space, key);
  GroupSource stored(txn_.group_);
  return LayeredReader(stored, *layer_).get(space, key);
}

Result<std::vector<std::optional<Bytes>>> TxnView::multi_get(kv::Space space, std::span<const Bytes> keys) {
  if (layer_ == nullptr || !is_tracked(space)) return txn_.group_.multi_get(space, keys);
  GroupSource stored(txn_.group_);
  LayeredReader records(stored, *layer_);
  std::vector<std::optional<Bytes>> values;
  values.reserve(keys.size());
  for (const Bytes& key : keys) {
    TP_TRY(auto value, records.get(space, key));
    values.push_back(std::move(value));
  }
  return values;
}

Result<void> TxnView::scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) {
  if (layer_ == nullptr || !is_tracked(space)) return txn_.group_.scan(space, begin, end, visit);
  if (!end.empty() && begin >= end) return ok;
  GroupSource stored(txn_.group_);
  const auto records = LayeredReader(stored, *layer_).iterate(space, Bytes(begin), Bytes(end));
  for (records->seek(begin); records->valid(); records->next()) {
    if (!visit(records->key(), records->value())) return ok;
  }
  return records->status();
}

Result<std::optional<RecordSource::Record>> TxnView::last_at_or_before(kv::Space space, BytesView begin,
                                                                       BytesView target) {
  if (layer_ == nullptr || !is_tracked(space)) return txn_.group_.last_at_or_before(space, begin, target);
  GroupSource stored(txn_.group_);
  const auto records = LayeredReader(stored, *layer_).iterate(space, Bytes(begin), Bytes());
  records->seek_for_prev(target);
  if (records->valid()) return std::optional(Record{Bytes(records->key()), Bytes(records->value())});
  TP_TRY_VOID(records->status());
  return std::nullopt;
}

Result<std::optional<Bytes>> Txn::get(kv::Space space, BytesView key) {
  return scope_.layer == nullptr ? group_.get(space, key) : TxnView(*this, scope_.layer).get(space, key);
}

Result<std::vector<std::optional<Bytes>>> Txn::multi_get(kv::Space space, std::span<const Bytes> keys) {
  return scope_.layer == nullptr ? group_.multi_get(space, keys) : TxnView(*this, scope_.layer).multi_get(space, keys);
}

Result<void> Txn::scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) {
  if (scope_.layer == nullptr) return group_.scan(space, begin, end, visit);
  return TxnView(*this, scope_.layer).scan(space, begin, end, visit);
}

Result<std::optional<RecordSource::Record>> Txn::last_at_or_before(kv::Space space, BytesView begin, BytesView target) {
  if (scope_.layer == nullptr) return group_.last_at_or_before(space, begin, target);
  return TxnView(*this, scope_.layer).last_at_or_before(space, begin, target);
}

void Txn::put(kv::Space space, Bytes key, Bytes value) {
  const auto replaced = replace(space, std::move(key), std::move(value));
  if (!replaced && !error_) error_ = replaced.error();
}

void Txn::erase(kv::Space space, Bytes key) {
  const auto replaced = replace(space, std::move(key), std::nullopt);
  if (!replaced && !error_) error_ = replaced.error();
}

Result<void> Txn::status() const {
  if (error_) return std::unexpected(*error_);
  return ok;
}

bool Txn::in_overlay(InodeId inode) const {
  return scope_.layer != nullptr && scope_.layer->base != nullptr && inode.value < scope_.layer->base->at.value;
}

Result<bool> Txn::must_keep(kv::Space space, BytesView key) {
  if (!scope_.latest || inode_of_key(key).value >= scope_.latest.value) return false;
  const Bytes from = history_key(scope_.volume, space, key, scope_.latest);
  if (scope_.newest_marked <= scope_.latest) {
    TP_TRY(const auto kept, group_.get(kv::Space::kHistory, from));
    return !kept;
  }
  // A snapshot that is being deleted may still have what its older neighbour needs.
  const auto history =
      group_.iterate(kv::Space::kHistory, from, history_key(scope_.volume, space, key, Epoch(UINT64_MAX)));
  history->seek(from);
  if (!history->valid()) TP_TRY_VOID(history->status());
  return !history->valid();
}

void Txn::keep(kv::Space space, BytesView key, uint8_t kind, BytesView value) {
  group_.write(kv::Space::kHistory, history_key(scope_.volume, space, key, scope_.latest),
               encode_kept(static_cast<KeptKind>(kind), value));
  group_.write(kv::Space::kHistory, kept_index_key(scope_.latest, scope_.volume, space, key), Bytes());
}

Result<bool> Txn::replace_in_overlay(kv::Space space, Bytes key, std::optional<Bytes> value, bool whiteout) {
  const Bytes own = overlay_key(scope_.volume, space, key);
  TP_TRY(const auto stored, group_.get(kv::Space::kOverlay, own));
  std::optional<Bytes> old;
  if (stored) {
    TP_TRY(old, decode_overlay(*stored));
  }
  if (!stored && !value && !whiteout) return false;
  TP_TRY(const bool kept, must_keep(space, key));
  if (kept) {
    const KeptKind kind = !stored ? KeptKind::kBase : old ? KeptKind::kValue : KeptKind::kAbsent;
    keep(space, key, static_cast<uint8_t>(kind), old ? BytesView(*old) : BytesView());
  }
  if (!value && whiteout) {
    GroupSource records(group_);
    TP_TRY(const auto below, LayeredReader(records, *scope_.layer->base).get(space, key));
    whiteout = below.has_value();
  }
  if (value || whiteout)
    group_.write(kv::Space::kOverlay, own, encode_overlay(value));
  else if (stored)
    group_.write(kv::Space::kOverlay, own, std::nullopt);
  return !kept && old.has_value();
}

Result<bool> Txn::change(kv::Space space, Bytes key, std::optional<Bytes> value, bool whiteout) {
  if (!is_tracked(space) || !scope_.volume) {
    group_.write(space, std::move(key), std::move(value));
    return true;
  }
  if (scope_.layer != nullptr && scope_.layer->at) return fail(Code::kPermissionDenied, "a snapshot cannot be changed");
  if (in_overlay(inode_of_key(key))) return replace_in_overlay(space, std::move(key), std::move(value), whiteout);
  TP_TRY(const bool kept, must_keep(space, key));
  if (kept) {
    TP_TRY(const auto old, group_.get(space, key));
    const KeptKind kind = old ? KeptKind::kValue : KeptKind::kAbsent;
    keep(space, key, static_cast<uint8_t>(kind), old ? BytesView(*old) : BytesView());
  }
  group_.write(space, std::move(key), std::move(value));
  return !kept;
}

Result<bool> Txn::replace(kv::Space space, Bytes key, std::optional<Bytes> value) {
  return change(space, std::move(key), std::move(value), true);
}

Result<bool> Txn::forget(kv::Space space, Bytes key) {
  return change(space, std::move(key), std::nullopt, false);
}

Result<bool> Txn::hold(InodeId inode) {
  TP_TRY(const bool sees, must_keep(kv::Space::kInodes, key_of(inode)));
  if (!sees) return false;
  TP_TRY_VOID(replace(kv::Space::kInodes, key_of(inode), std::nullopt));
  group_.write(kv::Space::kHistory, kept_index_key(scope_.latest, scope_.volume, kHeldSpace, key_of(inode)), Bytes());
  return true;
}

Result<std::vector<Txn::OwnRecord>> Txn::own_records(kv::Space space, InodeId inode) {
  const bool overlay = is_tracked(space) && in_overlay(inode);
  Bytes begin = key_of(inode), end = key_of(InodeId(inode.value + 1));
  if (overlay) {
    begin = overlay_key(scope_.volume, space, begin);
    end = overlay_key(scope_.volume, space, end);
  }
  std::vector<OwnRecord> found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView key, BytesView value) {
    if (!overlay) {
      found.push_back({Bytes(key), Bytes(value)});
      return true;
    }
    auto own = decode_overlay(value);
    if (!own)
      parsed = std::unexpected(std::move(own.error()));
    else
      found.push_back({Bytes(key.substr(kOverlayPrefixBytes)), std::move(*own)});
    return parsed.has_value();
  };
  TP_TRY_VOID(group_.scan(overlay ? kv::Space::kOverlay : space, begin, end, visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

void Txn::journal(Change change) {
  if (change.time == 0) change.time = wall_now_;
  group_.journal(change);
}

InodeId Txn::new_inode_id() {
  return group_.new_inode_id();
}

void Txn::after_commit(std::move_only_function<void()> action) {
  group_.after_commit(std::move(action));
}

}  // namespace tp::meta
