#include "front/s3/message/access_list.h"

#include <array>

#include "front/s3/message/body_reader.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

using meta::Grant;
using meta::GranteeKind;
using meta::Permission;

struct Group {
  GranteeKind kind;
  std::string_view uri;
};
constexpr std::array kGroups = {
    Group{GranteeKind::kAllUsers, "http://acs.amazonaws.com/groups/global/AllUsers"},
    Group{GranteeKind::kAuthenticatedUsers, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
    Group{GranteeKind::kLogDelivery, "http://acs.amazonaws.com/groups/s3/LogDelivery"},
};

struct PermissionName {
  Permission permission;
  std::string_view name;
  HeaderId header;
};
constexpr std::array kPermissions = {
    PermissionName{Permission::kFullControl, "FULL_CONTROL", HeaderId::kGrantFullControl},
    PermissionName{Permission::kRead, "READ", HeaderId::kGrantRead},
    PermissionName{Permission::kWrite, "WRITE", HeaderId::kGrantWrite},
    PermissionName{Permission::kReadAcl, "READ_ACP", HeaderId::kGrantReadAcp},
    PermissionName{Permission::kWriteAcl, "WRITE_ACP", HeaderId::kGrantWriteAcp},
};

std::string_view permission_name(Permission permission) {
  for (const PermissionName& known : kPermissions) {
    if (known.permission == permission) return known.name;
  }
  return "FULL_CONTROL";
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

Result<Grant> grant_to_user(const S3Request& request, std::string_view id, Permission permission) {
  if (id.empty() || !request.plane.users().find_user(id)) return s3_fail(S3Code::kInvalidArgument, "Invalid id");
  return Grant{GranteeKind::kUser, std::string(id), permission};
}

Result<Grant> grant_to_email(const S3Request& request, std::string_view email, Permission permission) {
  const auto user = email.empty() ? std::nullopt : request.plane.users().find_email(email);
  if (!user) return s3_fail(S3Code::kUnresolvableGrantByEmailAddress);
  return Grant{GranteeKind::kUser, user->id, permission};
}

Result<Grant> grant_to_group(std::string_view uri, Permission permission) {
  for (const Group& group : kGroups) {
    if (group.uri == uri) return Grant{group.kind, {}, permission};
  }
  return s3_fail(S3Code::kInvalidArgument, "Invalid group uri");
}

// One `type="value"` of an x-amz-grant-* field; quotes are optional.
Result<Grant> parse_grantee(const S3Request& request, std::string_view text, Permission permission) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return s3_fail(S3Code::kInvalidArgument, "Argument format not recognized");
  }
  const std::string_view kind = trim(text.substr(0, equals));
  std::string_view value = trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  if (wire::equal_ignoring_case(kind, "id")) return grant_to_user(request, value, permission);
  if (wire::equal_ignoring_case(kind, "emailAddress")) return grant_to_email(request, value, permission);
  if (wire::equal_ignoring_case(kind, "uri")) return grant_to_group(value, permission);
  return s3_fail(S3Code::kInvalidArgument, "Argument format not recognized");
}

Result<void> parse_grant_field(const S3Request& request, const PermissionName& known, meta::AccessList& access) {
  std::string_view rest = request.header(known.header);
  while (!trim(rest).empty()) {
    bool quoted = false;
    size_t end = 0;
    while (end < rest.size() && (quoted || rest[end] != ',')) {
      if (rest[end] == '"') quoted = !quoted;
      ++end;
    }
    TP_TRY(Grant grant, parse_grantee(request, trim(rest.substr(0, end)), known.permission));
    if (access.size() == kMaxGrants) return s3_fail(S3Code::kInvalidRequest, "An ACL has at most 100 grants");
    access.push_back(std::move(grant));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  return ok;
}

// A grant to nobody in particular would be one to every anonymous caller: an owner without an id gets none.
void add_owner(meta::AccessList& access, std::string_view user_id, Permission permission) {
  if (!user_id.empty()) access.push_back({GranteeKind::kUser, std::string(user_id), permission});
}

Result<meta::AccessList> canned_access(std::string_view name, const AccessOwners& owners) {
  meta::AccessList access;
  if (name == "private") return access;  // an empty list means just this
  add_owner(access, owners.owner, Permission::kFullControl);
  const auto add = [&](GranteeKind kind, Permission permission) { access.push_back({kind, {}, permission}); };
  const bool other_bucket_owner = owners.bucket_owner != owners.owner;
  if (name == "public-read") {
    add(GranteeKind::kAllUsers, Permission::kRead);
  } else if (name == "public-read-write") {
    add(GranteeKind::kAllUsers, Permission::kRead);
    add(GranteeKind::kAllUsers, Permission::kWrite);
  } else if (name == "authenticated-read") {
    add(GranteeKind::kAuthenticatedUsers, Permission::kRead);
  } else if (name == "log-delivery-write") {
    add(GranteeKind::kLogDelivery, Permission::kWrite);
    add(GranteeKind::kLogDelivery, Permission::kReadAcl);
  } else if (name == "bucket-owner-read") {
    if (other_bucket_owner) add_owner(access, owners.bucket_owner, Permission::kRead);
  } else if (name == "bucket-owner-full-control") {
    if (other_bucket_owner) add_owner(access, owners.bucket_owner, Permission::kFullControl);
  } else if (name != "aws-exec-read") {
    return s3_fail(S3Code::kInvalidArgument, "The canned ACL is not one of those that exist");
  }
  return access;
}

Result<Grant> parse_grant_element(const S3Request& request, const wire::XmlNode& element) {
  const wire::XmlNode grantee = element.child("Grantee");
  const std::string permission_text = element.child_text("Permission");
  const Permission* permission = nullptr;
  for (const PermissionName& known : kPermissions) {
    if (known.name == permission_text) permission = &known.permission;
  }
  if (!grantee || permission == nullptr) return s3_fail(S3Code::kMalformedAclError);
  const std::string type = grantee.attribute("type");
  if (type == "CanonicalUser") return grant_to_user(request, grantee.child_text("ID"), *permission);
  if (type == "AmazonCustomerByEmail") {
    return grant_to_email(request, grantee.child_text("EmailAddress"), *permission);
  }
  if (type == "Group") return grant_to_group(grantee.child_text("URI"), *permission);
  return s3_fail(S3Code::kMalformedAclError);
}

void append_grant(wire::XmlWriter& xml, const plane::UserDirectory& users, const Grant& grant) {
  constexpr std::string_view kSchema = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=";
  xml.open("Grant");
  if (grant.grantee == GranteeKind::kUser) {
    xml.open("Grantee", std::string(kSchema) + "\"CanonicalUser\"");
    xml.element("ID", grant.user_id);
    const auto user = users.find_user(grant.user_id);
    xml.element("DisplayName", user ? std::string_view(user->name) : std::string_view(grant.user_id));
  } else {
    xml.open("Grantee", std::string(kSchema) + "\"Group\"");
    for (const Group& group : kGroups) {
      if (group.kind == grant.grantee) xml.element("URI", group.uri);
    }
  }
  xml.close();
  xml.element("Permission", permission_name(grant.permission));
  xml.close();
}

}  // namespace

bool has_access_headers(const S3Request& request) {
  if (request.has(HeaderId::kAcl)) return true;
  for (const PermissionName& known : kPermissions) {
    if (request.has(known.header)) return true;
  }
  return false;
}

Result<meta::AccessList> parse_access_headers(const S3Request& request, const AccessOwners& owners) {
  meta::AccessList access;
  bool granted = false;
  for (const PermissionName& known : kPermissions) {
    if (!request.has(known.header)) continue;
    granted = true;
    TP_TRY_VOID(parse_grant_field(request, known, access));
  }
  if (!request.has(HeaderId::kAcl)) return access;
  if (granted) {
    return s3_fail(S3Code::kInvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed");
  }
  return canned_access(request.header(HeaderId::kAcl), owners);
}

Result<meta::AccessList> parse_new_object_access(const S3Request& request) {
  if (!has_access_headers(request)) return meta::AccessList();
  const auto volume = request.plane.volume(request.bucket);
  const std::string_view bucket_owner = volume ? std::string_view((*volume)->owner) : std::string_view();
  return parse_access_headers(request, {request.caller.user_id, bucket_owner});
}

Result<meta::AccessList> parse_access_document(const S3Request& request, BytesView xml) {
  const auto document = wire::XmlDocument::parse(xml);
  if (!document || document->root().name() != "AccessControlPolicy") return s3_fail(S3Code::kMalformedAclError);
  const wire::XmlNode list = document->root().child("AccessControlList");
  if (!list) return s3_fail(S3Code::kMalformedAclError);
  meta::AccessList access;
  for (wire::XmlNode element = list.first_child(); element; element = element.next_sibling()) {
    if (element.name() != "Grant" || access.size() == kMaxGrants) return s3_fail(S3Code::kMalformedAclError);
    TP_TRY(Grant grant, parse_grant_element(request, element));
    access.push_back(std::move(grant));
  }
  return access;
}

Task<meta::AccessList> read_access_list(S3Request& request, AccessOwners owners) {
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes xml, co_await body.read_document(kMaxDocumentBytes));
  if (has_access_headers(request)) {
    if (!xml.empty()) {
      co_return s3_fail(S3Code::kUnexpectedContent, "An ACL comes in the fields or in the body, not in both.");
    }
    co_return parse_access_headers(request, owners);
  }
  if (xml.empty()) {
    request.add_error_detail("MissingHeaderName", "x-amz-acl");
    co_return s3_fail(S3Code::kMissingSecurityHeader);
  }
  co_return parse_access_document(request, xml);
}

Bytes access_document(const S3Request& request, std::string_view owner, const meta::AccessList& access) {
  const plane::UserDirectory& users = request.plane.users();
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("AccessControlPolicy", kNamespace);
  append_owner(xml, users, "Owner", owner);
  xml.open("AccessControlList");
  if (access.empty()) append_grant(xml, users, {GranteeKind::kUser, std::string(owner), Permission::kFullControl});
  for (const Grant& grant : access) append_grant(xml, users, grant);
  xml.close();
  xml.close();
  return out;
}

void append_owner(wire::XmlWriter& xml, const plane::UserDirectory& users, std::string_view name,
                  std::string_view user_id) {
  const auto user = users.find_user(user_id);
  xml.open(name);
  xml.element("ID", user_id);
  xml.element("DisplayName", user ? std::string_view(user->name) : user_id);
  xml.close();
}

}  // namespace tp::s3
