#include "front/nfs/v4/attributes/encode.h"

#include <fmt/format.h>

#include "plane/tree/snapshots/snapshot_ids.h"

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kHandlesArePersistent = 0;  // FH4_PERSISTENT
constexpr uint32_t kChangeIsMonotonic = 0;     // NFS4_CHANGE_TYPE_IS_MONOTONIC_INCR
constexpr uint32_t kCloneGranularity = 1;

constexpr Bitmap kSupported41 = {Attribute::kSupportedAttrs,
                                 Attribute::kType,
                                 Attribute::kFhExpireType,
                                 Attribute::kChange,
                                 Attribute::kSize,
                                 Attribute::kLinkSupport,
                                 Attribute::kSymlinkSupport,
                                 Attribute::kNamedAttr,
                                 Attribute::kFsid,
                                 Attribute::kUniqueHandles,
                                 Attribute::kLeaseTime,
                                 Attribute::kRdattrError,
                                 Attribute::kAclSupport,
                                 Attribute::kCanSetTime,
                                 Attribute::kCaseInsensitive,
                                 Attribute::kCasePreserving,
                                 Attribute::kChownRestricted,
                                 Attribute::kFileHandle,
                                 Attribute::kFileId,
                                 Attribute::kFilesAvail,
                                 Attribute::kFilesFree,
                                 Attribute::kFilesTotal,
                                 Attribute::kHomogeneous,
                                 Attribute::kMaxFileSize,
                                 Attribute::kMaxLink,
                                 Attribute::kMaxName,
                                 Attribute::kMaxRead,
                                 Attribute::kMaxWrite,
                                 Attribute::kMode,
                                 Attribute::kNoTrunc,
                                 Attribute::kNumLinks,
                                 Attribute::kOwner,
                                 Attribute::kOwnerGroup,
                                 Attribute::kRawDev,
                                 Attribute::kSpaceAvail,
                                 Attribute::kSpaceFree,
                                 Attribute::kSpaceTotal,
                                 Attribute::kSpaceUsed,
                                 Attribute::kTimeAccess,
                                 Attribute::kTimeAccessSet,
                                 Attribute::kTimeCreate,
                                 Attribute::kTimeDelta,
                                 Attribute::kTimeMetadata,
                                 Attribute::kTimeModify,
                                 Attribute::kTimeModifySet,
                                 Attribute::kMountedOnFileId,
                                 Attribute::kFsLayoutTypes,
                                 Attribute::kSuppAttrExclCreat};

constexpr Bitmap with_minor_2(Bitmap bitmap) {
  for (const Attribute more :
       {Attribute::kCloneBlockSize, Attribute::kChangeAttrType, Attribute::kModeUmask, Attribute::kXattrSupport}) {
    bitmap.set(more);
  }
  return bitmap;
}
constexpr Bitmap kSupported42 = with_minor_2(kSupported41);

void write_time(wire::XdrWriter& out, rt::Nanos time) {
  int64_t seconds = time / rt::kSecond;
  int64_t rest = time % rt::kSecond;
  if (rest < 0) {
    rest += rt::kSecond;
    --seconds;
  }
  out.i64(seconds);
  out.u32(static_cast<uint32_t>(rest));
}

/// Writes values in the order of their numbers: each call handles one number.
class Values {
 public:
  Values(wire::XdrWriter& out, const AttributeSource& source) : out_(out), source_(source), file_(source.file) {}

  void write(Attribute attribute) {
    if (write_of_file(attribute) || write_of_filesystem(attribute)) return;
    write_of_server(attribute);
  }

 private:
  bool write_of_file(Attribute attribute) {
    switch (attribute) {
      case Attribute::kType:
        out_.u32(static_cast<uint32_t>(file_type(file_.type)));
        return true;
      case Attribute::kChange:
        out_.i64(file_.changed);
        return true;
      case Attribute::kSize:
        out_.u64(file_.size_bytes);
        return true;
      case Attribute::kRdattrError:
        out_.u32(static_cast<uint32_t>(source_.read_error));
        return true;
      case Attribute::kFileHandle:
        out_.opaque(source_.core.handles.encode(source_.target));
        return true;
      case Attribute::kFileId:
        out_.u64(fileid());
        return true;
      case Attribute::kMode:
        out_.u32(file_.mode & 07777);
        return true;
      case Attribute::kNumLinks:
        out_.u32(file_.links);
        return true;
      case Attribute::kOwner:
        out_.opaque(fmt::to_string(file_.uid));
        return true;
      case Attribute::kOwnerGroup:
        out_.opaque(fmt::to_string(file_.gid));
        return true;
      case Attribute::kRawDev:
        out_.u32(static_cast<uint32_t>(file_.device >> 32));
        out_.u32(static_cast<uint32_t>(file_.device));
        return true;
      case Attribute::kSpaceUsed:
        out_.u64(file_.space_bytes);
        return true;
      case Attribute::kTimeAccess:
        write_time(out_, file_.accessed);
        return true;
      case Attribute::kTimeCreate:
        write_time(out_, file_.created);
        return true;
      case Attribute::kTimeMetadata:
        write_time(out_, file_.changed);
        return true;
      case Attribute::kTimeModify:
        write_time(out_, file_.modified);
        return true;
      case Attribute::kMountedOnFileId:
        out_.u64(source_.mounted_on_fileid != 0 ? source_.mounted_on_fileid : fileid());
        return true;
      default: return false;
    }
  }
  bool write_of_filesystem(Attribute attribute) {
    switch (attribute) {
      case Attribute::kFsid:
        out_.u64(source_.target.pseudo_root ? 0 : plane::shown_file_system(file_.file));
        out_.u64(0);
        return true;
      case Attribute::kFilesAvail:
      case Attribute::kFilesFree:
        out_.u64(source_.space.free_files);
        return true;
      case Attribute::kFilesTotal:
        out_.u64(source_.space.total_files);
        return true;
      case Attribute::kSpaceAvail:
        out_.u64(source_.space.available_bytes);
        return true;
      case Attribute::kSpaceFree:
        out_.u64(source_.space.free_bytes);
        return true;
      case Attribute::kSpaceTotal:
        out_.u64(source_.space.total_bytes);
        return true;
      case Attribute::kLinkSupport:
      case Attribute::kSymlinkSupport:
      case Attribute::kXattrSupport:
        out_.boolean(!source_.target.pseudo_root);
        return true;
      case Attribute::kUniqueHandles:
      case Attribute::kCanSetTime:
      case Attribute::kCasePreserving:
      case Attribute::kChownRestricted:
      case Attribute::kHomogeneous:
      case Attribute::kNoTrunc:
        out_.boolean(true);
        return true;
      case Attribute::kNamedAttr:
      case Attribute::kCaseInsensitive:
        out_.boolean(false);
        return true;
      case Attribute::kMaxFileSize:
        out_.u64(plane::kMaxFileBytes);
        return true;
      case Attribute::kMaxLink:
        out_.u32(plane::kMaxLinks);
        return true;
      case Attribute::kMaxName:
        out_.u32(plane::kMaxNameBytes);
        return true;
      case Attribute::kMaxRead:
      case Attribute::kMaxWrite:
        out_.u64(kMaxIoBytes);
        return true;
      default: return false;
    }
  }
  void write_of_server(Attribute attribute) {
    switch (attribute) {
      case Attribute::kSupportedAttrs:
        supported_attributes(source_.minor).write(out_);
        break;
      case Attribute::kSuppAttrExclCreat:
        (kSettableAttributes & supported_attributes(source_.minor)).write(out_);
        break;
      case Attribute::kFhExpireType:
        out_.u32(kHandlesArePersistent);
        break;
      case Attribute::kLeaseTime:
        out_.u32(static_cast<uint32_t>((source_.core.options.lease + rt::kSecond - 1) / rt::kSecond));
        break;
      case Attribute::kAclSupport:
        out_.u32(0);
        break;
      case Attribute::kTimeDelta:
        write_time(out_, 1);
        break;
      case Attribute::kFsLayoutTypes:
        out_.u32(0);
        break;
      case Attribute::kCloneBlockSize:
        out_.u32(kCloneGranularity);
        break;
      case Attribute::kChangeAttrType:
        out_.u32(kChangeIsMonotonic);
        break;
      default: break;
    }
  }
  uint64_t fileid() const {
    return source_.target.pseudo_root ? kPseudoRootFileId : plane::shown_file_number(file_.file);
  }

  wire::XdrWriter& out_;
  const AttributeSource& source_;
  const plane::FileAttributes& file_;
};

}  // namespace

const Bitmap& supported_attributes(uint32_t minor) {
  return minor < 2 ? kSupported41 : kSupported42;
}

FileType file_type(meta::InodeType type) {
  switch (type) {
    case meta::InodeType::kFile: return FileType::kReg;
    case meta::InodeType::kDirectory: return FileType::kDir;
    case meta::InodeType::kSymlink: return FileType::kLnk;
    case meta::InodeType::kFifo: return FileType::kFifo;
    case meta::InodeType::kSocket: return FileType::kSock;
    case meta::InodeType::kCharacterDevice: return FileType::kChr;
    case meta::InodeType::kBlockDevice: return FileType::kBlk;
  }
  return FileType::kReg;
}

void encode_attributes(wire::XdrWriter& out, const Bitmap& wanted, const AttributeSource& source) {
  Bitmap given = (wanted & supported_attributes(source.minor)).without(kWriteOnlyAttributes);
  if (source.read_error != Status::kOk) given = given & kErrorAttributes;
  given.write(out);
  const size_t length = out.reserve_u32();
  const size_t start = out.size();
  Values values(out, source);
  for (unsigned bit = 0; bit < Bitmap::kWords * 32; ++bit) {
    const auto attribute = static_cast<Attribute>(bit);
    if (given.has(attribute)) values.write(attribute);
  }
  out.set_u32(length, static_cast<uint32_t>(out.size() - start));
}

Status check_readable(const Bitmap& wanted) {
  return (wanted & kWriteOnlyAttributes).empty() ? Status::kOk : Status::kInval;
}

}  // namespace tp::nfs::v4
