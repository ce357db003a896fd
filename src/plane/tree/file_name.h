// Names as file protocols show them, and back. S3's keys have names that POSIX cannot: empty, "." and "..", more than
// 255 bytes, a zero byte, a file beside a directory of the same name. Those are shown escaped; every other name as it
// is. Pure. Scheme: docs/protocols/nfs.md, names.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace tp::plane {

/// How a directory or file is shown. `inode` stands in the escapes of names that do not fit.
Bytes shown_directory_name(BytesView stored, InodeId inode);
/// `beside_directory`: a directory of the same stored name is there.
Bytes shown_file_name(BytesView stored, InodeId inode, bool beside_directory);

/// What a shown name may stand for; what is there must be shown by this very name, or it is not meant.
struct ShownName {
  enum class Kind : uint8_t {
    kPlain,            // a directory, else a file, of this name
    kEscaped,          // the same, of another name: `stored`
    kBesideDirectory,  // the file `stored`
    kByInode,          // the name of `inode` that is shown so
  };
  Kind kind = Kind::kPlain;
  Bytes stored;
  InodeId inode;
};
ShownName parse_shown_name(BytesView shown);

/// Whether a file protocol may make this name: kNameTooLong, kInvalidName.
Result<void> check_new_name(BytesView name);
/// Whether it may look it up; "." and ".." are not names.
Result<void> check_name(BytesView name);

}  // namespace tp::plane
