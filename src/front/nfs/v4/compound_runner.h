// run_compound(): the operations of one COMPOUND, one after another, until one fails; the reply with its head. What a
// compound must look like, sizes of replies, replays of slots. Spec: RFC 8881 §2.10.6, §16.2.
#pragma once

#include "front/nfs/v4/compound.h"

namespace tp::nfs::v4 {

/// `compound.in` stands at COMPOUND4args.
Task<void> run_compound(Compound& compound);

}  // namespace tp::nfs::v4
