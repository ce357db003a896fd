#include "property/files/tree_executor.h"

#include "plane/tree/file_name.h"
#include "property/executor.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

plane::FileCaller super_user() {
  plane::FileCaller caller;
  caller.uid = caller.gid = 0;
  caller.super_user = true;
  return caller;
}

}  // namespace

Task<void> TreeExecutor::apply(TreeStep step) {
  rt::Rng rng(step.seed);
  Task<void> (*nothing)() = []() -> Task<void> { co_return ok; };
  const auto chosen = [&]() -> Task<void> {
    using enum TreeStepKind;
    switch (step.kind) {
      case kS3Put: return s3_put(rng);
      case kS3Get: return s3_get(rng);
      case kS3Remove: return s3_remove(rng);
      case kS3Copy: return s3_copy(rng);
      case kS3Rename: return s3_rename(rng);
      case kS3RenamePrefix: return s3_rename_prefix(rng);
      case kS3List: return s3_list(rng);
      case kS3Multipart: return s3_multipart(rng);
      case kCreate:
      case kMakeDirectory:
      case kMakeLink: return create(rng, step.kind);
      case kLink: return link(rng);
      case kRename: return rename(rng);
      case kRemove: return remove(rng, false);
      case kRemoveDirectory: return remove(rng, true);
      case kReadDirectory: return read_directory(rng);
      case kSetMode: return set_mode(rng);
      case kOpen: return open(rng);
      case kClose: return close(rng);
      case kRestart:
      case kCrash:
      case kCheck: return nothing();
      default: return bytes_step(rng, step.kind);
    }
  };
  TP_CO_TRY_VOID(co_await chosen());
  co_return co_await settle();
}

std::string TreeExecutor::pick_key(rt::Rng& rng) {
  static const std::vector<std::string> kKeys = {
      "a",     "a/b", "a/b/c", "a/c", "b",    "b/a",  "b/a/c/d", "c",
      "c/c/c", "a/",  "a//b",  "b/.", "c/..", "d~s3", "d/e~s3f", "b/" + std::string(300, 'l')};
  const auto all = tree_.files();
  if (!all.empty() && rng.below(2) == 0) {
    auto at = all.begin();
    std::advance(at, rng.below(all.size()));
    // S3 takes UTF-8 only where it makes keys.
    if (at->first.find('\xff') == std::string::npos) return at->first;
  }
  return kKeys[rng.below(kKeys.size())];
}

std::string TreeExecutor::pick_name(rt::Rng& rng) {
  static const std::vector<std::string> kNames = {"a", "b", "c", "d", "e", "a", "b", "c", "f.txt",
                                                  std::string(255, 'n'), "\xff\xfe", "not~s3", std::string(256, 'o')};
  return kNames[rng.below(kNames.size())];
}

ModelDirectory* TreeExecutor::pick_directory(rt::Rng& rng) {
  const auto all = tree_.directories();
  ModelDirectory* at = all[rng.below(all.size())];
  return at->path().size() < 600 ? at : &tree_.root;  // keys stay within S3's limit
}

std::pair<std::string, ModelFilePtr> TreeExecutor::pick_file(rt::Rng& rng, bool regular) {
  std::vector<std::pair<std::string, ModelFilePtr>> some;
  for (const auto& [key, file] : tree_.files()) {
    if (!regular || file->type == meta::InodeType::kFile) some.emplace_back(key, file);
  }
  return some.empty() ? std::pair<std::string, ModelFilePtr>() : some[rng.below(some.size())];
}

Task<plane::FileId> TreeExecutor::id_of(ModelDirectory* at) {
  if (at->parent == nullptr) co_return files().root(kVolume);
  TP_CO_TRY(const plane::FileAttributes found, co_await look_up(at->parent, at->name, true));
  co_return found.file;
}

Task<plane::FileAttributes> TreeExecutor::look_up(ModelDirectory* at, std::string name, bool directory) {
  TP_CO_TRY(const plane::FileId id, co_await id_of(at));
  // The inode is part of names that do not fit: those are found by reading the directory.
  const InodeId none;
  Bytes wanted = directory ? plane::shown_directory_name(name, none)
                           : plane::shown_file_name(name, none, at->directories.contains(name));
  if (wanted.ends_with("~s3l")) {
    TP_CO_TRY(const plane::DirectoryPage page,
              co_await files().read_directory(super_user(), id, 0, 100'000, true));
    for (const plane::DirectoryEntry& entry : page.entries) {
      const bool is_directory = entry.attributes.type == meta::InodeType::kDirectory;
      const InodeId inode = entry.attributes.file.inode;
      wanted = directory ? plane::shown_directory_name(name, inode)
                         : plane::shown_file_name(name, inode, at->directories.contains(name));
      if (is_directory == directory && entry.name == wanted) co_return entry.attributes;
    }
    co_return fail(Code::kNotFound, "a long name is not in its directory");
  }
  TP_CO_TRY(const plane::FileAttributes found, co_await files().lookup(super_user(), id, wanted));
  // Without the directory, its name may be that of a file.
  if (directory != (found.type == meta::InodeType::kDirectory))
    co_return fail(Code::kNotFound, "it is of another type");
  co_return found;
}

Task<std::map<std::string, TreeExecutor::Place>> TreeExecutor::shown(ModelDirectory* at) {
  std::map<std::string, Place> names;
  for (auto& [name, below] : at->directories) {
    TP_CO_TRY(const plane::FileAttributes found, co_await look_up(at, name, true));
    names[plane::shown_directory_name(name, found.file.inode)] = {below.get(), ""};
  }
  for (auto& [name, file] : at->files) {
    names[plane::shown_file_name(name, file->id.inode, at->directories.contains(name))] = {nullptr, name};
  }
  co_return names;
}

Task<std::string> TreeExecutor::pick_shown(rt::Rng* rng, ModelDirectory* at) {
  TP_CO_TRY(const auto names, co_await shown(at));
  if (names.empty() || rng->below(3) == 0) co_return pick_name(*rng);
  auto found = names.begin();
  std::advance(found, rng->below(names.size()));
  co_return found->first;
}

Task<void> TreeExecutor::settle() {
  for (bool again = true; again;) {
    again = false;
    for (ModelDirectory* at : tree_.directories()) {
      if (at->parent == nullptr || at->stays || !at->empty()) continue;
      const auto found = co_await look_up(at->parent, at->name, true);
      if (found) {
        at->stays = true;
        continue;
      }
      TP_CO_TRY_VOID(expect(found.error().code == Code::kNotFound, "an empty directory: " + found.error().to_string()));
      const std::string name = at->name;
      at->parent->directories.erase(name);
      again = true;
      break;
    }
  }
  co_return ok;
}

Task<Bytes> TreeExecutor::read_file(plane::FileId id, uint64_t offset, uint32_t size) {
  Bytes all;
  while (all.size() < size) {
    const auto piece = static_cast<uint32_t>(std::min<uint64_t>(size - all.size(), 1 << 20));
    TP_CO_TRY(const plane::ReadResult got,
              co_await files().read(super_user(), id, offset + all.size(), piece, plane::AccessCheck::kOpened));
    uint64_t sum = 0;
    for (const io::SendRegion& region : got.regions) {
      all += region.bytes;
      sum += region.bytes.size();
    }
    TP_CO_TRY_VOID(expect(sum == got.size_bytes, "a read says another size than its regions have"));
    if (got.end_of_file || sum == 0) break;
  }
  co_return all;
}

Task<void> TreeExecutor::compare(std::string key) {
  const ModelFilePtr file = tree_.find(key);
  const auto info = co_await plane_->stat(operator_caller(), {kVolume, key}, plane::Action::kGetObject);
  if (!file) co_return expect_code(info, Code::kNotFound, "stat of " + quoted(key));
  TP_CO_TRY_VOID(expect_code(info, std::nullopt, "stat of " + quoted(key)));
  const plane::ObjectRef object{kVolume, key};
  const auto data = co_await get_object(plane_, object);
  TP_CO_TRY_VOID(expect_code(data, std::nullopt, "get " + quoted(key)));
  TP_CO_TRY_VOID(expect(file->may_be(*data), "S3 shows other bytes of " + quoted(key) + ": " +
                                                 std::to_string(data->size()) + ", stable are " +
                                                 std::to_string(file->stable.size())));
  const meta::InodeRecord& record = (*info)->record;
  TP_CO_TRY_VOID(expect(record.size_bytes == data->size(), "stat gives another size of " + quoted(key)));
  TP_CO_TRY_VOID(expect(!record.etag.empty(), quoted(key) + " has no ETag"));
  TP_CO_TRY_VOID(expect(record.etag != file->seen_etag || *data == file->seen_bytes,
                        "the ETag of " + quoted(key) + " is the same, its bytes are not"));
  file->seen_etag = record.etag;
  file->seen_bytes = *data;
  file->stable = *data;  // what S3 has shown stays
  co_return co_await compare_as_file(file);
}

Task<void> TreeExecutor::compare_as_file(ModelFilePtr file) {
  const auto attributes = co_await files().attributes(file->id);
  TP_CO_TRY_VOID(expect_code(attributes, std::nullopt, "attributes"));
  TP_CO_TRY_VOID(expect(attributes->size_bytes == file->newest.size() && attributes->links == file->links &&
                            attributes->type == file->type,
                        "attributes differ: size " + std::to_string(attributes->size_bytes) + " for " +
                            std::to_string(file->newest.size()) + ", links " + std::to_string(attributes->links) +
                            " for " + std::to_string(file->links)));
  if (file->type == meta::InodeType::kSymlink) {
    TP_CO_TRY(const Bytes target, co_await files().read_link(super_user(), file->id));
    co_return expect(target == file->newest, "a link leads elsewhere");
  }
  const auto size = static_cast<uint32_t>(file->newest.size() + 10);
  const auto data = co_await read_file(file->id, 0, size);
  if (!data && data.error().code == Code::kNotImplemented) co_return ok;
  TP_CO_TRY_VOID(expect_code(data, std::nullopt, "read"));
  co_return expect(*data == file->newest, "a file shows other bytes: " + std::to_string(data->size()) + " for " +
                                              std::to_string(file->newest.size()));
}

Task<void> TreeExecutor::compare_entries(ModelDirectory* at, uint32_t page) {
  TP_CO_TRY(const plane::FileId id, co_await id_of(at));
  TP_CO_TRY(auto want, co_await shown(at));
  const size_t count = want.size();
  uint64_t cookie = 0;
  for (size_t pages = 0; pages <= count + 1; ++pages) {
    const auto got = co_await files().read_directory(super_user(), id, cookie, page, true);
    TP_CO_TRY_VOID(expect_code(got, std::nullopt, "read directory " + quoted(at->path())));
    for (const plane::DirectoryEntry& entry : got->entries) {
      const auto found = want.find(entry.name);
      TP_CO_TRY_VOID(expect(found != want.end(), quoted(at->path()) + " shows " + quoted(entry.name) + " (again)"));
      const bool directory = found->second.first != nullptr;
      TP_CO_TRY_VOID(expect(directory == (entry.attributes.type == meta::InodeType::kDirectory),
                            quoted(entry.name) + " has another type"));
      if (directory) {
        TP_CO_TRY_VOID(expect(entry.attributes.links == 2 + found->second.first->directories.size(),
                              quoted(entry.name) + " has " + std::to_string(entry.attributes.links) + " links"));
      }
      want.erase(found);
      cookie = entry.cookie;
    }
    if (got->end) {
      co_return expect(want.empty(),
                       quoted(at->path()) + " lacks " + (want.empty() ? "" : quoted(want.begin()->first)));
    }
  }
  co_return fail(Code::kInternal, "a directory does not end");
}

Task<void> TreeExecutor::verify_all() {
  say("verify everything");
  for (const auto& [key, file] : tree_.files()) TP_CO_TRY_VOID(co_await compare(key));
  for (ModelDirectory* at : tree_.directories()) TP_CO_TRY_VOID(co_await compare_entries(at, 7));
  for (const Open& open : opens_) TP_CO_TRY_VOID(co_await compare_as_file(open.file));
  rt::Rng rng(1);
  co_return co_await s3_list(rng);
}

void TreeExecutor::lose_opens() {
  // Who had them open died: nobody closes. Never destroyed, so that nothing is told to a plane that is gone.
  static auto* const lost = new std::vector<plane::FilePin>;
  for (Open& open : opens_) lost->push_back(std::move(open.pin));
}

Task<void> TreeExecutor::after_start(uint64_t seed) {
  rt::Rng rng(seed);
  std::vector<Open> reclaimed;
  for (Open& open : opens_) {
    if (rng.below(2) == 0) continue;
    auto again = co_await files().open_file(super_user(), open.file->id, 0);
    TP_CO_TRY_VOID(expect_code(again, std::nullopt, "reclaim"));
    reclaimed.push_back({std::move(again->pin), open.file});
  }
  opens_ = std::move(reclaimed);
  TP_CO_TRY_VOID(co_await files().end_of_grace());
  std::vector<ModelFilePtr> all;
  for (const auto& [key, file] : tree_.files()) all.push_back(file);
  for (const Open& open : opens_) all.push_back(open.file);
  for (const ModelFilePtr& file : all) {
    if (file->loose.empty()) continue;
    TP_CO_TRY(const plane::FileAttributes attributes, co_await files().attributes(file->id));
    const auto size = static_cast<uint32_t>(attributes.size_bytes);
    TP_CO_TRY(const Bytes data, co_await read_file(file->id, 0, size));
    TP_CO_TRY_VOID(expect(file->may_be(data), "what was stable is not there after the start"));
    file->newest = data;
    file->commit();
  }
  co_return ok;
}

}  // namespace tp::test
