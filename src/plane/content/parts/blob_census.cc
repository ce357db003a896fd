#include "plane/content/parts/blob_census.h"

#include <map>

#include "meta/keys.h"
#include "plane/content/parts/extent_editor.h"
#include "plane/core/blob_records.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {
namespace {

constexpr size_t kMaxBlobs = 128 << 10;
constexpr size_t kExtentsPerRead = 2048, kBlobsPerRead = 256;

struct Use {
  uint64_t extents = 0, bytes = 0;
};
using Uses = std::map<BlobId, Use>;

/// Less than three quarters of the blob, or in pieces that are small on average.
bool is_victim(const Use& use, uint64_t length_bytes) {
  return use.bytes < length_bytes - length_bytes / 4 || use.bytes < use.extents * ExtentEditor::kSmallExtentBytes;
}

/// How many extents name each blob, and with how many bytes.
struct Count {
  Uses uses;
  BlobId from, next;

  void add(const meta::Extent& extent) {
    if (!extent.blob || extent.blob < from || (next && !(extent.blob < next))) return;
    Use& use = uses[extent.blob];
    ++use.extents;
    use.bytes += extent.length_bytes;
    if (uses.size() <= kMaxBlobs) return;
    const auto last = std::prev(uses.end());
    next = last->first;
    uses.erase(last);
  }
};

using Batch = std::vector<std::pair<BlobId, Use>>;

Result<BlobCensus> judge(meta::RecordSource& source, const Batch& batch) {
  BlobCensus found;
  std::vector<BlobId> ids;
  std::vector<Bytes> counts;
  for (const auto& [id, use] : batch) {
    ids.push_back(id);
    counts.push_back(meta::blob_references_key(id));
  }
  TP_TRY(const auto blobs, load_blobs(source, ids));
  TP_TRY(const auto references, source.multi_get(kv::Space::kBlobs, counts));
  for (size_t i = 0; i < batch.size(); ++i) {
    const Use& use = batch[i].second;
    uint64_t count = 1;
    if (references[i]) {
      TP_TRY(count, decode_references(*references[i]));
    }
    const bool alone = blobs[i] && count == use.extents;
    found.blob_bytes += alone ? blobs[i]->length_bytes : use.bytes;
    if (alone && is_victim(use, blobs[i]->length_bytes)) found.victims.push_back(ids[i]);
  }
  return found;
}

}  // namespace

Task<BlobCensus> take_census(Core& core, const VolumeEntry& volume, const kv::Snapshot* snapshot, InodeId inode,
                             BlobId from, const bool* stopping) {
  Count count;
  count.from = from;
  // Small steps: they run on the loop where the records are in memory.
  for (uint64_t at = 0; at < UINT64_MAX;) {
    if (*stopping) co_return fail(Code::kCancelled, "stopping");
    auto read = [&](meta::ReadView& given) {
      meta::ReadView view(core.meta.engine(), given.mode(), snapshot, given.layer());
      return load_extents(view, inode, at, UINT64_MAX, kExtentsPerRead);
    };
    TP_CO_TRY(const auto extents, co_await core.read(volume, std::move(read)));
    for (const meta::Extent& extent : extents) count.add(extent);
    at = extents.size() < kExtentsPerRead ? UINT64_MAX : extents.back().offset + extents.back().length_bytes;
  }
  BlobCensus census;
  census.next = count.next;
  Batch batch;
  while (!count.uses.empty()) {
    batch.clear();
    for (; batch.size() < kBlobsPerRead && !count.uses.empty(); count.uses.erase(count.uses.begin())) {
      batch.push_back(*count.uses.begin());
    }
    auto read = [&](meta::ReadView& given) {
      meta::ReadView view(core.meta.engine(), given.mode(), snapshot, given.layer());
      return judge(view, batch);
    };
    TP_CO_TRY(const BlobCensus part, co_await core.read(volume, std::move(read)));
    census.blob_bytes += part.blob_bytes;
    census.victims.insert(census.victims.end(), part.victims.begin(), part.victims.end());
  }
  co_return census;
}

}  // namespace tp::plane
