#include "fault/workload.h"

#include <algorithm>

namespace tp::test {

namespace {
constexpr size_t kSmall = 500, kLarge = 200'000, kTwoBlobs = (8 << 20) + 12'345, kLighter = 300'000;
}  // namespace

Result<void> Workload::prepare() {
  plane::CreateVolumeOptions options;
  TP_TRY_VOID(store_.run(store_.plane().create_volume(operator_caller(), kVolume, std::move(options))));
  put("base/small", kSmall);
  put("base/large", kLarge);
  put("base/appended", kLarge);
  put("base/overwritten", two_blobs());
  put("base/renamed", kLarge);
  put("base/removed", kLarge);
  if (failed_ > 0) return fail(Code::kInternal, "the preparation failed");
  return ok;
}

void Workload::run() {
  put("new/small", kSmall);
  put("new/large", kLarge);
  put("base/overwritten", kLarge);
  append("base/appended", kLarge);
  append("base/small", kLarge);
  copy("base/large", "copies/large");
  rename("base/renamed", "elsewhere/renamed");
  upload("uploads/one");
  remove("base/removed");
  put("new/two-blobs", two_blobs());
  remove("new/small");
  put("base/overwritten", kSmall);
}

size_t Workload::two_blobs() const { return weight_ == Weight::kFull ? kTwoBlobs : kLighter; }

template <class T>
bool Workload::note(const std::string& key, Content next, const Result<T>& answer) {
  if (answer) {
    allowed_[key] = {std::move(next)};
    return true;
  }
  ++failed_;
  auto& allowed = allowed_[key];
  if (allowed.empty()) allowed.push_back(std::nullopt);
  if (answer.error().applied != Applied::kNo) {
    ++unsure_;
    allowed.push_back(std::move(next));
  }
  return false;
}

std::optional<Workload::Content> Workload::certain(const std::string& key) const {
  const auto found = allowed_.find(key);
  if (found == allowed_.end()) return Content();
  if (found->second.size() > 1) return std::nullopt;
  return found->second.front();
}

void Workload::put(const std::string& key, size_t size) {
  const Bytes data = make_data(next_data_++, size);
  plane::WriteOptions options;
  options.size_bytes = size;
  note(key, data, store_.run(put_object(&store_.plane(), ref(key), data, std::move(options))));
}

void Workload::append(const std::string& key, size_t size) {
  const auto before = certain(key);
  if (!before || !*before) return;
  const Bytes data = make_data(next_data_++, size);
  plane::WriteOptions options;
  options.append_offset = (*before)->size();
  note(key, **before + data, store_.run(put_object(&store_.plane(), ref(key), data, std::move(options))));
}

void Workload::copy(const std::string& from, const std::string& to) {
  const auto source = certain(from);
  if (!source) return;
  note(to, *source, store_.run(store_.plane().copy(operator_caller(), ref(from), ref(to), {})));
}

void Workload::rename(const std::string& from, const std::string& to) {
  const auto source = certain(from);
  if (!source) return;
  const auto answer = store_.run(store_.plane().rename(operator_caller(), kVolume, from, to, {}, {}));
  note(to, *source, answer);
  note(from, std::nullopt, answer);
}

void Workload::remove(const std::string& key) {
  note(key, std::nullopt, store_.run(store_.plane().remove(operator_caller(), ref(key), {})));
}

void Workload::upload(const std::string& key) {
  const auto id = store_.run(store_.plane().create_upload(operator_caller(), ref(key), {}));
  if (!id) {
    ++failed_;
    return;
  }
  plane::CompleteOptions options;
  Bytes whole;
  const uint16_t parts = weight_ == Weight::kFull ? 2 : 1;  // the last part may be small
  for (uint16_t number = 1; number <= parts; ++number) {
    const Bytes data = make_data(next_data_++, number < parts ? plane::kMinPartBytes : kSmall);
    const auto part = store_.run(put_part(&store_.plane(), ref(key), *id, number, data, part_options()));
    if (!part) {
      ++failed_;
      return;
    }
    options.parts.push_back({number, part->etag, std::nullopt});
    whole += data;
  }
  note(key, whole, store_.run(store_.plane().complete_upload(operator_caller(), ref(key), *id, std::move(options))));
}

Result<void> Workload::verify() {
  for (const auto& [key, allowed] : allowed_) TP_TRY_VOID(verify_key(key, allowed));
  return ok;
}

Result<void> Workload::verify_acknowledged() {
  for (const auto& [key, allowed] : allowed_) {
    if (allowed.size() == 1) TP_TRY_VOID(verify_key(key, allowed));
  }
  return ok;
}

Result<void> Workload::verify_key(const std::string& key, const std::vector<Content>& allowed) {
  auto data = store_.run(get_object(&store_.plane(), ref(key)));
  if (!data && data.error().code != Code::kNotFound) return std::unexpected(std::move(data.error()).with_context(key));
  const Content found = data ? Content(std::move(*data)) : Content();
  if (std::ranges::find(allowed, found) != allowed.end()) return ok;
  return fail(Code::kInternal, key + (found ? " holds " + std::to_string(found->size()) + " other bytes" : " is gone"));
}

Result<void> check_clean(MemoryPlane& store) {
  TP_TRY_VOID(store.tidy_up());
  plane::CheckOptions options;
  TP_TRY(const plane::CheckReport report, store.run(store.plane().check(std::move(options))));
  if (report.clean()) return ok;
  std::string text = "check finds:";
  for (const plane::CheckFinding& finding : report.findings) {
    text += "\n    " + finding.kind + " | " + finding.where + " | " + finding.detail;
  }
  return fail(Code::kInternal, text);
}

}  // namespace tp::test
