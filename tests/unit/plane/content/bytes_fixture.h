// BytesFixture: bytes of files written and read piece by piece, in one line each.
#pragma once

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {

inline plane::Payload payload(Bytes bytes) {
  const auto owner = std::make_shared<const Bytes>(std::move(bytes));
  plane::Payload data;
  data.bytes = *owner;
  data.owner = owner;
  return data;
}

class BytesFixture : public FilesFixture {
 protected:
  using FilesFixture::FilesFixture;

  FileId make(const std::string& name) {
    const auto made = create(root(), name);
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? made->attributes.file : FileId();
  }
  /// A new file of these bytes, durable.
  FileId make_of(const std::string& name, const Bytes& bytes) {
    const FileId file = make(name);
    EXPECT_TRUE(write(file, 0, bytes, plane::Stability::kFileSync));
    return file;
  }
  Result<plane::WriteResult> write(FileId file, uint64_t offset, const Bytes& bytes,
                                   plane::Stability stability = plane::Stability::kUnstable) {
    return run(files().write(root_user(), file, offset, payload(bytes), stability, plane::AccessCheck::kByMode));
  }
  Result<Bytes> part(FileId file, uint64_t offset, uint32_t size,
                     plane::AccessCheck check = plane::AccessCheck::kByMode) {
    TP_TRY(const auto got, run(files().read(root_user(), file, offset, size, check)));
    Bytes bytes;
    for (const io::SendRegion& region : got.regions) bytes += region.bytes;
    return bytes;
  }
  /// All of it; the error's words if it cannot be read.
  Bytes all(FileId file) {
    Bytes bytes;
    while (true) {
      auto got = run(files().read(root_user(), file, bytes.size(), 1 << 20, plane::AccessCheck::kByMode));
      if (!got) return got.error().to_string();
      for (const io::SendRegion& region : got->regions) bytes.append(region.bytes);
      if (got->end_of_file) return bytes;
    }
  }
  Result<plane::FileChange> resize(FileId file, uint64_t size) {
    plane::SetAttributes set_size;
    set_size.size_bytes = size;
    return set(file, set_size);
  }
};

}  // namespace tp::test
