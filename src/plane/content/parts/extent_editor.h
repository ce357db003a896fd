// ExtentEditor: changes which bytes one file has, inside a transaction: extents, small data, and what the record says
// of them. Invariants: extents cover [0, size) without a gap, references are Namespace::cut_extent's and put_extent's,
// record.hole_bytes is the holes' length, record.blob_bytes about that of the blobs named, and something for each small
// extent that was written: it says when the file is to be rewritten, and a rewrite puts it right. On the stack of the
// transaction; end() comes last.
#pragma once

#include <vector>

#include "plane/core/namespace.h"

namespace tp::plane {

class ExtentEditor {
 public:
  /// A shorter extent costs more than its bytes.
  static constexpr uint64_t kSmallExtentBytes = 64 << 10;
  static constexpr uint64_t kSmallExtentCostBytes = 8 << 10;

  ExtentEditor(Namespace& names, InodeId inode, meta::InodeRecord& record);

  /// Small data goes: the file has no bytes from here on.
  void drop_small();
  /// The file's bytes are these, which fit into small data.
  Result<void> put_small(BytesView data);
  /// New blobs, and where their bytes are from now on; what was there goes, gaps behind the end become holes.
  Result<void> put_new(const std::vector<blob::BlobRecord>& blobs, const std::vector<meta::Extent>& extents);
  /// The file's own bytes, copied: as put_new(), and nothing else changes. No end() follows.
  Result<void> put_copies(const std::vector<blob::BlobRecord>& blobs, const std::vector<meta::Extent>& extents);
  /// Extents of blobs that are there already: each gets a reference.
  Result<void> share(const std::vector<meta::Extent>& extents);
  /// [from, to) becomes a hole; the file ends at `to` at least.
  Result<void> put_hole(uint64_t from, uint64_t to);
  /// The file ends at `size_bytes`, which is within it.
  Result<void> truncate(uint64_t size_bytes);
  /// Counters and ETag; and the file is rewritten soon if its blobs are mostly dead.
  void end();

 private:
  /// Takes [from, to) out of the extents.
  Result<void> cut(uint64_t from, uint64_t to);
  /// Extents of [from, to) end where the file does or later.
  Result<void> make_room(uint64_t from, uint64_t to);

  Namespace& names_;
  const InodeId inode_;
  meta::InodeRecord& record_;
  const uint64_t counted_before_;
};

}  // namespace tp::plane
