// What create and open share: one transaction that finds a file by name or makes it, and pins it.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

struct OpenByName {
  FileCaller caller;
  FileId directory;
  Bytes name;
  std::optional<CreateRequest> create;
  uint32_t permissions = 0;  // that the caller must have on a file that is there
  bool pin = false;
};

/// `pinned` is set once the file is pinned, also if the transaction fails afterwards.
Result<Created> open_by_name(Core& core, meta::Txn& txn, const OpenByName& wish, InodeId* pinned);
/// The transaction, and the truncation of a file that was there if that is asked for. A pin that comes back must be
/// given back.
Task<Created> run_open(Core& core, Files& files, OpenByName wish);

}  // namespace tp::plane
