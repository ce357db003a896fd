// The blob records of the shard: BlobRecord <-> StoredBlob, and the values of the place and reference-count records.
// Bytes: docs/formats/records.md §blobs.
#pragma once

#include <optional>
#include <vector>

#include "blob/blob_record.h"
#include "meta/blob_codec.h"
#include "meta/record_source.h"

namespace tp::plane {

Bytes encode_blob_record(const blob::BlobRecord& blob);
/// kCorruption if it does not parse or names an encoding this binary does not know.
Result<blob::BlobRecord> decode_blob_record(BlobId id, BytesView value);

/// A place record's value: the blob id, 8 bytes big-endian.
Bytes encode_blob_place(BlobId id);
Result<BlobId> decode_blob_place(BytesView value);
/// A reference count's value: 8 bytes big-endian; the record is there only where the count is not 1.
Bytes encode_references(uint64_t count);
Result<uint64_t> decode_references(BytesView value);

/// nullopt if there is no such blob.
Result<std::optional<blob::BlobRecord>> load_blob(meta::RecordSource& source, BlobId id);
/// In order; nullopt where there is none.
Result<std::vector<std::optional<blob::BlobRecord>>> load_blobs(meta::RecordSource& source,
                                                                const std::vector<BlobId>& ids);

}  // namespace tp::plane
