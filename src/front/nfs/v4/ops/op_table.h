// OpEntry: what COMPOUND needs to know of an operation: how to run it, and where it may stand.
// Spec: RFC 8881 §2.10.6.4, §17.
#pragma once

#include "front/nfs/v4/compound.h"

namespace tp::nfs::v4 {

enum class Standing : uint8_t {
  kInSession,  // after a SEQUENCE only
  kAnywhere,   // alone without a session, or in one
  kAlone,      // alone, never in a session
  kFirst,      // SEQUENCE
};

struct OpEntry {
  const char* name = "";
  Standing standing = Standing::kInSession;
  /// It changes something: it runs only if its result fits, so that a change is never answered with kRepTooBig.
  bool changes = false;
  /// One of the two; neither: kNotSupp.
  Status (*at_once)(Compound& compound) = nullptr;
  Task<Status> (*later)(Compound& compound) = nullptr;
};

/// Null: no operation of this minor version has this number.
const OpEntry* find_op(uint32_t number, uint32_t minor);

}  // namespace tp::nfs::v4
