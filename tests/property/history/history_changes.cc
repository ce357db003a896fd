// What changes a volume, over S3 and as files, in the plane and in the model.
#include "property/executor.h"
#include "property/history/history_world.h"
#include "support/plane_client.h"

namespace tp::test {
namespace {

// The last one is deeper than walks keep an iterator a level.
constexpr const char* kDirectories[] = {"", "d/", "d/e/", "f/", "q/q/q/q/q/q/q/q/q/q/q/q/q/q/q/q/q/q/"};
constexpr const char* kNames[] = {"a", "b", "c"};

plane::FileCaller super_user() {
  plane::FileCaller caller;
  caller.uid = caller.gid = 0;
  caller.super_user = true;
  return caller;
}

template <class T>
Result<void> require(const Result<T>& result, const std::string& what) {
  return expect(result.has_value(), result ? what : what + ": " + result.error().to_string());
}

void overwrite(Bytes& content, uint64_t offset, BytesView data) {
  content.resize(std::max<size_t>(content.size(), offset + data.size()));
  content.replace(offset, data.size(), data);
}

std::string last_part(const std::string& key) {
  return key.substr(key.rfind('/') + 1);
}

}  // namespace

std::string HistoryWorld::random_key() {
  return std::string(kDirectories[below(std::size(kDirectories))]) + kNames[below(std::size(kNames))];
}

std::string HistoryWorld::known_key(const Tree& tree) {
  return tree.empty() ? std::string() : std::next(tree.begin(), static_cast<long>(below(tree.size())))->first;
}

Bytes HistoryWorld::random_data() {
  static constexpr size_t kSizes[] = {0, 1, 100, 200, 3000, 66'000, 70'000, 150'000};
  return make_data(rng_.next(), kSizes[below(std::size(kSizes))]);
}

Result<plane::FileId> HistoryWorld::directory_of(const std::string& volume, const std::string& key) {
  TP_TRY(plane::FileId at, plane().files().root(volume));
  for (size_t begin = 0, slash; (slash = key.find('/', begin)) != std::string::npos; begin = slash + 1) {
    TP_TRY(const auto found, wait(plane().files().lookup(super_user(), at, key.substr(begin, slash - begin))));
    at = found.file;
  }
  return at;
}

Result<plane::FileId> HistoryWorld::find(const std::string& volume, const std::string& key) {
  TP_TRY(const plane::FileId directory, directory_of(volume, key));
  TP_TRY(const auto found, wait(plane().files().lookup(super_user(), directory, last_part(key))));
  return found.file;
}

Result<void> HistoryWorld::change() {
  Volume& volume = any_volume();
  if (volume.tree.empty() || below(4) == 0) return put(volume);
  switch (below(12)) {
    case 0:
      return append(volume);
    case 1:
      return remove(volume);
    case 2:
      return rename(volume);
    case 3:
      return rename_prefix(volume);
    case 4:
    case 5:
      return copy(volume);
    case 6:
      return truncate(volume);
    case 7:
      return below(2) == 0 ? remove_file(volume) : remove_earlier_version(volume);
    case 8:
      return move_file(volume);
    case 9:
      return copy_range(volume);
    default:
      return write(volume);
  }
}

Result<void> HistoryWorld::put(Volume& volume) {
  const std::string key = random_key();
  Bytes data = random_data();
  say("put " + volume.name + "/" + key + " " + std::to_string(data.size()));
  TP_TRY_VOID(require(wait(put_object(&plane(), {volume.name, key}, data)), "put"));
  volume.tree[key] = std::move(data);
  return ok;
}

Result<void> HistoryWorld::append(Volume& volume) {
  const std::string key = known_key(volume.tree);
  const Bytes data = random_data();
  say("append to " + volume.name + "/" + key + " " + std::to_string(data.size()));
  plane::WriteOptions options;
  options.append_offset = volume.tree[key].size();
  TP_TRY_VOID(require(wait(put_object(&plane(), {volume.name, key}, data, std::move(options))), "append"));
  volume.tree[key] += data;
  return ok;
}

Result<void> HistoryWorld::remove(Volume& volume) {
  const std::string key = known_key(volume.tree);
  say("remove " + volume.name + "/" + key);
  TP_TRY_VOID(require(wait(plane().remove(operator_caller(), {volume.name, key}, {})), "remove"));
  volume.tree.erase(key);
  return ok;
}

Result<void> HistoryWorld::remove_earlier_version(Volume& volume) {
  TP_TRY(const auto page, wait(plane().list_versions(operator_caller(), volume.name, {})));
  std::vector<plane::ListedVersion> earlier;
  for (const auto& version : page.versions) {
    if (!version.latest) earlier.push_back(version);
  }
  if (earlier.empty()) return ok;
  const auto& chosen = earlier[below(earlier.size())];
  say("remove a version of " + volume.name + "/" + chosen.object.key);
  plane::ObjectRef object{volume.name, chosen.object.key, chosen.version};
  return require(wait(plane().remove(operator_caller(), std::move(object), {})), "removal of a version");
}

Result<void> HistoryWorld::rename(Volume& volume) {
  const std::string from = known_key(volume.tree), to = random_key();
  if (from == to) return ok;
  say("rename in " + volume.name + " " + from + " to " + to);
  TP_TRY_VOID(require(wait(plane().rename(operator_caller(), volume.name, from, to, {}, {})), "rename"));
  volume.tree[to] = std::move(volume.tree[from]);
  volume.tree.erase(from);
  return ok;
}

Result<void> HistoryWorld::rename_prefix(Volume& volume) {
  const std::string from = kDirectories[1 + below(3)], to = below(2) == 0 ? "g/" : kDirectories[1 + below(3)];
  // Earlier versions stay under the old keys when a directory is renamed, and may become current there again.
  const bool leaves_versions = versions_ && volume.base.empty();
  if (leaves_versions || from.starts_with(to) || to.starts_with(from)) return ok;
  say("rename in " + volume.name + " " + from + " to " + to);
  const auto renamed = wait(plane().rename(operator_caller(), volume.name, from, to, {}, {}));
  const bool anything =
      std::ranges::any_of(volume.tree, [&](const auto& each) { return each.first.starts_with(from); });
  const bool in_the_way =
      std::ranges::any_of(volume.tree, [&](const auto& each) { return each.first.starts_with(to); });
  if (!renamed) {
    // Directories that files left stand in the way too, and are there to be moved.
    const Code code = renamed.error().code;
    return expect((code == Code::kNotEmpty) || (code == Code::kNotFound && !anything),
                  "rename: " + renamed.error().to_string());
  }
  TP_TRY_VOID(expect(!in_the_way, "a prefix was renamed over another"));
  Tree tree;
  for (auto& [key, data] : volume.tree) {
    tree[key.starts_with(from) ? to + key.substr(from.size()) : key] = std::move(data);
  }
  volume.tree = std::move(tree);
  return ok;
}

Result<void> HistoryWorld::copy(Volume& volume) {
  const auto [from_volume, tree] = any_view();
  if (tree == nullptr) return ok;
  const std::string from = known_key(*tree), to = random_key();
  if (from_volume == volume.name && from == to) return ok;
  say("copy " + from_volume + "/" + from + " to " + volume.name + "/" + to);
  Bytes data = tree->at(from);
  TP_TRY_VOID(require(wait(plane().copy(operator_caller(), {from_volume, from}, {volume.name, to}, {})), "copy"));
  volume.tree[to] = std::move(data);
  return ok;
}

Result<void> HistoryWorld::write(Volume& volume) {
  const std::string key = known_key(volume.tree);
  Bytes& content = volume.tree[key];
  const uint64_t offset = below(content.size() + 2000);
  const auto data = std::make_shared<const Bytes>(random_data());
  say("write " + volume.name + "/" + key + " at " + std::to_string(offset) + " " + std::to_string(data->size()));
  if (data->empty()) return ok;
  TP_TRY(const plane::FileId file, find(volume.name, key));
  plane::Payload payload;
  payload.bytes = *data;
  payload.owner = data;
  const auto stability = below(3) == 0 ? plane::Stability::kUnstable : plane::Stability::kFileSync;
  TP_TRY_VOID(require(wait(plane().files().write(super_user(), file, offset, std::move(payload), stability,
                                                 plane::AccessCheck::kOpened)),
                      "write"));
  overwrite(content, offset, *data);
  if (stability == plane::Stability::kFileSync) return ok;
  // A snapshot commits what is not yet; else the client does.
  if (below(2) == 0) return take_snapshot_of(volume);
  return require(wait(plane().files().commit(file)), "commit");
}

Result<void> HistoryWorld::truncate(Volume& volume) {
  const std::string key = known_key(volume.tree);
  Bytes& content = volume.tree[key];
  plane::SetAttributes set;
  const uint64_t size = below(2) == 0 ? below(content.size() + 1) : below(200'000);
  set.size_bytes = size;
  say("truncate " + volume.name + "/" + key + " to " + std::to_string(size));
  TP_TRY(const plane::FileId file, find(volume.name, key));
  TP_TRY_VOID(require(wait(plane().files().set_attributes(super_user(), file, std::move(set), std::nullopt,
                                                          plane::AccessCheck::kOpened)),
                      "truncate"));
  content.resize(size);
  return ok;
}

Result<void> HistoryWorld::remove_file(Volume& volume) {
  const std::string key = known_key(volume.tree);
  say("remove the file " + volume.name + "/" + key);
  TP_TRY(const plane::FileId directory, directory_of(volume.name, key));
  TP_TRY_VOID(require(wait(plane().files().remove(super_user(), directory, last_part(key))), "remove"));
  volume.tree.erase(key);
  return ok;
}

Result<void> HistoryWorld::move_file(Volume& volume) {
  const std::string from = known_key(volume.tree), to = random_key();
  const auto target = directory_of(volume.name, to);
  if (from == to || !target) return ok;
  say("move the file " + volume.name + "/" + from + " to " + to);
  TP_TRY(const plane::FileId directory, directory_of(volume.name, from));
  TP_TRY_VOID(require(wait(plane().files().rename(super_user(), directory, last_part(from), *target, last_part(to))),
                      "rename"));
  volume.tree[to] = std::move(volume.tree[from]);
  volume.tree.erase(from);
  return ok;
}

Result<void> HistoryWorld::copy_range(Volume& volume) {
  const auto [from_volume, tree] = any_view();
  if (tree == nullptr) return ok;
  const std::string from = known_key(*tree), to = known_key(volume.tree);
  const Bytes source = tree->at(from);
  if (source.empty() || (from_volume == volume.name && from == to)) return ok;
  const uint64_t begin = below(source.size()), size = 1 + below(source.size() - begin);
  const uint64_t offset = below(volume.tree[to].size() + 1000);
  say("copy " + std::to_string(size) + " of " + from_volume + "/" + from + " into " + volume.name + "/" + to + " at " +
      std::to_string(offset));
  TP_TRY(const plane::FileId source_file, find(from_volume, from));
  TP_TRY(const plane::FileId file, find(volume.name, to));
  const auto copied = wait(
      plane().files().copy_range(super_user(), source_file, begin, file, offset, size, plane::AccessCheck::kOpened));
  TP_TRY_VOID(require(copied, "copy"));
  TP_TRY_VOID(expect(*copied == size, "not all was copied"));
  overwrite(volume.tree[to], offset, BytesView(source).substr(begin, size));
  return ok;
}

Result<void> HistoryWorld::compare_as_file(const std::string& volume, const std::string& key, const Bytes& data) {
  TP_TRY(const plane::FileId file, find(volume, key));
  const auto read = wait(plane().files().read(super_user(), file, 0, 1 << 20, plane::AccessCheck::kOpened));
  TP_TRY_VOID(require(read, "read of the file " + volume + "/" + key));
  Bytes bytes;
  for (const io::SendRegion& region : read->regions) bytes += region.bytes;
  TP_TRY_VOID(expect(read->attributes.size_bytes == data.size(), volume + "/" + key + " has another size as a file"));
  return expect(BytesView(data).substr(0, bytes.size()) == bytes && (bytes.size() == data.size() || !bytes.empty()),
                volume + "/" + key + " has other bytes as a file");
}

}  // namespace tp::test
