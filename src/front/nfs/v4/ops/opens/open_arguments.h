// OPEN4args as read. Spec: RFC 8881 §18.16, RFC 5662.
#pragma once

#include "front/nfs/v4/attributes/decode.h"
#include "front/nfs/v4/compound.h"

namespace tp::nfs::v4 {

struct OpenArguments {
  Bytes owner;
  state::Share share;
  uint32_t wants = 0;  // delegation wishes: kShareWantMask
  bool create = false;
  CreateMode mode = CreateMode::kUnchecked;
  SettableAttributes attributes;  // of creations
  uint64_t verifier = 0;          // of exclusive ones
  Claim claim = Claim::kNull;
  Bytes name;  // of kNull
  Status named = Status::kOk;

  /// The first thing that is wrong with it, after parsing.
  Status check() const;
};

/// `compound.in` is bad afterwards if it did not parse.
OpenArguments read_open_arguments(Compound& compound);

}  // namespace tp::nfs::v4
