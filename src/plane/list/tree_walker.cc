#include "plane/list/tree_walker.h"

#include "meta/inode_record.h"
#include "meta/keys.h"

namespace tp::plane {

namespace {
constexpr size_t kParentBytes = sizeof(uint64_t);  // what a name record's key starts with
}

TreeWalker::TreeWalker(meta::ReadView& view, InodeId root) : view_(view) { push(root); }

void TreeWalker::push(InodeId inode) {
  levels_.push_back({inode, path_.size()});
  if (slot(levels_.size() - 1) >= iterators_.size()) {
    // The root's iterator serves it alone and need not look past its names, at what other volumes left when they went.
    iterators_.push_back(make_iterator(inode, iterators_.empty() || view_.layer() != nullptr));
  } else if (view_.layer() != nullptr) {
    iterators_[slot(levels_.size() - 1)] = make_iterator(inode, true);
  }
}

std::unique_ptr<kv::Iterator> TreeWalker::make_iterator(InodeId inode, bool bounded) {
  return view_.iterate(kv::Space::kNames, bounded ? meta::names_begin(inode) : Bytes(),
                       bounded ? meta::names_end(inode) : Bytes());
}

void TreeWalker::seek_in_level(BytesView name) {
  const bool shared = levels_.size() >= kIteratorsKept;
  if (shared && view_.layer() != nullptr) iterators_.back() = make_iterator(levels_.back().inode, true);
  target_.clear();
  append_be(target_, levels_.back().inode.value);
  target_.append(name);
  iterator().seek(target_);
}

Result<void> TreeWalker::seek(BytesView target) {
  while (levels_.size() > 1 && target.substr(0, levels_.back().path_size) !=
                                   BytesView(path_).substr(0, levels_.back().path_size)) {
    levels_.pop_back();
  }
  path_.resize(levels_.back().path_size);
  BytesView rest = target.substr(path_.size());
  while (true) {
    const size_t slash = rest.find('/');
    if (slash == BytesView::npos) {
      seek_in_level(rest);
      return settle();
    }
    const BytesView name = rest.substr(0, slash + 1);
    seek_in_level(name);
    if (!iterator().valid() || iterator().key() != BytesView(target_)) return settle();
    TP_TRY(const meta::NameRecord record, meta::decode_name(iterator().value()));
    path_.append(name);
    push(record.inode);
    rest.remove_prefix(slash + 1);
  }
}

Result<void> TreeWalker::next() {
  iterator().next();
  return settle();
}

Result<void> TreeWalker::descend() {
  push(inode_);
  seek_in_level({});
  return settle();
}

Result<void> TreeWalker::settle() {
  while (true) {
    TP_TRY(const bool taken, take_entry());
    if (taken) return ok;
    if (levels_.size() == 1) {
      valid_ = false;
      return ok;
    }
    TP_TRY_VOID(leave_level());
  }
}

Result<bool> TreeWalker::take_entry() {
  const Level& level = levels_.back();
  if (!iterator().valid()) {
    TP_TRY_VOID(iterator().status());
    return false;
  }
  const BytesView key = iterator().key();
  if (key.size() < kParentBytes) return fail(Code::kCorruption, "a name record's key is too short");
  if (get_be<uint64_t>(key.data()) != level.inode.value) return false;
  TP_TRY(meta::NameRecord record, meta::decode_name(iterator().value()));
  path_.resize(level.path_size);
  path_.append(key.substr(kParentBytes));
  inode_ = record.inode;
  listed_ = std::move(record.listed);
  directory_ = key.size() > kParentBytes && key.back() == '/';
  implicit_ = record.implicit;
  valid_ = true;
  return true;
}

Result<void> TreeWalker::leave_level() {
  const size_t left_slot = slot(levels_.size() - 1);
  path_.resize(levels_.back().path_size);
  levels_.pop_back();
  if (slot(levels_.size() - 1) != left_slot) {
    iterator().next();
    return ok;
  }
  // The iterator was shared with the level below: find this level's place again, just past the directory that was left.
  Bytes after = path_.substr(levels_.back().path_size);
  after.push_back('\0');
  seek_in_level(after);
  return ok;
}

}  // namespace tp::plane
