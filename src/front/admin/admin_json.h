// The JSON of the admin port: users and volumes as they are shown, and the changes that clients ask for. Nothing that a
// client sent is believed: a field of another type, or one that nobody knows, is kMalformed. Internal to front/admin.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/bytes.h"
#include "meta/user_record.h"
#include "meta/volume_record.h"
#include "plane/users.h"
#include "plane/volume.h"

namespace tp::admin {

/// Invalid UTF-8 (keys may hold any bytes) becomes replacement characters.
Bytes dump(const nlohmann::json& json);

nlohmann::json user_json(const meta::UserRecord& user, bool with_secret);
Result<meta::UserRecord> parse_user(BytesView body);
Result<plane::UserChange> parse_user_change(BytesView body);

nlohmann::json volume_json(const meta::VolumeRecord& volume, const meta::VolumeCounters& counters);
Result<plane::VolumeChange> parse_volume_change(BytesView body);

}  // namespace tp::admin
