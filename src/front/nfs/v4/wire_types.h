// The XDR types that several operations share. Readers leave `in` bad where the bytes do not fit; what is read is then
// of no use. Spec: RFC 5662.
#pragma once

#include <optional>
#include <string>

#include "front/nfs/state/state_types.h"
#include "front/nfs/v4/protocol.h"
#include "plane/file_types.h"
#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace tp::nfs::v4 {

state::StateId read_stateid(wire::XdrReader& in);
void write_stateid(wire::XdrWriter& out, const state::StateId& id);

state::SessionId read_session_id(wire::XdrReader& in);

/// change_info4 of a directory. Always atomic: the plane takes both in the transaction of the change.
void write_change_info(wire::XdrWriter& out, const plane::FileChange& directory);

/// component4: any bytes that are one name. kInval (empty), kNameTooLong, kBadName ("." and ".."), kBadChar (a slash,
/// a zero byte), kBadXdr.
Status read_name(wire::XdrReader& in, Bytes* name);

/// state_owner4 without its client id, which sessions say.
Bytes read_owner(wire::XdrReader& in);

}  // namespace tp::nfs::v4
