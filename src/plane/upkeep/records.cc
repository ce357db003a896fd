#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {

Task<void> UpkeepImpl::edit(std::vector<Edit> edits) {
  auto body = [&edits](meta::Txn& txn) -> Result<void> {
    for (Edit& edit : edits) {
      if (edit.value) {
        txn.put(kv::Space::kDue, std::move(edit.key), std::move(*edit.value));
      } else {
        txn.erase(kv::Space::kDue, std::move(edit.key));
      }
    }
    return ok;
  };
  co_return co_await core_.change(std::move(body));
}

Task<std::vector<std::pair<Bytes, Bytes>>> UpkeepImpl::records(Bytes begin, Bytes end, size_t limit) {
  auto look = [&begin, &end, limit](meta::ReadView& view) -> Result<std::vector<std::pair<Bytes, Bytes>>> {
    std::vector<std::pair<Bytes, Bytes>> found;
    auto visit = [&found, limit](BytesView key, BytesView value) {
      found.emplace_back(key, value);
      return found.size() < limit;
    };
    if (limit > 0) TP_TRY_VOID(view.scan(kv::Space::kDue, begin, end, visit));
    return found;
  };
  co_return co_await core_.meta.read(std::move(look));
}

}  // namespace tp::plane
