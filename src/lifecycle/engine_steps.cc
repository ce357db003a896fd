// What the engine does with one key, and what it tells of itself.
#include <algorithm>

#include "lifecycle/engine.h"

namespace tp::lifecycle {

namespace {

/// A key whose steps lead to further steps at once: an object expires, and so does the marker that it leaves.
constexpr int kMostRounds = 4;
constexpr rt::Nanos kRetryAfter = 3600 * rt::kSecond;
constexpr size_t kWalksShown = 20;

bool volume_gone(const Error& error) {
  return error.code == Code::kNotFound;
}

}  // namespace

Task<void> LifecycleEngine::look_at(VolumeId volume, std::string key, Edits* edits) {
  auto versions = co_await upkeep_.versions(volume, key);
  if (!versions && volume_gone(versions.error())) co_return ok;
  if (!versions) co_return std::unexpected(std::move(versions).error());
  count(&LifecycleCounts::keys_looked_at);
  const Active* rules = active(volume);
  if (rules == nullptr) co_return ok;
  const Plan plan = plan_key(*rules->rules, rules->volume->versioning, *versions, now());
  enter_due(volume, std::move(key), plan, edits);
  co_return ok;
}

Task<void> LifecycleEngine::work_off(VolumeId volume, std::string key, bool uploads, Edits* edits) {
  auto again = uploads ? co_await work_off_uploads(volume) : co_await work_off_key(volume, key);
  if (!again && volume_gone(again.error())) co_return ok;
  if (!again) {
    // One key that cannot be read must not keep all others from their turn.
    count(&LifecycleCounts::failures);
    again = now() + kRetryAfter;
  }
  if (!*again) co_return ok;
  DueEntry entry;
  entry.at = **again;
  entry.volume = volume;
  entry.uploads = uploads;
  entry.key = std::move(key);
  edits->push_back({due_key(entry), Bytes()});
  co_return ok;
}

Task<std::optional<rt::Nanos>> LifecycleEngine::work_off_key(VolumeId volume, std::string key) {
  std::optional<rt::Nanos> next;
  for (int round = 0; round < kMostRounds; ++round) {
    TP_CO_TRY(const auto versions, co_await upkeep_.versions(volume, key));
    count(&LifecycleCounts::keys_looked_at);
    const Active* rules = active(volume);
    if (rules == nullptr) co_return std::nullopt;
    Plan plan = plan_key(*rules->rules, rules->volume->versioning, versions, now());
    next = plan.next;
    if (plan.steps.empty()) co_return next;
    bool all_done = true;
    for (Step& step : plan.steps) {
      TP_CO_TRY(const bool done, co_await carry_out(volume, versions[step.object], std::move(step)));
      all_done = all_done && done;
    }
    if (!all_done) break;
  }
  // Locked, or changed meanwhile: the change brings the key back by itself, the end of a lock does not.
  count(&LifecycleCounts::put_off);
  const rt::Nanos tomorrow = round_up_to_midnight(now() + 1);
  co_return next ? std::min(*next, tomorrow) : tomorrow;
}

Task<std::optional<rt::Nanos>> LifecycleEngine::work_off_uploads(VolumeId volume) {
  TP_CO_TRY(const auto uploads, co_await upkeep_.uploads(volume));
  std::optional<rt::Nanos> next;
  for (const plane::UpkeepUpload& upload : uploads) {
    const Active* rules = active(volume);
    if (rules == nullptr) co_return std::nullopt;
    const auto at = upload_due(*rules->rules, upload.key, upload.created);
    if (!at) continue;
    if (*at > now()) {
      next = next ? std::min(*next, *at) : *at;
      continue;
    }
    TP_CO_TRY(const bool done, co_await upkeep_.abort_upload(volume, upload.key, upload.upload));
    if (done) count(&LifecycleCounts::uploads_aborted);
  }
  co_return next;
}

Task<bool> LifecycleEngine::carry_out(VolumeId volume, plane::UpkeepObject object, Step step) {
  bool done = false;
  uint64_t LifecycleCounts::*counter = &LifecycleCounts::expired;
  switch (step.kind) {
    case Step::Kind::kExpire: {
      TP_CO_TRY(done, co_await upkeep_.expire(volume, object.key, object.inode));
      break;
    }
    case Step::Kind::kExpireVersion: {
      TP_CO_TRY(done, co_await upkeep_.expire_version(volume, object.key, object.version));
      counter = &LifecycleCounts::versions_expired;
      break;
    }
    case Step::Kind::kTransition: {
      TP_CO_TRY(done, co_await upkeep_.transition(volume, object.key, object.version, object.inode,
                                                  std::move(step.storage_class)));
      counter = &LifecycleCounts::transitions;
      break;
    }
  }
  if (done) count(counter);
  co_return done;
}

Task<void> LifecycleEngine::report(JournalSeq newest) {
  LifecycleStatus fresh;
  fresh.volumes = active_.size();
  if (cursor_ && newest > *cursor_) fresh.journal_behind = newest.value - cursor_->value;
  TP_CO_TRY(const auto walks, co_await upkeep_.records(walks_begin(), walks_end(), kWalksShown));
  for (const auto& [key, value] : walks) {
    TP_CO_TRY(Walk walk, parse_walk_key(key));
    const Active* volume = active(walk.volume);
    fresh.walks.push_back({volume != nullptr ? volume->volume->name : "", std::move(walk.prefix), value});
  }
  TP_CO_TRY(const auto due, co_await upkeep_.records(due_begin(), due_end(), 1));
  if (!due.empty()) {
    TP_CO_TRY(const DueEntry entry, parse_due_key(due.front().first));
    fresh.next_due = entry.at;
  }
  const std::lock_guard lock(mutex_);
  fresh.counts = status_.counts;
  status_ = std::move(fresh);
  co_return ok;
}

}  // namespace tp::lifecycle
