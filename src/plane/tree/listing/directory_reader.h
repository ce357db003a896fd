// Reads one page of a directory's entries in the order of their stored keys, as they are shown.
#pragma once

#include "plane/core/core.h"
#include "plane/tree/listing/directory_cursors.h"

namespace tp::plane {

struct DirectoryQuery {
  FileCaller caller;
  FileId directory;
  uint64_t cookie = 0;
  uint32_t max_entries = 0;  // at least 1
  bool with_attributes = false;
};
struct DirectoryReading {
  DirectoryPage page;
  DirectoryCursors::Page given;  // no cookies if the page is empty
};

/// Blocking unless the view reads the cache only: then kWouldBlock, also if finding the cookie would take long.
Result<DirectoryReading> read_directory_page(const Core& core, meta::ReadView& view, const VolumeEntry& volume,
                                             const DirectoryCursors& cursors, const DirectoryQuery& query);

}  // namespace tp::plane
