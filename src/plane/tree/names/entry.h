// What a shown name in a directory leads to. Written once for reads and transactions.
#pragma once

#include <optional>

#include "plane/core/core.h"
#include "plane/core/namespace.h"
#include "plane/tree/attributes.h"

namespace tp::plane {

struct Entry {
  InodeId parent;
  InodeId inode;
  bool directory = false;
  Bytes name;  // as stored
  meta::InodeRecord record;
  std::optional<OpenFiles::Live> live;  // from before the record was read
};

/// nullopt if nothing is shown by this name. kConflict if it changed meanwhile (outside a transaction): look again.
Result<std::optional<Entry>> find_entry(const Core& core, meta::RecordSource& source, FileId directory,
                                        BytesView shown);
/// The same of what must be there: kNotFound.
Result<Entry> require_entry(const Core& core, meta::RecordSource& source, FileId directory, BytesView shown);
std::unexpected<Error> no_such_file();

/// An inode and what was written to it before it was read. kNotFound with Reason::kStale.
Result<Entry> find_by_id(const Core& core, meta::RecordSource& source, FileId file);

inline FileAttributes attributes_of(const Core& core, const meta::VolumeRecord& volume, const Entry& entry) {
  return attributes_of(core, volume, entry.inode, entry.record, entry.live);
}

/// As Namespace takes it.
Namespace::Object object_of(Entry entry);

}  // namespace tp::plane
