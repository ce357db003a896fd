#include "rt/threads/background_pool.h"

#include <sys/resource.h>
#include <unistd.h>

namespace tp::rt {

namespace {
constexpr int kLowest = 19;
}

void BackgroundPool::lower_priority() {
  thread_local bool lowered = false;
  if (lowered) return;
  lowered = true;
  // On Linux a thread has a nice value of its own, and anybody may raise it.
  [[maybe_unused]] const int refused = setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowest);
}

}  // namespace tp::rt
