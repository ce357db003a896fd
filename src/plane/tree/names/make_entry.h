// What mkdir, symlink and mknod share: a new entry under a name that is free.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

struct MakeEntry {
  FileCaller caller;
  FileId directory;
  Bytes name;
  meta::InodeType type = meta::InodeType::kFile;
  uint32_t default_mode = 0644;
  SetAttributes set;
  uint64_t device = 0;
  Bytes target;  // of a symbolic link
};
/// kAlreadyExists.
Task<Created> make_entry(Core& core, MakeEntry wish);

}  // namespace tp::plane
