// Rights: who may do what, decided here and nowhere else: root, ownership, bucket policy (an explicit deny wins), then
// ACLs. Spec: S3 user guide, "How Amazon S3 authorizes a request" and "Mapping of ACL permissions and access policy
// permissions".
#pragma once

#include <optional>
#include <string_view>

#include "meta/inode_record.h"
#include "plane/actions.h"
#include "plane/caller.h"
#include "plane/state/volume_table.h"

namespace tp::plane {

/// May `caller` do `action` on the volume itself (kListBucket, kPutBucketAcl, ...)?
bool may_on_volume(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view list_prefix = {},
                   std::string_view list_delimiter = {});
/// May `caller` do `action` on `key`? `object` is what the key leads to now; null where the action does not depend on
/// it (kPutObject, kDeleteObject, uploads) or where nothing is there.
bool may_on_object(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view key,
                   const meta::InodeRecord* object);

/// The same as errors: kPermissionDenied with Reason::kAccessDenied, or with Reason::kReadOnlyVolume to whoever would
/// change a snapshot.
Result<void> require_on_volume(const Caller& caller, const VolumeEntry& volume, Action action,
                               std::string_view list_prefix = {}, std::string_view list_delimiter = {});
Result<void> require_on_object(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view key,
                               const meta::InodeRecord* object);
/// What a caller hears of a key that is not there: kNotFound if it may list the volume, else kPermissionDenied.
Error missing_key(const Caller& caller, const VolumeEntry& volume, std::string_view key);

/// Whether the volume takes this ACL on a new or changed object or on itself: Reason::kAclNotSupported.
Result<void> check_access_list(const VolumeEntry& volume, const meta::AccessList& access);
/// The owner of an object that `caller` writes with `access` into `volume`.
std::string owner_of_new_object(const Caller& caller, const VolumeEntry& volume, const meta::AccessList& access);

}  // namespace tp::plane
