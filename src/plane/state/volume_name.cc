#include "plane/state/volume_name.h"

#include <algorithm>
#include <array>

#include "plane/reason.h"

namespace tp::plane {
namespace {

constexpr size_t kMinBytes = 3, kMaxBytes = 63;
constexpr std::array<std::string_view, 3> kReservedPrefixes = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_address(std::string_view name) {
  return std::ranges::count(name, '.') == 3 &&
         std::ranges::all_of(name, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

const char* broken_rule(std::string_view name) {
  if (name.size() < kMinBytes || name.size() > kMaxBytes) return "a bucket name has 3 to 63 characters";
  if (!std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; })) {
    return "a bucket name has only lower-case letters, digits, dots and hyphens";
  }
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) {
    return "a bucket name begins and ends with a letter or digit";
  }
  if (name.find("..") != std::string_view::npos) return "a bucket name has no two dots in a row";
  if (name.find(".-") != std::string_view::npos || name.find("-.") != std::string_view::npos) {
    return "a bucket name has no dot beside a hyphen";
  }
  if (looks_like_address(name)) return "a bucket name does not look like an IP address";
  for (std::string_view prefix : kReservedPrefixes) {
    if (name.starts_with(prefix)) return "the bucket name begins with a reserved prefix";
  }
  for (std::string_view suffix : kReservedSuffixes) {
    if (name.ends_with(suffix)) return "the bucket name ends with a reserved suffix";
  }
  return nullptr;
}

}  // namespace

Result<void> check_volume_name(std::string_view name) {
  const char* rule = broken_rule(name);
  if (rule != nullptr) return fail(Code::kInvalidArgument, Reason::kInvalidVolumeName, rule);
  return ok;
}

}  // namespace tp::plane
