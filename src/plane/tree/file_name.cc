#include "plane/tree/file_name.h"

#include <algorithm>

#include "plane/file_types.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/listing/name_hash.h"

namespace tp::plane {
namespace {

constexpr BytesView kEscapedEnd = "~s3", kBesideEnd = "~s3f", kLongEnd = "~s3l";
constexpr size_t kHexBytes = 2 * sizeof(uint64_t);
/// "~", inode, hash, "~s3l".
constexpr size_t kLongTailBytes = 1 + 2 * kHexBytes + kLongEnd.size();
/// Of a long name's own beginning; short enough for people to see both ends.
constexpr size_t kLongHeadBytes = 200;

bool has_marker(BytesView name) {
  return name.ends_with(kEscapedEnd) || name.ends_with(kBesideEnd) || name.ends_with(kLongEnd);
}

bool needs_escape(BytesView stored) {
  return stored.empty() || stored == "." || stored == ".." || stored == kSnapshotDirectoryName || has_marker(stored);
}

bool fits(BytesView shown) {
  return shown.size() <= kMaxNameBytes && shown.find('\0') == BytesView::npos;
}

std::string hex_of(uint64_t number) {
  Bytes bytes;
  append_be(bytes, number);
  return to_hex(bytes);
}

/// The beginning of the name, not cut within a character, so that UTF-8 stays UTF-8.
Bytes head_of(BytesView stored) {
  size_t size = std::min(stored.size(), kLongHeadBytes);
  constexpr int kMaxContinuations = 3;
  for (int i = 0; i < kMaxContinuations && size > 0 && size < stored.size(); ++i) {
    if ((static_cast<uint8_t>(stored[size]) & 0xC0) != 0x80) break;
    --size;
  }
  Bytes head(stored.substr(0, size));
  std::ranges::replace(head, '\0', '?');
  return head;
}

Bytes long_name(BytesView stored, InodeId inode, bool directory) {
  const uint64_t hash = sip_hash({}, Bytes(stored) + (directory ? "/" : ""));
  return head_of(stored) + "~" + hex_of(inode.value) + hex_of(hash) + Bytes(kLongEnd);
}

}  // namespace

Bytes shown_directory_name(BytesView stored, InodeId inode) {
  Bytes shown(stored);
  if (needs_escape(stored)) shown += kEscapedEnd;
  return fits(shown) ? shown : long_name(stored, inode, true);
}

Bytes shown_file_name(BytesView stored, InodeId inode, bool beside_directory) {
  Bytes shown(stored);
  if (beside_directory) {
    shown += kBesideEnd;
  } else if (needs_escape(stored)) {
    shown += kEscapedEnd;
  }
  return fits(shown) ? shown : long_name(stored, inode, false);
}

ShownName parse_shown_name(BytesView shown) {
  ShownName name;
  if (shown.ends_with(kEscapedEnd)) {
    name.kind = ShownName::Kind::kEscaped;
    name.stored = shown.substr(0, shown.size() - kEscapedEnd.size());
  } else if (shown.ends_with(kBesideEnd)) {
    name.kind = ShownName::Kind::kBesideDirectory;
    name.stored = shown.substr(0, shown.size() - kBesideEnd.size());
  } else if (shown.ends_with(kLongEnd)) {
    name.kind = ShownName::Kind::kByInode;
    char inode[sizeof(uint64_t)] = {};
    // What does not parse is inode 0, which is not there.
    if (shown.size() >= kLongTailBytes) {
      const BytesView hex = shown.substr(shown.size() - kLongTailBytes + 1, kHexBytes);
      if (from_hex(hex, inode)) name.inode = InodeId(get_be<uint64_t>(inode));
    }
  } else {
    name.stored = shown;
  }
  return name;
}

Result<void> check_name(BytesView name) {
  if (name.size() > kMaxNameBytes) return fail(Code::kInvalidArgument, Reason::kNameTooLong, "the name is too long");
  const bool special = name.empty() || name == "." || name == "..";
  if (special || name.find('/') != BytesView::npos || name.find('\0') != BytesView::npos) {
    return fail(Code::kInvalidArgument, Reason::kInvalidName, "a file cannot have this name");
  }
  return ok;
}

Result<void> check_new_name(BytesView name) {
  TP_TRY_VOID(check_name(name));
  if (name == kSnapshotDirectoryName) return fail(Code::kAlreadyExists, "the directory of snapshots has this name");
  if (needs_escape(name)) return fail(Code::kInvalidArgument, Reason::kInvalidName, "a file cannot have this name");
  return ok;
}

}  // namespace tp::plane
