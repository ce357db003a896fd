#include "plane/content/rewrite_file.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/content/parts/blob_census.h"
#include "plane/content/parts/blob_packer.h"
#include "plane/content/parts/extent_editor.h"
#include "plane/content/parts/rewrite_chunk.h"
#include "plane/core/object_lookup.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

/// Bytes of the old blobs are in memory so many pieces at a time.
constexpr size_t kReadsAtOnce = 16;
constexpr uint64_t kReadBytes = 256 << 10;
/// What is read of scattered pieces is worth keeping: their neighbours come soon.
constexpr uint64_t kScatteredBytes = 64 << 10;

/// A piece being read.
struct Read {
  const blob::BlobRecord* blob = nullptr;
  meta::Extent at;
  std::vector<io::SendRegion> regions;
  std::optional<Error> error;
};

Task<void> read_piece(blob::BlobStore* blobs, Read* read) {
  uint64_t have = 0;
  while (have < read->at.length_bytes) {
    const uint64_t rest = read->at.length_bytes - have;
    auto region = co_await blobs->read(*read->blob, read->at.blob_offset + have, rest, rest < kScatteredBytes);
    if (!region) {
      read->error = std::move(region.error());
      break;
    }
    have += region->bytes.size();
    read->regions.push_back(std::move(*region));
  }
  co_return ok;
}

std::vector<Read> reads_of(const RewriteChunk& chunk) {
  std::vector<Read> reads;
  for (const meta::Extent& piece : chunk.pieces) {
    for (uint64_t done = 0; done < piece.length_bytes;) {
      const uint64_t from = piece.blob_offset + done;
      const uint64_t part = std::min(piece.length_bytes - done, kReadBytes - from % kReadBytes);
      Read& read = reads.emplace_back();
      read.blob = &chunk.blobs.at(piece.blob);
      read.at = {piece.offset + done, part, piece.blob, from};
      done += part;
    }
  }
  return reads;
}

/// Reads the chunk, a few pieces at a time, and packs it. `copied`: what was, by where it lay.
Task<void> copy_chunk(Core& core, const RewriteChunk* chunk, BlobPacker* packer, std::vector<meta::Extent>* copied) {
  std::vector<Read> reads = reads_of(*chunk);
  for (size_t first = 0; first < reads.size(); first += kReadsAtOnce) {
    const size_t end = std::min(reads.size(), first + kReadsAtOnce);
    rt::TaskGroup group;
    for (size_t i = first; i < end; ++i) group.spawn(read_piece(&core.blobs, &reads[i]));
    co_await group.join();
    for (size_t i = first; i < end; ++i) {
      Read& read = reads[i];
      // What is damaged stays where it is, for check and scrub to name.
      if (read.error && read.error->code == Code::kCorruption) continue;
      if (read.error) co_return std::unexpected(std::move(*read.error));
      uint64_t at = read.at.offset;
      for (const io::SendRegion& region : read.regions) {
        TP_CO_TRY_VOID(co_await packer->add(at, region.bytes));
        at += region.bytes.size();
      }
      read.regions.clear();
      copied->push_back(read.at);
    }
  }
  co_return co_await packer->finish();
}

/// Extents that still are what was copied lead to the copy from now on.
struct Swap {
  Core& core;
  FileId file;
  const std::vector<meta::Extent>& copied;
  const BlobPacker& packed;

  /// How many bytes have moved.
  Result<uint64_t> apply(meta::Txn& txn) const {
    TP_TRY(const VolumeEntryPtr volume, volume_of(core, file.volume));
    TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
    TP_TRY(meta::InodeRecord record, names.inode(file.inode));
    if (record.place != meta::DataPlace::kExtents) return 0;
    const uint64_t from = copied.front().offset, to = copied.back().offset + copied.back().length_bytes;
    TP_TRY(const auto current, load_extents(txn, file.inode, from, to, SIZE_MAX));
    const auto moved = unchanged_of(copied, current, packed.extents());
    uint64_t bytes = 0;
    for (const meta::Extent& extent : moved) bytes += extent.length_bytes;
    if (bytes == 0) return 0;
    ExtentEditor editor(names, file.inode, record);
    TP_TRY_VOID(editor.put_copies(packed.blobs(), moved));
    TP_TRY_VOID(names.update_places(file.inode, record));
    TP_TRY_VOID(names.finish());
    return bytes;
  }
};

/// Where the next one begins.
Task<uint64_t> rewrite_from(Core& core, FileId file, const std::vector<BlobId>* victims, uint64_t from) {
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core, file.volume));
  // Keeps the bytes from being freed while they are copied.
  const ReadGuard guard(core.dead_blobs);
  auto plan = [&](meta::ReadView& view) { return plan_chunk(view, file.inode, *victims, from); };
  TP_CO_TRY(const RewriteChunk chunk, co_await core.read(*volume, std::move(plan)));
  if (chunk.pieces.empty()) co_return chunk.next;
  BlobPacker packer(core, chunk.size_bytes);
  std::vector<meta::Extent> copied;
  TP_CO_TRY_VOID(co_await copy_chunk(core, &chunk, &packer, &copied));
  if (copied.empty()) co_return chunk.next;
  const Swap swap{core, file, copied, packer};
  auto body = [&swap](meta::Txn& txn) { return swap.apply(txn); };
  const auto moved = co_await core.change(std::move(body));
  // If the change may have been applied, the blobs may be referred to: the next start knows.
  if (moved ? *moved > 0 : moved.error().applied != Applied::kNo) packer.keep();
  if (!moved) co_return std::unexpected(moved.error());
  co_return chunk.next;
}

Task<void> rewrite_victims(Core& core, FileId file, const std::vector<BlobId>* victims, const bool* stopping) {
  for (uint64_t at = 0; at < kMaxFileBytes && !victims->empty();) {
    if (*stopping) co_return fail(Code::kCancelled, "stopping");
    TP_CO_TRY(at, co_await rewrite_from(core, file, victims, at));
  }
  co_return ok;
}

/// The file's record said `said` where `counted` was right; and if it is not to be rewritten any more, nothing asks
/// for it.
Task<void> settle(Core& core, FileId file, uint64_t said, uint64_t counted) {
  auto body = [&](meta::Txn& txn) -> Result<void> {
    const VolumeEntryPtr volume = core.volumes.find_id(file.volume);
    if (volume == nullptr) {
      txn.erase(kv::Space::kMeta, meta::rewrite_key(file.volume, file.inode));
      return ok;
    }
    TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
    TP_TRY(auto record, find_inode(txn, file.inode));
    if (!record || !core.open_files.rewrites.wants(*record)) {
      txn.erase(kv::Space::kMeta, meta::rewrite_key(file.volume, file.inode));
    }
    if (!record || record->place != meta::DataPlace::kExtents || said == counted) return ok;
    record->blob_bytes += counted;
    record->blob_bytes -= std::min(record->blob_bytes, said);
    if (!core.open_files.rewrites.wants(*record)) {
      txn.erase(kv::Space::kMeta, meta::rewrite_key(file.volume, file.inode));
    }
    TP_TRY_VOID(names.update_places(file.inode, *record));
    return names.finish();
  };
  co_return co_await core.change(std::move(body));
}

/// kNotFound: the file has gone meanwhile.
Task<void> rewrite_wanted(Core& core, FileId file, const bool* stopping) {
  const VolumeEntryPtr volume = core.volumes.find_id(file.volume);
  if (volume == nullptr) co_return co_await settle(core, file, 0, 0);
  auto snapshot = core.meta.engine().snapshot();
  auto look = [&](meta::ReadView& given) {
    meta::ReadView view(core.meta.engine(), given.mode(), snapshot.get(), given.layer());
    return find_inode(view, file.inode);
  };
  TP_CO_TRY(const auto record, co_await core.read(*volume, std::move(look)));
  if (!record || !core.open_files.rewrites.wants(*record)) co_return co_await settle(core, file, 0, 0);
  uint64_t counted = 0;
  for (BlobId from(1); from;) {
    TP_CO_TRY(const BlobCensus census, co_await take_census(core, *volume, snapshot.get(), file.inode, from, stopping));
    counted += census.blob_bytes;
    from = census.next;
    if (!from) snapshot.reset();
    TP_CO_TRY_VOID(co_await rewrite_victims(core, file, &census.victims, stopping));
  }
  co_return co_await settle(core, file, record->blob_bytes, counted);
}

}  // namespace

Task<void> rewrite_file(Core& core, FileId file, const bool* stopping) {
  auto done = co_await rewrite_wanted(core, file, stopping);
  if (!done && done.error().code == Code::kNotFound) co_return co_await settle(core, file, 0, 0);
  co_return done;
}

}  // namespace tp::plane
