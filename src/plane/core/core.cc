#include "plane/core/core.h"

#include "rt/await.h"

namespace tp::plane {

Core::Core(Plane::Options options_in)
    : options(std::move(options_in)),
      meta(*options.meta),
      blobs(*options.blobs),
      runtime(*options.runtime),
      digests(options.digests),
      file_networks(parse_ip_ranges(options.file_networks)),
      users(meta, options.root_access_key, options.root_secret_key),
      cache(options.object_cache_bytes),
      dead_blobs(blobs, runtime.loop_count()),
      classes(options.storage_classes) {
  for (unsigned i = 0; i < runtime.loop_count(); ++i) clean_ups_.push_back(std::make_unique<rt::TaskGroup>());
}

void Core::clean_up(Task<void> task) { clean_ups_[rt::Loop::current().index()]->spawn(std::move(task)); }

Task<void> Core::join_clean_ups() {
  rt::Loop& home = rt::Loop::current();
  // Twice: a task may work on another loop than its own, and leave something to clean up there.
  for (unsigned i = 0; i < 2 * runtime.loop_count(); ++i) {
    const unsigned index = i % runtime.loop_count();
    co_await rt::resume_on(runtime.loop(index));
    co_await clean_ups_[index]->join();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

}  // namespace tp::plane
