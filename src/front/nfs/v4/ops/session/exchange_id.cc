// EXCHANGE_ID: RFC 8881 §18.35.
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint32_t kProtectNone = 0, kProtectMachine = 1, kProtectSsv = 2;
constexpr uint32_t kMostBitmapWords = 64;

void skip_bitmap(wire::XdrReader& in) {
  const uint32_t words = in.count(kMostBitmapWords);
  for (uint32_t i = 0; i < words; ++i) in.u32();
}

/// state_protect4_a: nothing but "none" is granted to clients that are known by AUTH_SYS.
Status read_protection(wire::XdrReader& in) {
  switch (in.u32()) {
    case kProtectNone: return in.good() ? Status::kOk : Status::kBadXdr;
    case kProtectMachine:
      skip_bitmap(in);
      skip_bitmap(in);
      return in.good() ? Status::kInval : Status::kBadXdr;
    case kProtectSsv: return in.good() ? Status::kEncrAlgUnsupp : Status::kBadXdr;
    default: return Status::kBadXdr;
  }
}

/// nfs_impl_id4<1>.
void skip_implementation(wire::XdrReader& in) {
  if (in.count(1) == 0) return;
  in.opaque(kOpaqueLimit);
  in.opaque(kOpaqueLimit);
  in.u64();
  in.u32();
}

/// Who the server is: the same across restarts, another with every store.
Bytes server_name(const NfsCore& core) {
  return "tokenplane-" + to_hex(core.handles.encode({.pseudo_root = true}));
}

}  // namespace

Status exchange_id(Compound& compound) {
  wire::XdrReader& in = compound.in;
  state::ExchangeIdArgs args;
  const BytesView verifier = in.fixed(kVerifierBytes);
  const BytesView owner = in.opaque(kOpaqueLimit);
  args.flags = in.u32();
  if (!in.good()) return Status::kBadXdr;
  const Status protection = read_protection(in);
  if (protection != Status::kOk) return protection;
  skip_implementation(in);
  if (!in.good()) return Status::kBadXdr;
  verifier.copy(args.verifier.data(), args.verifier.size());
  args.owner.assign(owner);
  args.principal = compound.principal();
  const auto result = compound.state.exchange_id(args);
  if (!result) return result.status;
  const Bytes name = server_name(compound.core);
  wire::XdrWriter& out = compound.out();
  out.u64(result.value.client.value);
  out.u32(result.value.sequence);
  out.u32(result.value.flags);
  out.u32(kProtectNone);
  out.u64(0);        // minor id: one server behind all addresses
  out.opaque(name);  // major id
  out.opaque(name);  // scope
  out.u32(1);
  out.opaque("tokenplane");
  out.opaque("Token Plane");
  out.i64(0);
  out.u32(0);
  return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
