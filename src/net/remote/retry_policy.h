// RetryPolicy: what of a remote call is tried again, how often and after how long: exponential back-off with full
// jitter, so that many clients that failed together do not come back together. Pure.
#pragma once

#include "base/error.h"
#include "net/remote/remote_request.h"
#include "rt/env/clock.h"
#include "rt/env/rng.h"

namespace tp::net {

struct RetryPolicy {
  unsigned attempts = 6;  // at least 1; the first one included
  rt::Nanos first_delay = 100 * rt::kMillisecond;
  rt::Nanos longest_delay = 10 * rt::kSecond;
  /// No attempt begins later than this after the first one.
  rt::Nanos give_up_after = 120 * rt::kSecond;

  /// Statuses by which a service says "not now": 408, 425, 429 and 5xx but 501 and 505.
  static bool retries(int status);
  /// Transport failures: the peer went away, did not answer, or cannot be reached.
  static bool retries(const Error& error);
  /// Before attempt `failed` + 1; at least what Retry-After asks for, up to longest_delay.
  rt::Nanos delay(unsigned failed, const RemoteAnswer* answer, rt::Rng& rng) const;
};

}  // namespace tp::net
