// The operator's calls on snapshots and clones. Protocol: docs/protocols/admin.md, snapshots. Internal to front/admin.
#pragma once

#include "net/http_exchange.h"
#include "plane/plane.h"

namespace tp::admin {

/// Whether the path is one of these calls: /v1/snapshots, /v1/volumes/NAME/snapshots..., /v1/volumes/NAME/clone.
bool is_snapshot_path(std::string_view path);

/// POST /v1/snapshots {"volumes": [...], "name"}: 201 {"snapshots": [...]}
/// GET /v1/volumes/NAME/snapshots: {"snapshots": [...]}, oldest first
/// DELETE /v1/volumes/NAME/snapshots/SNAPSHOT: 204
/// GET /v1/volumes/NAME/snapshots/SNAPSHOT/diff?to=&after=&limit=: {"differences": [...], "next"}
/// POST /v1/volumes/NAME/snapshots/SNAPSHOT/restore {"path"?, "target"?}: {"restored", "removed", "unchanged"}
/// POST /v1/volumes/NAME/snapshots/SNAPSHOT/clone {"name"}: 201 and the volume
/// DELETE /v1/volumes/NAME/clone: 204: the clone goes with all that is in it
Task<void> answer_snapshot_call(net::HttpExchange& exchange, plane::Plane& plane);

}  // namespace tp::admin
