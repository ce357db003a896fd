#include "plane/check/passes/upload_pass.h"

#include <algorithm>

#include "meta/keys.h"
#include "meta/upload_record.h"

namespace tp::plane {

namespace {

constexpr size_t kMaxUploadsHeld = 8'000'000;
// What the keys in Space::kUploads start with (docs/formats/records.md).
constexpr char kUpload = 'u', kPart = 'p', kCompleted = 'd';
constexpr size_t kPartKeyBytes = 1 + 8 + 2;

/// Whether the extents lie one after another from 0 to the size.
bool covered(const meta::PartRecord& part) {
  uint64_t end = 0;
  for (const meta::Extent& extent : part.extents) {
    if (extent.offset != end || extent.length_bytes == 0) return false;
    end += extent.length_bytes;
  }
  return end == part.size_bytes;
}

}  // namespace

UploadPass::UploadPass(meta::ReadView& view, FindingList& findings) : view_(view), findings_(findings) {
  for (const auto& [root, volume] : findings.volumes()) counted_[volume.id].name = volume.name;
  records_ = view.iterate(kv::Space::kUploads, Bytes(), Bytes());
  records_->seek(BytesView(&kUpload, 1));
}

Result<bool> UploadPass::step() {
  for (size_t done = 0; done < kRecordsPerStep; ++done) {
    if (!records_->valid()) {
      TP_TRY_VOID(records_->status());
      if (second_round_) return false;
      TP_TRY_VOID(compare_counters());
      std::ranges::sort(uploads_);
      second_round_ = true;
      records_->seek({});
      continue;
    }
    const char kind = records_->key().empty() ? '\0' : records_->key().front();
    if (!second_round_) {
      if (kind == kUpload) TP_TRY_VOID(check_upload());
    } else if (kind == kPart) {
      check_part_record();
    } else if (kind == kCompleted) {
      check_completed();
    } else if (kind != kUpload) {
      findings_.add("corrupt-key", "uploads", to_hex(records_->key()));
    }
    records_->next();
  }
  return true;
}

Result<void> UploadPass::check_upload() {
  findings_.count_record();
  const auto key = meta::parse_upload_key(records_->key());
  if (!key) {
    findings_.add("corrupt-key", "uploads", key.error().message);
    return ok;
  }
  const auto volume = counted_.find(key->volume);
  const std::string where = (volume == counted_.end() ? "volume " + std::to_string(key->volume.value)
                                                      : volume->second.name) +
                            "/" + printable(key->object_key) + ", upload " + std::to_string(key->upload.value);
  if (volume == counted_.end()) findings_.add("orphan-upload", where, "its volume is not there");
  if (const auto record = meta::decode_upload(records_->value()); !record) {
    findings_.add("corrupt-upload", where, record.error().message);
  }
  if (uploads_.size() < kMaxUploadsHeld) uploads_.push_back(key->upload);
  Counted* counted = volume == counted_.end() ? nullptr : &volume->second;
  if (counted != nullptr) ++counted->uploads;
  return check_parts(key->upload, where, counted);
}

Result<void> UploadPass::check_parts(UploadId upload, const std::string& where, Counted* counted) {
  const auto visit = [&](BytesView key, BytesView value) {
    const std::string part_where = where + ", part key " + to_hex(key);
    const auto part = meta::decode_part(value);
    if (!part) {
      findings_.add("corrupt-part", part_where, part.error().message);
      return true;
    }
    if (!covered(*part)) findings_.add("missing-data", part_where, "its extents do not cover it once");
    if (counted != nullptr) counted->upload_bytes += part->size_bytes;
    return true;
  };
  return view_.scan(kv::Space::kUploads, meta::parts_begin(upload), meta::parts_end(upload), visit);
}

void UploadPass::check_part_record() {
  findings_.count_record();
  const BytesView key = records_->key();
  if (key.size() != kPartKeyBytes) {
    findings_.add("corrupt-key", "parts", to_hex(key));
    return;
  }
  const UploadId upload(get_be<uint64_t>(key.data() + 1));
  if (uploads_.size() < kMaxUploadsHeld && !std::ranges::binary_search(uploads_, upload)) {
    findings_.add("orphan-part", "upload " + std::to_string(upload.value), "a part of an upload that is not there");
  }
}

void UploadPass::check_completed() {
  findings_.count_record();
  if (const auto completed = meta::decode_completed(records_->value()); !completed) {
    findings_.add("corrupt-upload", "completed upload " + to_hex(records_->key()), completed.error().message);
  }
}

Result<void> UploadPass::compare_counters() {
  for (const auto& [id, counted] : counted_) {
    TP_TRY(const auto value, view_.get(kv::Space::kMeta, meta::counters_key(id)));
    const auto counters = value ? meta::decode_counters(*value) : Result<meta::VolumeCounters>();
    if (!counters) continue;  // the tree pass has said so
    const auto compare = [&](std::string_view what, uint64_t recorded, uint64_t found) {
      if (recorded == found) return;
      findings_.add("wrong-counter", counted.name,
                    std::string(what) + " recorded " + std::to_string(recorded) + ", counted " + std::to_string(found));
    };
    compare("uploads", counters->uploads, counted.uploads);
    compare("upload bytes", counters->upload_bytes, counted.upload_bytes);
  }
  return ok;
}

}  // namespace tp::plane
