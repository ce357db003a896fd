// decode_settable(): a fattr4 of what a client wants set, as the plane takes it. Spec: RFC 8881 §18.30, RFC 8275 §5.
#pragma once

#include "front/nfs/v4/attributes/attribute_sets.h"
#include "front/nfs/v4/protocol.h"
#include "plane/file_types.h"

namespace tp::nfs::v4 {

struct SettableAttributes {
  Status status = Status::kOk;  // kBadXdr: `in` is of no use any more
  plane::SetAttributes set;
  Bitmap bits;                  // what the client named: all of it is set, or nothing
};

/// `creating`: the file is made with them, so that kModeUmask may stand there.
SettableAttributes decode_settable(wire::XdrReader& in, uint32_t minor, bool creating);

/// "1000": a number in decimal without leading zeros. False for anything else: no names are known here.
bool parse_owner(BytesView text, uint32_t* id);

}  // namespace tp::nfs::v4
