#include "plane/tree/file_name.h"
#include "property/executor.h"
#include "property/files/tree_executor.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

plane::FileCaller super_user() {
  plane::FileCaller caller;
  caller.uid = caller.gid = 0;
  caller.super_user = true;
  return caller;
}

/// That it failed, in a way that is the caller's doing.
template <class T>
Result<void> expect_refused(const Result<T>& got, const std::string& what) {
  if (got) return expect(false, what + " succeeded");
  const Code code = got.error().code;
  return expect(code != Code::kInternal && code != Code::kCorruption && code != Code::kIo,
                what + " failed: " + got.error().to_string());
}

}  // namespace

Task<void> TreeExecutor::create(rt::Rng rng, TreeStepKind kind) {
  ModelDirectory* at = pick_directory(rng);
  TP_CO_TRY(const std::string name, co_await pick_shown(&rng, at));
  TP_CO_TRY(const auto names, co_await shown(at));
  TP_CO_TRY(const plane::FileId id, co_await id_of(at));
  const auto there = names.find(name);
  const bool refused = there != names.end() || !plane::check_new_name(name);
  const std::string where = quoted(at->path()) + " " + quoted(name);
  if (kind == TreeStepKind::kMakeDirectory) {
    say("make directory " + where);
    const auto made = co_await files().make_directory(super_user(), id, name, {});
    if (refused) co_return expect_refused(made, "make directory");
    TP_CO_TRY_VOID(expect_code(made, std::nullopt, "make directory"));
    const auto [parent, nothing] = tree_.place(at->path() + name + "/");
    parent->stays = true;
    for (ModelDirectory* above = at; above != nullptr; above = above->parent) above->stays = true;
    co_return ok;
  }
  auto file = std::make_shared<ModelFile>();
  if (kind == TreeStepKind::kMakeLink) {
    file->type = meta::InodeType::kSymlink;
    file->newest = make_data(rng.next(), 1 + rng.below(200));
    std::ranges::replace(file->newest, '\0', 'x');
    say("make link " + where);
    const auto made = co_await files().make_link(super_user(), id, name, file->newest, {});
    if (refused) co_return expect_refused(made, "make link");
    TP_CO_TRY_VOID(expect_code(made, std::nullopt, "make link"));
    file->id = made->attributes.file;
  } else {
    plane::CreateRequest request;
    request.kind = plane::CreateRequest::Kind::kGuarded;
    say("create " + where);
    const auto made = co_await files().create(super_user(), id, name, std::move(request));
    if (refused) co_return expect_refused(made, "create");
    TP_CO_TRY_VOID(expect_code(made, std::nullopt, "create"));
    file->id = made->attributes.file;
  }
  file->commit();
  tree_.put(at->path() + name, file);
  co_return co_await compare(at->path() + name);
}

Task<void> TreeExecutor::link(rt::Rng rng) {
  const auto [key, file] = pick_file(rng, false);
  if (!file) co_return ok;
  ModelDirectory* at = pick_directory(rng);
  TP_CO_TRY(const std::string name, co_await pick_shown(&rng, at));
  TP_CO_TRY(const auto names, co_await shown(at));
  TP_CO_TRY(const plane::FileId id, co_await id_of(at));
  say("link " + quoted(key) + " as " + quoted(at->path()) + " " + quoted(name));
  const auto linked = co_await files().link(super_user(), file->id, id, name);
  if (names.contains(name) || !plane::check_new_name(name)) co_return expect_refused(linked, "link");
  TP_CO_TRY_VOID(expect_code(linked, std::nullopt, "link"));
  tree_.put(at->path() + name, file);
  TP_CO_TRY_VOID(co_await compare(key));
  co_return co_await compare(at->path() + name);
}

Task<void> TreeExecutor::rename(rt::Rng rng) {
  ModelDirectory* from = pick_directory(rng);
  ModelDirectory* to = pick_directory(rng);
  TP_CO_TRY(const std::string old_name, co_await pick_shown(&rng, from));
  TP_CO_TRY(const std::string new_name, co_await pick_shown(&rng, to));
  TP_CO_TRY(const auto from_names, co_await shown(from));
  TP_CO_TRY(const auto to_names, co_await shown(to));
  TP_CO_TRY(const plane::FileId from_id, co_await id_of(from));
  TP_CO_TRY(const plane::FileId to_id, co_await id_of(to));
  say("rename " + quoted(from->path()) + " " + quoted(old_name) + " to " + quoted(to->path()) + " " + quoted(new_name));
  const auto renamed = co_await files().rename(super_user(), from_id, old_name, to_id, new_name);
  const auto source = from_names.find(old_name), target = to_names.find(new_name);
  if (source == from_names.end()) co_return expect_refused(renamed, "rename of nothing");
  const auto [source_directory, source_name] = source->second;
  const bool over = target != to_names.end();
  const auto [target_directory, target_name] = over ? target->second : Place(nullptr, "");
  if (source_directory != nullptr) {
    if (over && target_directory == source_directory) co_return expect_code(renamed, std::nullopt, "rename to itself");
    if (to->below(source_directory) || (over && (target_directory == nullptr || !target_directory->empty())) ||
        (!over && !plane::check_new_name(new_name))) {
      co_return expect_refused(renamed, "rename of a directory");
    }
    TP_CO_TRY_VOID(expect_code(renamed, std::nullopt, "rename of a directory"));
    const std::string name = over ? target_directory->name : new_name;
    std::unique_ptr<ModelDirectory> node = std::move(from->directories[source_directory->name]);
    from->directories.erase(source_directory->name);
    node->parent = to;
    node->name = name;
    to->directories[name] = std::move(node);
    co_return ok;
  }
  const ModelFilePtr file = from->files[source_name];
  if (over && target_directory == nullptr && to->files[target_name] == file) {
    co_return expect_code(renamed, std::nullopt, "rename between two names of one file");
  }
  if (target_directory != nullptr || (!over && !plane::check_new_name(new_name))) {
    co_return expect_refused(renamed, "rename of a file");
  }
  TP_CO_TRY_VOID(expect_code(renamed, std::nullopt, "rename of a file"));
  const std::string old_key = from->path() + source_name;
  const std::string new_key = to->path() + (over ? target_name : new_name);
  tree_.put(new_key, file);
  tree_.erase(old_key);
  TP_CO_TRY_VOID(co_await compare(old_key));
  co_return co_await compare(new_key);
}

Task<void> TreeExecutor::remove(rt::Rng rng, bool directory) {
  ModelDirectory* at = pick_directory(rng);
  TP_CO_TRY(const std::string name, co_await pick_shown(&rng, at));
  TP_CO_TRY(const auto names, co_await shown(at));
  TP_CO_TRY(const plane::FileId id, co_await id_of(at));
  const auto there = names.find(name);
  say((directory ? "remove directory " : "remove ") + quoted(at->path()) + " " + quoted(name));
  const auto removed = directory ? co_await files().remove_directory(super_user(), id, name)
                                 : co_await files().remove(super_user(), id, name);
  if (there == names.end()) co_return expect_refused(removed, "remove");
  const auto [below, stored] = there->second;
  if (directory) {
    if (below == nullptr || !below->empty()) co_return expect_refused(removed, "remove directory");
    TP_CO_TRY_VOID(expect_code(removed, std::nullopt, "remove directory"));
    const std::string gone = below->name;
    at->directories.erase(gone);
    co_return ok;
  }
  if (below != nullptr) co_return expect_refused(removed, "remove");
  TP_CO_TRY_VOID(expect_code(removed, std::nullopt, "remove"));
  const std::string key = at->path() + stored;
  tree_.erase(key);
  // A file client's directory does not go by itself.
  if (at->empty()) at->stays = true;
  co_return co_await compare(key);
}

Task<void> TreeExecutor::read_directory(rt::Rng rng) {
  ModelDirectory* at = pick_directory(rng);
  const auto page = static_cast<uint32_t>(1 + rng.below(5));
  say("read directory " + quoted(at->path()) + " by " + std::to_string(page));
  co_return co_await compare_entries(at, page);
}

Task<void> TreeExecutor::set_mode(rt::Rng rng) {
  plane::SetAttributes set;
  set.mode = static_cast<uint32_t>(rng.below(01000));
  plane::FileId id;
  if (rng.below(2) == 0) {
    ModelDirectory* at = pick_directory(rng);
    TP_CO_TRY(id, co_await id_of(at));
    say("set mode of directory " + quoted(at->path()));
    for (ModelDirectory* above = at; above != nullptr; above = above->parent) above->stays = true;
  } else {
    const auto [key, file] = pick_file(rng, true);
    if (!file) co_return ok;
    id = file->id;
    say("set mode of " + quoted(key));
  }
  const uint32_t mode = *set.mode;
  const auto changed =
      co_await files().set_attributes(super_user(), id, std::move(set), std::nullopt, plane::AccessCheck::kByMode);
  TP_CO_TRY_VOID(expect_code(changed, std::nullopt, "set mode"));
  co_return expect(changed->after.mode == mode && changed->after.changed > changed->before.changed,
                   "the mode is another, or the change time has not moved");
}

Task<void> TreeExecutor::open(rt::Rng rng) {
  if (opens_.size() >= 6) co_return ok;
  const auto [key, file] = pick_file(rng, true);
  if (!file) co_return ok;
  say("open " + quoted(key));
  auto opened = co_await files().open_file(super_user(), file->id, plane::kMayRead);
  TP_CO_TRY_VOID(expect_code(opened, std::nullopt, "open"));
  opens_.push_back({std::move(opened->pin), file});
  co_return ok;
}

Task<void> TreeExecutor::close(rt::Rng rng) {
  if (opens_.empty()) co_return ok;
  say("close");
  opens_.erase(opens_.begin() + static_cast<std::ptrdiff_t>(rng.below(opens_.size())));
  co_return ok;
}

}  // namespace tp::test
