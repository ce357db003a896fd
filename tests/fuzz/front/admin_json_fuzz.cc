// What the admin port takes of users and volumes: a change that is let through is within the ranges of its records.
#include "front/admin/admin_json.h"
#include "wire/fuzz_input.h"

using namespace tp;

namespace {

constexpr uint32_t kMostBits = 07777;

void check_ids(const std::optional<std::pair<uint32_t, uint32_t>>& ids) {
  fuzz::require(!ids || (ids->first != UINT32_MAX && ids->second != UINT32_MAX));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::ExactCopy copy(fuzz::text_of(data, size));
  if (const auto volume = admin::parse_volume_change(copy.view())) {
    check_ids(volume->exports.anonymous);
    check_ids(volume->exports.default_owner);
    const auto& modes = volume->exports.modes;
    fuzz::require(!modes || (modes->first <= kMostBits && modes->second <= kMostBits));
  }
  if (const auto user = admin::parse_user(copy.view())) {
    fuzz::require(!user->name.empty() && user->keys.size() <= 1);
    fuzz::require(user->uid != UINT32_MAX && user->gid != UINT32_MAX);
  }
  if (const auto change = admin::parse_user_change(copy.view())) {
    fuzz::require(!change->uid || *change->uid != UINT32_MAX);
    fuzz::require(!change->gid || *change->gid != UINT32_MAX);
  }
  return 0;
}
