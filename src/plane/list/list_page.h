// Lists one page of a volume's objects from one view of the store, with S3's rules for prefix, delimiter and order (the
// S3 API's ListObjectsV2). `truncated` is exact: one entry further has been looked at.
#pragma once

#include "meta/record_source.h"
#include "plane/object_types.h"

namespace tp::plane {

/// Entries in one page at most, whatever the query asks.
inline constexpr uint32_t kMaxListEntries = 10'000;

/// Blocking unless the view reads the cache only, and then kWouldBlock. kCorruption if a name leads nowhere.
Result<ListPage> list_page(meta::ReadView& view, InodeId root, const ListQuery& query);

/// The smallest string greater than every string that starts with `prefix`; empty if there is none.
Bytes successor_of_prefix(BytesView prefix);

}  // namespace tp::plane
