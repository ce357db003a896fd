#include <algorithm>

#include "meta/keys.h"
#include "plane/core/plane_impl.h"
#include "plane/list/list_page.h"
#include "plane/list/snapshot_read.h"
#include "plane/rights/rights.h"

namespace tp::plane {

namespace {

/// One page of a volume's uploads in progress: S3's ListMultipartUploads.
class UploadPageBuilder {
 public:
  UploadPageBuilder(meta::ReadView& view, VolumeId volume, const UploadQuery& query)
      : volume_(volume), query_(query), limit_(std::min(query.max_entries, kMaxListEntries)),
        iterator_(view.iterate(kv::Space::kUploads, meta::uploads_begin(volume), meta::uploads_end(volume))) {}

  Result<UploadPage> build() {
    if (limit_ == 0 || !seek_start()) return std::move(page_);
    while (iterator_->valid()) {
      TP_TRY(const auto parts, meta::parse_upload_key(iterator_->key()));
      if (!parts.object_key.starts_with(query_.prefix)) return std::move(page_);
      if (page_.uploads.size() + page_.common_prefixes.size() >= limit_) {
        page_.truncated = true;
        return std::move(page_);
      }
      if (const size_t group = group_size(parts.object_key)) {
        if (!give_group(parts.object_key.substr(0, group))) return std::move(page_);
        continue;
      }
      TP_TRY(auto record, meta::decode_upload(iterator_->value()));
      page_.next_key = parts.object_key;
      page_.next_upload = parts.upload;
      page_.uploads.push_back({parts.object_key, parts.upload, std::move(record)});
      iterator_->next();
    }
    TP_TRY_VOID(iterator_->status());
    return std::move(page_);
  }

 private:
  /// False if nothing can come after the marker.
  bool seek_start() {
    Bytes start = meta::uploads_from(volume_, query_.prefix);
    if (!query_.key_marker.empty()) {
      Bytes past;
      if (query_.upload_marker && query_.upload_marker->value < UINT64_MAX) {
        past = meta::upload_key(volume_, query_.key_marker, UploadId(query_.upload_marker->value + 1));
      } else if (!query_.upload_marker && marker_is_group()) {
        const Bytes next_key = successor_of_prefix(query_.key_marker);
        if (next_key.empty()) return false;
        past = meta::uploads_from(volume_, next_key);
      } else {
        past = meta::uploads_from(volume_, query_.key_marker + '\0');
      }
      start = std::max(start, past);
    }
    iterator_->seek(start);
    return true;
  }

  /// A marker that is a common prefix has been given with everything under it.
  bool marker_is_group() const {
    return query_.key_marker.starts_with(query_.prefix) && group_size(query_.key_marker) == query_.key_marker.size();
  }

  bool give_group(Bytes group) {
    const Bytes next_key = successor_of_prefix(group);
    page_.next_key = group;
    page_.next_upload = UploadId();
    page_.common_prefixes.push_back(std::move(group));
    if (next_key.empty()) return false;
    iterator_->seek(meta::uploads_from(volume_, next_key));
    return true;
  }

  size_t group_size(BytesView key) const {
    if (query_.delimiter.empty()) return 0;
    const size_t found = key.find(query_.delimiter, query_.prefix.size());
    return found == BytesView::npos ? 0 : found + query_.delimiter.size();
  }

  const VolumeId volume_;
  const UploadQuery& query_;
  const uint32_t limit_;
  std::unique_ptr<kv::Iterator> iterator_;
  UploadPage page_;
};

}  // namespace

Task<UploadPage> PlaneImpl::list_uploads(Caller caller, std::string volume, UploadQuery query) {
  TP_CO_TRY(const VolumeEntryPtr entry, core_.volumes.find(volume));
  TP_CO_TRY_VOID(
      require_on_volume(caller, *entry, Action::kListBucketMultipartUploads, query.prefix, query.delimiter));
  auto body = [&](meta::ReadView& view) { return UploadPageBuilder(view, entry->id, query).build(); };
  co_return co_await read_snapshot(core_, std::move(body));
}

}  // namespace tp::plane
