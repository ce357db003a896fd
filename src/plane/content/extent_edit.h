// ExtentEdit: changes of one file's extents inside a transaction. Extents cover the file without gaps; a hole is one of
// blob 0. Keeps count of the blobs' references and of what the record says of holes and blobs.
#pragma once

#include "plane/core/namespace.h"

namespace tp::plane {

class ExtentEdit {
 public:
  /// `record` is of a file with extents (or empty) and is changed along.
  ExtentEdit(Namespace& names, InodeId inode, meta::InodeRecord& record);

  /// The extents over [from, to), cut to it.
  Result<std::vector<meta::Extent>> over(uint64_t from, uint64_t to);
  /// Takes [from, to) out: what it covered of blobs loses its references.
  Result<void> carve(uint64_t from, uint64_t to);
  /// Over a range that was carved or lies behind the end. The blob's reference is the caller's to count.
  void put(const meta::Extent& extent);
  void put_hole(uint64_t from, uint64_t to);
  /// A hole up to `offset`, if the file is shorter.
  void reach(uint64_t offset);

 private:
  Result<std::vector<meta::Extent>> touching(uint64_t from, uint64_t to);

  Namespace& names_;
  InodeId inode_;
  meta::InodeRecord& record_;
};

}  // namespace tp::plane
