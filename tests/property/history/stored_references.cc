#include "property/history/stored_references.h"

#include <map>
#include <set>

#include "meta/history/history_records.h"
#include "meta/inode_record.h"

namespace tp::test {
namespace {

using kv::Space;

template <class Visit>
Result<void> for_each(kv::KvEngine& engine, Space space, Visit visit) {
  const auto records = engine.iterate(space, {});
  for (records->seek(""); records->valid(); records->next()) TP_TRY_VOID(visit(records->key(), records->value()));
  return records->status();
}

class Count {
 public:
  Result<void> run(kv::KvEngine& engine) {
    const auto extent = [this](BytesView, BytesView value) { return add(value); };
    TP_TRY_VOID(for_each(engine, Space::kExtents, extent));
    const auto own = [this](BytesView key, BytesView value) -> Result<void> {
      TP_TRY(const auto record, meta::decode_overlay(value));
      const auto space = static_cast<Space>(key[meta::kOverlayPrefixBytes - 1]);
      return record && space == Space::kExtents ? add(*record) : ok;
    };
    TP_TRY_VOID(for_each(engine, Space::kOverlay, own));
    TP_TRY_VOID(for_each(engine, Space::kHistory, [this](BytesView key, BytesView value) { return keep(key, value); }));
    TP_TRY_VOID(for_each(engine, Space::kBlobs, [this](BytesView key, BytesView value) { return blob(key, value); }));
    return compare();
  }

 private:
  Result<void> add(BytesView extent_value) {
    TP_TRY(const meta::Extent extent, meta::decode_extent(0, extent_value));
    if (extent.blob) ++counted_[extent.blob.value];
    return ok;
  }

  Result<void> keep(BytesView key, BytesView value) {
    if (key[0] == 'e') {
      TP_TRY(const auto entry, meta::parse_kept_index_key(key));
      const Epoch at(get_be<uint64_t>(key.data() + 1));
      if (!entry.held()) indexed_.insert(meta::history_key(entry.volume, entry.space, entry.key, at));
      return ok;
    }
    kept_.insert(Bytes(key));
    TP_TRY(const auto record, meta::decode_kept(value));
    const bool extent = static_cast<Space>(key[9]) == Space::kExtents;
    return extent && record.kind == meta::KeptKind::kValue ? add(record.value) : ok;
  }

  Result<void> blob(BytesView key, BytesView value) {
    const uint64_t id = key.size() == 9 ? get_be<uint64_t>(key.data() + 1) : 0;
    if (key[0] == 'b') recorded_.try_emplace(id, 1);
    if (key[0] == 'r') recorded_[id] = get_be<uint64_t>(value.data());
    return ok;
  }

  Result<void> compare() const {
    if (kept_ != indexed_) return fail(Code::kCorruption, "history and its index do not agree");
    for (const auto& [id, count] : counted_) {
      const auto found = recorded_.find(id);
      if (found == recorded_.end()) return fail(Code::kCorruption, "an extent names a blob that is not there");
      if (found->second != count) {
        return fail(Code::kCorruption, "a blob has " + std::to_string(count) + " references and its record says " +
                                           std::to_string(found->second));
      }
    }
    for (const auto& [id, count] : recorded_) {
      if (!counted_.contains(id)) return fail(Code::kCorruption, "nothing names a blob that is there");
    }
    return ok;
  }

  std::map<uint64_t, uint64_t> counted_, recorded_;
  std::set<Bytes> kept_, indexed_;
};

}  // namespace

Result<void> check_stored_references(kv::KvEngine& engine) {
  return Count().run(engine);
}

Result<void> check_nothing_stored(kv::KvEngine& engine, size_t inodes) {
  for (const Space space : {Space::kNames, Space::kInodes, Space::kData, Space::kExtents, Space::kBlobs,
                            Space::kHistory, Space::kOverlay, Space::kVersions}) {
    size_t count = 0;
    std::string first;
    TP_TRY_VOID(for_each(engine, space, [&](BytesView key, BytesView) -> Result<void> {
      if (count++ == 0) first = to_hex(key);
      return ok;
    }));
    if (count == (space == Space::kInodes ? inodes : 0)) continue;
    return fail(Code::kCorruption, "space " + std::to_string(static_cast<int>(space)) + " has " +
                                       std::to_string(count) + " records left, the first is " + first);
  }
  return ok;
}

}  // namespace tp::test
