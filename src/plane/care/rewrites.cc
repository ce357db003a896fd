// The janitor's steps on files whose blobs are mostly dead: finding and rewriting them.
#include "meta/keys.h"
#include "plane/care/janitor.h"
#include "plane/content/rewrite_file.h"

namespace tp::plane {
namespace {

constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
/// Those that failed are tried again, and those that were too many to remember.
constexpr rt::Nanos kListEvery = 60 * rt::kSecond;
constexpr size_t kBatch = 1000;

struct Noted {
  std::vector<FileId> files;
  Bytes next;  // where to go on; empty: that was all
};

Result<Noted> read_noted(meta::RecordSource& source, BytesView begin) {
  Noted found;
  Result<void> parsed = ok;
  auto visit = [&](BytesView key, BytesView value) {
    if (value.size() != sizeof(uint64_t) || key.size() != meta::rewrite_key({}, {}).size()) {
      parsed = fail(Code::kCorruption, "the record of a file to be rewritten does not parse");
      return false;
    }
    const VolumeId volume(get_be<uint64_t>(value.data()));
    found.files.push_back({volume, InodeId(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)))});
    if (found.files.size() < kBatch) return true;
    found.next = Bytes(key) + '\0';
    return false;
  };
  TP_TRY_VOID(source.scan(kv::Space::kMeta, begin, meta::rewrites_end(), visit));
  TP_TRY_VOID(std::move(parsed));
  return found;
}

}  // namespace

Task<void> Janitor::list_rewrites() {
  core_.open_files.rewrites.retry();
  Bytes begin = meta::rewrites_begin();
  while (!begin.empty() && !stopping_) {
    auto look = [&begin](meta::ReadView& view) { return read_noted(view, begin); };
    TP_CO_TRY(Noted noted, co_await core_.meta.read(std::move(look)));
    for (const FileId& file : noted.files) core_.open_files.rewrites.add(file);
    begin = std::move(noted.next);
  }
  co_return ok;
}

Task<void> Janitor::rewrite_listed() {
  RewriteList& list = core_.open_files.rewrites;
  Result<void> result = ok;
  for (auto file = list.take(); file; file = stopping_ ? std::nullopt : list.take()) {
    auto done = co_await rewrite_file(core_, *file, &stopping_);
    list.done(*file, !done);
    if (!done && result) result = std::move(done);
  }
  co_return result;
}

Task<void> Janitor::rewrite_files() {
  TP_CO_TRY_VOID(co_await list_rewrites());
  co_return co_await rewrite_listed();
}

Task<void> Janitor::run_rewrites(bool lists) {
  rt::Nanos list_at = home_->clock().now();
  while (true) {
    if (const rt::Nanos now = home_->clock().now(); lists && now >= list_at) {
      (void)co_await list_rewrites();
      list_at = now + kListEvery;
    }
    // Errors are the stores' to report; what failed is tried again later.
    (void)co_await rewrite_listed();
    auto going_on = co_await pause(kTick);
    if (!going_on || !*going_on) co_return ok;
  }
}

}  // namespace tp::plane
