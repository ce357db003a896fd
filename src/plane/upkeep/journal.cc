#include "meta/keys.h"
#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {

Task<std::vector<std::pair<JournalSeq, meta::Change>>> UpkeepImpl::changes(JournalSeq after, size_t limit) {
  auto read = [this, after, limit] { return core_.meta.journal_after(after, limit); };
  TP_CO_TRY(auto changes, co_await core_.runtime.pool().run(std::move(read)));
  // The journal has no holes, so what is missing before the first one has been trimmed. A journal that ends before
  // `after` is not the one that was followed.
  const bool cut = changes.empty() ? newest() < after : changes.front().first.value != after.value + 1;
  if (cut) co_return fail(Code::kOutOfRange, "the journal does not go back that far");
  co_return changes;
}

JournalSeq UpkeepImpl::newest() {
  const auto iterator = core_.meta.engine().iterate(kv::Space::kJournal, {});
  iterator->seek_for_prev(meta::journal_key(JournalSeq(UINT64_MAX)));
  if (!iterator->valid() || iterator->key().size() != sizeof(uint64_t)) return {};
  return JournalSeq(get_be<uint64_t>(iterator->key().data()));
}

}  // namespace tp::plane
