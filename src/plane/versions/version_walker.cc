#include "plane/versions/version_walker.h"

#include "meta/keys.h"

namespace tp::plane {

using kv::Space;

VersionWalker::VersionWalker(meta::ReadView& view, const meta::VolumeRecord& volume)
    : view_(view),
      volume_(volume),
      tree_(view, volume.root),
      kept_(view.iterate(Space::kVersions, meta::versions_begin(volume.id), meta::versions_end(volume.id))) {}

Result<void> VersionWalker::settle_tree() {
  while (tree_.valid() && tree_.directory()) TP_TRY_VOID(tree_.descend());
  tree_valid_ = tree_.valid();
  return ok;
}

Result<void> VersionWalker::settle_kept() {
  at_.reset();
  for (; kept_->valid(); kept_->next()) {
    TP_TRY(auto parts, meta::parse_version_key(kept_->key()));
    if (parts.order == 0) continue;  // the one that names the null version
    TP_TRY(entry_, meta::decode_version(kept_->value()));
    at_ = std::move(parts);
    return ok;
  }
  return kept_->status();
}

void VersionWalker::choose() {
  current_ = tree_valid_ && (!at_ || tree_.path() <= BytesView(at_->object_key));
  first_ = valid() && (!has_passed_ || key() != BytesView(passed_));
}

Result<void> VersionWalker::seek(BytesView target) {
  TP_TRY_VOID(tree_.seek(target));
  TP_TRY_VOID(settle_tree());
  kept_->seek(meta::versions_from(volume_.id, target));
  TP_TRY_VOID(settle_kept());
  has_passed_ = false;
  choose();
  return ok;
}

Result<Bytes> VersionWalker::kept_after(BytesView key, uint64_t number) {
  Bytes begin = meta::key_versions_begin(volume_.id, key);
  if (tree_valid_ && tree_.path() == key) {
    current_ = true;
    TP_TRY(const meta::ListedInode object, listed());
    if (object.version == number) return begin;
  }
  uint64_t order = number;
  if (number == 0) {
    TP_TRY(const auto named, view_.get(Space::kVersions, meta::version_key(volume_.id, key, 0)));
    // It is gone: rather some versions twice than some not at all.
    if (!named) return begin;
    TP_TRY(order, meta::decode_null_version(*named));
  }
  return meta::version_key(volume_.id, key, order) + '\0';
}

Result<void> VersionWalker::seek_after(BytesView key, uint64_t number) {
  TP_TRY_VOID(tree_.seek(key));
  TP_TRY_VOID(settle_tree());
  TP_TRY(const Bytes from, kept_after(key, number));
  if (tree_valid_ && tree_.path() == key) {
    TP_TRY_VOID(tree_.next());
    TP_TRY_VOID(settle_tree());
  }
  kept_->seek(from);
  TP_TRY_VOID(settle_kept());
  passed_ = key;
  has_passed_ = true;
  choose();
  return ok;
}

Result<void> VersionWalker::next() {
  passed_ = key();
  has_passed_ = true;
  if (current_) {
    TP_TRY_VOID(tree_.next());
    TP_TRY_VOID(settle_tree());
  } else {
    kept_->next();
    TP_TRY_VOID(settle_kept());
  }
  choose();
  return ok;
}

Result<meta::ListedInode> VersionWalker::listed() {
  const BytesView known = current_ ? tree_.listed() : BytesView(entry_.listed);
  if (!known.empty()) return meta::decode_listed_inode(known);
  TP_TRY(const auto value, view_.get(Space::kInodes, meta::inode_key(inode())));
  if (!value) return fail(Code::kCorruption, "a version leads to an inode that is not there");
  return meta::decode_listed_inode(*value);
}

}  // namespace tp::plane
