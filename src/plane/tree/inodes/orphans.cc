#include "plane/tree/inodes/orphans.h"

#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {

constexpr size_t kBatch = 1000;

struct Orphans {
  std::vector<FileId> files;
  Bytes next;  // where to go on; empty: that was all
};

Result<Orphans> read_orphans(meta::RecordSource& source, BytesView begin) {
  Orphans found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView key, BytesView value) {
    auto volume = decode_orphan(value);
    if (!volume || key.size() != meta::orphan_key({}, {}).size()) {
      parsed = fail(Code::kCorruption, "the record of a file without a name does not parse");
      return false;
    }
    found.files.push_back({*volume, InodeId(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)))});
    if (found.files.size() < kBatch) return true;
    found.next = Bytes(key) + '\0';
    return false;
  };
  TP_TRY_VOID(source.scan(kv::Space::kMeta, begin, meta::orphans_end(), visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

/// Work that starts a task's way on a loop, for callers that are on none.
struct ReapWork : rt::Work {
  Core& core;
  FileId file;
  ReapWork(Core& core_in, FileId file_in) : core(core_in), file(file_in) {
    run = [](rt::Work* self) {
      std::unique_ptr<ReapWork> work(static_cast<ReapWork*>(self));
      work->core.clean_up(reap_orphan(work->core, work->file));
    };
  }
};

}  // namespace

Task<void> reap_orphan(Core& core, FileId file) {
  const VolumeEntryPtr volume = core.volumes.find_id(file.volume);
  if (volume == nullptr) co_return ok;
  auto body = [&](meta::Txn& txn) -> Result<void> {
    TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
    TP_TRY(const bool freed, names.reap(file.inode));
    return freed ? names.finish() : ok;
  };
  co_return co_await core.change(std::move(body));
}

Task<void> reap_orphans(Core& core) {
  if (!core.pins.grace_ended()) co_return ok;
  Bytes begin = meta::orphans_begin();
  while (!begin.empty()) {
    auto look = [&begin](meta::ReadView& view) { return read_orphans(view, begin); };
    TP_CO_TRY(Orphans orphans, co_await core.meta.read(std::move(look)));
    for (const FileId& file : orphans.files) TP_CO_TRY_VOID(co_await reap_orphan(core, file));
    begin = std::move(orphans.next);
  }
  co_return ok;
}

void FilesImpl::unpin(FileId file) {
  if (EntryPaths::is_entry(file.inode)) return;  // nothing keeps an entry
  if (!core_.pins.unpin(file) || !core_.pins.nameless(file)) return;
  if (rt::Loop::current_or_null() != nullptr) {
    core_.clean_up(reap_orphan(core_, file));
    return;
  }
  core_.runtime.loop(0).post(new ReapWork(core_, file));
}

Task<void> FilesImpl::end_of_grace() {
  core_.pins.end_grace();
  co_return co_await reap_orphans(core_);
}

}  // namespace tp::plane
