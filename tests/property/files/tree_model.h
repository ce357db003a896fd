// ModelTree: what a volume holds as both protocols show it, in plain containers: directories, files with one or more
// names, and of each file what was written last, what is certainly stable, and what may be.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plane/file_types.h"

namespace tp::test {

struct ModelFile {
  struct Piece {
    uint64_t offset = 0;
    Bytes bytes;
  };

  plane::FileId id;
  meta::InodeType type = meta::InodeType::kFile;
  Bytes newest;                  // what files show
  Bytes stable;                  // what a crash cannot take
  std::vector<Piece> loose;      // written since, in order: each byte may be in what S3 shows, or not
  uint32_t links = 0;
  std::string seen_etag;         // of seen_bytes, when S3 was asked last
  Bytes seen_bytes;

  static void apply(Bytes& to, uint64_t offset, BytesView bytes) {
    if (bytes.empty()) return;
    if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size(), '\0');
    std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  void write_loose(uint64_t offset, BytesView bytes) {
    apply(newest, offset, bytes);
    if (!bytes.empty()) loose.push_back({offset, Bytes(bytes)});
  }
  void commit() {
    stable = newest;
    loose.clear();
  }
  /// A change that is stable at once and takes along what was loose, or not.
  void write_stable(uint64_t offset, BytesView bytes) {
    apply(newest, offset, bytes);
    apply(stable, offset, bytes);
    std::vector<Piece> left;
    for (Piece& piece : loose) {
      const uint64_t end = piece.offset + piece.bytes.size(), cut_end = offset + bytes.size();
      if (end <= offset || cut_end <= piece.offset) {
        left.push_back(std::move(piece));
        continue;
      }
      if (piece.offset < offset) left.push_back({piece.offset, piece.bytes.substr(0, offset - piece.offset)});
      if (end > cut_end) left.push_back({cut_end, piece.bytes.substr(cut_end - piece.offset)});
    }
    loose = std::move(left);
  }
  void resize(uint64_t size) {
    newest.resize(size, '\0');
    stable.resize(size, '\0');
    for (Piece& piece : loose) {
      piece.bytes.resize(piece.offset >= size ? 0 : std::min<uint64_t>(piece.bytes.size(), size - piece.offset));
    }
    std::erase_if(loose, [](const Piece& piece) { return piece.bytes.empty(); });
  }
  /// Whether what is stable may be this.
  bool may_be(BytesView shown) const {
    bool size_fits = shown.size() == stable.size();
    for (const Piece& piece : loose) {
      size_fits = size_fits || shown.size() == std::max(stable.size(), piece.offset + piece.bytes.size());
    }
    if (!size_fits) return false;
    std::vector<bool> fits(shown.size());
    for (size_t i = 0; i < shown.size(); ++i) fits[i] = shown[i] == (i < stable.size() ? stable[i] : '\0');
    for (const Piece& piece : loose) {
      for (size_t i = 0; i < piece.bytes.size() && piece.offset + i < shown.size(); ++i) {
        if (shown[piece.offset + i] == piece.bytes[i]) fits[piece.offset + i] = true;
      }
    }
    return std::ranges::all_of(fits, [](bool each) { return each; });
  }
};
using ModelFilePtr = std::shared_ptr<ModelFile>;

struct ModelDirectory {
  ModelDirectory* parent = nullptr;
  std::string name;
  /// Made or kept by a file client: it stays until one removes it. If not, it may go when it is empty.
  bool stays = false;
  std::map<std::string, std::unique_ptr<ModelDirectory>> directories;
  std::map<std::string, ModelFilePtr> files;

  bool empty() const { return directories.empty() && files.empty(); }
  /// "" of the root, else ending in '/'.
  std::string path() const { return parent == nullptr ? "" : parent->path() + name + "/"; }
  bool below(const ModelDirectory* other) const {
    for (const ModelDirectory* at = this; at != nullptr; at = at->parent) {
      if (at == other) return true;
    }
    return false;
  }
};

struct ModelTree {
  ModelDirectory root;

  /// Where a key's file is or would be; directories on the way are made.
  std::pair<ModelDirectory*, std::string> place(const std::string& key) {
    ModelDirectory* at = &root;
    size_t begin = 0;
    for (size_t slash; (slash = key.find('/', begin)) != std::string::npos; begin = slash + 1) {
      auto& next = at->directories[key.substr(begin, slash - begin)];
      if (!next) {
        next = std::make_unique<ModelDirectory>();
        next->parent = at;
        next->name = key.substr(begin, slash - begin);
      }
      at = next.get();
    }
    return {at, key.substr(begin)};
  }
  /// Null if it is not there.
  ModelDirectory* directory(const std::string& path) {
    ModelDirectory* at = &root;
    size_t begin = 0;
    for (size_t slash; (slash = path.find('/', begin)) != std::string::npos; begin = slash + 1) {
      const auto found = at->directories.find(path.substr(begin, slash - begin));
      if (found == at->directories.end()) return nullptr;
      at = found->second.get();
    }
    return at;
  }
  ModelFilePtr find(const std::string& key) {
    const size_t slash = key.rfind('/');
    ModelDirectory* at = directory(slash == std::string::npos ? "" : key.substr(0, slash + 1));
    if (at == nullptr) return nullptr;
    const auto found = at->files.find(slash == std::string::npos ? key : key.substr(slash + 1));
    return found == at->files.end() ? nullptr : found->second;
  }
  /// `file` gets the name `key`; what had it loses it.
  void put(const std::string& key, ModelFilePtr file) {
    auto [at, name] = place(key);
    ModelFilePtr& there = at->files[name];
    if (there) --there->links;
    there = std::move(file);
    ++there->links;
  }
  void erase(const std::string& key) {
    auto [at, name] = place(key);
    --at->files[name]->links;
    at->files.erase(name);
  }
  std::vector<ModelDirectory*> directories() {
    std::vector<ModelDirectory*> all = {&root};
    for (size_t i = 0; i < all.size(); ++i) {
      for (auto& [name, below] : all[i]->directories) all.push_back(below.get());
    }
    return all;
  }
  std::map<std::string, ModelFilePtr> files() {
    std::map<std::string, ModelFilePtr> all;
    for (ModelDirectory* at : directories()) {
      for (auto& [name, file] : at->files) all[at->path() + name] = file;
    }
    return all;
  }
};

}  // namespace tp::test
