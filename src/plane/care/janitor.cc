#include "plane/care/janitor.h"

#include "meta/keys.h"
#include "plane/content/commit.h"
#include "plane/tiers/mover.h"
#include "plane/tree/inodes/orphans.h"
#include "rt/await.h"

namespace tp::plane {
namespace {

constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
constexpr rt::Nanos kRetryReclaim = 60 * rt::kSecond;
constexpr rt::Nanos kForgetEvery = 600 * rt::kSecond;
/// Files without a name that were kept for their late readers, or whose last pin went while they lost it.
constexpr rt::Nanos kReapEvery = 30 * rt::kSecond;
constexpr rt::Nanos kNoteAccessesEvery = 10 * rt::kSecond;
/// Scrub credit saved up at most: a pause of the process is not followed by a burst.
constexpr double kMaxScrubCredit = 32 << 20;
constexpr size_t kRewritesAtOnce = 2;

}  // namespace

/// A timer that stop() can end early.
struct Janitor::Sleep : rt::Timer {
  Sleep(Janitor& owner, rt::Nanos length) : janitor(owner), duration(length) {
    run = [](rt::Work* self) { static_cast<Sleep*>(self)->resume(); };
  }
  bool await_ready() const noexcept { return janitor.stopping_ || duration <= 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter.handle = handle;
    janitor.sleeps_.insert(this);
    janitor.home_->arm(*this, janitor.home_->clock().now() + duration);
  }
  void await_resume() const noexcept {}
  void resume() {
    janitor.sleeps_.erase(this);
    waiter.handle.resume();
  }
  void wake() {
    janitor.home_->cancel(*this);
    janitor.home_->defer(&waiter);
  }
  Janitor& janitor;
  rt::Nanos duration;
  rt::ResumeWork waiter;
};

Janitor::Janitor(Core& core)
    : core_(core),
      mover_(std::make_unique<Mover>(core, &stopping_, [this](rt::Nanos length) { return pause(length); })) {}
Janitor::~Janitor() = default;

void Janitor::start() {
  home_ = &rt::Loop::current();
  group_.spawn(run());
  for (size_t i = 0; i < kRewritesAtOnce; ++i) group_.spawn(run_rewrites(i == 0));
  if (!core_.blobs.tiers().empty()) group_.spawn(run_moves());
  group_.spawn(run_snapshots());
}

Task<void> Janitor::stop() {
  if (home_ == nullptr) co_return ok;
  rt::Loop& caller = rt::Loop::current();
  co_await rt::resume_on(*home_);
  stopping_ = true;
  for (Sleep* sleep : std::exchange(sleeps_, {})) sleep->wake();
  co_await group_.join();
  home_ = nullptr;
  co_await rt::resume_on(caller);
  co_return ok;
}

Task<bool> Janitor::pause(rt::Nanos duration) {
  if (home_ == nullptr) co_return true;  // a test's own step
  co_await Sleep(*this, duration);
  co_return !stopping_;
}

Task<void> Janitor::run() {
  rt::Clock& clock = home_->clock();
  double credit = 0;
  rt::Nanos last = clock.now(), reclaim_at = last, compact_at = last, forget_at = last,
             reap_at = last, write_back_at = last, note_at = last;
  bool reclaimed = false;
  while (true) {
    rt::Nanos now = clock.now();
    // Errors of these steps are the stores' to report; the janitor comes again.
    if (core_.dead_blobs.waiting() > 0) (void)co_await core_.dead_blobs.collect();
    if (!reclaimed && now >= reclaim_at) {
      auto done = co_await reclaim_earlier_segments();
      reclaimed = done.has_value();
      reclaim_at = now + kRetryReclaim;
    }
    if (reclaimed && now >= compact_at) {
      auto moved = co_await compact_one_segment();
      compact_at = now + (moved && *moved ? kTick : 10 * rt::kSecond);
    }
    if (now >= forget_at) {
      (void)co_await forget_completed_uploads();
      forget_at = now + kForgetEvery;
    }
    if (now >= reap_at) {
      (void)co_await reap_orphans(core_);
      reap_at = now + kReapEvery;
    }
    if (now >= write_back_at) {
      write_back(core_, kWriteBackAge);
      write_back_at = now + kWriteBackEvery;
    }
    if (now >= note_at) {
      (void)co_await write_accesses(core_);
      note_at = now + kNoteAccessesEvery;
    }
    credit += static_cast<double>(core_.options.scrub_bytes_per_second) * static_cast<double>(now - last) / rt::kSecond;
    credit = std::min(credit, kMaxScrubCredit);
    last = now;
    while (credit > 0 && !stopping_) {
      auto scrubbed = co_await scrub_one();
      // An empty store, or one that does not answer, costs one look a tick.
      if (!scrubbed || *scrubbed == 0) break;
      credit -= static_cast<double>(*scrubbed);
    }
    auto going_on = co_await pause(kTick);
    if (!going_on || !*going_on) co_return ok;
  }
}

Task<void> Janitor::forget_completed_uploads() {
  constexpr size_t kBatch = 1000;
  const rt::Nanos forget_before = core_.runtime.clock().wall_now() - core_.options.completed_upload_memory;
  Bytes begin = meta::completed_uploads_begin();
  while (!begin.empty() && !stopping_) {
    struct Batch {
      std::vector<Bytes> old;
      Bytes next;  // where to go on; empty: that was all
    };
    // Looked for beside the shard's thread, which only erases: such a record is never written again.
    auto look = [&begin, forget_before](meta::ReadView& view) -> Result<Batch> {
      Batch batch;
      size_t seen = 0;
      auto visit = [&](BytesView key, BytesView value) {
        auto completed = meta::decode_completed(value);
        // What does not parse answers nobody either.
        if (!completed || completed->completed < forget_before) batch.old.emplace_back(key);
        if (++seen < kBatch) return true;
        batch.next = Bytes(key) + '\0';
        return false;
      };
      TP_TRY_VOID(view.scan(kv::Space::kUploads, begin, meta::completed_uploads_end(), visit));
      return batch;
    };
    TP_CO_TRY(Batch batch, co_await core_.meta.read(std::move(look)));
    begin = std::move(batch.next);
    if (batch.old.empty()) continue;
    auto erase = [&batch](meta::Txn& txn) -> Result<void> {
      for (Bytes& key : batch.old) txn.erase(kv::Space::kUploads, std::move(key));
      return ok;
    };
    TP_CO_TRY_VOID(co_await core_.change(std::move(erase)));
  }
  co_return ok;
}

}  // namespace tp::plane
