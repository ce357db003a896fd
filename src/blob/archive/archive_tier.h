// The archive tier: blobs packed into large objects of some bucket, compressed and encrypted before they leave, read by
// range. Packs are written once and never changed; space comes back pack by pack, when all in one is dead. Its table of
// packs is in memory: what an earlier start left is known after segments() and reclaim(). Format:
// docs/formats/archive.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "blob/archive/archive_keys.h"
#include "blob/codec/frame.h"
#include "blob/tier.h"
#include "io/object_store.h"

namespace tp::blob {

struct ArchiveOptions {
  rt::Runtime* runtime = nullptr;
  std::unique_ptr<io::ObjectStore> store;
  std::string prefix;         // of all names; may be empty; ASCII, without '/' at its ends
  uint64_t store_id = 0;      // part of the names: stores that share a bucket do not see each other's packs
  uint8_t tier = 1;           // the same
  uint64_t start_number = 1;  // grows with every start; makes pack numbers unique
  ArchiveKeys keys;
  FrameOptions frames;
  uint64_t pack_bytes = 64ull << 20;                // a pack is uploaded before it would be larger
  uint64_t cache_bytes = 64ull << 20;               // of frames read ahead
  unsigned read_ahead_frames = 16;                  // that one request fetches at most when blobs are read in order
  unsigned packs_at_a_time = 2;                     // built and uploaded by put(); each takes pack_bytes of memory
  unsigned repack_below_percent = 50;               // a pack with less of it alive wants moving
  rt::Nanos list_again_after = 3600 * rt::kSecond;  // what segments() knows of the bucket is used for so long
  /// Told in words what was odd but could be lived with; may be empty.
  std::function<void(const std::string&)> report;
};

/// Asks the store for one name, so that wrong credentials or a bucket that is not there are told at once:
/// kInvalidArgument, kPermissionDenied, kNotFound. A store that does not answer is reported and may come back later.
Task<std::unique_ptr<Tier>> open_archive_tier(ArchiveOptions options);

}  // namespace tp::blob
