// Reason: what Error::reason says when it comes from the plane: finer than Code, for fronts whose protocol tells these
// apart.
#pragma once

#include <cstdint>

namespace tp::plane {

enum class Reason : uint16_t {
  kNone = 0,
  kNoSuchVolume,
  kNoSuchKey,
  kNoSuchUpload,
  kNoSuchUser,
  kVolumeExists,          // owned by somebody else
  kVolumeOwnedByCaller,
  kVolumeNotEmpty,
  kInvalidVolumeName,
  kInvalidKey,            // longer than 1024 bytes, empty, not UTF-8
  kAccessDenied,
  kAclNotSupported,       // the volume's ownership setting forbids ACLs
  kInvalidPart,           // a part named in a completion is missing or has another ETag
  kInvalidPartOrder,
  kPartTooSmall,
  kBadDigest,             // Content-MD5 does not match
  kContentSha256Mismatch, // x-amz-content-sha256 does not match
  kChecksumMismatch,      // x-amz-checksum-* does not match
  kIncompleteBody,
  kEntityTooLarge,
  kWriteOffset,           // append at an offset that is not the size
  kTooManyParts,
  kUploadSizeMismatch,    // x-amz-mp-object-size
  kInvalidChecksumType,
  kCopyOntoItself,        // a copy onto itself that changes nothing
  kSourceConditionFailed,
  kTooManyVolumes,
  kUserExists,
  kMalformedPolicy,
  // Files.
  kStale,                 // the file is gone, or never was
  kNotDirectory,
  kIsDirectory,
  kNotFile,               // neither: a link, a device
  kNameTooLong,
  kInvalidName,           // empty, ".", "..", with '/' or a zero byte, or one that stands for an escaped name
  kTooManyLinks,
  kCrossVolume,
  kNotOwner,              // only the owner (or root) may
  kReadOnlyVolume,
  kQuota,
  kBadCookie,
  kNoAttribute,           // no such extended attribute
  kAttributesTooLarge,
  kFileTooLarge,
  kNotSynchronized,       // guarded SETATTR: the change time is another
  kNotExported,           // the volume's export rules keep this client out
  // Versions, locks, tiers, snapshots.
  kNoSuchVersion,
  kInvalidVersion,        // the text is no version id
  kDeleteMarker,          // the version asked for is a delete marker
  kLocked,                // retention or a legal hold keeps the version
  kLockNotEnabled,        // the volume has no Object Lock
  kVersioningState,       // the volume's versioning does not allow it
  kInvalidRetention,
  kOffline,               // of an offline storage class: restore it first
  kRestoreInProgress,
  kInvalidStorageClass,
  kNoSuchSnapshot,
  kSnapshotExists,
  kSnapshotInUse,         // clones began as it
};

}  // namespace tp::plane
