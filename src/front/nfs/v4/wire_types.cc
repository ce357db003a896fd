#include "front/nfs/v4/wire_types.h"

namespace tp::nfs::v4 {

state::StateId read_stateid(wire::XdrReader& in) {
  const uint32_t seqid = in.u32();
  return state::StateId::from(seqid, in.fixed(state::StateId{}.other.size()));
}

void write_stateid(wire::XdrWriter& out, const state::StateId& id) {
  out.u32(id.seqid);
  out.fixed(id.other_view());
}

state::SessionId read_session_id(wire::XdrReader& in) {
  return state::SessionId::from(in.fixed(kSessionIdBytes));
}

void write_change_info(wire::XdrWriter& out, const plane::FileChange& directory) {
  out.boolean(true);
  out.i64(directory.before.changed);
  out.i64(directory.after.changed);
}

Status read_name(wire::XdrReader& in, Bytes* name) {
  const BytesView text = in.opaque(kMaxNameArgument);
  if (!in.good()) return Status::kBadXdr;
  if (text.empty()) return Status::kInval;
  if (text.size() > plane::kMaxNameBytes) return Status::kNameTooLong;
  if (text == "." || text == "..") return Status::kBadName;
  if (text.find('/') != BytesView::npos || text.find('\0') != BytesView::npos) return Status::kBadChar;
  name->assign(text);
  return Status::kOk;
}

Bytes read_owner(wire::XdrReader& in) {
  in.u64();
  return Bytes(in.opaque(kOpaqueLimit));
}

}  // namespace tp::nfs::v4
