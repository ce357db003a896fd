#include "plane/core/object_lookup.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/blob_records.h"
#include "plane/reason.h"
#include "wire/text/utf8.h"

namespace tp::plane {

BytesView directory_part(BytesView key) {
  size_t slash = key.rfind('/');
  return slash == BytesView::npos ? BytesView() : key.substr(0, slash + 1);
}

BytesView file_part(BytesView key) { return key.substr(directory_part(key).size()); }

Result<void> check_key(BytesView key) {
  if (key.empty()) return fail(Code::kInvalidArgument, Reason::kInvalidKey, "the key is empty");
  if (key.size() > kMaxKeyBytes) return fail(Code::kInvalidArgument, Reason::kInvalidKey, "the key is too long");
  if (!wire::is_valid_utf8(key)) return fail(Code::kInvalidArgument, Reason::kInvalidKey, "the key is not UTF-8");
  return ok;
}

Result<void> check_lookup_key(BytesView key) {
  if (key.empty()) return fail(Code::kInvalidArgument, Reason::kInvalidKey, "the key is empty");
  if (key.size() > kMaxLookupBytes) return fail(Code::kInvalidArgument, Reason::kInvalidKey, "the key is too long");
  return ok;
}

Bytes encode_orphan(VolumeId volume) {
  Bytes value;
  append_be(value, volume.value);
  return value;
}

Result<VolumeId> decode_orphan(BytesView value) {
  if (value.size() != sizeof(uint64_t)) {
    return fail(Code::kCorruption, "the record of a file without a name does not parse");
  }
  return VolumeId(get_be<uint64_t>(value.data()));
}

Result<std::optional<meta::NameRecord>> find_name(meta::RecordSource& source, InodeId parent, BytesView name,
                                                  bool directory) {
  TP_TRY(auto value, source.get(kv::Space::kNames, meta::name_key(parent, name, directory)));
  if (!value) return std::nullopt;
  TP_TRY(auto record, meta::decode_name(*value));
  return std::optional(record);
}

Result<std::optional<meta::InodeRecord>> find_inode(meta::RecordSource& source, InodeId inode) {
  TP_TRY(auto value, source.get(kv::Space::kInodes, meta::inode_key(inode)));
  if (!value) return std::nullopt;
  TP_TRY(auto record, meta::decode_inode(*value));
  return std::optional(std::move(record));
}

Result<std::optional<InodeId>> find_directory(meta::RecordSource& source, InodeId root, BytesView path) {
  InodeId at = root;
  KeyPath walk(path);
  while (auto name = walk.next_directory()) {
    TP_TRY(auto record, find_name(source, at, *name, true));
    if (!record) return std::nullopt;
    at = record->inode;
  }
  return std::optional(at);
}

Result<Bytes> load_small_data(meta::RecordSource& source, InodeId inode) {
  TP_TRY(const auto value, source.get(kv::Space::kData, meta::data_key(inode)));
  if (!value) return fail(Code::kCorruption, "the file's data is not there");
  TP_TRY(const BytesView data, meta::decode_small_data(inode, *value));
  return Bytes(data);
}

Result<std::vector<meta::Extent>> load_extents(meta::RecordSource& source, InodeId inode, uint64_t from, uint64_t to,
                                               size_t limit) {
  std::vector<meta::Extent> extents;
  Result<void> parsed;
  auto take = [&](BytesView key, BytesView value) {
    if (key.size() != meta::extent_key(inode, 0).size()) {
      parsed = fail(Code::kCorruption, "extent key of a wrong size");
      return false;
    }
    auto extent = meta::decode_extent(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)), value);
    if (!extent) {
      parsed = std::unexpected(std::move(extent.error()));
      return false;
    }
    extents.push_back(*extent);
    return extents.size() < limit;
  };
  // The extent that holds `from` may begin before it.
  TP_TRY(const auto before, source.last_at_or_before(kv::Space::kExtents, meta::extents_begin(inode),
                                                     meta::extent_key(inode, from)));
  if (before && before->key < meta::extent_key(inode, from)) take(before->key, before->value);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  if (!extents.empty() && extents[0].offset + extents[0].length_bytes <= from) extents.clear();
  if (extents.size() >= limit) return extents;
  TP_TRY_VOID(source.scan(kv::Space::kExtents, meta::extent_key(inode, from), meta::extent_key(inode, to), take));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return extents;
}

Result<std::vector<LocatedExtent>> load_located(meta::RecordSource& source, InodeId inode, uint64_t from, uint64_t to,
                                                size_t limit) {
  TP_TRY(auto extents, load_extents(source, inode, from, to, limit));
  std::vector<BlobId> ids;
  for (const meta::Extent& extent : extents) ids.push_back(extent.blob);
  TP_TRY(auto blobs, load_blobs(source, ids));
  std::vector<LocatedExtent> located;
  located.reserve(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) {
    if (!extents[i].blob) {
      located.push_back({extents[i], {}});
      continue;
    }
    if (!extents[i].blob) {
      located.push_back({extents[i], {}});
      continue;
    }
    if (!blobs[i]) return fail(Code::kConflict, "a blob of the object is not there");
    if (extents[i].blob_offset + extents[i].length_bytes > blobs[i]->length_bytes) {
      return fail(Code::kCorruption, "extent reaches past its blob");
    }
    located.push_back({extents[i], std::move(*blobs[i])});
  }
  return located;
}

namespace {

/// Extents must follow one another without a gap, or bytes would be missing.
Result<void> check_contiguous(const std::vector<LocatedExtent>& extents, uint64_t from) {
  for (const LocatedExtent& located : extents) {
    if (located.extent.offset != from || located.extent.length_bytes == 0) {
      return fail(Code::kConflict, "the object's extents have a gap");
    }
    from += located.extent.length_bytes;
  }
  return ok;
}

}  // namespace

Result<std::vector<LocatedExtent>> load_located_at(meta::ReadView& view, InodeId inode, uint64_t position,
                                                   uint64_t to) {
  auto walk = view.iterate(kv::Space::kExtents, meta::extents_begin(inode), meta::extents_end(inode));
  walk->seek_for_prev(meta::extent_key(inode, position));
  TP_TRY_VOID(walk->status());
  if (!walk->valid()) return std::vector<LocatedExtent>();
  uint64_t from = get_be<uint64_t>(walk->key().data() + walk->key().size() - sizeof(uint64_t));
  TP_TRY(auto located, load_located(view, inode, from, to, kExtentWindow));
  TP_TRY_VOID(check_contiguous(located, from));
  return located;
}

namespace {

Result<void> load_bytes(meta::RecordSource& source, CachedObject& object) {
  const meta::InodeRecord& record = object.info.record;
  InodeId inode = object.info.inode;
  object.has_bytes = true;
  if (record.size_bytes == 0) {
    object.has_all_extents = true;
    return ok;
  }
  if (record.place == meta::DataPlace::kSmall) {
    TP_TRY(auto value, source.get(kv::Space::kData, meta::data_key(inode)));
    if (!value) return fail(Code::kConflict, "the object's data is not there");
    object.small_record = std::move(*value);
    TP_TRY(object.small, meta::decode_small_data(inode, object.small_record));
    // A longer one is an append that came between the two reads.
    if (object.small.size() != record.size_bytes) return fail(Code::kConflict, "the object's data has another size");
    object.has_all_extents = true;
    return ok;
  }
  TP_TRY(object.extents, load_located(source, inode, 0, record.size_bytes, kExtentWindow));
  TP_TRY_VOID(check_contiguous(object.extents, 0));
  if (object.extents.empty()) return fail(Code::kConflict, "the object's extents are not there");
  const meta::Extent& last = object.extents.back().extent;
  object.has_all_extents = last.offset + last.length_bytes >= record.size_bytes;
  if (!object.has_all_extents && object.extents.size() < kExtentWindow) {
    return fail(Code::kConflict, "the object's extents end early");
  }
  return ok;
}

}  // namespace

Result<std::shared_ptr<CachedObject>> load_object(meta::RecordSource& source, const meta::VolumeRecord& volume,
                                                  BytesView key, bool with_data) {
  TP_TRY(auto directory, find_directory(source, volume.root, directory_part(key)));
  if (!directory) return nullptr;
  TP_TRY(auto name, find_name(source, *directory, file_part(key), false));
  if (!name) return nullptr;
  return load_object_of(source, volume, name->inode, with_data);
}

Result<std::shared_ptr<CachedObject>> load_object_of(meta::RecordSource& source, const meta::VolumeRecord& volume,
                                                     InodeId inode, bool with_data) {
  TP_TRY(auto record, find_inode(source, inode));
  if (!record) return fail(Code::kConflict, "the object's inode is not there");
  auto object = std::make_shared<CachedObject>();
  object->info.inode = inode;
  object->info.volume = volume.id;
  object->info.record = std::move(*record);
  if (with_data) TP_TRY_VOID(load_bytes(source, *object));
  return object;
}

}  // namespace tp::plane
