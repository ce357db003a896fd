// ACCESS: RFC 8881 §18.1, RFC 8276 §8.4 (extended attributes).
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint32_t kOfAll = kAccessRead | kAccessModify | kAccessExtend;
constexpr uint32_t kOfDirectories = kOfAll | kAccessLookup | kAccessDelete;
constexpr uint32_t kOfFiles = kOfAll | kAccessExecute;
constexpr uint32_t kOfXattrs = kAccessXattrRead | kAccessXattrWrite | kAccessXattrList;

/// The bits that say something about such a file.
uint32_t supported_bits(uint32_t wanted, bool directory, uint32_t minor) {
  uint32_t bits = directory ? kOfDirectories : kOfFiles;
  if (minor >= 2) bits |= kOfXattrs;
  return wanted & bits;
}

uint32_t granted_bits(uint32_t allowed, bool directory) {
  uint32_t bits = 0;
  if (allowed & plane::kMayRead) bits |= kAccessRead | kAccessXattrRead | kAccessXattrList;
  if (allowed & plane::kMayWrite) bits |= kAccessXattrWrite;
  if (!directory) {
    if (allowed & plane::kMayWrite) bits |= kAccessModify | kAccessExtend;
    if (allowed & plane::kMayExecute) bits |= kAccessExecute;
    return bits;
  }
  if (allowed & plane::kMayExecute) bits |= kAccessLookup;
  // Names are changed in a directory only by whom may search it, too.
  constexpr uint32_t kChange = plane::kMayWrite | plane::kMayExecute;
  if ((allowed & kChange) == kChange) bits |= kAccessModify | kAccessExtend | kAccessDelete;
  return bits;
}

}  // namespace

Task<Status> access(Compound& compound) {
  const uint32_t wanted = compound.in.u32();
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  uint32_t supported = 0, granted = 0;
  if (compound.at_pseudo_root()) {
    supported = supported_bits(wanted, true, compound.minor) & ~kOfXattrs;
    granted = supported & (kAccessRead | kAccessLookup);
  } else {
    TP_CO_TRY(Place place, compound.here(Status::kServerFault));
    TP_CO_TRY(const plane::FileAttributes file, co_await compound.files().attributes(place.file));
    const bool directory = file.type == meta::InodeType::kDirectory;
    supported = supported_bits(wanted, directory, compound.minor);
    constexpr uint32_t kAll = plane::kMayRead | plane::kMayWrite | plane::kMayExecute;
    TP_CO_TRY(const uint32_t allowed, co_await compound.files().access(std::move(place.caller), place.file, kAll));
    granted = supported & granted_bits(allowed, directory);
  }
  compound.out().u32(supported);
  compound.out().u32(granted);
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
