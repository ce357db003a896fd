// GETXATTR, SETXATTR, LISTXATTRS, REMOVEXATTR: RFC 8276 §8.4. Names stand without "user.".
#include <algorithm>

#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr size_t kMaxNameBytes = 255;
constexpr uint32_t kSetEither = 0, kSetReplace = 2;

Status read_xattr_name(Compound& compound, std::string* name) {
  const BytesView text = compound.in.opaque(kMaxNameArgument);
  if (!compound.in.good()) return Status::kBadXdr;
  if (text.empty()) return Status::kInval;
  if (text.size() > kMaxNameBytes) return Status::kNameTooLong;
  if (text.find('\0') != BytesView::npos) return Status::kBadChar;
  name->assign(text);
  return Status::kOk;
}

}  // namespace

Task<Status> get_xattr(Compound& compound) {
  std::string name;
  const Status named = read_xattr_name(compound, &name);
  if (named != Status::kOk) co_return named;
  TP_CO_TRY(Place place, compound.here(Status::kNoXattr));
  TP_CO_TRY(const Bytes value,
            co_await compound.files().attribute(std::move(place.caller), place.file, std::move(name)));
  compound.out().opaque(value);
  co_return Status::kOk;
}

Task<Status> set_xattr(Compound& compound) {
  const uint32_t option = compound.in.u32();
  plane::FileAttribute attribute;
  const Status named = read_xattr_name(compound, &attribute.name);
  if (named == Status::kBadXdr) co_return named;
  const BytesView value = compound.in.opaque(kMaxIoBytes);
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (named != Status::kOk) co_return named;
  if (option > kSetReplace) co_return Status::kInval;
  TP_CO_TRY(Place place, compound.here(Status::kRofs));
  if (value.size() > plane::kMaxAttributeBytes) co_return Status::kXattrTooBig;
  attribute.value.assign(value);
  const plane::AttributeMode mode = option == kSetEither    ? plane::AttributeMode::kEither
                                    : option == kSetReplace ? plane::AttributeMode::kReplace
                                                            : plane::AttributeMode::kCreate;
  TP_CO_TRY(const plane::FileChange file,
            co_await compound.files().set_attribute(std::move(place.caller), place.file, std::move(attribute), mode));
  write_change_info(compound.out(), file);
  co_return Status::kOk;
}

Task<Status> list_xattrs(Compound& compound) {
  const uint64_t cookie = compound.in.u64();
  const uint32_t max_bytes = compound.in.u32();
  if (!compound.in.good()) co_return Status::kBadXdr;
  std::vector<std::string> names;
  if (!compound.at_pseudo_root()) {
    TP_CO_TRY(Place place, compound.here(Status::kServerFault));
    TP_CO_TRY(names, co_await compound.files().attributes_list(std::move(place.caller), place.file));
    std::sort(names.begin(), names.end());
  }
  // The cookie counts names: a list that changes meanwhile may show one twice or not at all, as the protocol allows.
  if (cookie > names.size()) co_return Status::kBadCookie;
  constexpr uint64_t kFixedBytes = 8 + 4 + 4;  // cookie, count, end
  uint64_t bytes = kFixedBytes;
  uint64_t end = cookie;
  while (end < names.size()) {
    const size_t size = names[end].size();
    const uint64_t more = 4 + size + wire::xdr_padding(size);
    if (bytes + more > max_bytes) break;
    bytes += more;
    ++end;
  }
  if (end == cookie && cookie < names.size()) co_return Status::kTooSmall;
  wire::XdrWriter& out = compound.out();
  out.u64(end);
  out.u32(static_cast<uint32_t>(end - cookie));
  for (uint64_t i = cookie; i < end; ++i) out.opaque(names[i]);
  out.boolean(end == names.size());
  co_return Status::kOk;
}

Task<Status> remove_xattr(Compound& compound) {
  std::string name;
  const Status named = read_xattr_name(compound, &name);
  if (named != Status::kOk) co_return named;
  TP_CO_TRY(Place place, compound.here(Status::kRofs));
  TP_CO_TRY(const plane::FileChange file,
            co_await compound.files().remove_attribute(std::move(place.caller), place.file, std::move(name)));
  write_change_info(compound.out(), file);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
