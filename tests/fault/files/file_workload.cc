#include "fault/files/file_workload.h"

#include <algorithm>

namespace tp::test {
namespace {

using plane::AccessCheck;

constexpr size_t kMostContents = 6;

plane::FileCaller super_user() {
  plane::FileCaller caller;
  caller.uid = caller.gid = 0;
  caller.super_user = true;
  return caller;
}

plane::Payload payload(Bytes data) {
  const auto owner = std::make_shared<const Bytes>(std::move(data));
  plane::Payload payload;
  payload.bytes = *owner;
  payload.owner = owner;
  return payload;
}

Bytes over(Bytes content, uint64_t offset, const Bytes& data) {
  content.resize(std::max<size_t>(content.size(), offset + data.size()));
  return content.replace(offset, data.size(), data);
}

void add(std::vector<Bytes>& contents, const std::vector<Bytes>& more) {
  for (const Bytes& one : more) {
    if (std::ranges::find(contents, one) == contents.end()) contents.push_back(one);
  }
}

bool holds(const std::vector<Bytes>& contents, const Bytes& one) {
  return std::ranges::find(contents, one) != contents.end();
}

std::string shape_of(const Bytes& content, const std::vector<Bytes>& allowed) {
  std::string text = std::to_string(content.size()) + " other bytes where there may be";
  for (const Bytes& one : allowed) {
    const auto [here, there] = std::ranges::mismatch(content, one);
    text += " " + std::to_string(one.size()) + " (the same up to " + std::to_string(here - content.begin()) + ")";
  }
  return text;
}

}  // namespace

Result<void> FileWorkload::prepare() {
  plane::CreateVolumeOptions options;
  TP_TRY_VOID(store_.run(store_.plane().create_volume(operator_caller(), kVolume, std::move(options))));
  for (const char* name : {"small", "large", "sparse", "copied", "kept"}) make(name);
  write("small", 0, 5'000, true);
  write("large", 0, 200'000, true);
  write("sparse", 300'000, 5'000, true);
  write("copied", 0, 150'000, true);
  write("kept", 0, 80'000, true);
  if (failed_ > 0) return fail(Code::kInternal, "the preparation failed");
  return ok;
}

namespace {
constexpr size_t kSteps = 25;
}

size_t FileWorkload::steps() {
  return kSteps;
}

void FileWorkload::run(size_t first, size_t last) {
  const std::function<void()> all[] = {
      [&] { write("small", 10, 100, false); },
      [&] { write("small", 5'000, 300, true); },
      [&] { write("large", 100'000, 70'000, false); },
      [&] { write("large", 0, 4'096, false); },
      [&] { commit("large"); },
      [&] { make("new"); },
      [&] { write("new", 0, 4'096, true); },
      [&] { write("new", 60'000, 70'000, false); },
      [&] { write("new", 3, 10, true); },
      [&] { truncate("large", 120'000); },
      [&] { write("large", 110'000, 30'000, false); },
      [&] { truncate("large", 250'000); },
      [&] { deallocate("sparse", 301'000, 1'000); },
      [&] { copy("large", 1'000, 100'000, "sparse", 50'000, true); },
      [&] { copy("small", 0, 2'000, "copied", 149'000, false); },
      [&] { write("small", 1, 3, false); },
      [&] { allocate("small", 10'000, 70'000); },
      [&] { write("copied", 0, 160'000, true); },
      [&] { truncate("copied", 0); },
      [&] { write("copied", 10, 100'000, false); },
      [&] { remove("sparse"); },
      [&] { write_without_a_name("kept"); },
      [&] { commit("small"); },
      [&] { write("new", 200'000, 90'000, false); },
      [&] { write("small", 0, 20, false); },
  };
  static_assert(std::size(all) == kSteps);
  for (size_t i = first; i < std::min(last, kSteps); ++i) all[i]();
}

FileWorkload::Tracked* FileWorkload::certain(const std::string& name) {
  const auto found = tracked_.find(name);
  if (found == tracked_.end()) return nullptr;
  Tracked& file = found->second;
  return !file.may_be_gone && file.may_be_there && file.now.size() <= kMostContents ? &file : nullptr;
}

template <class T>
void FileWorkload::note(const std::string& name, const Result<T>& answer, bool stable, const Edit& edit) {
  Tracked& file = tracked_[name];
  Contents next;
  for (const Bytes& one : file.now) next.push_back(edit(one));
  if (answer) {
    file.now = std::move(next);
    if (stable) file.restarted.clear();
    add(file.restarted, file.now);
    return;
  }
  // Bytes that could not be made stable are kept for the next try.
  ++failed_;
  add(file.now, next);
  add(file.restarted, next);
  settle(name, file);
}

Result<Bytes> FileWorkload::read(plane::FileId file) {
  Bytes content;
  while (true) {
    TP_TRY(const auto part,
           store_.run(files().read(super_user(), file, content.size(), 1 << 20, AccessCheck::kOpened)));
    for (const io::SendRegion& region : part.regions) content += region.bytes;
    if (part.end_of_file) return content;
    if (part.size_bytes == 0) return fail(Code::kInternal, "a read that gives nothing and does not end");
  }
}

void FileWorkload::settle(const std::string& name, Tracked& file) {
  const auto content = read(file.id);
  if (!content) return;
  if (!holds(file.now, *content) && wrong_.empty()) wrong_ = name + " reads as " + shape_of(*content, file.now);
  file.now = {*content};
}

void FileWorkload::make(const std::string& name) {
  const auto root = files().root(kVolume);
  if (!root) return;
  const auto made = store_.run(files().create(super_user(), *root, name, {}));
  if (!made) ++failed_;
  if (made ? !made->made : made.error().applied == Applied::kNo) return;
  Tracked& file = tracked_[name];
  file.may_be_gone = !made;
  if (made) file.id = made->attributes.file;
  file.now = file.restarted = {Bytes()};
}

void FileWorkload::write(const std::string& name, uint64_t offset, size_t size, bool stable) {
  const Tracked* file = certain(name);
  if (file == nullptr) return;
  const Bytes data = make_data(next_data_++, size);
  const auto asked = stable ? plane::Stability::kFileSync : plane::Stability::kUnstable;
  const auto answer =
      store_.run(files().write(super_user(), file->id, offset, payload(data), asked, AccessCheck::kOpened));
  note(name, answer, stable || (answer && answer->stability != plane::Stability::kUnstable),
       [&](Bytes content) { return over(std::move(content), offset, data); });
}

void FileWorkload::commit(const std::string& name) {
  const Tracked* file = certain(name);
  if (file == nullptr) return;
  note(name, store_.run(files().commit(file->id)), true, [](Bytes content) { return content; });
}

void FileWorkload::truncate(const std::string& name, uint64_t size) {
  const Tracked* file = certain(name);
  if (file == nullptr) return;
  plane::SetAttributes set;
  set.size_bytes = size;
  const auto answer =
      store_.run(files().set_attributes(super_user(), file->id, set, std::nullopt, AccessCheck::kOpened));
  note(name, answer, true, [size](Bytes content) {
    content.resize(size);
    return content;
  });
}

void FileWorkload::allocate(const std::string& name, uint64_t offset, uint64_t size) {
  const Tracked* file = certain(name);
  if (file == nullptr) return;
  const auto answer = store_.run(files().allocate(super_user(), file->id, offset, size, AccessCheck::kOpened));
  note(name, answer, true, [&](Bytes content) {
    content.resize(std::max<size_t>(content.size(), offset + size));
    return content;
  });
}

void FileWorkload::deallocate(const std::string& name, uint64_t offset, uint64_t size) {
  const Tracked* file = certain(name);
  if (file == nullptr) return;
  const auto answer = store_.run(files().deallocate(super_user(), file->id, offset, size, AccessCheck::kOpened));
  note(name, answer, true, [&](Bytes content) { return over(std::move(content), offset, Bytes(size, '\0')); });
}

void FileWorkload::copy(const std::string& from, uint64_t offset, uint64_t size, const std::string& to,
                        uint64_t to_offset, bool clone) {
  const Tracked* source = certain(from);
  const Tracked* target = certain(to);
  if (source == nullptr || target == nullptr || source->now.size() != 1) return;
  const Bytes data = source->now[0].substr(offset, size);
  const Edit edit = [&](Bytes content) { return over(std::move(content), to_offset, data); };
  if (clone) {
    note(to,
         store_.run(
             files().clone_range(super_user(), source->id, offset, target->id, to_offset, size, AccessCheck::kOpened)),
         true, edit);
  } else {
    note(to,
         store_.run(
             files().copy_range(super_user(), source->id, offset, target->id, to_offset, size, AccessCheck::kOpened)),
         true, edit);
  }
}

void FileWorkload::remove(const std::string& name) {
  Tracked* file = certain(name);
  const auto root = files().root(kVolume);
  if (file == nullptr || !root) return;
  const auto answer = store_.run(files().remove(super_user(), *root, name));
  if (!answer) ++failed_;
  file->may_be_gone = answer || answer.error().applied != Applied::kNo;
  file->may_be_there = !answer;
}

void FileWorkload::write_without_a_name(const std::string& name) {
  Tracked* file = certain(name);
  if (file == nullptr) return;
  const auto opened = store_.run(files().open_file(super_user(), file->id, plane::kMayRead | plane::kMayWrite));
  if (!opened) {
    ++failed_;
    return;
  }
  remove(name);
  if (file->may_be_there) return;
  // It is open, so it goes on; `now` is kept up for what is read here.
  const Bytes data = make_data(next_data_++, 100'000);
  const auto written = store_.run(
      files().write(super_user(), file->id, 40'000, payload(data), plane::Stability::kFileSync, AccessCheck::kOpened));
  note(name, written, true, [&](Bytes content) { return over(std::move(content), 40'000, data); });
  settle(name, *file);
}

Result<void> FileWorkload::verify_now() {
  if (!wrong_.empty()) return fail(Code::kInternal, wrong_);
  for (auto& [name, file] : tracked_) {
    if (file.may_be_gone || !file.may_be_there) continue;
    auto content = read(file.id);
    if (!content) return std::unexpected(std::move(content.error()).with_context(name));
    if (!holds(file.now, *content)) {
      return fail(Code::kInternal, name + " reads as " + shape_of(*content, file.now));
    }
    auto object = store_.run(get_object(&store_.plane(), {kVolume, name}));
    if (!object) return std::unexpected(std::move(object.error()).with_context(name + " over S3"));
    if (!holds(file.restarted, *object)) {
      return fail(Code::kInternal, name + " over S3 reads as " + shape_of(*object, file.restarted));
    }
  }
  return ok;
}

Result<void> FileWorkload::verify_restarted() {
  for (auto& [name, file] : tracked_) {
    auto verified = verify_restarted_file(name, file);
    if (!verified) return std::unexpected(std::move(verified.error()).with_context(name));
  }
  return ok;
}

Result<void> FileWorkload::verify_restarted_file(const std::string& name, Tracked& file) {
  TP_TRY(const plane::FileId root, files().root(kVolume));
  const auto found = store_.run(files().lookup(super_user(), root, name));
  if (!found) {
    if (found.error().code != Code::kNotFound) return std::unexpected(found.error());
    if (!file.may_be_gone) return fail(Code::kInternal, "it is gone");
    file.may_be_there = false;
    return ok;
  }
  if (!file.may_be_there) return fail(Code::kInternal, "it is there again");
  if (file.id.inode && !(file.id == found->file)) return fail(Code::kInternal, "it is another file");
  TP_TRY(const Bytes content, read(found->file));
  if (!holds(file.restarted, content)) return fail(Code::kInternal, "reads as " + shape_of(content, file.restarted));
  if (found->size_bytes != content.size()) return fail(Code::kInternal, "its attributes give another size");
  TP_TRY(const Bytes object, store_.run(get_object(&store_.plane(), {kVolume, name})));
  if (object != content) return fail(Code::kInternal, "S3 reads other bytes");
  file.id = found->file;
  file.may_be_gone = false;
  file.now = file.restarted = {content};
  return ok;
}

}  // namespace tp::test
