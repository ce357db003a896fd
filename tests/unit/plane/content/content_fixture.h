// ContentFixture: files whose bytes are written and read in one line each.
#pragma once

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {

inline plane::Payload payload_of(const Bytes& bytes) {
  auto owner = std::make_shared<const Bytes>(bytes);
  plane::Payload data;
  data.bytes = *owner;
  data.owner = std::move(owner);
  return data;
}

inline Task<Bytes> read_whole(plane::Files* files, plane::FileId file) {
  Bytes bytes;
  while (true) {
    // Of a file that is open: no use is noted, which would keep the file for a while once it is removed.
    const auto part = co_await files->read(root_user(), file, bytes.size(), 1 << 20, plane::AccessCheck::kOpened);
    if (!part) co_return std::unexpected(part.error());
    for (const io::SendRegion& region : part->regions) bytes.append(region.bytes);
    if (part->end_of_file) co_return bytes;
  }
}

class ContentFixture : public FilesFixture {
 protected:
  using FilesFixture::FilesFixture;

  FileId make(const std::string& name) { return create(root(), name)->attributes.file; }
  using FilesFixture::put;
  Result<plane::WriteResult> put(FileId file, uint64_t offset, const Bytes& bytes,
                                 plane::Stability stability = plane::Stability::kUnstable) {
    return run(files().write(root_user(), file, offset, payload_of(bytes), stability, plane::AccessCheck::kByMode));
  }
  Result<plane::FileChange> commit(FileId file) { return run(files().commit(file)); }
  Bytes all(FileId file) {
    auto bytes = run(read_whole(&files(), file));
    return bytes ? *bytes : bytes.error().to_string();
  }
};

}  // namespace tp::test
