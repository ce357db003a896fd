#include "plane/list/inode_batch.h"

#include <algorithm>

#include "meta/keys.h"
#include "meta/listed_inode.h"

namespace tp::plane {

namespace {

/// Inodes made one after another lie side by side: where a page's ids are this dense, one pass over the range beats
/// single lookups.
constexpr uint64_t kDenseFactor = 4;
constexpr size_t kFewInodes = 16;

Error missing(InodeId inode) {
  return Error(Code::kCorruption, "a name leads to inode " + std::to_string(inode.value) + ", which is not there");
}

Result<void> fill_by_walk(meta::ReadView& view, std::span<const InodeId> inodes, std::span<const uint32_t> order,
                          std::span<ListedObject> objects) {
  const auto iterator = view.iterate(kv::Space::kInodes, Bytes(), Bytes());
  iterator->seek(meta::inode_key(inodes[order.front()]));
  for (const uint32_t index : order) {
    const Bytes key = meta::inode_key(inodes[index]);
    while (iterator->valid() && iterator->key() < BytesView(key)) iterator->next();
    if (!iterator->valid()) {
      TP_TRY_VOID(iterator->status());
      return std::unexpected(missing(inodes[index]));
    }
    if (iterator->key() != BytesView(key)) return std::unexpected(missing(inodes[index]));
    TP_TRY_VOID(fill_object(iterator->value(), objects[index]));
  }
  return ok;
}

Result<void> fill_by_lookup(meta::ReadView& view, std::span<const InodeId> inodes, std::span<const uint32_t> order,
                            std::span<ListedObject> objects) {
  std::vector<Bytes> keys;
  keys.reserve(order.size());
  for (const uint32_t index : order) keys.push_back(meta::inode_key(inodes[index]));
  TP_TRY(const auto values, view.multi_get(kv::Space::kInodes, keys));
  for (size_t i = 0; i < order.size(); ++i) {
    if (!values[i]) return std::unexpected(missing(inodes[order[i]]));
    TP_TRY_VOID(fill_object(*values[i], objects[order[i]]));
  }
  return ok;
}

}  // namespace

Result<void> fill_object(BytesView listed_inode, ListedObject& object) {
  TP_TRY(meta::ListedInode inode, meta::decode_listed_inode(listed_inode));
  object.size_bytes = inode.size_bytes;
  object.modified = inode.modified;
  object.etag = std::move(inode.etag);
  object.storage_class = std::move(inode.storage_class);
  object.owner = std::move(inode.owner);
  object.checksum_algorithm = inode.checksum_algorithm;
  object.checksum_type = inode.checksum_type;
  return ok;
}

Result<void> fill_objects(meta::ReadView& view, std::span<const InodeId> inodes, std::span<ListedObject> objects) {
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < inodes.size(); ++i) {
    if (inodes[i]) order.push_back(i);
  }
  if (order.empty()) return ok;
  std::ranges::sort(order, {}, [&](uint32_t index) { return inodes[index]; });
  const uint64_t span = inodes[order.back()].value - inodes[order.front()].value + 1;
  const bool dense = order.size() >= kFewInodes && span / kDenseFactor <= order.size();
  return dense ? fill_by_walk(view, inodes, order, objects) : fill_by_lookup(view, inodes, order, objects);
}

Result<bool> has_live_children(meta::ReadView& view, InodeId directory) {
  TP_TRY(const auto value, view.get(kv::Space::kInodes, meta::inode_key(directory)));
  if (!value) return std::unexpected(missing(directory));
  TP_TRY(const meta::InodeRecord record, meta::decode_inode(*value));
  return record.live_children > 0;
}

}  // namespace tp::plane
