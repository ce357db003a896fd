// AppendWriter: the ObjectWriter of a write at an offset: its Body becomes the tail of an object that is there. Readers
// that opened the object before keep its old size: extents are only added. Small data that outgrows its place moves to
// blobs with the appended bytes. Spec: S3 user guide, "Appending data to objects in directory buckets".
#pragma once

#include <string>

#include "plane/core/body.h"
#include "plane/core/namespace.h"

namespace tp::plane {

class AppendWriter final : public ObjectWriter {
 public:
  /// `base`: the object as it was when the write was opened; the body's prefix is its small data.
  AppendWriter(Core& core, VolumeEntryPtr volume, std::string key, CachedObjectPtr base, WriteOptions options,
               Body::Options body)
      : core_(core), volume_(std::move(volume)), key_(std::move(key)), base_(std::move(base)),
        options_(std::move(options)), body_(core, std::move(body)) {}

  Task<MutableBytes> space() override { return body_.space(); }
  Task<void> filled(size_t size) override {
    written_bytes_ += size;
    return body_.filled(size);
  }
  Task<PutResult> commit(ExpectedDigests expected) override;

 private:
  Result<PutResult> apply(meta::Txn& txn);
  /// The checksum of old and new bytes together, as far as it follows from what is known.
  meta::Checksum whole_checksum(const meta::InodeRecord& old) const;

  Core& core_;
  VolumeEntryPtr volume_;
  std::string key_;
  CachedObjectPtr base_;
  WriteOptions options_;
  Body body_;
};

}  // namespace tp::plane
