// OPEN: RFC 8881 §18.16. Order: whether the client may open at all, the tree (which pins the file), the state, and only
// then a truncation of what was there.
#include "front/nfs/v4/ops/opens/open_arguments.h"
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

/// Whether a file that is there is to be emptied.
bool truncates(const OpenArguments& args) {
  return args.create && args.mode == CreateMode::kUnchecked && args.attributes.set.size_bytes == 0;
}

uint32_t permissions_of(const OpenArguments& args) {
  uint32_t permissions = 0;
  if (args.share.access & kShareAccessRead) permissions |= plane::kMayRead;
  if ((args.share.access & kShareAccessWrite) || truncates(args)) permissions |= plane::kMayWrite;
  return permissions;
}

/// Whom only reading was refused: a program that may be run may be read to run it, as kernels do.
bool may_try_to_execute(const Result<plane::Opened>& opened, uint32_t permissions) {
  return !opened && permissions == plane::kMayRead && status4_of(opened.error()) == Status::kAccess;
}

plane::OpenRequest request_of(const OpenArguments& args, uint32_t permissions) {
  plane::OpenRequest request;
  request.permissions = permissions;
  if (!args.create) return request;
  plane::CreateRequest create;
  create.kind = args.mode == CreateMode::kUnchecked ? plane::CreateRequest::Kind::kUnchecked
                : args.mode == CreateMode::kGuarded ? plane::CreateRequest::Kind::kGuarded
                                                    : plane::CreateRequest::Kind::kExclusive;
  create.verifier = args.verifier;
  create.set = args.attributes.set;
  create.set.size_bytes.reset();
  request.create = std::move(create);
  return request;
}

/// What is not a file has a status of its own kind.
Status wrong_type(meta::InodeType type) {
  switch (type) {
    case meta::InodeType::kDirectory: return Status::kIsDir;
    case meta::InodeType::kSymlink: return Status::kSymlink;
    default: return Status::kWrongType;
  }
}

Task<plane::Opened> open_by_name(Compound& compound, Place place, const OpenArguments* args) {
  const uint32_t permissions = permissions_of(*args);
  plane::OpenRequest request = request_of(*args, permissions);
  auto opened = co_await compound.files().open(place.caller, place.file, args->name, std::move(request));
  if (may_try_to_execute(opened, permissions)) {
    request = request_of(*args, plane::kMayExecute);
    opened = co_await compound.files().open(place.caller, place.file, args->name, std::move(request));
  }
  if (opened || status4_of(opened.error()) != Status::kWrongType) co_return opened;
  TP_CO_TRY(const plane::FileAttributes there, co_await compound.files().lookup(place.caller, place.file, args->name));
  co_return fail4(wrong_type(there.type));
}

Task<plane::Opened> open_by_handle(Compound& compound, Place place, const OpenArguments* args) {
  // A client that had the file open before the restart was let in then.
  const bool reclaims = args->claim == Claim::kPrevious;
  const uint32_t permissions = reclaims ? 0 : permissions_of(*args);
  TP_CO_TRY(const plane::FileAttributes file, co_await compound.files().attributes(place.file));
  if (file.type != meta::InodeType::kFile) co_return fail4(wrong_type(file.type));
  auto opened = co_await compound.files().open_file(place.caller, place.file, permissions);
  if (may_try_to_execute(opened, permissions)) {
    opened = co_await compound.files().open_file(std::move(place.caller), place.file, plane::kMayExecute);
  }
  // Clients that remember where a name led open by handle: one that has been replaced must be looked up again.
  if (opened && !reclaims && opened->created.attributes.links == 0) co_return fail4(Status::kStale);
  co_return opened;
}

/// The size that OPEN asks for: of a new file any, of one that was there only zero.
Task<void> set_size(Compound& compound, plane::FileCaller caller, const OpenArguments* args, plane::FileId file,
                    bool made) {
  const auto size = args->attributes.set.size_bytes;
  const bool wanted = made ? args->create && size && *size > 0 : truncates(*args);
  if (!wanted) co_return ok;
  plane::SetAttributes set;
  set.size_bytes = *size;
  TP_CO_TRY_VOID(co_await compound.files().set_attributes(std::move(caller), file, std::move(set), std::nullopt,
                                                          plane::AccessCheck::kOpened));
  co_return ok;
}

/// open_delegation4: none, and why, if the client asked for one.
void write_delegation(wire::XdrWriter& out, uint32_t wants) {
  if (wants == kShareWantNone) return out.u32(kDelegateNone);
  out.u32(kDelegateNoneExt);
  if (wants == kShareWantNoDelegation) return out.u32(kWhyNotWanted);
  if (wants == kShareWantCancel) return out.u32(kWhyCancelled);
  out.u32(kWhyResource);
  out.boolean(false);  // nor will there be any later
}

Task<Status> open_place(Compound& compound, Place place, const OpenArguments* args) {
  const plane::FileCaller caller = place.caller;
  const bool by_name = args->claim == Claim::kNull;
  auto opening =
      by_name ? open_by_name(compound, std::move(place), args) : open_by_handle(compound, std::move(place), args);
  TP_CO_TRY(plane::Opened opened, co_await std::move(opening));
  const plane::FileId file = opened.created.attributes.file;
  state::OpenArgs wanted;
  wanted.owner = args->owner;
  wanted.share = args->share;
  wanted.reclaim = args->claim == Claim::kPrevious;
  const auto granted = compound.state.open(compound.client, std::move(wanted), std::move(opened.pin));
  if (!granted) co_return granted.status;
  TP_CO_TRY_VOID(co_await set_size(compound, caller, args, file, opened.created.made));
  TP_CO_TRY_VOID(co_await compound.settle_client());
  compound.current.go_to({.file = file});
  compound.current.stateid = granted.value;
  wire::XdrWriter& out = compound.out();
  write_stateid(out, granted.value);
  // Opened by its handle, no directory changes.
  if (by_name) {
    write_change_info(out, opened.created.directory);
  } else {
    write_change_info(out, {});
  }
  out.u32(kResultLockTypePosix | kResultPreserveUnlinked);
  (opened.created.made ? args->attributes.bits : Bitmap()).write(out);
  write_delegation(out, args->wants);
  co_return Status::kOk;
}

}  // namespace

Task<Status> open(Compound& compound) {
  const OpenArguments args = read_open_arguments(compound);
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  const Status checked = args.check();
  if (checked != Status::kOk) co_return checked;
  const bool by_name = args.claim == Claim::kNull;
  if (compound.at_pseudo_root()) {
    if (!by_name) co_return Status::kIsDir;
    const auto volume = compound.pseudo_root.lookup(compound.claimed, args.name);
    co_return volume ? Status::kIsDir : args.create ? Status::kRofs : Status::kNoEnt;
  }
  TP_CO_TRY(Place place, compound.here(Status::kServerFault));
  const Status may = compound.state.may_open(compound.client, args.claim == Claim::kPrevious);
  if (may != Status::kOk) co_return may;
  co_return co_await open_place(compound, std::move(place), &args);
}

}  // namespace tp::nfs::v4::ops
