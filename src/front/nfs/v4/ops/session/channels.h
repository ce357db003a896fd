// channel_attrs4, callback_sec_parms4. Spec: RFC 8881 §18.36, §18.33.
#pragma once

#include "front/nfs/state/state_types.h"
#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace tp::nfs::v4 {

state::ChannelAttributes read_channel(wire::XdrReader& in);
void write_channel(wire::XdrWriter& out, const state::ChannelAttributes& channel);

/// Parsed and forgotten: this server never calls back.
void skip_callback_security(wire::XdrReader& in);

}  // namespace tp::nfs::v4
