// BlobPacker: writes pieces of a file one after another into blobs, as many as fit into each, through pool buffers: one
// copy. Nothing refers to the blobs until a transaction does; destroyed before keep(), they are freed. Belongs to one
// loop.
#pragma once

#include <memory>
#include <vector>

#include "plane/core/core.h"

namespace tp::plane {

class BlobPacker {
 public:
  /// `total_bytes`: of all pieces.
  BlobPacker(Core& core, uint64_t total_bytes);
  ~BlobPacker();
  BlobPacker(const BlobPacker&) = delete;
  BlobPacker& operator=(const BlobPacker&) = delete;

  /// Pieces come in order of their offsets in the file.
  Task<void> add(uint64_t offset, BytesView bytes);
  /// Ends the last blob and makes all durable.
  Task<void> finish();
  /// After finish().
  const std::vector<blob::BlobRecord>& blobs() const;
  const std::vector<meta::Extent>& extents() const;
  void keep();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tp::plane
