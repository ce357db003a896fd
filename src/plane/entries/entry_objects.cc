#include "plane/entries/entry_objects.h"

#include <fmt/format.h>

#include "plane/reason.h"

namespace tp::plane {
namespace {

/// An entry that is replaced all the time is read at one of these tries, or at none.
constexpr int kReadAttempts = 8;

/// All of an entry is in memory: it is given at once.
class EntryReader final : public ObjectReader {
 public:
  explicit EntryReader(OpenedEntry entry) : entry_(std::move(entry)), end_(entry_.bytes.bytes.size()) {}

  const ObjectInfo& info() const override { return entry_.info; }
  void set_range(uint64_t offset, uint64_t size_bytes) override {
    position_ = offset;
    end_ = offset + size_bytes;
  }
  Task<io::SendRegion> next() override { co_return try_next(); }
  io::SendRegion try_next() override {
    io::SendRegion region;
    region.bytes = entry_.bytes.bytes.substr(position_, end_ - position_);
    region.owner = entry_.bytes.owner;
    position_ = end_;
    return region;
  }
  uint64_t remaining() const override { return end_ - position_; }

 private:
  OpenedEntry entry_;
  uint64_t position_ = 0;
  uint64_t end_ = 0;
};

ObjectInfo info_of(const VolumeEntry& volume, const SourceEntry& entry) {
  ObjectInfo info;
  info.volume = volume.id;
  info.record = record_of_entry(volume, entry);
  return info;
}

/// Sixteen digits: nobody takes them for an MD5.
std::string etag_of(const SourceEntry& entry) { return fmt::format("{:016x}", entry.version); }

/// Entries keep no times. What grows with every change serves those who compare them.
rt::Nanos time_of(const VolumeEntry& volume, const SourceEntry& entry) {
  return volume.created + static_cast<rt::Nanos>(entry.version);
}

}  // namespace

std::unexpected<Error> entries_are_read_only() {
  return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume,
              "this is a cache volume: its entries are written through the Redis port");
}

Result<EntrySource*> entry_source(const Core& core) {
  if (core.options.entries == nullptr) return fail(Code::kUnavailable, "the cache is not running");
  return core.options.entries;
}

meta::InodeRecord record_of_entry(const VolumeEntry& volume, const SourceEntry& entry) {
  meta::InodeRecord record;
  record.type = meta::InodeType::kFile;
  record.links = 1;
  record.owner = volume.owner;
  record.size_bytes = entry.size_bytes;
  record.etag = etag_of(entry);
  record.modified = record.changed = record.created = time_of(volume, entry);
  return record;
}

Task<CachedObjectPtr> find_entry_object(Core& core, VolumeEntryPtr volume, std::string key) {
  TP_CO_TRY(EntrySource * source, entry_source(core));
  auto entry = co_await source->find(volume, std::move(key));
  if (!entry) {
    if (entry.error().code == Code::kNotFound) co_return CachedObjectPtr();
    co_return std::unexpected(std::move(entry).error());
  }
  auto object = std::make_shared<CachedObject>();
  object->info = info_of(*volume, *entry);
  co_return CachedObjectPtr(std::move(object));
}

Task<ListPage> list_entry_objects(Core& core, VolumeEntryPtr volume, ListQuery query) {
  TP_CO_TRY(EntrySource * source, entry_source(core));
  TP_CO_TRY(SourcePage found, co_await source->list(volume, std::move(query)));
  ListPage page;
  page.truncated = found.truncated;
  page.objects.reserve(found.entries.size());
  for (SourceEntry& entry : found.entries) {
    ListedObject& object = page.objects.emplace_back();
    object.size_bytes = entry.size_bytes;
    object.modified = time_of(*volume, entry);
    object.etag = etag_of(entry);
    object.owner = volume->owner;
    object.key = std::move(entry.key);
  }
  page.common_prefixes = std::move(found.common_prefixes);
  if (!page.objects.empty()) page.last = page.objects.back().key;
  if (!page.common_prefixes.empty() && page.common_prefixes.back() > page.last) {
    page.last = page.common_prefixes.back();
    page.last_is_prefix = true;
  }
  co_return page;
}

Task<std::optional<OpenedEntry>> open_entry(Core& core, VolumeEntryPtr volume, std::string key) {
  TP_CO_TRY(EntrySource * source, entry_source(core));
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    auto entry = co_await source->find(volume, key);
    if (!entry && entry.error().code == Code::kNotFound) break;
    if (!entry) co_return std::unexpected(std::move(entry).error());
    OpenedEntry opened;
    opened.info = info_of(*volume, *entry);
    auto bytes = co_await source->read(volume, std::move(*entry));
    // Replaced meanwhile, or gone: the next look tells.
    if (!bytes && bytes.error().code == Code::kNotFound) continue;
    if (!bytes) co_return std::unexpected(std::move(bytes).error());
    opened.bytes = std::move(*bytes);
    co_return std::optional(std::move(opened));
  }
  co_return std::optional<OpenedEntry>();
}

std::unique_ptr<ObjectReader> make_entry_reader(OpenedEntry entry) {
  return std::make_unique<EntryReader>(std::move(entry));
}

}  // namespace tp::plane
