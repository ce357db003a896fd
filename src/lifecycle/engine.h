// LifecycleEngine: carries out the lifecycle rules of all volumes, a bounded piece of work a tick. Its cost follows
// what changes and what is due, not what exists:
//  - it follows the journal: a key that has changed is looked at once, and if something will be due an entry says when;
//  - entries whose time has come are taken in order; the key is looked at again, and what is due then is done;
//  - new or changed rules walk their volume once, a renamed directory what is below it, and a journal that has been
//    cut off behind us every volume that has rules.
// Invariant: whatever will be due has an entry, or lies behind the journal's cursor, or in a walk still to come. All
// of that is in records, changed in one transaction with what they follow from: a crash repeats steps, which name what
// they saw and so do nothing the second time. An entry too many costs one look.
// One tick at a time, all on one loop; status() from anywhere.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lifecycle/due_records.h"
#include "lifecycle/plan.h"
#include "plane/upkeep.h"

namespace tp::lifecycle {

/// Since the engine was made.
struct LifecycleCounts {
  uint64_t ticks = 0;
  uint64_t changes = 0;           // of the journal, followed
  uint64_t keys_looked_at = 0;
  uint64_t walks = 0, keys_walked = 0;
  uint64_t due = 0;               // entries whose time had come
  uint64_t expired = 0, versions_expired = 0, uploads_aborted = 0, transitions = 0;
  uint64_t put_off = 0;           // due, but locked or changing: looked at again later
  uint64_t failures = 0;
};

struct LifecycleStatus {
  LifecycleCounts counts;
  uint64_t volumes = 0;           // with rules in effect
  uint64_t journal_behind = 0;    // changes not followed yet
  struct WalkStatus {
    std::string volume, prefix, after;
  };
  std::vector<WalkStatus> walks;  // under way; the first few
  std::optional<rt::Nanos> next_due;
  std::string trouble;            // why the last tick failed; empty: it did not
};

class LifecycleEngine {
 public:
  struct Options {
    plane::Upkeep* upkeep = nullptr;
    rt::Clock* clock = nullptr;      // wall_now()
    size_t changes_a_tick = 1000, keys_walked_a_tick = 1000, due_a_tick = 1000;
    size_t keys_at_once = 32;
  };
  explicit LifecycleEngine(Options options) : options_(options), upkeep_(*options.upkeep) {}

  /// Some of the work there is. True: there is more that can be done now.
  Task<bool> tick();
  LifecycleStatus status() const;

 private:
  using Edits = std::vector<plane::Upkeep::Edit>;
  struct Active {
    plane::VolumePtr volume;
    std::shared_ptr<const LifecycleRules> rules;
  };
  /// A key to look at; where an entry has fired it, what is due is done.
  struct Job {
    VolumeId volume;
    std::string key;
    bool fired = false, uploads = false;
  };
  struct Jobs {
    std::vector<Job> list;
    size_t next = 0;
    Edits edits;
    std::optional<Error> error;
  };

  Task<bool> run_tick();
  Task<void> load();
  Task<void> meet_volumes(JournalSeq newest);
  Task<bool> follow_journal(JournalSeq newest);
  Task<void> begin_all_walks(JournalSeq newest);
  Task<bool> walk_on();
  Task<bool> work_off_due();
  Task<void> report(JournalSeq newest);

  Task<void> run_jobs(Jobs* jobs);
  Task<void> run_some(Jobs* jobs);
  Task<void> look_at(VolumeId volume, std::string key, Edits* edits);
  Task<void> work_off(VolumeId volume, std::string key, bool uploads, Edits* edits);
  /// When to look again if nothing changes before.
  Task<std::optional<rt::Nanos>> work_off_key(VolumeId volume, std::string key);
  Task<std::optional<rt::Nanos>> work_off_uploads(VolumeId volume);
  /// Whether it was done; counts.
  Task<bool> carry_out(VolumeId volume, plane::UpkeepObject object, Step step);

  rt::Nanos now() const { return options_.clock->wall_now(); }
  const Active* active(VolumeId volume) const;
  /// What a plan made of versions that were just read leads to.
  void enter_due(VolumeId volume, std::string key, const Plan& plan, Edits* edits) const;
  void begin_walk(const Walk& walk, Edits* edits) const;
  void count(uint64_t LifecycleCounts::*counter, uint64_t by = 1);

  const Options options_;
  plane::Upkeep& upkeep_;
  bool loaded_ = false;               // false: what is in memory may not be what is in the records
  std::optional<JournalSeq> cursor_;
  std::map<VolumeId, plane::VolumePtr> seen_;
  std::map<VolumeId, Active> active_;
  std::map<VolumeId, Bytes> stamps_;

  mutable std::mutex mutex_;
  LifecycleStatus status_;
};

}  // namespace tp::lifecycle
