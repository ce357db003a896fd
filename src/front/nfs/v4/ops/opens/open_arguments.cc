#include "front/nfs/v4/ops/opens/open_arguments.h"

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kNoCreate = 0, kCreate = 1;

uint64_t read_verifier(wire::XdrReader& in) {
  return in.u64();
}

void read_create(Compound& compound, OpenArguments* args) {
  wire::XdrReader& in = compound.in;
  const uint32_t mode = in.u32();
  if (mode > static_cast<uint32_t>(CreateMode::kExclusive41)) return in.fail_here();
  args->create = true;
  args->mode = static_cast<CreateMode>(mode);
  if (args->mode == CreateMode::kExclusive || args->mode == CreateMode::kExclusive41) {
    args->verifier = read_verifier(in);
  }
  if (args->mode != CreateMode::kExclusive) args->attributes = decode_settable(in, compound.minor, true);
}

void read_claim(wire::XdrReader& in, OpenArguments* args) {
  const uint32_t claim = in.u32();
  if (claim > static_cast<uint32_t>(Claim::kDelegPrevFh)) return in.fail_here();
  args->claim = static_cast<Claim>(claim);
  switch (args->claim) {
    case Claim::kNull:
    case Claim::kDelegatePrev:
      args->named = read_name(in, &args->name);
      break;
    case Claim::kPrevious:
      in.u32();
      break;  // the delegation the client had: none was ever given
    case Claim::kDelegateCur:
      read_stateid(in);
      args->named = read_name(in, &args->name);
      break;
    case Claim::kDelegCurFh:
      read_stateid(in);
      break;
    case Claim::kFh:
    case Claim::kDelegPrevFh: break;
  }
}

}  // namespace

OpenArguments read_open_arguments(Compound& compound) {
  wire::XdrReader& in = compound.in;
  OpenArguments args;
  in.u32();  // seqid: sessions count instead
  const uint32_t access = in.u32();
  args.wants = access & kShareWantMask;
  args.share.access = access & ~(kShareWantMask | kShareWantSignals);
  args.share.deny = in.u32();
  args.owner = read_owner(in);
  const uint32_t type = in.u32();
  if (type == kCreate) {
    read_create(compound, &args);
  } else if (type != kNoCreate) {
    in.fail_here();
  }
  read_claim(in, &args);
  return args;
}

Status OpenArguments::check() const {
  if (share.access == 0 || share.access > kShareAccessBoth || share.deny > kShareDenyBoth) return Status::kInval;
  if (wants > kShareWantCancel) return Status::kInval;
  switch (claim) {
    case Claim::kNull: break;
    case Claim::kFh:
    case Claim::kPrevious:
      if (create && claim == Claim::kPrevious) return Status::kInval;
      break;
    // No delegation was ever given that could be claimed.
    case Claim::kDelegateCur:
    case Claim::kDelegCurFh: return Status::kBadStateId;
    case Claim::kDelegatePrev:
    case Claim::kDelegPrevFh: return Status::kNotSupp;
  }
  if (named != Status::kOk) return named;
  return create ? attributes.status : Status::kOk;
}

}  // namespace tp::nfs::v4
