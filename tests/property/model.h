// Model: what a volume should hold, in plain containers. One client's part of the names, all under one prefix.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/hash/md5.h"
#include "plane/object_types.h"

namespace tp::test {

using SharedBytes = std::shared_ptr<const Bytes>;

struct ModelObject {
  SharedBytes data;
  std::string etag;
  meta::TagSet tags;
  meta::HeaderList metadata;
  size_t part_count = 0;  // of a multipart object
};

struct ModelPart {
  SharedBytes data;
  std::string etag;
};

struct ModelUpload {
  std::string key;
  UploadId id;
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone;
  meta::ChecksumType checksum_type = meta::ChecksumType::kFullObject;
  meta::HeaderList metadata;
  std::map<uint16_t, ModelPart> parts;
};

/// A completion that was answered, to be asked for again.
struct ModelCompletion {
  std::string key;
  UploadId id;
  std::vector<plane::CompletePart> parts;
  std::string etag;
};

struct Model {
  static constexpr size_t kUploadSlots = 4;

  std::map<std::string, ModelObject> objects;
  std::map<size_t, ModelUpload> uploads;  // by slot
  std::vector<ModelCompletion> completions;

  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, object] : objects) all.push_back(key);
    return all;
  }
  meta::VolumeCounters counters() const {
    meta::VolumeCounters sum;
    for (const auto& [key, object] : objects) {
      ++sum.objects;
      sum.bytes += object.data->size();
    }
    for (const auto& [slot, upload] : uploads) {
      ++sum.uploads;
      for (const auto& [number, part] : upload.parts) sum.upload_bytes += part.data->size();
    }
    return sum;
  }
};

inline std::string md5_hex(BytesView data) {
  const Md5Digest digest = md5(data);
  return to_hex(as_view(digest));
}

}  // namespace tp::test
