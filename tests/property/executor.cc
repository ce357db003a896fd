#include "property/executor.h"

#include "support/plane_client.h"

namespace tp::test {

namespace {

constexpr size_t kSizes[] = {0,      1,       10,      1000,    4096,    65'535,       65'536,
                             65'537, 70'000, 131'072, 300'000, 1 << 20, (1 << 20) + 1};

}  // namespace

Executor::Executor(std::string prefix) : prefix_(std::move(prefix)) {
  const std::vector<std::string> names = {"a",
                                          "a/",
                                          "a/b",
                                          "a/b/",
                                          "a/b/c",
                                          "a/b/c/d/e",
                                          "a//",
                                          "a//b",
                                          "a/.",
                                          "a/..",
                                          "a-",
                                          "a0",
                                          "a.txt",
                                          "ab",
                                          "b",
                                          "b/c",
                                          "b/d",
                                          "b/e/f",
                                          "/",
                                          "//x",
                                          "/y",
                                          "..",
                                          "../z",
                                          ".",
                                          "dir/one",
                                          "dir/two",
                                          "dir/sub/three",
                                          "dir!",
                                          "\xc3\xbf",
                                          "\xc3\xbf/\xc3\xbf",
                                          "\x7f",
                                          "sp ace/pl+us",
                                          std::string(255, 'n') + "/" + std::string(255, 'm'),
                                          std::string(1024 - prefix_.size(), 'k')};
  for (const std::string& name : names) keys_.push_back(prefix_ + name);
  for (const char* name : {"a/", "a/b/", "a//", "b/", "dir/", "dir/sub/", "new/", "new/deep/", "/", "a/b/c/"}) {
    prefixes_.push_back(prefix_ + name);
  }
}

Task<void> Executor::apply(Step step) {
  rt::Rng rng(step.seed);
  switch (step.kind) {
    case StepKind::kPut: return put(rng, false);
    case StepKind::kPutConditional: return put(rng, true);
    case StepKind::kGet: return get(rng);
    case StepKind::kRemove: return remove(rng);
    case StepKind::kRemoveMany: return remove_many(rng);
    case StepKind::kRename: return rename(rng);
    case StepKind::kRenamePrefix: return rename_prefix(rng);
    case StepKind::kCopy: return copy(rng);
    case StepKind::kAppend: return append(rng);
    case StepKind::kTag: return tag(rng);
    case StepKind::kList: return list(rng);
    case StepKind::kListAll: return list_all(rng);
    case StepKind::kCreateUpload: return create_upload(rng);
    case StepKind::kPutPart: return put_part(rng);
    case StepKind::kCopyPart: return copy_part(rng);
    case StepKind::kListParts: return list_parts(rng);
    case StepKind::kListUploads: return list_uploads(rng);
    case StepKind::kComplete: return complete(rng);
    case StepKind::kRetryComplete: return retry_complete(rng);
    case StepKind::kAbort: return abort(rng);
    case StepKind::kRestart:
    case StepKind::kCrash:
    case StepKind::kCheck: break;
  }
  return {};
}

Task<void> Executor::verify_all() {
  say("verify everything");
  for (const auto& [key, object] : model_.objects) TP_CO_TRY_VOID(co_await compare_object(key));
  plane::ListQuery query;
  query.prefix = prefix_;
  co_return co_await list_pages(std::move(query));
}

SharedBytes Executor::pick_data(rt::Rng& rng) const {
  const size_t size = rng.below(40) == 0 ? (9 << 20) + rng.below(1000) : kSizes[rng.below(std::size(kSizes))];
  return std::make_shared<const Bytes>(make_data(rng.next(), size));
}

const ModelObject* Executor::find(const std::string& key) const {
  const auto found = model_.objects.find(key);
  return found == model_.objects.end() ? nullptr : &found->second;
}

plane::WriteConditions Executor::pick_conditions(rt::Rng& rng, const std::string& key) {
  plane::WriteConditions conditions;
  const ModelObject* object = find(key);
  switch (rng.below(5)) {
    case 0: conditions.if_none_match_any = true; break;
    case 1: conditions.if_match = object == nullptr ? "0123" : object->etag; break;
    case 2: conditions.if_match = "not-this-one"; break;
    case 3: conditions.if_match = "*"; break;
    case 4: conditions.if_size = object == nullptr ? 5 : object->data->size() + rng.below(2); break;
    default: break;
  }
  return conditions;
}

std::optional<Code> Executor::verdict(const plane::WriteConditions& conditions, const std::string& key) const {
  const ModelObject* object = find(key);
  if (conditions.if_none_match_any && object != nullptr) return Code::kPreconditionFailed;
  if (conditions.if_match) {
    if (object == nullptr) return Code::kNotFound;
    if (*conditions.if_match != "*" && *conditions.if_match != object->etag) return Code::kPreconditionFailed;
  }
  if (conditions.if_size && (object == nullptr || *conditions.if_size != object->data->size())) {
    return Code::kPreconditionFailed;
  }
  return std::nullopt;
}

Result<void> expect(bool holds, const std::string& what) {
  if (holds) return ok;
  return fail(Code::kInternal, what);
}

std::string quoted(BytesView text) {
  std::string out = "'";
  for (const char byte : text.substr(0, 60)) {
    if (byte >= 0x20 && byte < 0x7f) {
      out.push_back(byte);
    } else {
      out += "\\x" + to_hex(BytesView(&byte, 1));
    }
  }
  return out + (text.size() > 60 ? "...'" : "'");
}

}  // namespace tp::test
