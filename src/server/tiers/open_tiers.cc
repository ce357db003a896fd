#include "server/tiers/open_tiers.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <filesystem>

#include "backend/local/uring_file_system.h"
#include "blob/archive/archive_tier.h"
#include "blob/local/local_tier.h"
#include "blob/tiered_store.h"
#include "meta/keys.h"
#include "server/archive/remote_store.h"
#include "server/archive/secret_file.h"

namespace tp::server {
namespace {

/// Of frames that have been decoded.
constexpr uint64_t kFrameCacheBytes = 64 << 20;
constexpr size_t kStoreIdDigits = 16;

struct Parts {
  rt::Runtime& runtime;
  meta::MetaStore& meta;
  uint64_t store_id, start_number, min_free_bytes;
};

uint64_t store_number(const std::string& store_id) {
  uint64_t number = 0;
  const size_t digits = std::min(kStoreIdDigits, store_id.size());
  std::from_chars(store_id.data(), store_id.data() + digits, number, 16);
  return number;
}

Result<std::unique_ptr<io::FileSystem>> open_directory(rt::Runtime& runtime, const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Code::kIo, "cannot make " + path + ": " + error.message());
  local::UringFileSystem::Options options;
  options.root = path;
  options.runtime = &runtime;
  TP_TRY(auto files, local::UringFileSystem::open(std::move(options)));
  return std::unique_ptr<io::FileSystem>(std::move(files));
}

/// Whether any blob lies on the tier.
Result<bool> holds_blobs(const Parts& parts, uint8_t tier) {
  auto read = [tier](meta::ReadView& view) -> Result<bool> {
    bool any = false;
    auto take = [&any](BytesView, BytesView) {
      any = true;
      return false;
    };
    TP_TRY_VOID(view.scan(kv::Space::kBlobs, meta::blob_places_begin(tier, SegmentId(0)),
                          meta::blob_places_end(tier, SegmentId(UINT64_MAX - 1)), take));
    return any;
  };
  return parts.runtime.block_on(parts.meta.read(std::move(read)));
}

blob::ErasureOptions drive_options(const Parts& parts, const TierConfig& tier) {
  blob::ErasureOptions options;
  options.runtime = &parts.runtime;
  options.directories = tier.directories;
  options.open_directory = [&runtime = parts.runtime](const std::string& path) {
    return open_directory(runtime, path);
  };
  options.data_pieces = tier.data_pieces;
  options.parity_pieces = tier.parity_pieces;
  options.frames = tier.frames;
  options.tier = tier.number;
  options.store_id = parts.store_id;
  options.start_number = parts.start_number;
  options.segment_bytes = tier.segment_bytes;
  options.min_free_bytes = parts.min_free_bytes;
  options.report = [name = tier.name](const std::string& text) { spdlog::warn("tier {}: {}", name, text); };
  return options;
}

Result<std::unique_ptr<blob::Tier>> open_archive(const Parts& parts, const TierConfig& tier) {
  blob::ArchiveOptions options;
  options.runtime = &parts.runtime;
  TP_TRY(options.store, open_remote_store(parts.runtime, remote_settings_of(tier)));
  TP_TRY(const Bytes key, read_secret_file(tier.key_file));
  TP_TRY(options.keys, blob::ArchiveKeys::parse(key));
  options.prefix = tier.prefix;
  options.store_id = parts.store_id;
  options.tier = tier.number;
  options.start_number = parts.start_number;
  options.frames = tier.frames;
  options.report = [name = tier.name](const std::string& text) { spdlog::warn("tier {}: {}", name, text); };
  return parts.runtime.block_on(blob::open_archive_tier(std::move(options)));
}

Result<std::unique_ptr<blob::Tier>> open_one(const Parts& parts, const TierConfig& config, OpenedTier* opened) {
  opened->name = config.name;
  opened->number = config.number;
  if (config.kind == TierKind::kArchive) {
    opened->kind = "archive";
    TP_TRY(auto tier, open_archive(parts, config));
    opened->tier = tier.get();
    return tier;
  }
  const bool local = config.kind == TierKind::kLocal;
  opened->kind = local ? "local" : "erasure";
  auto options = drive_options(parts, config);
  TP_TRY(const bool holds, holds_blobs(parts, config.number));
  options.may_be_new = !holds;
  TP_TRY(auto tier, parts.runtime.block_on(local ? blob::open_local_tier(std::move(options))
                                                 : blob::open_erasure_tier(std::move(options))));
  opened->tier = tier.get();
  opened->drives = tier.get();
  return std::unique_ptr<blob::Tier>(std::move(tier));
}

}  // namespace

Result<void> open_tiers(const Config& config, rt::Runtime& runtime, meta::MetaStore& meta,
                        std::unique_ptr<blob::BlobStore>* blobs, OpenedTiers* opened) {
  for (const StorageClassConfig& one : config.storage_classes) {
    plane::StorageClass& made = opened->classes.emplace_back();
    made.name = one.name;
    made.offline = one.offline;
    made.restore_delay = one.restore_delay_seconds * rt::kSecond;
    for (const TierConfig& tier : config.tiers) {
      if (tier.name == one.tier) made.tier = tier.number;
    }
  }
  if (config.tiers.empty()) return ok;
  const Parts parts{runtime, meta, store_number(meta.store_id()), meta.start_number(), config.min_free_bytes};
  std::map<uint8_t, std::unique_ptr<blob::Tier>> tiers;
  for (const TierConfig& one : config.tiers) {
    auto tier = open_one(parts, one, &opened->tiers.emplace_back());
    if (!tier) {
      for (auto& [number, other] : tiers) [[maybe_unused]] const auto stopped = runtime.block_on(other->stop());
      return std::unexpected(std::move(tier).error().with_context("tier " + one.name));
    }
    tiers[one.number] = std::move(*tier);
  }
  *blobs = std::make_unique<blob::TieredStore>(std::move(*blobs), std::move(tiers), kFrameCacheBytes);
  return ok;
}

}  // namespace tp::server
