// What is asked of files and what comes back. A file is an object, named by its inode.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/send_region.h"
#include "meta/inode_record.h"
#include "plane/state/file_id.h"

namespace tp::plane {

inline constexpr size_t kMaxNameBytes = 255;
inline constexpr uint32_t kMaxLinks = 1000;
inline constexpr uint64_t kMaxFileBytes = INT64_MAX;
inline constexpr size_t kMaxAttributeBytes = 64 << 10;  // all extended attributes of one file

/// Who acts on files: what the client claimed, as the volume's export rules take it (Files::admit).
struct FileCaller {
  uint32_t uid = meta::kNobody, gid = meta::kNobody;
  std::vector<uint32_t> groups;  // supplementary
  bool super_user = false;       // uid 0, not squashed
  bool in_group(uint32_t wanted) const;
};
/// What the client claimed.
struct ClaimedIdentity {
  uint32_t uid = meta::kNobody, gid = meta::kNobody;
  std::vector<uint32_t> groups;
  bool anonymous = false;        // AUTH_NONE
  std::string source_ip;
};

struct FileAttributes {
  FileId file;
  meta::InodeType type = meta::InodeType::kFile;
  uint32_t mode = 0;             // permission bits, setuid, setgid, sticky
  uint32_t links = 1;
  uint32_t uid = 0, gid = 0;
  uint64_t size_bytes = 0;       // of a directory: 4096
  uint64_t space_bytes = 0;      // in use
  uint64_t device = 0;           // major << 32 | minor
  rt::Nanos accessed = 0, modified = 0, changed = 0, created = 0;  // wall
  // `changed` is also NFSv4's change attribute: every change of data or metadata makes it larger.
};

/// Attributes around one change.
struct FileChange {
  FileAttributes before, after;
};

/// An absent field is left alone.
struct SetAttributes {
  std::optional<uint32_t> mode, uid, gid;
  std::optional<uint64_t> size_bytes;
  bool accessed_now = false, modified_now = false;          // the server's time
  std::optional<rt::Nanos> accessed, modified;              // the client's
  bool empty() const {
    return !mode && !uid && !gid && !size_bytes && !accessed_now && !modified_now && !accessed && !modified;
  }
};

/// Bits of what may be done, as POSIX sees it.
enum Permission : uint32_t { kMayRead = 1, kMayWrite = 2, kMayExecute = 4 };

struct CreateRequest {
  enum class Kind : uint8_t {
    kUnchecked,  // what is there is opened; only size 0 of `set` is applied to it
    kGuarded,    // kAlreadyExists
    kExclusive,  // the same, unless the file there was made with `verifier`
  };
  Kind kind = Kind::kUnchecked;
  uint64_t verifier = 0;
  SetAttributes set;
};
struct Created {
  FileAttributes attributes;
  FileChange directory;
  bool made = false;             // false: it was there
};
struct Renamed {
  FileChange from, to;           // the directories
};

struct DirectoryEntry {
  Bytes name;
  uint64_t cookie = 0;           // 3 .. 2^63 - 1
  FileAttributes attributes;     // only `file` and `type` unless attributes were asked for
};
struct DirectoryPage {
  std::vector<DirectoryEntry> entries;
  bool end = false;
  FileAttributes directory;
};

/// How far a write goes before it is answered.
enum class Stability : uint8_t { kUnstable = 0, kDataSync = 1, kFileSync = 2 };

/// Bytes and what keeps them.
struct Payload {
  BytesView bytes;
  std::shared_ptr<const void> owner;
};

struct ReadResult {
  std::vector<io::SendRegion> regions;  // in order
  uint64_t size_bytes = 0;              // of all regions
  bool end_of_file = false;
  FileAttributes attributes;
};
struct WriteResult {
  Stability stability = Stability::kUnstable;  // at least what was asked for
  FileChange file;
};

/// Who has checked that the caller may read or write: kOpened, an open that is still there; kByMode, nobody yet: mode
/// bits decide, but the owner may always, as the kernel checks at open only.
enum class AccessCheck : uint8_t { kByMode, kOpened };

struct SpaceStatus {
  uint64_t total_bytes = 0, free_bytes = 0, available_bytes = 0;  // of the quota, if there is one, else of the disk
  uint64_t total_files = 0, free_files = 0;
};

struct FileAttribute {  // user extended attribute
  std::string name;     // without "user."
  Bytes value;
};
enum class AttributeMode : uint8_t { kEither, kCreate, kReplace };

}  // namespace tp::plane
