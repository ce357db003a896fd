#include "server/tiers/tier_config.h"

#include <functional>
#include <set>

#include "server/config_values.h"

namespace tp::server {
namespace {

constexpr int kMaxPieces = 32;
constexpr uint64_t kMinSegmentBytes = 16 << 20;

using Take = std::function<Result<void>(const std::string&, const toml::node&)>;
using Settings = std::vector<std::pair<std::string_view, Take>>;

template <class Enum>
Take choice(Enum* out, std::vector<std::pair<std::string_view, Enum>> choices) {
  return [out, choices = std::move(choices)](const std::string& key, const toml::node& node) -> Result<void> {
    std::string text, all;
    TP_TRY_VOID(take_string(key, node, &text));
    for (const auto& [name, value] : choices) {
      if (name == text) {
        *out = value;
        return ok;
      }
      all.append(all.empty() ? "" : ", ").append(name);
    }
    return std::unexpected(bad_value(key, node, "one of " + all));
  };
}

Take text(std::string* out) {
  return [out](const std::string& key, const toml::node& node) { return take_string(key, node, out); };
}

template <class Int>
Take integer(Int* out) {
  return [out](const std::string& key, const toml::node& node) { return take_integer(key, node, out); };
}

/// One table of settings; what is not known is refused.
Result<void> take_table(const std::string& name, const toml::node& node, const Settings& settings) {
  if (!node.is_table()) return std::unexpected(bad_value(name, node, "a table"));
  for (const auto& [key, value] : *node.as_table()) {
    const std::string full = name + "." + std::string(key.str());
    bool known = false;
    for (const auto& [setting, take] : settings) {
      if (setting != key.str()) continue;
      TP_TRY_VOID(take(full, value));
      known = true;
    }
    if (!known) {
      return fail(Code::kInvalidArgument, fmt::format("line {}: no such setting: {}", value.source().begin.line, full));
    }
  }
  return ok;
}

Settings settings_of(TierConfig* tier) {
  return {
      {"number", integer(&tier->number)},
      {"kind", choice<TierKind>(&tier->kind, {{"local", TierKind::kLocal},
                                              {"erasure", TierKind::kErasure},
                                              {"archive", TierKind::kArchive}})},
      {"directory", Take([tier](const std::string& key, const toml::node& node) {
         return take_string(key, node, &tier->directories.emplace_back());
       })},
      {"directories", Take([tier](const std::string& key, const toml::node& node) {
         return take_strings(key, node, &tier->directories);
       })},
      {"data", integer(&tier->data_pieces)},
      {"parity", integer(&tier->parity_pieces)},
      {"codec", choice<blob::Codec>(&tier->frames.codec, {{"raw", blob::Codec::kRaw},
                                                          {"lz4", blob::Codec::kLz4},
                                                          {"zstd", blob::Codec::kZstd}})},
      {"level", integer(&tier->frames.level)},
      {"segment_size", Take([tier](const std::string& key, const toml::node& node) {
         return take_size(key, node, &tier->segment_bytes);
       })},
      {"store", choice<RemoteKind>(&tier->remote, {{"s3", RemoteKind::kS3}, {"azure", RemoteKind::kAzure}})},
      {"endpoint", text(&tier->endpoint)},
      {"bucket", text(&tier->bucket)},
      {"container", text(&tier->bucket)},
      {"prefix", text(&tier->prefix)},
      {"region", text(&tier->region)},
      {"style", choice<bool>(&tier->virtual_host, {{"path", false}, {"virtual", true}})},
      {"remote_class", text(&tier->remote_class)},
      {"tls_roots", text(&tier->roots_file)},
      {"account", text(&tier->account)},
      {"credentials", text(&tier->credentials_file)},
      {"key_file", text(&tier->key_file)},
  };
}

Error bad_tier(const TierConfig& tier, std::string_view what) {
  return Error(Code::kInvalidArgument, fmt::format("tiers.{}: {}", tier.name, what));
}

Result<void> validate_tier(const TierConfig& tier) {
  if (tier.number == 0) return std::unexpected(bad_tier(tier, "needs a number of its own, 1 to 255, and keeps it"));
  if (tier.frames.level < 0 || tier.frames.level > blob::kMaxZstdLevel) {
    return std::unexpected(bad_tier(tier, fmt::format("level must be 0 (the default) to {}", blob::kMaxZstdLevel)));
  }
  if (tier.segment_bytes < kMinSegmentBytes) {
    return std::unexpected(bad_tier(tier, "segment_size must be at least 16MiB"));
  }
  switch (tier.kind) {
    case TierKind::kLocal:
      if (tier.directories.size() != 1) return std::unexpected(bad_tier(tier, "needs one directory"));
      return ok;
    case TierKind::kErasure: {
      const unsigned pieces = tier.data_pieces + tier.parity_pieces;
      if (tier.data_pieces == 0 || tier.parity_pieces == 0 || pieces > kMaxPieces) {
        return std::unexpected(bad_tier(tier, fmt::format("needs data and parity, together at most {}", kMaxPieces)));
      }
      if (tier.directories.size() < std::max(4u, pieces)) {
        return std::unexpected(bad_tier(tier, "needs at least as many directories as data + parity, and 4"));
      }
      return ok;
    }
    case TierKind::kArchive:
      if (tier.endpoint.empty() || tier.bucket.empty()) {
        return std::unexpected(bad_tier(tier, "needs an endpoint and a bucket (or container)"));
      }
      if (tier.key_file.empty()) {
        return std::unexpected(bad_tier(tier, "needs a key_file: what leaves this machine is encrypted"));
      }
      return ok;
  }
  return ok;
}

}  // namespace

Result<void> take_tiers(const toml::node& node, std::vector<TierConfig>* tiers) {
  if (!node.is_table()) return std::unexpected(bad_value("tiers", node, "tables: [tiers.NAME]"));
  for (const auto& [key, value] : *node.as_table()) {
    TierConfig& tier = tiers->emplace_back();
    tier.name = std::string(key.str());
    TP_TRY_VOID(take_table("tiers." + tier.name, value, settings_of(&tier)));
  }
  return ok;
}

Result<void> take_storage_classes(const toml::node& node, std::vector<StorageClassConfig>* classes) {
  if (!node.is_table()) return std::unexpected(bad_value("storage_classes", node, "tables: [storage_classes.NAME]"));
  for (const auto& [key, value] : *node.as_table()) {
    StorageClassConfig& one = classes->emplace_back();
    one.name = std::string(key.str());
    const Settings settings = {
        {"tier", text(&one.tier)},
        {"offline", Take([&one](const std::string& name, const toml::node& given) {
           return take_bool(name, given, &one.offline);
         })},
        {"restore_delay_seconds", integer(&one.restore_delay_seconds)},
    };
    TP_TRY_VOID(take_table("storage_classes." + one.name, value, settings));
  }
  return ok;
}

Result<void> validate_tiers(const std::vector<TierConfig>& tiers, const std::vector<StorageClassConfig>& classes) {
  std::set<unsigned> numbers;
  std::set<std::string> names = {"hot"};
  for (const TierConfig& tier : tiers) {
    TP_TRY_VOID(validate_tier(tier));
    const bool own_number = numbers.insert(tier.number).second, own_name = names.insert(tier.name).second;
    if (!own_number) return std::unexpected(bad_tier(tier, "its number is another tier's too"));
    if (!own_name) return std::unexpected(bad_tier(tier, "\"hot\" is the name of the first tier"));
  }
  for (const StorageClassConfig& one : classes) {
    if (!names.contains(one.tier)) {
      return fail(Code::kInvalidArgument,
                  fmt::format("storage_classes.{}: tier must be \"hot\" or the name of a tier", one.name));
    }
    if (one.offline && (one.tier == "hot" || one.name == "STANDARD")) {
      return fail(Code::kInvalidArgument,
                  fmt::format("storage_classes.{}: what is hot, or the default, cannot be offline", one.name));
    }
  }
  return ok;
}

}  // namespace tp::server
