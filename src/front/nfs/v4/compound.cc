#include "front/nfs/v4/compound.h"

#include <fmt/format.h>

#include "front/nfs/core/credentials.h"

namespace tp::nfs::v4 {

Compound::Compound(NfsCore& core_in, state::NfsState& state_in, state::ClientRecords& records_in, PseudoRoot& pseudo_in,
                   const net::RpcCall& call_in, net::RpcReply& reply_in)
    : core(core_in),
      state(state_in),
      records(records_in),
      pseudo_root(pseudo_in),
      call(call_in),
      reply(reply_in),
      claimed(claimed_identity(call_in)),
      in(call_in.arguments) {}

Status Compound::room_for(uint64_t bytes) const {
  return reply.size() + bytes <= reply_limit_bytes ? Status::kOk : too_big();
}

Result<plane::FileCaller> Compound::caller_on(VolumeId volume) {
  for (const Admitted& known : admitted_) {
    if (known.volume == volume) return known.caller;
  }
  TP_TRY(plane::FileCaller caller, core.files.admit(claimed, volume));
  admitted_.push_back({volume, caller});
  return caller;
}

Result<Place> Compound::place_of(const Position& position, Status on_pseudo_root) {
  if (!position.target) return fail4(Status::kNoFileHandle);
  if (position.target->pseudo_root) return fail4(on_pseudo_root);
  TP_TRY(plane::FileCaller caller, caller_on(position.target->file.volume));
  return Place{position.target->file, std::move(caller)};
}

Result<state::StateId> Compound::resolve(const state::StateId& given, const Position& position) const {
  if (!given.is_current()) return given;
  if (!position.stateid) return fail4(Status::kBadStateId);
  return *position.stateid;
}

Result<plane::AccessCheck> Compound::io_right(const state::StateId& given, const Position& position, plane::FileId file,
                                              bool write) {
  TP_TRY(const state::StateId stateid, resolve(given, position));
  const auto right = state.check_io(client, stateid, file, write);
  if (!right) return fail4(right.status);
  return right.value.check;
}

Task<void> Compound::settle_client() {
  if (!state.needs_settle(client)) co_return ok;
  auto settled = co_await records.settle(client);
  if (!settled) co_return std::unexpected(std::move(settled).error().with_context("the client's record"));
  co_return ok;
}

Task<AttributeSource> Compound::attribute_source(HandleTarget target, Bitmap wanted) {
  if (target.pseudo_root) co_return attribute_source_of(target, pseudo_root.attributes(), wanted);
  TP_CO_TRY_VOID(caller_on(target.file.volume));
  TP_CO_TRY(const plane::FileAttributes file, co_await files().attributes(target.file));
  AttributeSource source = attribute_source_of(target, file, wanted);
  if (!(wanted & kSpaceAttributes).empty()) {
    TP_CO_TRY(source.space, co_await files().space(target.file));
  }
  co_return source;
}

AttributeSource Compound::attribute_source_of(const HandleTarget& target, const plane::FileAttributes& file,
                                              const Bitmap& wanted) {
  AttributeSource source{.core = core, .minor = minor, .target = target, .file = file};
  if (wanted.has(Attribute::kMountedOnFileId) && !target.pseudo_root && file.type == meta::InodeType::kDirectory &&
      pseudo_root.is_volume_root(target.file)) {
    source.mounted_on_fileid = mount_point_fileid(target.file.volume);
  }
  return source;
}

Bytes Compound::principal() const {
  if (!call.head.sys) return "none";
  return fmt::format("sys:{}", call.head.sys->uid);
}

}  // namespace tp::nfs::v4
