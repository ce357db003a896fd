#include "plane/check/passes/tree_pass.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {

namespace {
BytesView last_segment(BytesView path, size_t parent_size, bool directory) {
  path.remove_prefix(parent_size);
  if (directory) path.remove_suffix(1);
  return path;
}
}  // namespace

TreePass::TreePass(meta::ReadView& view, FindingList& findings, const TimeIndex& index)
    : view_(view), findings_(findings), index_(index) {
  for (const auto& [root, volume] : findings.volumes()) volumes_.push_back({volume, nullptr});
  volumes_.insert(volumes_.end(), index.clones.begin(), index.clones.end());
}

Result<bool> TreePass::step() {
  for (size_t done = 0; done < kRecordsPerStep; ++done) {
    if (walker_ == nullptr) {
      TP_TRY(const bool more, begin_volume());
      if (!more) return false;
    }
    if (!walker_->valid()) {
      TP_TRY_VOID(end_volume());
      continue;
    }
    TP_TRY_VOID(visit());
  }
  return true;
}

Result<bool> TreePass::begin_volume() {
  while (next_volume_ < volumes_.size()) {
    const TimeIndex::Clone& next = volumes_[next_volume_++];
    volume_ = next.record;
    clone_ = next.layer == nullptr ? nullptr : index_.view(next.layer);
    tree_ = clone_ == nullptr ? &view_ : clone_.get();
    objects_ = bytes_ = 0;
    TP_TRY(const auto value, tree_->get(kv::Space::kInodes, meta::inode_key(volume_.root)));
    const auto root = value ? meta::decode_inode(*value) : fail(Code::kNotFound, "there is no such inode");
    if (!root) {
      findings_.add("missing-root", volume_.name, root.error().message);
      continue;
    }
    walker_ = std::make_unique<TreeWalker>(*tree_, volume_.root);
    open_ = {{volume_.root, 0, false, root->live_children, 0, root->links}};
    TP_TRY_VOID(walker_->seek({}));
    return true;
  }
  return false;
}

Result<void> TreePass::end_volume() {
  TP_TRY_VOID(look_up_files());
  while (!open_.empty()) leave_directory();
  walker_.reset();
  TP_TRY(const auto value, view_.get(kv::Space::kMeta, meta::counters_key(volume_.id)));
  const auto counters = value ? meta::decode_counters(*value) : fail(Code::kNotFound, "the record is not there");
  if (!counters) {
    findings_.add("corrupt-counters", volume_.name, counters.error().message);
    return ok;
  }
  compare_counter("objects", counters->objects, objects_);
  TP_TRY_VOID(add_up_orphans());
  const auto bytes_of = [&](const std::unordered_map<VolumeId, uint64_t>& others) {
    const auto found = others.find(volume_.id);
    return found == others.end() ? 0 : found->second;
  };
  const uint64_t bytes = bytes_ + bytes_of(*orphan_bytes_) + bytes_of(index_.version_bytes);
  // A clone began with what its base counted, earlier versions too, of which it has none.
  if (clone_ == nullptr || counters->bytes < bytes) compare_counter("bytes", counters->bytes, bytes);
  clone_.reset();
  return ok;
}

Result<void> TreePass::add_up_orphans() {
  if (orphan_bytes_) return ok;
  orphan_bytes_.emplace();
  const auto visit = [&](BytesView key, BytesView value) {
    const auto volume = decode_orphan(value);
    if (!volume || key.size() < sizeof(uint64_t)) return true;  // the inode pass says so
    const meta::LayerPtr layer = index_.layer_of(*volume);
    const BytesView inode = key.substr(key.size() - sizeof(uint64_t));
    const auto stored = layer ? index_.view(layer)->get(kv::Space::kInodes, inode)
                              : view_.get(kv::Space::kInodes, inode);
    if (!stored || !*stored) return true;
    if (const auto record = meta::decode_inode(**stored)) (*orphan_bytes_)[*volume] += counted_bytes(*record);
    return true;
  };
  return view_.scan(kv::Space::kMeta, meta::orphans_begin(), meta::orphans_end(), visit);
}

void TreePass::compare_counter(std::string_view what, uint64_t recorded, uint64_t counted) {
  if (recorded == counted) return;
  findings_.add("wrong-counter", volume_.name,
                std::string(what) + " recorded " + std::to_string(recorded) + ", counted " + std::to_string(counted));
}

Result<void> TreePass::visit() {
  // Names in directories of the base are in the clone's overlay, or the base's own.
  if (clone_ == nullptr || walker_->parent().value >= volume_.base_at.value) ++names_met_;
  findings_.count_record();
  while (open_.size() > 1 && open_.back().inode != walker_->parent()) leave_directory();
  if (walker_->directory()) return visit_directory();
  ++open_.back().live_counted;
  files_.push_back({walker_->inode(), walker_->parent(), Bytes(walker_->path())});
  if (files_.size() >= kLookupBatch) TP_TRY_VOID(look_up_files());
  return walker_->next();
}

Result<void> TreePass::visit_directory() {
  const auto where = [&] { return findings_.name_of(volume_, walker_->path()); };
  TP_TRY(const auto value, tree_->get(kv::Space::kInodes, meta::inode_key(walker_->inode())));
  if (!value) {
    findings_.add("dangling-name", where(), "leads to inode " + std::to_string(walker_->inode().value));
    return walker_->next();
  }
  const auto record = meta::decode_inode(*value);
  if (!record) {
    findings_.add("corrupt-inode", where(), record.error().message);
    return walker_->next();
  }
  // Going into a directory by a name that it does not know could go round for ever.
  const BytesView name = last_segment(walker_->path(), open_.back().path_size, true);
  if (record->type != meta::InodeType::kDirectory || record->parent != walker_->parent() || record->name != name) {
    findings_.add("wrong-name", where(), "the inode is another thing, or has another name");
    return walker_->next();
  }
  if (record->implicit != walker_->implicit()) {
    findings_.add("wrong-name", where(), "name and inode differ in `implicit`");
  }
  if (!record->implicit && open_.back().implicit) {
    findings_.add("wrong-name", where(), "a directory that stays is in one that goes with its last child");
  }
  ++open_.back().directories;
  open_.push_back({walker_->inode(), walker_->path().size(), record->implicit, record->live_children, 0,
                   record->links});
  return walker_->descend();
}

void TreePass::leave_directory() {
  const Directory directory = open_.back();
  open_.pop_back();
  const auto where = [&] {
    // The walker has moved on, so its path is no longer this directory's.
    return findings_.name_of(*tree_, directory.inode);
  };
  if (directory.live_counted != directory.live_recorded) {
    findings_.add("wrong-live-children", where(),
                  "recorded " + std::to_string(directory.live_recorded) + ", counted " +
                      std::to_string(directory.live_counted));
  }
  if (directory.implicit && directory.live_counted == 0) {
    findings_.add("empty-implicit-directory", where(), "it should have gone with its last child");
  }
  // Fewer are no fault: directories of older stores did not count those in them.
  if (directory.links_recorded > 2 + directory.directories) {
    findings_.add("wrong-links", where(),
                  "recorded " + std::to_string(directory.links_recorded) + ", has " +
                      std::to_string(directory.directories) + " directories");
  }
  if (directory.live_counted > 0 && !open_.empty()) ++open_.back().live_counted;
}

Result<void> TreePass::look_up_files() {
  std::vector<Bytes> keys;
  keys.reserve(files_.size());
  for (const File& file : files_) keys.push_back(meta::inode_key(file.inode));
  TP_TRY(const auto values, tree_->multi_get(kv::Space::kInodes, keys));
  for (size_t i = 0; i < files_.size(); ++i) {
    if (!values[i]) {
      findings_.add("dangling-name", findings_.name_of(volume_, files_[i].path),
                    "leads to inode " + std::to_string(files_[i].inode.value));
      continue;
    }
    const auto record = meta::decode_inode(*values[i]);
    if (!record) {
      findings_.add("corrupt-inode", findings_.name_of(volume_, files_[i].path), record.error().message);
      continue;
    }
    check_file(files_[i], *record);
  }
  files_.clear();
  return ok;
}

void TreePass::check_file(const File& file, const meta::InodeRecord& record) {
  ++objects_;
  const size_t slash = file.path.rfind('/');
  const BytesView name = slash == Bytes::npos ? BytesView(file.path) : BytesView(file.path).substr(slash + 1);
  const bool first = record.parent == file.parent && record.name == name;
  if (first) bytes_ += counted_bytes(record);
  const bool known = first || std::ranges::find(record.further_names, meta::LinkName{file.parent, Bytes(name)}) !=
                                  record.further_names.end();
  if (record.type == meta::InodeType::kDirectory || !known) {
    findings_.add("wrong-name", findings_.name_of(volume_, file.path),
                  "inode " + std::to_string(file.inode.value) + " is another thing, or has another name");
  }
}

}  // namespace tp::plane
