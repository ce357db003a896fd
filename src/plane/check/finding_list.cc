#include "plane/check/finding_list.h"

#include <vector>

#include "meta/inode_record.h"
#include "meta/keys.h"

namespace tp::plane {

namespace {
/// Longer chains of parents than any path are a loop.
constexpr size_t kMaxParents = 4096;
}  // namespace

void FindingList::add(std::string_view kind, std::string where, std::string detail) {
  ++report_.findings_total;
  if (report_.findings.size() < limit_) {
    report_.findings.push_back({std::string(kind), std::move(where), std::move(detail)});
  }
}

void FindingList::know_volume(const meta::VolumeRecord& volume) { volumes_.insert_or_assign(volume.root, volume); }

std::string FindingList::name_of(const meta::VolumeRecord& volume, BytesView key) const {
  return volume.name + "/" + printable(key);
}

std::string FindingList::name_of(meta::ReadView& view, InodeId inode) const {
  const std::string unnamed = "inode " + std::to_string(inode.value);
  std::vector<Bytes> names;  // the last one first
  InodeId current = inode;
  bool is_directory = false;
  while (names.size() < kMaxParents) {
    if (const auto volume = volumes_.find(current); volume != volumes_.end()) {
      Bytes key;
      for (size_t i = names.size(); i-- > 0;) key += names[i] + (i > 0 || is_directory ? "/" : "");
      return name_of(volume->second, key);
    }
    const auto value = view.get(kv::Space::kInodes, meta::inode_key(current));
    if (!value || !*value) return unnamed;
    const auto record = meta::decode_inode(**value);
    if (!record) return unnamed;
    if (names.empty()) is_directory = record->type == meta::InodeType::kDirectory;
    names.push_back(record->name);
    current = record->parent;
  }
  return unnamed;
}

std::string printable(BytesView bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char byte : bytes) {
    if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
      text.push_back(byte);
    } else {
      text += "\\x" + to_hex(BytesView(&byte, 1));
    }
  }
  return text;
}

}  // namespace tp::plane
