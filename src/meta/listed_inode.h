// ListedInode: the little that a listing shows of an inode. Taking only that out of a record costs a third of
// decode_inode, and nothing extra for an object of ten thousand parts. Encoding: docs/formats/records.md, inodes.
#pragma once

#include "meta/inode_record.h"

namespace tp::meta {

struct ListedInode {
  InodeType type = InodeType::kFile;
  uint64_t size_bytes = 0;
  rt::Nanos modified = 0;
  std::string etag;
  std::string owner;
  std::string storage_class;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;
  ChecksumType checksum_type = ChecksumType::kFullObject;
  uint64_t version = 0;
};

/// What decode_listed_inode() needs, in an inode's encoding: a name record carries it.
Bytes encode_listed_inode(const InodeRecord& record);
/// `value` is an inode's, or encode_listed_inode()'s. kCorruption as decode_inode, but for what is passed over.
Result<ListedInode> decode_listed_inode(BytesView value);

}  // namespace tp::meta
