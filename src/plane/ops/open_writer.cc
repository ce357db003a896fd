#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/data/append_writer.h"
#include "plane/data/put_writer.h"
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rights.h"
#include "plane/rights/rights.h"

namespace tp::plane {
namespace {

Body::Options body_options(const WriteOptions& options) {
  Body::Options body;
  body.size_bytes = options.size_bytes;
  body.checksum_algorithm = options.checksum_algorithm;
  body.compute_sha256 = options.compute_sha256;
  return body;
}

}  // namespace

Task<std::unique_ptr<ObjectWriter>> PlaneImpl::open_writer(Caller caller, ObjectRef object, WriteOptions options) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(check_key(object.key));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, object.key, nullptr));
  if (is_cache(*volume)) co_return entries_are_read_only();
  TP_CO_TRY_VOID(check_access_list(*volume, options.attributes.access));
  const rt::Nanos now = core_.runtime.clock().wall_now();
  TP_CO_TRY_VOID(check_new_lock(caller, *volume, object.key, options.attributes, now));
  if (options.size_bytes.value_or(0) > kMaxPutBytes) {
    co_return fail(Code::kTooLarge, Reason::kEntityTooLarge, "the body is too large");
  }
  Body::Options body = body_options(options);
  if (options.append_offset) {
    TP_CO_TRY(auto base, co_await find_append_base(*volume, object.key));
    if (base == nullptr && *options.append_offset != 0) {
      co_return fail(Code::kNotFound, Reason::kNoSuchKey, "there is no such key");
    }
    if (base != nullptr) {
      TP_CO_TRY_VOID(require_unlocked(base->info.record, now));
      if (*options.append_offset != base->info.record.size_bytes) {
        co_return fail(Code::kInvalidArgument, Reason::kWriteOffset, "the write offset is not the object's size");
      }
      if (base->info.record.place == meta::DataPlace::kExtents) body.small_limit_bytes = 0;
      body.prefix = base->small;
      co_return std::make_unique<AppendWriter>(core_, std::move(volume), std::move(object.key), std::move(base),
                                               std::move(options), std::move(body));
    }
    // Nothing there yet: an ordinary PUT, if that is still so when it is applied.
    options.conditions.if_none_match_any = true;
  }
  std::string owner = owner_of_new_object(caller, *volume, options.attributes.access);
  co_return std::make_unique<PutWriter>(core_, std::move(volume), std::move(object.key), std::move(owner),
                                        std::move(options), std::move(body));
}

Task<CachedObjectPtr> PlaneImpl::find_append_base(const VolumeEntry& volume, const std::string& key) {
  constexpr int kAttempts = 16;
  for (int attempt = 1;; ++attempt) {
    auto load = [&volume, &key](meta::ReadView& view) -> Result<CachedObjectPtr> {
      TP_TRY(auto found, load_object(view, volume, key, true));
      return CachedObjectPtr(std::move(found));
    };
    auto found = co_await core_.read(volume, std::move(load));
    if (found || found.error().code != Code::kConflict || attempt == kAttempts) co_return found;
  }
}

}  // namespace tp::plane
