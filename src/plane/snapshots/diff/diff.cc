#include <algorithm>

#include "plane/snapshots/diff/difference_finder.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {

constexpr uint32_t kMaxDifferences = 10'000;

struct Question {
  VolumeEntryPtr volume;
  std::string from, to, after;
  uint32_t max_entries;
};

Result<VolumeEntryPtr> entry_at(Core& core, const VolumeEntry& volume, const std::string& snapshot) {
  auto found = core.volumes.find(volume.name + "@" + snapshot);
  if (!found) return no_such_snapshot(snapshot);
  return found;
}

Result<DifferencePage> find_page(Core& core, const Question& question) {
  DifferenceRange range;
  range.volume = question.volume->id;
  range.root = question.volume->root;
  TP_TRY(const VolumeEntryPtr before, entry_at(core, *question.volume, question.from));
  VolumeEntryPtr after = question.volume;
  if (!question.to.empty()) {
    TP_TRY(after, entry_at(core, *question.volume, question.to));
  }
  range.from = before->snapshot;
  range.to = after->snapshot;
  if (range.to && range.to < range.from) return fail(Code::kInvalidArgument, "the older snapshot comes first");
  range.before = before->layer;
  range.after = after->layer;
  const auto snapshot = core.meta.engine().snapshot();
  meta::ReadView view(core.meta.engine(), kv::ReadMode::kAny, snapshot.get());
  TP_TRY(const auto records, load_snapshots(view, range.volume));
  for (const meta::SnapshotRecord& record : records) {
    if (record.at >= range.from && (!range.to || record.at < range.to)) range.epochs.push_back(record.at);
  }
  // As the engine has it now, also what the table has heard of before.
  if (range.epochs.empty() || range.epochs.front() != range.from) {
    if (range.from != range.to) return no_such_snapshot(question.from);
  }
  DifferenceFinder finder(core.meta.engine(), *snapshot, range);
  return finder.find(question.after, std::clamp<uint32_t>(question.max_entries, 1, kMaxDifferences));
}

}  // namespace

Task<DifferencePage> SnapshotsImpl::diff(Caller caller, std::string volume, std::string from, std::string to,
                                         std::string after, uint32_t max_entries) {
  Question question;
  TP_CO_TRY(question.volume, find_for_snapshots(core_, caller, volume));
  question.from = std::move(from);
  question.to = std::move(to);
  question.after = std::move(after);
  question.max_entries = max_entries;
  auto find = [this, &question] { return find_page(core_, question); };
  co_return co_await core_.runtime.pool().run(std::move(find));
}

}  // namespace tp::plane
