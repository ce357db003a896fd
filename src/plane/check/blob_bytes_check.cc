#include "plane/check/blob_bytes_check.h"

#include "meta/keys.h"
#include "plane/core/blob_records.h"
#include "rt/task_group.h"

namespace tp::plane {

namespace {

constexpr size_t kBlobsPerStep = 64;
constexpr size_t kBlobsAtOnce = 4;

}  // namespace

Task<bool> BlobBytesCheck::step() {
  auto find = [&] {
    meta::ReadView view(core_.meta.engine(), kv::ReadMode::kAny);
    return next_blobs(view);
  };
  TP_CO_TRY(const auto blobs, co_await core_.runtime.pool().run(std::move(find)));
  for (size_t begin = 0; begin < blobs.size(); begin += kBlobsAtOnce) {
    rt::TaskGroup group;
    for (size_t i = begin; i < std::min(begin + kBlobsAtOnce, blobs.size()); ++i) group.spawn(verify(blobs[i]));
    co_await group.join();
  }
  co_return !done_;
}

Result<std::vector<blob::BlobRecord>> BlobBytesCheck::next_blobs(meta::ReadView& view) {
  if (next_place_.empty()) next_place_ = meta::blob_place_key(0, SegmentId(0), 0);
  const Bytes end = meta::blob_place_key(UINT8_MAX, SegmentId(UINT64_MAX), UINT64_MAX) + '\0';
  std::vector<BlobId> ids;
  const auto visit = [&](BytesView key, BytesView value) {
    // What does not parse has been reported with the records.
    if (const auto id = decode_blob_place(value)) ids.push_back(*id);
    next_place_ = Bytes(key) + '\0';
    return ids.size() < kBlobsPerStep;
  };
  TP_TRY_VOID(view.scan(kv::Space::kBlobs, next_place_, end, visit));
  done_ = ids.size() < kBlobsPerStep;
  std::vector<Bytes> keys;
  keys.reserve(ids.size());
  for (const BlobId id : ids) keys.push_back(meta::blob_key(id));
  TP_TRY(const auto values, view.multi_get(kv::Space::kBlobs, keys));
  std::vector<blob::BlobRecord> blobs;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!values[i]) continue;
    if (auto blob = decode_blob_record(ids[i], *values[i])) blobs.push_back(std::move(*blob));
  }
  return blobs;
}

Task<void> BlobBytesCheck::verify(blob::BlobRecord blob) {
  const auto verified = co_await core_.blobs.verify(blob);
  ++findings_.totals().blobs;
  findings_.totals().bytes += blob.length_bytes;
  if (verified) co_return ok;
  auto look = [&] {
    meta::ReadView view(core_.meta.engine(), kv::ReadMode::kAny);
    return report(view, blob, verified.error());
  };
  co_return co_await core_.runtime.pool().run(std::move(look));
}

Result<void> BlobBytesCheck::report(meta::ReadView& view, const blob::BlobRecord& blob, const Error& error) {
  TP_TRY(const auto now, load_blob(view, blob.id));
  if (!now || *now != blob) return ok;
  // Who uses it: there is no way back from a blob to its objects but reading all extents, which a finding is worth.
  std::string where = "blob " + std::to_string(blob.id.value);
  const auto visit = [&](BytesView key, BytesView value) {
    const auto extent = meta::decode_extent(0, value);
    if (!extent || extent->blob != blob.id || key.size() < sizeof(uint64_t)) return true;
    where = findings_.name_of(view, InodeId(get_be<uint64_t>(key.data()))) + " (" + where + ")";
    return false;
  };
  TP_TRY_VOID(view.scan(kv::Space::kExtents, Bytes(), Bytes(), visit));
  findings_.add("corrupt-blob", std::move(where), error.to_string());
  return ok;
}

}  // namespace tp::plane
