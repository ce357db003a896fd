// PartWriter: an ObjectWriter whose bytes become one part of an upload: always blobs, so that completing moves no data.
// Invariant: until commit() succeeds the upload knows nothing of the bytes; then they have replaced what was the part.
#pragma once

#include "base/hash/hasher.h"
#include "plane/core/body.h"
#include "plane/object_writer.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {

class PartWriter final : public ObjectWriter {
 public:
  struct Target {
    VolumeEntryPtr volume;
    std::string key;
    UploadId upload;
    uint16_t number = 0;
  };
  /// `record` is the upload's; options.checksum_algorithm is what the client sends, kNone for the upload's own.
  PartWriter(Core& core, Target target, const meta::UploadRecord& record, const WriteOptions& options);

  Task<MutableBytes> space() override;
  Task<void> filled(size_t size) override;
  Task<PutResult> commit(ExpectedDigests expected) override;

 private:
  Core& core_;
  Target target_;
  ChecksumAlgorithm stored_algorithm_;
  /// Of the stored algorithm, where the client sends another one.
  Hasher stored_hasher_;
  Body body_;
  MutableBytes space_;
};

/// The transaction that makes a whole Body a part. Shared with copies of data.
Task<PutResult> commit_part(Core& core, PartWriter::Target target, Body& body, meta::Checksum checksum);
/// What a client hears of a part.
PutResult part_result(const meta::PartRecord& part, const meta::UploadRecord& upload);

}  // namespace tp::plane
