#include "front/s3/bucket/cache_headers.h"

#include <nlohmann/json.hpp>

namespace tp::s3 {

namespace {

using Json = nlohmann::json;

/// TOML in base64, or the name of a profile that comes with the server: every profile has a '=', no name does.
std::string profile_of(std::string_view header) {
  Bytes decoded;
  if (from_base64(header, &decoded) && decoded.find('=') != Bytes::npos) return decoded;
  return std::string(header);
}

Result<bool> flag_of(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return s3_fail(S3Code::kInvalidArgument, "x-tokenplane-shared is neither true nor false");
}

}  // namespace

Result<void> take_cache_headers(const S3Request& request, plane::CreateVolumeOptions* options) {
  const auto& head = request.http.head();
  const auto kind = head.find_header("x-tokenplane-kind");
  if (!kind || *kind == "tree") return ok;
  if (*kind != "cache") return s3_fail(S3Code::kInvalidArgument, "x-tokenplane-kind is neither tree nor cache");
  options->kind = meta::VolumeKind::kCache;
  Json settings = Json::object();
  if (const auto capacity = head.find_header("x-tokenplane-capacity")) settings["capacity"] = *capacity;
  if (const auto dram = head.find_header("x-tokenplane-dram")) settings["dram"] = *dram;
  if (const auto policy = head.find_header("x-tokenplane-policy")) settings["policy"] = *policy;
  if (const auto profile = head.find_header("x-tokenplane-profile")) settings["profile"] = profile_of(*profile);
  if (const auto shared = head.find_header("x-tokenplane-shared")) {
    TP_TRY(settings["shared"], flag_of(*shared));
  }
  options->cache_settings = settings.dump(-1, ' ', false, Json::error_handler_t::replace);
  return ok;
}

}  // namespace tp::s3
