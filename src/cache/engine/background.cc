// Opening and closing a volume, and what runs meanwhile.
#include <algorithm>

#include "cache/engine/engine.h"
#include "rt/await.h"

namespace tp::cache {
namespace {
constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
constexpr int kSaveTicks = 10;  // the ledger is saved every second
constexpr uint64_t kLeastSegment = 256 << 10, kUsualSegment = 64 << 20, kMostSegment = 1 << 30;

/// A small volume has some tens of segments, a large one fits 16 bits of them.
uint64_t segment_bytes_for(uint64_t capacity) {
  uint64_t bytes = std::clamp(capacity / 64, kLeastSegment, kUsualSegment);
  bytes = std::min(std::max(bytes, capacity / 32768), kMostSegment);
  return bytes / 65536 * 65536;
}

/// How much dearer a token gets by each token before it: from how the prefill curve bends.
double position_cost(const Profile& profile) {
  const auto& points = profile.prefill_seconds;
  if (points.size() < 2) return 0;
  const auto [near, near_seconds] = points.front();
  const auto [before, before_seconds] = points[points.size() - 2];
  const auto [far, far_seconds] = points.back();
  const double first = near_seconds / near, last = (far_seconds - before_seconds) / (far - before);
  const double growth = (last - first) / ((before + far) / 2 - near / 2);
  const double start = first - growth * near / 2;
  return growth <= 0 || start <= 0 ? 0 : growth / start;
}
}  // namespace

Task<std::shared_ptr<CacheEngine>> CacheEngine::open(Options options) {
  std::shared_ptr<CacheEngine> engine(new CacheEngine(std::move(options)));
  const CacheSettings settings = engine->options_.settings;
  engine->on_flash_ = settings.capacity_bytes > 0;
  engine->opened_capacity_ = settings.capacity_bytes;
  engine->segment_bytes_ = segment_bytes_for(settings.capacity_bytes);
  if (engine->on_flash_ && settings.capacity_bytes < 8 * kLeastSegment) {
    co_return fail(Code::kInvalidArgument, "a cache volume's capacity is at least 2 MiB, or 0");
  }
  TP_CO_TRY_VOID(engine->apply(settings));
  PolicyOptions policy;
  policy.capacity_bytes = engine->limit_bytes_;
  policy.has_flash = engine->on_flash_;
  policy.position_cost = position_cost(engine->profile());
  engine->policy_ = make_policy(settings.policy, policy);
  if (!engine->policy_) co_return fail(Code::kInvalidArgument, "there is no eviction policy " + settings.policy);
  TP_CO_TRY_VOID(co_await engine->recover());
  if (engine->options_.cache.background) engine->background_.spawn(engine->run_background());
  co_return engine;
}

Task<void> CacheEngine::run_background() {
  struct NapAwaiter {
    CacheEngine& engine;
    bool await_ready() const noexcept { return engine.stopping_; }
    void await_suspend(std::coroutine_handle<> handle) {
      engine.nap_.handle = handle;
      engine.nap_.run = [](rt::Work* self) { static_cast<Nap*>(self)->handle.resume(); };
      engine.home_.arm(engine.nap_, engine.clock_.now() + kTick);
    }
    void await_resume() const noexcept {}
  };
  for (int tick = 1; !stopping_; ++tick) {
    co_await NapAwaiter{*this};
    if (stopping_) break;
    (void)co_await flush_step();  // what failed is tried again; lookups and writes go on in DRAM
    sweep();
    if (tick % kSaveTicks != 0) continue;
    const auto guard = co_await flush_mutex_.lock();
    (void)co_await save_state(false);
  }
  co_return ok;
}

Task<void> CacheEngine::stop_background() {
  stopping_ = true;
  if (nap_.armed) {
    home_.cancel(nap_);
    home_.defer(&nap_);
  }
  co_await background_.join();
  co_return ok;
}

VolumeState CacheEngine::state() const {
  VolumeState state;
  const std::lock_guard lock(structure_);
  for (const SpaceCore& core : spaces_.cores()) {
    if (!core.identity.empty()) state.spaces.emplace_back(core.identity, core.tenant_name);
  }
  for (const auto& [name, tenant] : spaces_.tenants()) state.ledger[name] = tenant->ledger.counts();
  return state;
}

Task<void> CacheEngine::save_state(bool only_new_spaces) {
  uint64_t generation = 0;
  {
    const std::lock_guard lock(structure_);
    generation = spaces_.generation();
  }
  if (only_new_spaces && generation == saved_generation_) co_return ok;
  TP_CO_TRY_VOID(co_await state_file_->save(state()));
  saved_generation_ = generation;
  co_return ok;
}

Task<void> CacheEngine::close() {
  rt::Loop& back = rt::Loop::current();
  co_await rt::resume_on(home_);
  (void)co_await stop_background();
  Result<void> done = ok;
  {
    const auto guard = co_await flush_mutex_.lock();
    if (flash_) {
      done = co_await push(Push::kAll, 0);
      flash_ready_ = false;
      while (flash_reads_ > 0) co_await rt::yield();
      const auto closed = co_await flash_->close();
      if (done && !closed) done = closed;
    }
    const auto saved = co_await save_state(false);
    if (done && !saved) done = saved;
  }
  co_await rt::resume_on(back);
  co_return done;
}

Task<void> CacheEngine::delete_files(io::FileSystem* files, std::string directory) {
  const auto names = co_await files->list(directory);
  if (!names && names.error().code == Code::kNotFound) co_return ok;
  if (!names) co_return fail(names.error());
  for (const std::string& name : *names) TP_CO_TRY_VOID(co_await files->remove(directory + "/" + name));
  co_return co_await files->sync_directory(directory);
}

Task<void> CacheEngine::close_and_delete() {
  rt::Loop& back = rt::Loop::current();
  co_await rt::resume_on(home_);
  (void)co_await stop_background();
  Result<void> done = ok;
  {
    const auto guard = co_await flush_mutex_.lock();
    flash_ready_ = false;
    while (flash_reads_ > 0) co_await rt::yield();
    if (flash_) (void)co_await flash_->close();
    done = co_await delete_files(options_.cache.files, directory_of(options_.cache, options_.id));
  }
  co_await rt::resume_on(back);
  co_return done;
}

}  // namespace tp::cache
