#include "net/remote/retry_policy.h"

#include <algorithm>
#include <charconv>

namespace tp::net {

namespace {

/// Retry-After in seconds; its other form, a date, is not used by object stores.
rt::Nanos asked_delay(const RemoteAnswer* answer, rt::Nanos limit) {
  if (answer == nullptr) return 0;
  const auto text = answer->find_header("retry-after");
  if (!text) return 0;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 0) return 0;
  return std::min(seconds, limit / rt::kSecond) * rt::kSecond;
}

}  // namespace

bool RetryPolicy::retries(int status) {
  if (status == 408 || status == 425 || status == 429) return true;
  return status >= 500 && status != 501 && status != 505;
}

bool RetryPolicy::retries(const Error& error) {
  switch (error.code) {
    case Code::kClosed:
    case Code::kTimeout:
    case Code::kUnavailable:
    case Code::kIo:
    case Code::kBusy:
      return true;
    default:
      return false;
  }
}

rt::Nanos RetryPolicy::delay(unsigned failed, const RemoteAnswer* answer, rt::Rng& rng) const {
  rt::Nanos bound = first_delay;
  for (unsigned i = 1; i < failed && bound < longest_delay; ++i) bound *= 2;
  bound = std::clamp<rt::Nanos>(bound, 1, longest_delay);
  const auto jittered = static_cast<rt::Nanos>(rng.below(static_cast<uint64_t>(bound)));
  return std::max(jittered, asked_delay(answer, longest_delay));
}

}  // namespace tp::net
