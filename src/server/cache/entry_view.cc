#include "server/cache/entry_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/hash/hasher.h"
#include "rt/await.h"
#include "wire/text/uri.h"

namespace tp::server {

namespace {

constexpr char kElsewhere = '~';
constexpr uint32_t kKeysAtOnce = 512;
/// Percent-encoding never makes it: the tenant of those who came without a name.
constexpr const char* kNobody = "@";

struct Place {
  cache::Space* space = nullptr;
  Bytes key;
};

std::unexpected<Error> gone() { return fail(Code::kNotFound, "there is no such entry"); }

/// Where an entry of this name would be; no space: nowhere.
Place place_of(const std::vector<ViewedSpace>& spaces, BytesView name) {
  for (const ViewedSpace& space : spaces) {
    if (name.starts_with(space.prefix)) return {space.space, Bytes(name.substr(space.prefix.size()))};
    if (space.home && !name.starts_with(kElsewhere)) return {space.space, Bytes(name)};
  }
  return {};
}

std::optional<cache::EntryView> find_now(const ViewedVolume& volume, const Place& place) {
  if (place.space == nullptr || place.key.empty() || place.key.size() > cache::kMaxKeyBytes) return std::nullopt;
  const BytesView key = place.key;
  return volume.engine->read_section(*place.space, std::span(&key, 1))->find(key);
}

/// The name of a key in a space.
Bytes shown_name(const ViewedSpace& space, BytesView key) {
  if (space.home && !key.starts_with(kElsewhere)) return Bytes(key);
  return space.prefix + Bytes(key);
}

/// Whether keys of the space may be shown with this beginning at all.
bool may_begin_with(const ViewedSpace& space, BytesView prefix) {
  if (space.home) return true;
  const size_t common = std::min(prefix.size(), space.prefix.size());
  return prefix.substr(0, common) == BytesView(space.prefix).substr(0, common);
}

/// Whether a listing goes on to this name.
bool comes_after(BytesView name, const plane::ListQuery& query) {
  if (!name.starts_with(query.prefix)) return false;
  if (query.after.empty()) return true;
  if (query.after_is_prefix && name.starts_with(query.after)) return false;
  return name > BytesView(query.after);
}

}  // namespace

std::string identity_digits(std::string_view identity) {
  return to_hex(digest(ChecksumAlgorithm::kXxh3, identity));
}

std::vector<ViewedSpace> viewed_spaces(const ViewedVolume& volume) {
  std::vector<ViewedSpace> viewed;
  const bool shared = volume.engine->settings().shared;
  for (auto& [info, space] : volume.engine->spaces()) {
    if (shared) info.tenant.clear();  // everybody's entries are everybody's
    ViewedSpace one;
    one.space = space;
    const std::string tenant =
        info.tenant.empty() ? kNobody : wire::percent_encode(info.tenant, wire::Slash::kEncode);
    one.prefix = fmt::format("{}{}/{}/", kElsewhere, identity_digits(info.identity), tenant);
    one.home = info.identity == volume.home_identity && info.tenant == (shared ? "" : volume.home_tenant);
    const auto same = [&](const ViewedSpace& other) { return other.prefix == one.prefix; };
    if (std::ranges::any_of(viewed, same)) continue;
    viewed.push_back(std::move(one));
  }
  return viewed;
}

EntryView::RunPtr EntryView::find_run(const ViewedVolume& volume, const plane::ListQuery& query, size_t* next) const {
  // The first page always looks anew: what was put before it was asked for is in it.
  if (query.after.empty()) return nullptr;
  const rt::Nanos now = rt::Loop::current().clock().now();
  const std::lock_guard lock(mutex_);
  for (size_t i = runs_.size(); i-- > 0;) {
    const Run& run = *runs_[i];
    if (run.volume != volume.id || run.query_prefix != query.prefix || run.delimiter != query.delimiter) continue;
    if (now - run.made_at > kRunLife) continue;
    const auto at = std::ranges::lower_bound(run.items, BytesView(query.after), {}, [](const Item& item) {
      return BytesView(item.name);
    });
    if (at == run.items.end() || at->name != query.after || at->prefix != query.after_is_prefix) continue;
    const auto after = static_cast<size_t>(at - run.items.begin()) + 1;
    if (after == run.items.size() && run.truncated) continue;  // what comes then is not in it
    *next = after;
    return runs_[i];
  }
  return nullptr;
}

void EntryView::keep(RunPtr run) {
  const std::lock_guard lock(mutex_);
  runs_.push_back(std::move(run));
  while (runs_.size() > kMaxRuns) runs_.pop_front();
}

Task<EntryView::RunPtr> EntryView::walk(ViewedVolume volume, plane::ListQuery query) {
  auto run = std::make_shared<Run>();
  run->volume = volume.id;
  run->query_prefix = query.prefix;
  run->delimiter = query.delimiter;
  run->made_at = rt::Loop::current().clock().now();
  // The smallest names so far, never more than a run has.
  std::set<Item> smallest;
  size_t bytes = 0;
  for (const ViewedSpace& space : viewed_spaces(volume)) {
    if (!may_begin_with(space, query.prefix)) continue;
    uint64_t cursor = 0;
    do {
      for (const auto& scanned : volume.engine->scan(*space.space, &cursor, kKeysAtOnce)) {
        Item item{shown_name(space, scanned.key), false};
        if (!comes_after(item.name, query)) continue;
        const size_t end =
            query.delimiter.empty() ? Bytes::npos : item.name.find(query.delimiter, query.prefix.size());
        if (end != Bytes::npos) {
          item.name.resize(end + query.delimiter.size());
          item.prefix = true;
          if (item.name <= query.after) continue;  // a marker inside it means that it was given
        }
        if (run->truncated && !(item < *smallest.rbegin())) continue;
        const size_t size = item.name.size();
        if (smallest.insert(std::move(item)).second) bytes += size;
        while (smallest.size() > kMaxRunItems || (bytes > kMaxRunBytes && smallest.size() > query.max_entries + 1)) {
          bytes -= smallest.rbegin()->name.size();
          smallest.erase(std::prev(smallest.end()));
          run->truncated = true;
        }
      }
      co_await rt::yield();
    } while (cursor != 0);
  }
  run->items.reserve(smallest.size());
  while (!smallest.empty()) run->items.push_back(std::move(smallest.extract(smallest.begin()).value()));
  if (run->items.size() > query.max_entries) keep(run);
  co_return RunPtr(std::move(run));
}

Task<plane::SourcePage> EntryView::list(ViewedVolume volume, plane::ListQuery query) {
  query.max_entries = std::min(query.max_entries, kMaxEntries);
  plane::SourcePage page;
  const std::vector<ViewedSpace> spaces = viewed_spaces(volume);
  for (;;) {
    size_t next = 0;
    RunPtr run = find_run(volume, query, &next);
    if (run == nullptr) {
      TP_CO_TRY(run, co_await walk(volume, query));
    }
    for (; next < run->items.size(); ++next) {
      const Item& item = run->items[next];
      const bool full = page.entries.size() + page.common_prefixes.size() >= query.max_entries;
      if (item.prefix) {
        if (!full) page.common_prefixes.push_back(item.name);
      } else {
        const auto found = find_now(volume, place_of(spaces, item.name));
        if (!found) continue;  // it has gone since the walk
        if (!full) page.entries.push_back({item.name, found->size_bytes, found->version});
      }
      if (full) {
        page.truncated = true;
        co_return page;
      }
      query.after = item.name;
      query.after_is_prefix = item.prefix;
    }
    if (!run->truncated) co_return page;
    // All that was left of the run is given or gone: on from its last name.
    query.after = run->items.back().name;
    query.after_is_prefix = run->items.back().prefix;
  }
}

Task<bool> EntryView::any(ViewedVolume volume, Bytes prefix) {
  for (const ViewedSpace& space : viewed_spaces(volume)) {
    if (!may_begin_with(space, prefix)) continue;
    uint64_t cursor = 0;
    do {
      for (const auto& scanned : volume.engine->scan(*space.space, &cursor, kKeysAtOnce)) {
        if (shown_name(space, scanned.key).starts_with(prefix)) co_return true;
      }
      co_await rt::yield();
    } while (cursor != 0);
  }
  co_return false;
}

Task<plane::SourceEntry> EntryView::find(ViewedVolume volume, Bytes name) {
  const auto found = find_now(volume, place_of(viewed_spaces(volume), name));
  if (!found) co_return gone();
  co_return plane::SourceEntry{std::move(name), found->size_bytes, found->version};
}

Task<plane::Payload> EntryView::read(ViewedVolume volume, plane::SourceEntry entry) {
  Place place = place_of(viewed_spaces(volume), entry.key);
  const auto found = find_now(volume, place);
  if (!found || found->version != entry.version) co_return gone();
  auto value = std::make_shared<cache::Value>(found->value);
  // An entry of no bytes has a value, too.
  if (!*value && found->size_bytes > 0) {
    TP_CO_TRY(*value, co_await volume.engine->load(*place.space, std::move(place.key), *found));
  }
  plane::Payload payload;
  payload.bytes = value->view();
  payload.owner = std::move(value);
  co_return payload;
}

}  // namespace tp::server
