// Notes: small records that a front keeps in the shard, durable like any other change.
#include "meta/keys.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {

Task<std::optional<Bytes>> FilesImpl::note(std::string name) {
  auto read = [&name](meta::ReadView& view) { return view.get(kv::Space::kMeta, meta::note_key(name)); };
  co_return co_await core_.meta.read(std::move(read));
}

Task<void> FilesImpl::set_note(std::string name, std::optional<Bytes> value) {
  auto body = [&name, &value](meta::Txn& txn) -> Result<void> {
    if (value) txn.put(kv::Space::kMeta, meta::note_key(name), *value);
    else txn.erase(kv::Space::kMeta, meta::note_key(name));
    return ok;
  };
  co_return co_await core_.change(std::move(body));
}

Task<std::vector<std::pair<std::string, Bytes>>> FilesImpl::notes(std::string prefix) {
  using Notes = std::vector<std::pair<std::string, Bytes>>;
  auto read = [&prefix](meta::ReadView& view) -> Result<Notes> {
    Notes found;
    const Bytes begin = meta::note_key(prefix);
    // What a key has before the name.
    const size_t tag_bytes = begin.size() - prefix.size();
    TP_TRY_VOID(view.scan(kv::Space::kMeta, begin, {}, [&](BytesView key, BytesView value) {
      if (!key.starts_with(begin)) return false;
      found.emplace_back(key.substr(tag_bytes), value);
      return true;
    }));
    return found;
  };
  co_return co_await core_.meta.read(std::move(read));
}

}  // namespace tp::plane
