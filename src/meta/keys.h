// Keys of every record, big-endian so that byte order is the order we walk in. Byte tables: docs/formats/records.md.
#pragma once

#include <utility>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace tp::meta {

/// A name record's key: parent, name, then '/' if it leads to a directory. Depth first, these are in S3's order.
Bytes name_key(InodeId parent, BytesView name, bool directory);
/// [begin, end) of all names in a directory.
Bytes names_begin(InodeId parent);
Bytes names_end(InodeId parent);
struct NameParts {
  InodeId parent;
  BytesView name;  // without the '/'
  bool directory = false;
};
/// kCorruption if shorter than a parent.
Result<NameParts> parse_name_key(BytesView key);

Bytes inode_key(InodeId inode);
Bytes data_key(InodeId inode);
Bytes extent_key(InodeId inode, uint64_t offset);
Bytes extents_begin(InodeId inode);
Bytes extents_end(InodeId inode);

Bytes volume_key(BytesView name);            // kMeta
Bytes volumes_begin();
Bytes volumes_end();
Bytes counters_key(VolumeId volume);         // kMeta
Bytes user_key(BytesView user_id);           // kMeta
Bytes users_begin();
Bytes users_end();
/// A file without a name that somebody has open.
Bytes orphan_key(VolumeId volume, InodeId inode);   // kMeta
Bytes orphans_begin();
Bytes orphans_end();
/// A file whose blobs are mostly dead, to be rewritten.
Bytes rewrite_key(VolumeId volume, InodeId inode);  // kMeta
Bytes rewrites_begin();
Bytes rewrites_end();
/// A file whose blobs are to go to another tier.
Bytes move_key(VolumeId volume, InodeId inode);  // kMeta
Result<std::pair<VolumeId, InodeId>> parse_move_key(BytesView key);
Bytes moves_begin();
Bytes moves_end();
/// A service's or a front's own small record.
Bytes note_key(BytesView name);              // kMeta

Bytes blob_key(BlobId blob);                 // kBlobs: the record
Bytes blobs_begin();
Bytes blobs_end();
Bytes blob_references_key(BlobId blob);      // kBlobs: the count, only where it is not 1
Bytes blob_place_key(uint8_t tier, SegmentId segment, uint64_t offset);  // kBlobs: place -> blob id
Bytes blob_places_begin(uint8_t tier, SegmentId segment);
Bytes blob_places_end(uint8_t tier, SegmentId segment);

/// Uploads order by volume, then key, then upload id: ListMultipartUploads is a scan.
Bytes upload_key(VolumeId volume, BytesView object_key, UploadId upload);
Bytes uploads_begin(VolumeId volume);
Bytes uploads_end(VolumeId volume);
/// The first upload key of `object_key` or later keys.
Bytes uploads_from(VolumeId volume, BytesView object_key);
struct UploadKeyParts {
  VolumeId volume;
  Bytes object_key;
  UploadId upload;
};
Result<UploadKeyParts> parse_upload_key(BytesView key);
Bytes part_key(UploadId upload, uint16_t part_number);
Bytes parts_begin(UploadId upload);
Bytes parts_end(UploadId upload);
/// A completed upload is remembered for a while, so that a retried completion gets the same answer.
Bytes completed_upload_key(UploadId upload);
Bytes completed_uploads_begin();
Bytes completed_uploads_end();

Bytes journal_key(JournalSeq sequence);

}  // namespace tp::meta
