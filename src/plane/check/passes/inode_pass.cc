#include "plane/check/passes/inode_pass.h"

#include "meta/history/history_records.h"
#include "meta/keys.h"
#include "meta/listed_inode.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {

namespace {

constexpr size_t kOwnerBytes = sizeof(uint64_t);

std::string inode_text(uint64_t inode) { return "inode " + std::to_string(inode); }

}  // namespace

InodePass::InodePass(meta::ReadView& view, FindingList& findings, const TimeIndex& index, bool read_data)
    : view_(view), findings_(findings), index_(index), read_data_(read_data) {
  const auto whole = [&](kv::Space space) {
    auto iterator = view.iterate(space, Bytes(), Bytes());
    iterator->seek({});
    return iterator;
  };
  inodes_ = whole(kv::Space::kInodes);
  names_ = {kv::Space::kNames, "orphan-name", whole(kv::Space::kNames), {}};
  data_ = {kv::Space::kData, "orphan-data", whole(kv::Space::kData), {}};
  extents_ = {kv::Space::kExtents, "orphan-extent", whole(kv::Space::kExtents), {}};
}

Result<bool> InodePass::step() {
  for (size_t done = 0; done < kRecordsPerStep; ++done) {
    if (!inodes_->valid()) {
      TP_TRY_VOID(inodes_->status());
      for (Side* side : {&names_, &data_, &extents_}) TP_TRY_VOID(align(*side, std::nullopt));
      TP_TRY_VOID(look_up_names());
      TP_TRY_VOID(check_orphans());
      return false;
    }
    if (inodes_->key().size() != kOwnerBytes) {
      findings_.add("corrupt-key", "inodes", to_hex(inodes_->key()));
    } else {
      TP_TRY_VOID(check_inode(InodeId(get_be<uint64_t>(inodes_->key().data())), inodes_->value()));
    }
    findings_.count_record();
    inodes_->next();
  }
  return true;
}

Result<bool> InodePass::align(Side& side, std::optional<InodeId> inode) {
  while (side.iterator->valid()) {
    const BytesView key = side.iterator->key();
    if (key.size() < kOwnerBytes) {
      findings_.add("corrupt-key", std::string(side.orphan_kind), to_hex(key));
    } else {
      const uint64_t owner = get_be<uint64_t>(key.data());
      if (inode && owner >= inode->value) return owner == inode->value;
      // A snapshot keeps the bytes of what was dropped where they are.
      const bool held = side.space != kv::Space::kNames && index_.held.contains(owner);
      if (side.orphan_owner != owner && !held) {
        findings_.add(side.orphan_kind, inode_text(owner), "belongs to an inode that is not there");
      }
      side.orphan_owner = owner;
    }
    if (side.space == kv::Space::kNames) ++names_met_;
    side.iterator->next();
  }
  TP_TRY_VOID(side.iterator->status());
  return false;
}

Result<void> InodePass::check_inode(InodeId inode, BytesView value) {
  const auto record = meta::decode_inode(value);
  if (!record) {
    findings_.add("corrupt-inode", inode_text(inode.value), record.error().message);
    // What belongs to it is not orphaned.
    for (Side* side : {&names_, &data_, &extents_}) {
      TP_TRY(bool there, align(*side, inode));
      for (; there; there = side->iterator->valid() && get_be<uint64_t>(side->iterator->key().data()) == inode.value) {
        if (side->space == kv::Space::kNames) ++names_met_;
        side->iterator->next();
      }
    }
    return ok;
  }
  if (!findings_.volumes().contains(inode)) TP_TRY_VOID(expect_names(inode, *record));
  TP_TRY_VOID(take_names(inode, *record));
  TP_TRY_VOID(take_small_data(inode, *record));
  TP_TRY_VOID(take_extents(inode, *record));
  if (record->place == meta::DataPlace::kNone && record->type == meta::InodeType::kFile && record->size_bytes != 0) {
    findings_.add("missing-data", where(inode), "has a size of " + std::to_string(record->size_bytes) + " and no data");
  }
  return ok;
}

Result<void> InodePass::expect_names(InodeId inode, const meta::InodeRecord& record) {
  if (record.type == meta::InodeType::kDirectory) {
    named_.push_back({inode, meta::name_key(record.parent, record.name, true), Bytes()});
  } else if (!record.parent && record.superseded != 0) {
    if (!index_.versions.contains(inode.value)) {
      findings_.add("orphan-inode", inode_text(inode.value), "an earlier version that no record leads to");
    }
    if (record.links != 0) findings_.add("wrong-links", inode_text(inode.value), "it has links and no name");
  } else if (!record.parent && record.further_names.empty()) {
    TP_TRY(const bool orphan, has_orphan(inode));
    if (!orphan) findings_.add("orphan-inode", inode_text(inode.value), "it has no name and nothing keeps it");
    if (record.links != 0) findings_.add("wrong-links", inode_text(inode.value), "it has links and no name");
  } else {
    const Bytes listed = meta::encode_listed_inode(record);
    named_.push_back({inode, meta::name_key(record.parent, record.name, false), listed});
    for (const meta::LinkName& link : record.further_names) {
      named_.push_back({inode, meta::name_key(link.parent, link.name, false), listed});
    }
    if (record.links != 1 + record.further_names.size()) {
      findings_.add("wrong-links", where(inode),
                    "recorded " + std::to_string(record.links) + ", has " +
                        std::to_string(1 + record.further_names.size()) + " names");
    }
  }
  if (named_.size() >= kLookupBatch) TP_TRY_VOID(look_up_names());
  return ok;
}

Result<bool> InodePass::has_orphan(InodeId inode) {
  if (!orphans_) {
    orphans_.emplace();
    const auto visit = [&](BytesView key, BytesView) {
      if (key.size() >= kOwnerBytes) orphans_->insert(get_be<uint64_t>(key.data() + key.size() - kOwnerBytes));
      return true;
    };
    TP_TRY_VOID(view_.scan(kv::Space::kMeta, meta::orphans_begin(), meta::orphans_end(), visit));
  }
  return orphans_->contains(inode.value);
}

Result<void> InodePass::check_orphans() {
  const auto visit = [&](BytesView key, BytesView value) {
    findings_.count_record();
    const auto volume = decode_orphan(value);
    if (!volume || key.size() != meta::orphan_key({}, {}).size()) {
      findings_.add("corrupt-orphan", "orphan " + to_hex(key), "the record does not parse");
      return true;
    }
    const InodeId inode(get_be<uint64_t>(key.data() + key.size() - kOwnerBytes));
    const meta::LayerPtr layer = index_.layer_of(*volume);
    const auto stored = layer ? index_.view(layer)->get(kv::Space::kInodes, meta::inode_key(inode))
                              : view_.get(kv::Space::kInodes, meta::inode_key(inode));
    const auto record = stored && *stored ? meta::decode_inode(**stored) : fail(Code::kNotFound, "no inode");
    if (!record) {
      findings_.add("wrong-orphan", inode_text(inode.value), "it is not there");
    } else if (record->parent || record->links != 0) {
      findings_.add("wrong-orphan", inode_text(inode.value), "it has a name");
    }
    return true;
  };
  return view_.scan(kv::Space::kMeta, meta::orphans_begin(), meta::orphans_end(), visit);
}

Result<void> InodePass::take_names(InodeId inode, const meta::InodeRecord& record) {
  TP_TRY(bool there, align(names_, inode));
  if (there && record.type != meta::InodeType::kDirectory) {
    findings_.add("orphan-name", where(inode), "there are names in something that is not a directory");
  }
  while (there) {
    ++names_met_;
    const auto name = meta::decode_name(names_.iterator->value());
    if (!name) findings_.add("corrupt-name", where(inode), name.error().message);
    names_.iterator->next();
    there = names_.iterator->valid() && names_.iterator->key().size() >= kOwnerBytes &&
            get_be<uint64_t>(names_.iterator->key().data()) == inode.value;
  }
  return ok;
}

Result<void> InodePass::take_small_data(InodeId inode, const meta::InodeRecord& record) {
  TP_TRY(const bool there, align(data_, inode));
  const bool wanted = record.place == meta::DataPlace::kSmall;
  if (!there) {
    if (wanted) findings_.add("missing-data", where(inode), "its small data is not there");
    return ok;
  }
  findings_.count_record();
  if (!wanted) {
    findings_.add("orphan-data", where(inode), "has small data and does not know it");
  } else if (read_data_) {
    const auto data = meta::decode_small_data(inode, data_.iterator->value());
    if (!data) {
      findings_.add("corrupt-data", where(inode), data.error().message);
    } else if (data->size() != record.size_bytes) {
      findings_.add("wrong-size", where(inode),
                    "recorded " + std::to_string(record.size_bytes) + ", has " + std::to_string(data->size()));
    } else {
      findings_.totals().bytes += data->size();
    }
  }
  data_.iterator->next();
  return ok;
}

Result<void> InodePass::take_extents(InodeId inode, const meta::InodeRecord& record) {
  TP_TRY(bool there, align(extents_, inode));
  const bool wanted = record.place == meta::DataPlace::kExtents;
  if (there && !wanted) findings_.add("orphan-extent", where(inode), "has extents and does not know them");
  uint64_t end = 0, holes = 0;
  bool whole = true;
  while (there) {
    findings_.count_record();
    const BytesView key = extents_.iterator->key();
    const uint64_t offset = key.size() == 2 * kOwnerBytes ? get_be<uint64_t>(key.data() + kOwnerBytes) : UINT64_MAX;
    const auto extent = meta::decode_extent(offset, extents_.iterator->value());
    if (!extent) {
      findings_.add("corrupt-extent", where(inode), extent.error().message);
      whole = false;
    } else {
      whole = whole && extent->offset == end && extent->length_bytes > 0;
      end = extent->offset + extent->length_bytes;
      if (!extent->blob) holes += extent->length_bytes;
    }
    extents_.iterator->next();
    there = extents_.iterator->valid() && extents_.iterator->key().size() >= kOwnerBytes &&
            get_be<uint64_t>(extents_.iterator->key().data()) == inode.value;
  }
  if (wanted && (!whole || end != record.size_bytes)) {
    findings_.add("missing-data", where(inode),
                  "its extents do not cover its " + std::to_string(record.size_bytes) + " bytes once each");
  } else if (holes != record.hole_bytes) {
    findings_.add("wrong-size", where(inode),
                  "recorded " + std::to_string(record.hole_bytes) + " bytes of holes, has " + std::to_string(holes));
  }
  return ok;
}

Result<bool> InodePass::named_in_clone(const Named& named) {
  std::vector<const meta::VolumeRecord*> clones;
  for (const TimeIndex::Clone& clone : index_.clones) clones.push_back(&clone.record);
  for (const meta::VolumeRecord& removed : index_.removed_clones) clones.push_back(&removed);
  for (const meta::VolumeRecord* clone : clones) {
    if (named.inode.value < clone->base_at.value) continue;
    TP_TRY(const auto stored,
           view_.get(kv::Space::kOverlay, meta::overlay_key(clone->id, kv::Space::kNames, named.name_key)));
    const auto value = stored ? meta::decode_overlay(*stored) : fail(Code::kNotFound, "no name");
    const auto name = value && *value ? meta::decode_name(**value) : fail(Code::kNotFound, "no name");
    if (name && name->inode == named.inode) return true;
  }
  return false;
}

Result<void> InodePass::look_up_names() {
  std::vector<Bytes> keys;
  keys.reserve(named_.size());
  for (const Named& named : named_) keys.push_back(named.name_key);
  TP_TRY(const auto values, view_.multi_get(kv::Space::kNames, keys));
  for (size_t i = 0; i < named_.size(); ++i) {
    const auto name = values[i] ? meta::decode_name(*values[i]) : fail(Code::kNotFound, "no name");
    if (name && name->inode == named_[i].inode) {
      if (!name->listed.empty() && name->listed != named_[i].listed) {
        findings_.add("stale-name", inode_text(named_[i].inode.value), "its name shows other attributes in listings");
      }
      continue;
    }
    TP_TRY(const bool in_clone, named_in_clone(named_[i]));
    if (in_clone) continue;
    findings_.add("orphan-inode", inode_text(named_[i].inode.value),
                  "the name it believes to have does not lead to it");
  }
  named_.clear();
  return ok;
}

}  // namespace tp::plane
