#include "plane/tiers/move_queue.h"

#include "meta/keys.h"
#include "plane/reason.h"

namespace tp::plane {

void queue_move(Namespace& names, InodeId inode, const meta::InodeRecord& record, rt::Nanos due) {
  if (record.place != meta::DataPlace::kExtents && record.restore_days == 0) return;
  const FileId file{names.volume().id, inode};
  Bytes value;
  append_be(value, static_cast<uint64_t>(due));
  append_be(value, names.txn().new_inode_id().value);  // tells this request from an earlier one
  names.txn().put(kv::Space::kMeta, meta::move_key(file.volume, file.inode), std::move(value));
  names.txn().after_commit([&core = names.core(), file] { core.moves.add(file); });
}

void queue_new(Namespace& names, InodeId inode, const meta::InodeRecord& record) {
  if (names.core().classes.tier_of(record.storage_class) != 0) queue_move(names, inode, record);
}

void queue_shared(Namespace& names, InodeId inode, const meta::InodeRecord& record) {
  if (names.core().classes.tiered()) queue_move(names, inode, record);
}

namespace {
constexpr size_t kMoveBytes = 16;
}

Result<std::vector<QueuedMove>> read_moves(meta::RecordSource& source, const Bytes& begin, size_t limit, Bytes* next) {
  std::vector<QueuedMove> moves;
  Result<void> parsed = ok;
  next->clear();
  auto visit = [&](BytesView key, BytesView value) {
    auto file = meta::parse_move_key(key);
    if (!file || value.size() != kMoveBytes) {
      parsed = fail(Code::kCorruption, "the record of a file to be moved does not parse");
      return false;
    }
    moves.push_back({{file->first, file->second}, static_cast<rt::Nanos>(get_be<uint64_t>(value.data()))});
    if (moves.size() < limit) return true;
    *next = Bytes(key) + '\0';
    return false;
  };
  TP_TRY_VOID(source.scan(kv::Space::kMeta, begin.empty() ? meta::moves_begin() : begin, meta::moves_end(), visit));
  TP_TRY_VOID(std::move(parsed));
  return moves;
}

uint8_t wanted_tier(const Core& core, const meta::InodeRecord& record, rt::Nanos wall_now) {
  const StorageClass* found = core.classes.find(record.storage_class);
  if (found == nullptr) return 0;
  const bool restored = record.restore_days != 0 || record.restored_until > wall_now;
  return found->offline && restored ? 0 : found->tier;
}

Result<void> require_online(const Core& core, const meta::InodeRecord& record) {
  if (record.storage_class.empty() || !core.classes.offline(record.storage_class)) return ok;
  if (record.restored_until > core.runtime.clock().wall_now()) return ok;
  return fail(Code::kPermissionDenied, Reason::kOffline,
              "the object's storage class keeps it offline: restore it first (RestoreObject)");
}

}  // namespace tp::plane
