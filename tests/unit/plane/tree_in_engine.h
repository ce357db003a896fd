// Writes trees of names and inodes straight into an engine, to test what reads them without what makes them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "backend/memory/memory_engine.h"
#include "meta/inode_record.h"
#include "meta/keys.h"

namespace tp::test {

class TreeInEngine {
 public:
  static constexpr uint64_t kRoot = 1;

  explicit TreeInEngine(uint64_t id_step = 1) : id_step_(id_step) {}

  kv::KvEngine& engine() { return *engine_; }
  memory::MemoryEngine& memory_engine() { return *engine_; }

  /// A file of `size` bytes; directories on the way are implicit.
  InodeId put(const std::string& key, uint64_t size = 1) {
    const size_t slash = key.rfind('/');
    const InodeId parent = slash == std::string::npos ? InodeId(kRoot) : directory(key.substr(0, slash + 1), true);
    meta::InodeRecord record;
    record.size_bytes = size;
    record.etag = "etag of " + key;
    record.owner = "owner";
    record.modified = static_cast<rt::Nanos>(size);
    return add(parent, slash == std::string::npos ? key : key.substr(slash + 1), record, false);
  }
  /// An explicit directory without live children; `path` ends in '/'.
  void put_empty_directory(const std::string& path) { directory(path, false); }

 private:
  InodeId directory(const std::string& path, bool implicit) {
    if (path.empty()) return InodeId(kRoot);
    if (const auto found = directories_.find(path); found != directories_.end()) return found->second;
    const size_t slash = path.rfind('/', path.size() - 2);
    const bool at_top = path.size() < 2 || slash == std::string::npos;
    const InodeId parent = at_top ? InodeId(kRoot) : directory(path.substr(0, slash + 1), implicit);
    meta::InodeRecord record;
    record.type = meta::InodeType::kDirectory;
    record.implicit = implicit;
    record.live_children = implicit ? 1 : 0;
    const size_t begin = at_top ? 0 : slash + 1;
    const InodeId inode = add(parent, path.substr(begin, path.size() - 1 - begin), record, implicit);
    directories_[path] = inode;
    return inode;
  }

  InodeId add(InodeId parent, const std::string& name, meta::InodeRecord& record, bool implicit) {
    last_id_ += id_step_;
    const InodeId inode(last_id_);
    record.parent = parent;
    record.name = name;
    const bool is_directory = record.type == meta::InodeType::kDirectory;
    const std::vector<kv::Write> writes = {
        {kv::Space::kNames, meta::name_key(parent, name, is_directory), meta::encode_name({inode, implicit})},
        {kv::Space::kInodes, meta::inode_key(inode), meta::encode_inode(record)}};
    EXPECT_TRUE(engine_->write(writes, kv::Durability::kSync).has_value());
    return inode;
  }

  std::unique_ptr<memory::MemoryEngine> engine_ = std::make_unique<memory::MemoryEngine>();
  uint64_t id_step_;
  uint64_t last_id_ = kRoot;
  std::map<std::string, InodeId> directories_;
};

}  // namespace tp::test
