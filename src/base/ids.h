// The strong ids of the store.
#pragma once

#include "base/strong_id.h"

namespace tp {

using VolumeId = StrongId<struct VolumeIdTag>;
using InodeId = StrongId<struct InodeIdTag>;
using BlobId = StrongId<struct BlobIdTag>;
using SegmentId = StrongId<struct SegmentIdTag>;
using UploadId = StrongId<struct UploadIdTag>;
using JournalSeq = StrongId<struct JournalSeqTag>;
/// A point in time that a snapshot keeps: inodes numbered below it were there. Zero: now.
using Epoch = StrongId<struct EpochTag>;

}  // namespace tp
