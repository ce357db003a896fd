#include "plane/rights/rights.h"

#include <algorithm>

#include "plane/reason.h"

namespace tp::plane {
namespace {

/// What an ACL would have to say, per S3's mapping; none: ACLs cannot give it, only ownership and policy do.
struct AclNeed {
  bool on_object = false;
  std::optional<meta::Permission> permission;
};

AclNeed need_of(Action action) {
  using enum Action;
  switch (action) {
    case kListBucket:
    case kListBucketMultipartUploads:
    case kListBucketVersions:
      return {false, meta::Permission::kRead};
    case kPutObject:
    case kDeleteObject:
    case kAbortMultipartUpload:
      return {false, meta::Permission::kWrite};
    case kGetBucketAcl:
      return {false, meta::Permission::kReadAcl};
    case kPutBucketAcl:
      return {false, meta::Permission::kWriteAcl};
    case kGetObject:
    case kGetObjectAttributes:
    case kGetObjectVersion:
    case kGetObjectVersionAttributes:
      return {true, meta::Permission::kRead};
    case kGetObjectAcl:
    case kGetObjectVersionAcl:
      return {true, meta::Permission::kReadAcl};
    case kPutObjectAcl:
    case kPutObjectVersionAcl:
      return {true, meta::Permission::kWriteAcl};
    case kCreateBucket: case kDeleteBucket: case kGetBucketLocation: case kGetBucketTagging: case kPutBucketTagging:
    case kGetBucketCors: case kPutBucketCors: case kGetBucketPolicy: case kPutBucketPolicy: case kDeleteBucketPolicy:
    case kGetBucketOwnershipControls: case kPutBucketOwnershipControls: case kGetBucketVersioning:
    case kGetObjectTagging: case kPutObjectTagging: case kDeleteObjectTagging: case kListMultipartUploadParts:
    case kPutBucketVersioning: case kGetObjectVersionTagging: case kPutObjectVersionTagging:
    case kDeleteObjectVersionTagging: case kDeleteObjectVersion: case kGetBucketObjectLockConfiguration:
    case kPutBucketObjectLockConfiguration: case kGetObjectRetention: case kPutObjectRetention:
    case kGetObjectLegalHold: case kPutObjectLegalHold: case kBypassGovernanceRetention:
    case kGetLifecycleConfiguration: case kPutLifecycleConfiguration: case kRestoreObject:
      return {false, std::nullopt};
  }
  return {};
}

bool includes(meta::Permission granted, meta::Permission needed) {
  return (static_cast<uint8_t>(granted) & static_cast<uint8_t>(needed)) == static_cast<uint8_t>(needed);
}

bool names_caller(const meta::Grant& grant, const Caller& caller) {
  switch (grant.grantee) {
    case meta::GranteeKind::kUser: return !caller.anonymous() && grant.user_id == caller.user_id;
    case meta::GranteeKind::kAllUsers: return true;
    case meta::GranteeKind::kAuthenticatedUsers: return !caller.anonymous();
    case meta::GranteeKind::kLogDelivery: return false;
  }
  return false;
}

bool acl_allows(const meta::AccessList& access, const Caller& caller, meta::Permission needed) {
  return std::ranges::any_of(access, [&](const meta::Grant& grant) {
    return names_caller(grant, caller) && includes(grant.permission, needed);
  });
}

PolicyVerdict ask_policy(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view key,
                         bool on_object, std::string_view prefix, std::string_view delimiter) {
  if (volume.rules == nullptr) return PolicyVerdict::kNothingSaid;
  bool lists = action == Action::kListBucket || action == Action::kListBucketMultipartUploads ||
               action == Action::kListBucketVersions;
  PolicyQuestion question{caller, action_name(action), volume.name, key, on_object, lists, prefix, delimiter};
  return volume.rules->judge(question);
}

bool owns(const Caller& caller, const std::string& owner) { return !caller.anonymous() && caller.user_id == owner; }

/// An owner must be able to undo a policy that locks everybody out, as on S3.
bool is_policy_action(Action action) {
  return action == Action::kGetBucketPolicy || action == Action::kPutBucketPolicy ||
         action == Action::kDeleteBucketPolicy;
}

bool acls_count(const VolumeEntry& volume) { return volume.ownership != meta::Ownership::kBucketOwnerEnforced; }

/// Whether it is asked about reading: all that may be done with a snapshot.
bool reads(Action action) {
  using enum Action;
  switch (action) {
    case kListBucket: case kListBucketMultipartUploads: case kListBucketVersions: case kListMultipartUploadParts:
    case kGetBucketLocation: case kGetBucketAcl: case kGetBucketTagging: case kGetBucketCors: case kGetBucketPolicy:
    case kGetBucketOwnershipControls: case kGetBucketVersioning: case kGetBucketObjectLockConfiguration:
    case kGetLifecycleConfiguration: case kGetObject: case kGetObjectAcl: case kGetObjectTagging:
    case kGetObjectAttributes: case kGetObjectVersion: case kGetObjectVersionAcl: case kGetObjectVersionTagging:
    case kGetObjectVersionAttributes: case kGetObjectRetention: case kGetObjectLegalHold:
      return true;
    case kCreateBucket: case kDeleteBucket: case kPutBucketAcl: case kPutBucketTagging: case kPutBucketCors:
    case kPutBucketPolicy: case kDeleteBucketPolicy: case kPutBucketOwnershipControls: case kPutObject:
    case kDeleteObject: case kPutObjectAcl: case kPutObjectTagging: case kDeleteObjectTagging:
    case kAbortMultipartUpload: case kPutBucketVersioning: case kPutObjectVersionAcl: case kPutObjectVersionTagging:
    case kDeleteObjectVersionTagging: case kDeleteObjectVersion: case kPutBucketObjectLockConfiguration:
    case kPutObjectRetention: case kPutObjectLegalHold: case kBypassGovernanceRetention:
    case kPutLifecycleConfiguration: case kRestoreObject:
      return false;
  }
  return false;
}

Result<void> require_change(const VolumeEntry& volume, Action action) {
  if (!volume.snapshot || reads(action)) return ok;
  return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume,
              "The bucket is a snapshot: it can be read, not changed.");
}

std::unexpected<Error> denied() { return fail(Code::kPermissionDenied, Reason::kAccessDenied, "access denied"); }

}  // namespace

bool may_on_volume(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view list_prefix,
                   std::string_view list_delimiter) {
  if (caller.root) return true;
  bool owner = owns(caller, volume.owner);
  if (owner && is_policy_action(action)) return true;
  switch (ask_policy(caller, volume, action, {}, false, list_prefix, list_delimiter)) {
    case PolicyVerdict::kDeny: return false;
    case PolicyVerdict::kAllow: return true;
    case PolicyVerdict::kNothingSaid: break;
  }
  if (owner) return true;
  AclNeed need = need_of(action);
  if (!need.permission || need.on_object || !acls_count(volume)) return false;
  return acl_allows(volume.access, caller, *need.permission);
}

bool may_on_object(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view key,
                   const meta::InodeRecord* object) {
  if (caller.root) return true;
  switch (ask_policy(caller, volume, action, key, true, {}, {})) {
    case PolicyVerdict::kDeny: return false;
    case PolicyVerdict::kAllow: return true;
    case PolicyVerdict::kNothingSaid: break;
  }
  bool volume_owner = owns(caller, volume.owner);
  if (!acls_count(volume)) return volume_owner;
  AclNeed need = need_of(action);
  if (!need.on_object) {
    if (volume_owner) return true;
    if (object != nullptr && !need.permission && owns(caller, object->owner)) return true;  // tags of one's own object
    return need.permission && acl_allows(volume.access, caller, *need.permission);
  }
  // Objects belong to who wrote them; with nothing there, only the volume's owner is at home.
  if (object == nullptr) return volume_owner;
  return owns(caller, object->owner) || acl_allows(object->access, caller, *need.permission);
}

Result<void> require_on_volume(const Caller& caller, const VolumeEntry& volume, Action action,
                               std::string_view list_prefix, std::string_view list_delimiter) {
  if (!may_on_volume(caller, volume, action, list_prefix, list_delimiter)) return denied();
  return require_change(volume, action);
}

Result<void> require_on_object(const Caller& caller, const VolumeEntry& volume, Action action, std::string_view key,
                               const meta::InodeRecord* object) {
  if (!may_on_object(caller, volume, action, key, object)) return denied();
  return require_change(volume, action);
}

Error missing_key(const Caller& caller, const VolumeEntry& volume, std::string_view key) {
  if (may_on_volume(caller, volume, Action::kListBucket, key)) {
    return Error(Code::kNotFound, Reason::kNoSuchKey, "there is no such key");
  }
  return Error(Code::kPermissionDenied, Reason::kAccessDenied, "access denied");
}

Result<void> check_access_list(const VolumeEntry& volume, const meta::AccessList& access) {
  if (acls_count(volume)) return ok;
  // "Bucket owner has full control" says nothing new, so S3 lets it pass.
  bool harmless = std::ranges::all_of(access, [&](const meta::Grant& grant) {
    return grant.grantee == meta::GranteeKind::kUser && grant.user_id == volume.owner &&
           grant.permission == meta::Permission::kFullControl;
  });
  if (harmless) return ok;
  return fail(Code::kInvalidArgument, Reason::kAclNotSupported, "the bucket does not allow ACLs");
}

std::string owner_of_new_object(const Caller& caller, const VolumeEntry& volume, const meta::AccessList& access) {
  // Nobody signed: what the world may write belongs to whom the volume belongs.
  if (volume.ownership == meta::Ownership::kBucketOwnerEnforced || caller.anonymous()) return volume.owner;
  if (volume.ownership == meta::Ownership::kBucketOwnerPreferred) {
    bool given = std::ranges::any_of(access, [&](const meta::Grant& grant) {
      return grant.grantee == meta::GranteeKind::kUser && grant.user_id == volume.owner &&
             grant.permission == meta::Permission::kFullControl;
    });
    if (given) return volume.owner;
  }
  return caller.user_id;
}

}  // namespace tp::plane
