// Bytes that were written and never committed, of a client that went away: they become durable by age, and their memory
// is free again.
#include "plane/content/commit.h"

namespace tp::plane {

namespace {

constexpr size_t kFilesAtOnce = 1024;

}  // namespace

void write_back(Core& core, rt::Nanos age) {
  for (FileStatePtr& state : core.open_files.unwritten(core.runtime.clock().wall_now(), age, kFilesAtOnce)) {
    commit_behind(core, std::move(state));
  }
}

}  // namespace tp::plane
