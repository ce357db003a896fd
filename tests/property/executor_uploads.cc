#include "base/hash/hasher.h"
#include "property/executor.h"
#include "support/naive_listing.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

std::string slot_text(size_t slot, const ModelUpload& upload) {
  return "upload " + std::to_string(slot) + " of " + quoted(upload.key);
}

Bytes checksum_of(const ModelUpload& upload, const Bytes& data) {
  return upload.algorithm == ChecksumAlgorithm::kNone ? Bytes() : digest(upload.algorithm, data);
}

std::string etag_of_parts(const std::vector<plane::CompletePart>& parts) {
  Bytes md5s;
  for (const plane::CompletePart& part : parts) {
    Md5Digest one{};
    (void)from_hex(part.etag, one);
    md5s += as_view(one);
  }
  return md5_hex(md5s) + "-" + std::to_string(parts.size());
}

}  // namespace

Task<void> Executor::create_upload(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  if (model_.uploads.contains(slot)) co_return ok;
  ModelUpload upload;
  upload.key = pick_key(rng);
  upload.metadata = {{"upload", std::to_string(rng.below(100))}};
  plane::UploadOptions options;
  options.attributes.user_metadata = upload.metadata;
  const std::pair<ChecksumAlgorithm, meta::ChecksumType> kinds[] = {
      {ChecksumAlgorithm::kNone, meta::ChecksumType::kFullObject},
      {ChecksumAlgorithm::kCrc32, meta::ChecksumType::kComposite},
      {ChecksumAlgorithm::kCrc32c, meta::ChecksumType::kFullObject},
      {ChecksumAlgorithm::kCrc64Nvme, meta::ChecksumType::kFullObject},
      {ChecksumAlgorithm::kSha256, meta::ChecksumType::kComposite}};
  std::tie(upload.algorithm, upload.checksum_type) = kinds[rng.below(std::size(kinds))];
  options.checksum_algorithm = upload.algorithm;
  if (upload.algorithm != ChecksumAlgorithm::kNone) options.checksum_type = upload.checksum_type;
  say("create " + slot_text(slot, upload));
  const auto result = co_await plane_->create_upload(operator_caller(), ref(upload.key), std::move(options));
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "create_upload"));
  upload.id = *result;
  model_.uploads[slot] = upload;
  co_return ok;
}

Task<void> Executor::put_part(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  const auto found = model_.uploads.find(slot);
  if (found == model_.uploads.end()) co_return ok;
  ModelUpload& upload = found->second;
  const auto number = static_cast<uint16_t>(1 + rng.below(5));
  // Parts that may stand before others are expensive, so most are small.
  const SharedBytes data = rng.below(6) == 0 ? std::make_shared<const Bytes>(make_data(rng.next(), (5 << 20) + 7))
                                             : pick_data(rng);
  plane::WriteOptions options = part_options();
  if (rng.below(2) == 0) options.size_bytes = data->size();
  plane::ExpectedDigests expected;
  const bool wrong = rng.below(12) == 0;
  if (wrong) expected.md5 = Bytes(16, 'x');
  say("put part " + std::to_string(number) + " of " + slot_text(slot, upload) + ", " + std::to_string(data->size()) +
      " bytes" + (wrong ? ", wrong digest" : ""));
  const auto result = co_await test::put_part(plane_, ref(upload.key), upload.id, number, *data, std::move(options),
                                              std::move(expected));
  TP_CO_TRY_VOID(expect_code(result, wrong ? std::optional(Code::kInvalidArgument) : std::nullopt, "put part"));
  if (!result) co_return ok;
  TP_CO_TRY_VOID(expect(result->etag == md5_hex(*data), "a part has another ETag"));
  TP_CO_TRY_VOID(expect(result->checksum.value == checksum_of(upload, *data), "a part has another checksum"));
  upload.parts[number] = {data, result->etag};
  co_return ok;
}

Task<void> Executor::copy_part(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  const auto found = model_.uploads.find(slot);
  if (found == model_.uploads.end()) co_return ok;
  ModelUpload& upload = found->second;
  const std::string source = pick_key(rng);
  const auto number = static_cast<uint16_t>(1 + rng.below(5));
  const ModelObject* object = find(source);
  std::optional<plane::Plane::SourceRange> range;
  std::optional<Code> want = object == nullptr ? std::optional(Code::kNotFound) : std::nullopt;
  if (object != nullptr && rng.below(3) > 0) {
    const uint64_t size = object->data->size();
    range = plane::Plane::SourceRange{rng.below(size + 1), 1 + rng.below(size + 1)};
    if (range->offset + range->size_bytes > size) want = Code::kOutOfRange;
  }
  say("copy part " + std::to_string(number) + " of " + slot_text(slot, upload) + " from " + quoted(source) +
      (range ? " bytes " + std::to_string(range->offset) + " + " + std::to_string(range->size_bytes) : ""));
  const auto result = co_await plane_->copy_part(operator_caller(), ref(source), range, {}, ref(upload.key), upload.id,
                                                 number);
  TP_CO_TRY_VOID(expect_code(result, want, "copy part"));
  if (!result) co_return ok;
  const Bytes bytes = range ? object->data->substr(range->offset, range->size_bytes) : *object->data;
  TP_CO_TRY_VOID(expect(result->etag == md5_hex(bytes), "a copied part has another ETag"));
  TP_CO_TRY_VOID(expect(result->checksum.value == checksum_of(upload, bytes), "a copied part has another checksum"));
  upload.parts[number] = {std::make_shared<const Bytes>(bytes), result->etag};
  co_return ok;
}

Task<void> Executor::list_parts(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  const auto found = model_.uploads.find(slot);
  if (found == model_.uploads.end()) co_return ok;
  const ModelUpload& upload = found->second;
  const auto after = static_cast<uint16_t>(rng.below(6));
  const auto most = static_cast<uint32_t>(rng.below(5));
  say("list parts of " + slot_text(slot, upload));
  const auto page = co_await plane_->list_parts(operator_caller(), ref(upload.key), upload.id, after, most);
  TP_CO_TRY_VOID(expect_code(page, std::nullopt, "list_parts"));
  size_t given = 0;
  bool truncated = false;
  for (auto part = upload.parts.upper_bound(after); part != upload.parts.end() && most > 0; ++part) {
    truncated = given == most;
    if (truncated) break;
    TP_CO_TRY_VOID(expect(given < page->parts.size() && page->parts[given].number == part->first &&
                              page->parts[given].etag == part->second.etag &&
                              page->parts[given].size_bytes == part->second.data->size(),
                          "list_parts shows something else than part " + std::to_string(part->first)));
    ++given;
  }
  co_return expect(page->parts.size() == given && page->truncated == truncated, "list_parts ends elsewhere");
}

Task<void> Executor::list_uploads(rt::Rng rng) {
  plane::UploadQuery query;
  query.prefix = prefix_;
  query.max_entries = 1 + static_cast<uint32_t>(rng.below(4));
  std::map<std::pair<std::string, UploadId>, size_t> expected;
  for (const auto& [slot, upload] : model_.uploads) expected[{upload.key, upload.id}] = slot;
  say("list uploads");
  size_t pages = 0;
  for (auto next = expected.begin();;) {
    const auto page = co_await plane_->list_uploads(operator_caller(), kVolume, query);
    TP_CO_TRY_VOID(expect_code(page, std::nullopt, "list_uploads"));
    for (const plane::ListedUpload& listed : page->uploads) {
      TP_CO_TRY_VOID(expect(next != expected.end() && next->first == std::pair(listed.key, listed.upload),
                            "list_uploads shows something else than expected"));
      ++next;
    }
    TP_CO_TRY_VOID(expect(page->truncated == (next != expected.end()), "list_uploads ends elsewhere"));
    if (!page->truncated) co_return ok;
    query.key_marker = page->next_key;
    query.upload_marker = page->next_upload;
    TP_CO_TRY_VOID(expect(++pages <= expected.size(), "list_uploads does not end"));
  }
}

Task<void> Executor::complete(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  const auto found = model_.uploads.find(slot);
  if (found == model_.uploads.end()) co_return ok;
  const ModelUpload upload = found->second;
  plane::CompleteOptions options;
  auto whole = std::make_shared<Bytes>();
  std::optional<Code> want;
  bool before_was_small = false;
  for (const auto& [number, part] : upload.parts) {
    if (rng.below(4) == 0) continue;
    if (before_was_small) want = Code::kInvalidArgument;
    before_was_small = part.data->size() < plane::kMinPartBytes;
    options.parts.push_back({number, part.etag, std::nullopt});
    if (rng.below(2) == 0 && upload.algorithm != ChecksumAlgorithm::kNone) {
      options.parts.back().checksum = checksum_of(upload, *part.data);
    }
    *whole += *part.data;
  }
  if (options.parts.empty()) want = Code::kInvalidArgument;
  const uint64_t twist = rng.below(12);
  if (twist == 0) options.parts.push_back({9999, md5_hex("nothing"), std::nullopt});
  if (twist == 1 && options.parts.size() > 1) std::swap(options.parts[0], options.parts[1]);
  if (twist == 2 && !options.parts.empty()) options.parts[0].etag = md5_hex("another part");
  if (twist == 3) options.object_size_bytes = whole->size() + 1;
  if (twist <= 3 && !(twist == 1 && options.parts.size() < 2)) want = Code::kInvalidArgument;
  if (twist == 4) options.conditions = pick_conditions(rng, upload.key);
  if (!want) want = verdict(options.conditions, upload.key);
  if (rng.below(2) == 0 && !options.object_size_bytes) options.object_size_bytes = whole->size();
  if (!want && upload.checksum_type == meta::ChecksumType::kFullObject && rng.below(2) == 0 &&
      upload.algorithm != ChecksumAlgorithm::kNone) {
    options.checksum = digest(upload.algorithm, *whole);
  }
  say("complete " + slot_text(slot, upload) + " with " + std::to_string(options.parts.size()) + " parts");
  const ModelCompletion completion{upload.key, upload.id, options.parts, etag_of_parts(options.parts)};
  const auto result =
      co_await plane_->complete_upload(operator_caller(), ref(upload.key), upload.id, std::move(options));
  TP_CO_TRY_VOID(expect_code(result, want, "complete"));
  if (!result) co_return ok;
  TP_CO_TRY_VOID(expect(result->etag == completion.etag, "complete gives ETag " + result->etag));
  TP_CO_TRY_VOID(expect(result->size_bytes == whole->size(), "complete gives another size"));
  model_.objects[upload.key] = {whole, result->etag, {}, upload.metadata, completion.parts.size()};
  model_.uploads.erase(slot);
  model_.completions.push_back(completion);
  co_return ok;
}

Task<void> Executor::retry_complete(rt::Rng rng) {
  if (model_.completions.empty()) co_return ok;
  const ModelCompletion completion = model_.completions[rng.below(model_.completions.size())];
  plane::CompleteOptions options;
  options.parts = completion.parts;
  const bool other_parts = rng.below(3) == 0;
  if (other_parts) options.parts.back().etag = md5_hex("another part");
  say("complete " + quoted(completion.key) + " again" + (other_parts ? ", with other parts" : ""));
  const auto result = co_await plane_->complete_upload(operator_caller(), ref(completion.key), completion.id,
                                                       std::move(options));
  TP_CO_TRY_VOID(expect_code(result, other_parts ? std::optional(Code::kNotFound) : std::nullopt, "complete again"));
  co_return expect(!result || result->etag == completion.etag, "complete gives another ETag the second time");
}

Task<void> Executor::abort(rt::Rng rng) {
  const size_t slot = rng.below(Model::kUploadSlots);
  const auto found = model_.uploads.find(slot);
  if (found == model_.uploads.end()) co_return ok;
  say("abort " + slot_text(slot, found->second));
  const auto wrong_key = co_await plane_->abort_upload(operator_caller(), ref(prefix_ + "other"), found->second.id);
  TP_CO_TRY_VOID(expect_code(wrong_key, Code::kNotFound, "abort under another key"));
  const auto result = co_await plane_->abort_upload(operator_caller(), ref(found->second.key), found->second.id);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "abort"));
  model_.uploads.erase(found);
  co_return ok;
}

}  // namespace tp::test
