#include "property/executor.h"
#include "property/files/tree_executor.h"
#include "support/naive_listing.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

constexpr size_t kSizes[] = {0, 1, 100, 4096, 65'535, 65'536, 65'537, 200'000, (1 << 20) + 1};

ModelFilePtr made_by_s3(const plane::PutResult& result, VolumeId volume, Bytes data) {
  auto file = std::make_shared<ModelFile>();
  file->id = {volume, result.inode};
  file->newest = std::move(data);
  file->commit();
  return file;
}

}  // namespace

Task<void> TreeExecutor::s3_put(rt::Rng rng) {
  const std::string key = pick_key(rng);
  const Bytes data = make_data(rng.next(), kSizes[rng.below(std::size(kSizes))]);
  say("S3 put " + quoted(key) + ", " + std::to_string(data.size()) + " bytes");
  const plane::ObjectRef object{kVolume, key};
  const auto result = co_await put_object(plane_, object, data);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "put"));
  TP_CO_TRY(const plane::FileId root, files().root(kVolume));
  tree_.put(key, made_by_s3(*result, root.volume, data));
  co_return co_await compare(key);
}

Task<void> TreeExecutor::s3_multipart(rt::Rng rng) {
  const std::string key = pick_key(rng);
  const Bytes one = make_data(rng.next(), plane::kMinPartBytes), two = make_data(rng.next(), 1 + rng.below(100'000));
  say("S3 multipart upload to " + quoted(key));
  const plane::ObjectRef object{kVolume, key};
  plane::UploadOptions upload_options;
  TP_CO_TRY(const UploadId upload,
            co_await plane_->create_upload(operator_caller(), object, std::move(upload_options)));
  plane::CompleteOptions options;
  TP_CO_TRY(const auto first, co_await put_part(plane_, object, upload, 1, one, part_options()));
  TP_CO_TRY(const auto second, co_await put_part(plane_, object, upload, 2, two, part_options()));
  options.parts = {{1, first.etag, std::nullopt}, {2, second.etag, std::nullopt}};
  TP_CO_TRY(const auto result, co_await plane_->complete_upload(operator_caller(), object, upload, std::move(options)));
  TP_CO_TRY(const plane::FileId root, files().root(kVolume));
  tree_.put(key, made_by_s3(result, root.volume, one + two));
  co_return co_await compare(key);
}

Task<void> TreeExecutor::s3_get(rt::Rng rng) {
  const std::string key = pick_key(rng);
  say("S3 get " + quoted(key));
  TP_CO_TRY_VOID(co_await compare(key));
  const ModelFilePtr file = tree_.find(key);
  if (!file || file->stable.empty()) co_return ok;
  const ByteRange range{rng.below(file->stable.size()), 1 + rng.below(100'000)};
  const plane::ObjectRef object{kVolume, key};
  TP_CO_TRY(const Bytes got, co_await get_object(plane_, object, range));
  co_return expect(got == file->stable.substr(range.offset, range.size_bytes), "a range has other bytes");
}

Task<void> TreeExecutor::s3_remove(rt::Rng rng) {
  const std::string key = pick_key(rng);
  say("S3 remove " + quoted(key));
  const bool there = tree_.find(key) != nullptr;
  const plane::ObjectRef object{kVolume, key};
  const auto result = co_await plane_->remove(operator_caller(), object, {});
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "remove"));
  TP_CO_TRY_VOID(expect(result->existed == there, "remove says it was there, or not"));
  if (there) tree_.erase(key);
  co_return co_await compare(key);
}

Task<void> TreeExecutor::s3_copy(rt::Rng rng) {
  const std::string from = pick_key(rng), to = pick_key(rng);
  say("S3 copy " + quoted(from) + " to " + quoted(to));
  if (from == to) co_return ok;
  const ModelFilePtr source = tree_.find(from);
  if (source) TP_CO_TRY_VOID(co_await compare(from));  // says what of it is stable
  const plane::ObjectRef from_object{kVolume, from}, to_object{kVolume, to};
  plane::CopyOptions options;
  const auto result = co_await plane_->copy(operator_caller(), from_object, to_object, std::move(options));
  TP_CO_TRY_VOID(expect_code(result, source ? std::nullopt : std::optional(Code::kNotFound), "copy"));
  if (!result) co_return ok;
  tree_.put(to, made_by_s3(*result, source->id.volume, source->stable));
  co_return co_await compare(to);
}

Task<void> TreeExecutor::s3_rename(rt::Rng rng) {
  const std::string from = pick_key(rng), to = pick_key(rng);
  if (from.ends_with('/') || to.ends_with('/')) co_return ok;  // those name prefixes
  say("S3 rename " + quoted(from) + " to " + quoted(to));
  const ModelFilePtr source = tree_.find(from), target = tree_.find(to);
  const auto result = co_await plane_->rename(operator_caller(), kVolume, from, to, {}, {});
  TP_CO_TRY_VOID(expect_code(result, source ? std::nullopt : std::optional(Code::kNotFound), "rename"));
  if (!result || from == to) co_return ok;
  tree_.put(to, source);
  tree_.erase(from);
  TP_CO_TRY_VOID(co_await compare(from));
  co_return co_await compare(to);
}

Task<void> TreeExecutor::s3_rename_prefix(rt::Rng rng) {
  ModelDirectory* at = pick_directory(rng);
  const std::string from = at->path(), to = pick_key(rng) + "/moved/";
  std::vector<std::pair<std::string, ModelFilePtr>> moved;
  for (const auto& [key, file] : tree_.files()) {
    if (key.starts_with(from)) moved.emplace_back(key, file);
  }
  // Of a prefix without keys, a target that is there, and one below itself, the tests of S3 alone know.
  if (from.empty() || moved.empty() || tree_.directory(to) != nullptr || to.starts_with(from)) co_return ok;
  if (from.find('\xff') != std::string::npos) co_return ok;
  say("S3 rename prefix " + quoted(from) + " to " + quoted(to));
  const auto result = co_await plane_->rename(operator_caller(), kVolume, from, to, {}, {});
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "rename of a prefix"));
  const auto [parent, nothing] = tree_.place(to.substr(0, to.size() - 1));
  std::unique_ptr<ModelDirectory> node = std::move(at->parent->directories[at->name]);
  at->parent->directories.erase(at->name);
  node->parent = parent;
  node->name = "moved";
  parent->directories["moved"] = std::move(node);
  for (const auto& [key, file] : moved) TP_CO_TRY_VOID(co_await compare(to + key.substr(from.size())));
  co_return ok;
}

Task<void> TreeExecutor::s3_list(rt::Rng rng) {
  const auto files_by_key = tree_.files();
  std::vector<std::string> keys;
  for (const auto& [key, file] : files_by_key) keys.push_back(key);
  plane::ListQuery query;
  static const std::vector<std::string> kPrefixes = {"", "a", "a/", "b/", "c/c", "a/b/"};
  query.prefix = kPrefixes[rng.below(kPrefixes.size())];
  query.delimiter = rng.below(2) == 0 ? "/" : "";
  query.max_entries = 1 + static_cast<uint32_t>(rng.below(20));
  say("S3 list " + quoted(query.prefix) + " by " + quoted(query.delimiter));
  for (size_t pages = 0; pages <= keys.size() + 1; ++pages) {
    const auto page = co_await plane_->list(operator_caller(), kVolume, query);
    TP_CO_TRY_VOID(expect_code(page, std::nullopt, "list"));
    const std::string different = difference(naive_list(keys, query), *page);
    TP_CO_TRY_VOID(expect(different.empty(), "list differs: " + different));
    for (const plane::ListedObject& listed : page->objects) {
      const plane::ObjectRef object{kVolume, listed.key};
      TP_CO_TRY(const auto info, co_await plane_->stat(operator_caller(), object, plane::Action::kGetObject));
      TP_CO_TRY_VOID(expect(listed.etag == info->record.etag && listed.size_bytes == info->record.size_bytes,
                            "list shows another ETag or size of " + quoted(listed.key)));
    }
    if (!page->truncated) co_return ok;
    query.after = page->last;
    query.after_is_prefix = page->last_is_prefix;
  }
  co_return fail(Code::kInternal, "list does not end");
}

}  // namespace tp::test
