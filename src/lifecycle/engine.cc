#include "lifecycle/engine.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "rt/task_group.h"

namespace tp::lifecycle {

namespace {

constexpr size_t kRecordsAPage = 1000;

Bytes after(BytesView key) {
  return Bytes(key) + '\0';
}

}  // namespace

void LifecycleEngine::count(uint64_t LifecycleCounts::*counter, uint64_t by) {
  const std::lock_guard lock(mutex_);
  status_.counts.*counter += by;
}

LifecycleStatus LifecycleEngine::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

const LifecycleEngine::Active* LifecycleEngine::active(VolumeId volume) const {
  const auto found = active_.find(volume);
  return found == active_.end() ? nullptr : &found->second;
}

void LifecycleEngine::enter_due(VolumeId volume, std::string key, const Plan& plan, Edits* edits) const {
  DueEntry entry;
  entry.volume = volume;
  entry.key = std::move(key);
  if (!plan.steps.empty()) {
    entry.at = now() / kDay * kDay;  // one entry, however often it is found due today
  } else if (plan.next) {
    entry.at = *plan.next;
  } else {
    return;
  }
  edits->push_back({due_key(entry), Bytes()});
}

void LifecycleEngine::begin_walk(const Walk& walk, Edits* edits) const {
  edits->push_back({walk_key(walk), Bytes(walk.prefix)});
  if (!walk.prefix.empty()) return;
  DueEntry uploads;
  uploads.at = now() / kDay * kDay;
  uploads.volume = walk.volume;
  uploads.uploads = true;
  edits->push_back({due_key(uploads), Bytes()});
}

Task<bool> LifecycleEngine::tick() {
  Result<bool> done = co_await run_tick();
  const std::lock_guard lock(mutex_);
  ++status_.counts.ticks;
  status_.trouble = done ? std::string() : done.error().to_string();
  if (!done) {
    loaded_ = false;
    ++status_.counts.failures;
  }
  co_return done;
}

Task<bool> LifecycleEngine::run_tick() {
  // Taken first: what is newer than this is followed, whatever the walks below have seen already.
  const JournalSeq newest = upkeep_.newest();
  if (!loaded_) TP_CO_TRY_VOID(co_await load());
  TP_CO_TRY_VOID(co_await meet_volumes(newest));
  bool more = false;
  if (!active_.empty()) {
    TP_CO_TRY(const bool more_changes, co_await follow_journal(newest));
    TP_CO_TRY(const bool more_to_walk, co_await walk_on());
    more = more_changes || more_to_walk;
  }
  TP_CO_TRY(const bool more_due, co_await work_off_due());
  TP_CO_TRY_VOID(co_await report(newest));
  co_return more || more_due;
}

Task<void> LifecycleEngine::load() {
  cursor_.reset();
  seen_.clear();
  active_.clear();
  stamps_.clear();
  Bytes begin = stamps_begin();
  while (true) {
    TP_CO_TRY(const auto page, co_await upkeep_.records(begin, stamps_end(), kRecordsAPage));
    for (const auto& [key, value] : page) {
      TP_CO_TRY(const VolumeId volume, parse_stamp_key(key));
      stamps_[volume] = value;
    }
    if (page.size() < kRecordsAPage) break;
    begin = after(page.back().first);
  }
  TP_CO_TRY(const auto found, co_await upkeep_.records(cursor_key(), after(cursor_key()), 1));
  // Without rules nobody has followed: such a cursor says nothing.
  if (!found.empty() && !stamps_.empty()) {
    TP_CO_TRY(cursor_, decode_cursor(found.front().second));
  }
  loaded_ = true;
  co_return ok;
}

Task<void> LifecycleEngine::meet_volumes(JournalSeq newest) {
  Edits edits;
  std::map<VolumeId, plane::VolumePtr> there;
  for (plane::VolumePtr& volume : upkeep_.volumes()) {
    const VolumeId id = volume->id;
    const auto known = seen_.find(id);
    const bool same = known != seen_.end() && known->second == volume;
    there[id] = volume;
    if (same) continue;
    std::shared_ptr<const LifecycleRules> rules;
    if (!volume->lifecycle.empty()) {
      // What does not parse is reported and has no effect: an older server must not act on half of the rules.
      auto decoded = decode_rules(volume->lifecycle);
      if (!decoded) count(&LifecycleCounts::failures);
      if (decoded && has_work(*decoded)) rules = std::make_shared<const LifecycleRules>(std::move(*decoded));
    }
    if (!rules) {
      active_.erase(id);
      if (stamps_.erase(id) != 0) edits.push_back({stamp_key(id), std::nullopt});
      continue;
    }
    active_[id] = {volume, std::move(rules)};
    Bytes stamp = stamp_of(volume->lifecycle + static_cast<char>(volume->versioning));
    if (stamps_[id] == stamp) continue;
    edits.push_back({stamp_key(id), stamp});
    begin_walk({id, ""}, &edits);
    count(&LifecycleCounts::walks);
    stamps_[id] = std::move(stamp);
  }
  std::erase_if(active_, [&there](const auto& entry) { return !there.contains(entry.first); });
  for (auto stamp = stamps_.begin(); stamp != stamps_.end();) {
    const bool gone = !there.contains(stamp->first);
    if (gone) edits.push_back({stamp_key(stamp->first), std::nullopt});
    stamp = gone ? stamps_.erase(stamp) : std::next(stamp);
  }
  seen_ = std::move(there);
  if (active_.empty()) {
    cursor_.reset();
  } else if (!cursor_) {
    cursor_ = newest;
    edits.push_back({cursor_key(), encode_cursor(newest)});
  }
  if (!edits.empty()) TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(edits)));
  co_return ok;
}

Task<void> LifecycleEngine::begin_all_walks(JournalSeq newest) {
  Edits edits;
  for (const auto& [id, volume] : active_) {
    begin_walk({id, ""}, &edits);
    count(&LifecycleCounts::walks);
  }
  edits.push_back({cursor_key(), encode_cursor(newest)});
  TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(edits)));
  cursor_ = newest;
  co_return ok;
}

Task<bool> LifecycleEngine::follow_journal(JournalSeq newest) {
  auto changes = co_await upkeep_.changes(*cursor_, options_.changes_a_tick);
  if (!changes && changes.error().code == Code::kOutOfRange) {
    TP_CO_TRY_VOID(co_await begin_all_walks(newest));
    co_return true;
  }
  if (!changes) co_return std::unexpected(std::move(changes).error());
  if (changes->empty()) co_return false;
  Jobs jobs;
  std::set<std::pair<VolumeId, std::string_view>> keys;
  std::set<std::pair<VolumeId, std::string_view>> prefixes;
  for (const auto& [sequence, change] : *changes) {
    const Active* volume = active(change.volume);
    if (volume == nullptr) continue;
    switch (change.kind) {
      case meta::ChangeKind::kObjectPut:
      case meta::ChangeKind::kObjectRemoved:
      case meta::ChangeKind::kObjectChanged:
      case meta::ChangeKind::kDirectoryMade:
      case meta::ChangeKind::kDirectoryRemoved:
        keys.emplace(change.volume, change.key);
        break;
      case meta::ChangeKind::kRenamed:
        keys.emplace(change.volume, change.key);
        keys.emplace(change.volume, change.new_key);
        if (change.new_key.ends_with('/')) prefixes.emplace(change.volume, change.new_key);
        break;
      case meta::ChangeKind::kUploadCreated:
        if (const auto at = upload_due(*volume->rules, change.key, change.time)) {
          jobs.edits.push_back({due_key({*at, change.volume, true, ""}), Bytes()});
        }
        break;
      default:
        break;
    }
  }
  for (const auto& [volume, key] : keys) jobs.list.push_back({volume, std::string(key), false, false});
  for (const auto& [volume, prefix] : prefixes) {
    begin_walk({volume, std::string(prefix)}, &jobs.edits);
    count(&LifecycleCounts::walks);
  }
  TP_CO_TRY_VOID(co_await run_jobs(&jobs));
  const JournalSeq last = changes->back().first;
  jobs.edits.push_back({cursor_key(), encode_cursor(last)});
  TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(jobs.edits)));
  cursor_ = last;
  count(&LifecycleCounts::changes, changes->size());
  co_return changes->size() >= options_.changes_a_tick;
}

Task<bool> LifecycleEngine::walk_on() {
  TP_CO_TRY(const auto walks, co_await upkeep_.records(walks_begin(), walks_end(), 1));
  if (walks.empty()) co_return false;
  const auto& [record, position] = walks.front();
  TP_CO_TRY(const Walk walk, parse_walk_key(record));
  Edits edits;
  const Active* volume = active(walk.volume);
  if (volume == nullptr) {
    edits.push_back({record, std::nullopt});
    TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(edits)));
    co_return true;
  }
  auto read = co_await upkeep_.walk(walk.volume, position, options_.keys_walked_a_tick);
  // The volume went meanwhile: the next tick sees it.
  if (!read && read.error().code != Code::kNotFound) co_return std::unexpected(std::move(read).error());
  const plane::UpkeepPage page = read ? std::move(*read) : plane::UpkeepPage();
  bool past = page.next.empty();
  uint64_t keys = 0;
  for (size_t i = 0, end = 0; i < page.objects.size(); i = end) {
    const std::string& key = page.objects[i].key;
    for (end = i; end < page.objects.size() && page.objects[end].key == key;) ++end;
    if (!key.starts_with(walk.prefix)) {
      past = true;
      break;
    }
    const std::span versions(page.objects.data() + i, end - i);
    enter_due(walk.volume, key, plan_key(*volume->rules, volume->volume->versioning, versions, now()), &edits);
    ++keys;
  }
  if (!past && !std::string_view(page.next).starts_with(walk.prefix)) past = true;
  edits.push_back({record, past ? std::nullopt : std::optional<Bytes>(page.next)});
  TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(edits)));
  count(&LifecycleCounts::keys_walked, keys);
  co_return true;
}

Task<bool> LifecycleEngine::work_off_due() {
  TP_CO_TRY(const auto records, co_await upkeep_.records(due_begin(), due_end(now()), options_.due_a_tick));
  if (records.empty()) co_return false;
  Jobs jobs;
  std::set<std::tuple<VolumeId, bool, std::string>> taken;
  for (const auto& [key, value] : records) {
    TP_CO_TRY(DueEntry entry, parse_due_key(key));
    jobs.edits.push_back({key, std::nullopt});
    if (active(entry.volume) == nullptr) continue;
    if (!taken.emplace(entry.volume, entry.uploads, entry.key).second) continue;
    jobs.list.push_back({entry.volume, std::move(entry.key), true, entry.uploads});
  }
  TP_CO_TRY_VOID(co_await run_jobs(&jobs));
  count(&LifecycleCounts::due, records.size());
  TP_CO_TRY_VOID(co_await upkeep_.edit(std::move(jobs.edits)));
  co_return records.size() >= options_.due_a_tick;
}

Task<void> LifecycleEngine::run_jobs(Jobs* jobs) {
  rt::TaskGroup group;
  const size_t workers = std::min(options_.keys_at_once, jobs->list.size());
  for (size_t i = 0; i < workers; ++i) group.spawn(run_some(jobs));
  co_await group.join();
  // The edits that follow would forget the key.
  if (jobs->error) co_return std::unexpected(std::move(*jobs->error));
  co_return ok;
}

Task<void> LifecycleEngine::run_some(Jobs* jobs) {
  while (!jobs->error && jobs->next < jobs->list.size()) {
    Job job = std::move(jobs->list[jobs->next++]);
    Result<void> done = ok;
    if (!job.fired) {
      done = co_await look_at(job.volume, job.key, &jobs->edits);
    } else {
      done = co_await work_off(job.volume, job.key, job.uploads, &jobs->edits);
    }
    if (!done && !jobs->error) jobs->error = std::move(done).error();
  }
  co_return ok;
}

}  // namespace tp::lifecycle
