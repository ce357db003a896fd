#include "base/hash/hasher.h"
#include "property/executor.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

std::string bytes_text(const SharedBytes& data) { return std::to_string(data->size()) + " bytes"; }

}  // namespace

Task<void> Executor::put(rt::Rng rng, bool conditional) {
  const std::string key = pick_key(rng);
  const SharedBytes data = pick_data(rng);
  plane::WriteOptions options;
  if (conditional) options.conditions = pick_conditions(rng, key);
  constexpr ChecksumAlgorithm kAlgorithms[] = {ChecksumAlgorithm::kCrc64Nvme, ChecksumAlgorithm::kCrc32,
                                               ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kSha256};
  options.checksum_algorithm = kAlgorithms[rng.below(std::size(kAlgorithms))];
  if (rng.below(2) == 0) options.size_bytes = data->size();
  options.attributes.user_metadata = {{"n", std::to_string(rng.below(1000))}};
  plane::ExpectedDigests expected;
  const bool wrong_digest = rng.below(10) == 0;
  if (wrong_digest) expected.md5 = Bytes(16, 'x');
  const auto want = wrong_digest ? std::optional(Code::kInvalidArgument) : verdict(options.conditions, key);
  say("put " + quoted(key) + ", " + bytes_text(data) + (conditional ? ", conditional" : "") +
      (wrong_digest ? ", wrong digest" : ""));
  const ModelObject object{data, md5_hex(*data), {}, options.attributes.user_metadata, 0};
  const ChecksumAlgorithm algorithm = options.checksum_algorithm;
  const auto result = co_await put_object(plane_, ref(key), *data, std::move(options), std::move(expected));
  TP_CO_TRY_VOID(expect_code(result, want, "put"));
  if (!result) co_return ok;
  TP_CO_TRY_VOID(expect(result->etag == object.etag, "put gives ETag " + result->etag));
  TP_CO_TRY_VOID(expect(result->checksum.value == digest(algorithm, *data), "put gives another checksum"));
  model_.objects[key] = object;
  co_return ok;
}

Task<void> Executor::get(rt::Rng rng) {
  const std::string key = pick_key(rng);
  say("get " + quoted(key));
  const ModelObject* object = find(key);
  if (object == nullptr) {
    const auto result = co_await get_object(plane_, ref(key));
    co_return expect_code(result, Code::kNotFound, "get");
  }
  TP_CO_TRY_VOID(co_await compare_object(key));
  if (object->data->empty()) co_return ok;
  ByteRange range;
  range.offset = rng.below(object->data->size());
  range.size_bytes = 1 + rng.below(object->data->size() - range.offset);
  const auto part = co_await get_object(plane_, ref(key), range);
  TP_CO_TRY_VOID(expect_code(part, std::nullopt, "get of a range"));
  co_return expect(*part == BytesView(*object->data).substr(range.offset, range.size_bytes),
                   "a range has other bytes");
}

Task<void> Executor::compare_object(std::string key) {
  const ModelObject object = model_.objects.at(key);
  const auto data = co_await get_object(plane_, ref(key));
  TP_CO_TRY_VOID(expect_code(data, std::nullopt, "get " + quoted(key)));
  TP_CO_TRY_VOID(expect(data->size() == object.data->size(),
                        quoted(key) + " has " + std::to_string(data->size()) + " bytes, expected " +
                            std::to_string(object.data->size())));
  TP_CO_TRY_VOID(expect(*data == *object.data, quoted(key) + " has other bytes"));
  const auto info = co_await plane_->stat(operator_caller(), ref(key), plane::Action::kGetObject);
  TP_CO_TRY_VOID(expect_code(info, std::nullopt, "stat " + quoted(key)));
  const meta::InodeRecord& record = (*info)->record;
  TP_CO_TRY_VOID(expect(record.etag == object.etag, quoted(key) + " has ETag " + record.etag + ", not " + object.etag));
  TP_CO_TRY_VOID(expect(record.size_bytes == object.data->size(), quoted(key) + " has another size"));
  TP_CO_TRY_VOID(expect(record.tags == object.tags, quoted(key) + " has other tags"));
  TP_CO_TRY_VOID(expect(record.user_metadata == object.metadata, quoted(key) + " has other metadata"));
  TP_CO_TRY_VOID(expect(record.parts.size() == object.part_count, quoted(key) + " has another number of parts"));
  const meta::Checksum& checksum = record.checksum;
  if (checksum.algorithm != ChecksumAlgorithm::kNone && checksum.type == meta::ChecksumType::kFullObject) {
    TP_CO_TRY_VOID(expect(checksum.value == digest(checksum.algorithm, *object.data),
                          quoted(key) + " has another checksum than its bytes"));
  }
  co_return ok;
}

Task<void> Executor::remove(rt::Rng rng) {
  const std::string key = pick_key(rng);
  plane::WriteConditions conditions;
  if (rng.below(4) == 0) conditions = pick_conditions(rng, key);
  conditions.if_none_match_any = false;
  const auto want = verdict(conditions, key);
  const bool existed = find(key) != nullptr;
  say("remove " + quoted(key));
  const auto result = co_await plane_->remove(operator_caller(), ref(key), std::move(conditions));
  TP_CO_TRY_VOID(expect_code(result, want, "remove"));
  if (!result) co_return ok;
  TP_CO_TRY_VOID(expect(result->existed == existed, existed ? "remove found nothing" : "remove found something"));
  model_.objects.erase(key);
  co_return ok;
}

Task<void> Executor::remove_many(rt::Rng rng) {
  std::vector<plane::DeleteEntry> entries;
  std::string text = "remove";
  for (size_t i = 1 + rng.below(6); i > 0; --i) {
    plane::DeleteEntry entry;
    entry.key = pick_key(rng);
    if (rng.below(4) == 0) entry.conditions = pick_conditions(rng, entry.key);
    entry.conditions.if_none_match_any = false;
    text += " " + quoted(entry.key);
    entries.push_back(std::move(entry));
  }
  say(std::move(text));
  const std::vector<plane::DeleteEntry> asked = entries;
  const auto results = co_await plane_->remove_many(operator_caller(), kVolume, std::move(entries));
  TP_CO_TRY_VOID(expect_code(results, std::nullopt, "remove_many"));
  TP_CO_TRY_VOID(expect(results->size() == asked.size(), "remove_many gives another number of results"));
  for (size_t i = 0; i < asked.size(); ++i) {
    TP_CO_TRY_VOID(expect_code((*results)[i], verdict(asked[i].conditions, asked[i].key),
                               "remove_many of " + quoted(asked[i].key)));
    if ((*results)[i]) model_.objects.erase(asked[i].key);
  }
  co_return ok;
}

Task<void> Executor::append(rt::Rng rng) {
  const std::string key = pick_key(rng);
  const SharedBytes data = pick_data(rng);
  const ModelObject* object = find(key);
  const uint64_t size = object == nullptr ? 0 : object->data->size();
  plane::WriteOptions options;
  options.append_offset = size + (rng.below(8) == 0 ? 1 : 0);
  std::optional<Code> want;
  if (*options.append_offset != size) want = object == nullptr ? Code::kNotFound : Code::kInvalidArgument;
  say("append to " + quoted(key) + " at " + std::to_string(*options.append_offset) + ", " + bytes_text(data));
  const auto result = co_await put_object(plane_, ref(key), *data, std::move(options));
  TP_CO_TRY_VOID(expect_code(result, want, "append"));
  if (!result) co_return ok;
  ModelObject changed = object == nullptr ? ModelObject() : *object;
  changed.data = std::make_shared<const Bytes>((object == nullptr ? Bytes() : *object->data) + *data);
  TP_CO_TRY_VOID(expect(result->size_bytes == changed.data->size(), "append gives another size"));
  changed.etag = result->etag;
  changed.part_count = 0;
  model_.objects[key] = changed;
  co_return ok;
}

Task<void> Executor::tag(rt::Rng rng) {
  const std::string key = pick_key(rng);
  meta::TagSet tags;
  for (size_t i = rng.below(3); i > 0; --i) tags.emplace_back("t" + std::to_string(i), std::to_string(rng.below(100)));
  say("tag " + quoted(key));
  const auto result = co_await plane_->set_tags(operator_caller(), ref(key), tags);
  const bool there = find(key) != nullptr;
  TP_CO_TRY_VOID(expect_code(result, there ? std::nullopt : std::optional(Code::kNotFound), "set_tags"));
  if (there) model_.objects[key].tags = tags;
  co_return ok;
}

}  // namespace tp::test
