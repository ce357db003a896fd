#include "property/executor.h"
#include "support/naive_listing.h"
#include "support/plane_client.h"

namespace tp::test {

Task<void> Executor::rename(rt::Rng rng) {
  const std::string from = pick_key(rng);
  const std::string to = pick_key(rng);
  if (from.ends_with('/') || to.ends_with('/')) co_return ok;  // those name prefixes
  plane::WriteConditions conditions;
  if (rng.below(3) == 0) conditions.if_none_match_any = true;
  std::optional<Code> want = find(from) == nullptr ? std::optional(Code::kNotFound) : verdict(conditions, to);
  say("rename " + quoted(from) + " to " + quoted(to));
  const auto result = co_await plane_->rename(operator_caller(), kVolume, from, to, {}, std::move(conditions));
  TP_CO_TRY_VOID(expect_code(result, want, "rename"));
  if (!result || from == to) co_return ok;
  model_.objects[to] = model_.objects[from];
  model_.objects.erase(from);
  co_return ok;
}

Task<void> Executor::rename_prefix(rt::Rng rng) {
  const std::string from = pick_prefix(rng);
  const std::string to = pick_prefix(rng);
  std::vector<std::string> moved;
  bool target_taken = false;
  for (const auto& [key, object] : model_.objects) {
    if (key.starts_with(from)) moved.push_back(key);
    target_taken = target_taken || key.starts_with(to);
  }
  std::optional<Code> want;
  if (from == to || !to.starts_with(from)) {
    if (moved.empty()) want = Code::kNotFound;
    if (!want && from != to && target_taken) want = Code::kNotEmpty;
  } else {
    want = Code::kInvalidArgument;
  }
  say("rename prefix " + quoted(from) + " to " + quoted(to) + ", " + std::to_string(moved.size()) + " keys");
  const auto result = co_await plane_->rename(operator_caller(), kVolume, from, to, {}, {});
  TP_CO_TRY_VOID(expect_code(result, want, "rename of a prefix"));
  if (!result || from == to) co_return ok;
  for (const std::string& key : moved) {
    model_.objects[to + key.substr(from.size())] = model_.objects[key];
    model_.objects.erase(key);
  }
  co_return ok;
}

Task<void> Executor::copy(rt::Rng rng) {
  const std::string from = pick_key(rng);
  const std::string to = pick_key(rng);
  plane::CopyOptions options;
  options.replace_metadata = rng.below(3) == 0;
  if (options.replace_metadata) options.attributes.user_metadata = {{"copied", std::to_string(rng.below(100))}};
  if (rng.below(3) == 0) options.conditions = pick_conditions(rng, to);
  const ModelObject* source = find(from);
  std::optional<Code> want;
  if (source == nullptr) {
    want = Code::kNotFound;
  } else if (from == to && !options.replace_metadata) {
    want = Code::kInvalidArgument;
  } else {
    want = verdict(options.conditions, to);
  }
  say("copy " + quoted(from) + " to " + quoted(to));
  ModelObject copied = source == nullptr ? ModelObject() : *source;
  if (options.replace_metadata) copied.metadata = options.attributes.user_metadata;
  const auto result = co_await plane_->copy(operator_caller(), ref(from), ref(to), std::move(options));
  TP_CO_TRY_VOID(expect_code(result, want, "copy"));
  if (!result) co_return ok;
  TP_CO_TRY_VOID(expect(result->size_bytes == copied.data->size(), "copy gives another size"));
  copied.etag = result->etag;
  model_.objects[to] = copied;
  co_return ok;
}

Task<void> Executor::list(rt::Rng rng) {
  const std::vector<std::string> tails = {"", "a", "a/", "a/b", "b/", "dir/", "dir", "/", "..", "zz", "\x7f", "n"};
  const std::vector<std::string> delimiters = {"", "/", "/", "/", "b", "//", "dir/", "."};
  plane::ListQuery query;
  query.prefix = prefix_ + tails[rng.below(tails.size())];
  query.delimiter = delimiters[rng.below(delimiters.size())];
  if (rng.below(2) == 0) query.after = rng.below(2) == 0 ? pick_key(rng) : prefix_ + tails[rng.below(tails.size())];
  query.after_is_prefix = rng.below(3) == 0;
  query.max_entries = static_cast<uint32_t>(rng.below(3) == 0 ? 1000 : rng.below(8));
  co_return co_await list_pages(std::move(query));
}

Task<void> Executor::list_all(rt::Rng rng) {
  plane::ListQuery query;
  query.prefix = prefix_;
  query.max_entries = 1 + static_cast<uint32_t>(rng.below(30));
  co_return co_await list_pages(std::move(query));
}

Task<void> Executor::list_pages(plane::ListQuery query) {
  const std::vector<std::string> keys = model_.keys();
  for (size_t pages = 0; pages <= keys.size() + 1; ++pages) {
    say("list prefix " + quoted(query.prefix) + " delimiter " + quoted(query.delimiter) + " after " +
        quoted(query.after) + (query.after_is_prefix ? " (prefix)" : "") + " max " + std::to_string(query.max_entries));
    const auto page = co_await plane_->list(operator_caller(), kVolume, query);
    TP_CO_TRY_VOID(expect_code(page, std::nullopt, "list"));
    const std::string different = difference(naive_list(keys, query), *page);
    TP_CO_TRY_VOID(expect(different.empty(), "list differs: " + different));
    for (const plane::ListedObject& listed : page->objects) {
      const ModelObject& object = model_.objects.at(listed.key);
      TP_CO_TRY_VOID(expect(listed.etag == object.etag && listed.size_bytes == object.data->size(),
                            "list shows another ETag or size of " + quoted(listed.key)));
    }
    if (!page->truncated) co_return ok;
    query.after = page->last;
    query.after_is_prefix = page->last_is_prefix;
  }
  co_return fail(Code::kInternal, "list does not end");
}

}  // namespace tp::test
