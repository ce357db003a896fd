// PutWriter: the ObjectWriter of a PUT: a Body that ends in the transaction which makes it an object. Owned by the
// front's request.
#pragma once

#include <string>

#include "plane/core/body.h"
#include "plane/core/namespace.h"

namespace tp::plane {

class PutWriter final : public ObjectWriter {
 public:
  PutWriter(Core& core, VolumeEntryPtr volume, std::string key, std::string owner, WriteOptions options,
            Body::Options body)
      : core_(core), volume_(std::move(volume)), key_(std::move(key)), owner_(std::move(owner)),
        options_(std::move(options)), body_(core, std::move(body)) {}

  Task<MutableBytes> space() override { return body_.space(); }
  Task<void> filled(size_t size) override {
    written_bytes_ += size;
    return body_.filled(size);
  }
  Task<PutResult> commit(ExpectedDigests expected) override;

 private:
  Result<PutResult> apply(meta::Txn& txn);

  Core& core_;
  VolumeEntryPtr volume_;
  std::string key_;
  std::string owner_;
  WriteOptions options_;
  Body body_;
};

/// Writes the body's bytes as those of `inode` from `offset` on and sets the record's place.
void store_body(Namespace& names, InodeId inode, uint64_t offset, const Body::Stored& stored,
                meta::InodeRecord& record);
PutResult result_of(InodeId inode, const meta::InodeRecord& record);

}  // namespace tp::plane
