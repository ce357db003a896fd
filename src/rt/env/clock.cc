#include "rt/env/clock.h"

#include <ctime>

namespace tp::rt {

namespace {
Nanos read_clock(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}
}  // namespace

Nanos SystemClock::now() const { return read_clock(CLOCK_MONOTONIC); }
Nanos SystemClock::wall_now() const { return read_clock(CLOCK_REALTIME); }

SystemClock& SystemClock::instance() {
  static SystemClock clock;
  return clock;
}

}  // namespace tp::rt
