// READDIR: RFC 8881 §18.23.
#include <algorithm>

#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

constexpr uint64_t kLastReservedCookie = 2;
/// Verifier, the flag behind the last entry, the end.
constexpr size_t kFixedBytes = kVerifierBytes + 4 + 4;
constexpr uint32_t kMostEntries = 1024;
/// What an entry takes at least, with a short name: as many as may fit are asked of the plane.
constexpr uint32_t kEntryBytes = 32, kEntryBytesWithAttributes = 128;

/// What every entry has without a look at its inode.
constexpr Bitmap kFreeAttributes = {Attribute::kSupportedAttrs, Attribute::kType,          Attribute::kFhExpireType,
                                    Attribute::kFsid,           Attribute::kRdattrError,   Attribute::kFileHandle,
                                    Attribute::kFileId,         Attribute::kUniqueHandles, Attribute::kLeaseTime,
                                    Attribute::kMountedOnFileId};

struct Arguments {
  uint64_t cookie = 0;
  BytesView verifier;
  uint32_t max_bytes = 0;
  Bitmap wanted;
};

/// Entries up to a number of bytes.
class EntryWriter {
 public:
  EntryWriter(Compound& compound, const Arguments& args, size_t limit)
      : compound_(compound), args_(args), limit_(limit) {
    compound.out().u64(0);  // cookies are good as long as the directory is: no verifier
    start_ = compound.out().size() - kVerifierBytes;
  }
  /// False if it does not fit: nothing is written then.
  bool add(const Bytes& name, uint64_t cookie, const AttributeSource& source) {
    wire::XdrWriter& out = compound_.out();
    const size_t before = out.size();
    out.boolean(true);
    out.u64(cookie);
    out.opaque(name);
    encode_attributes(out, args_.wanted, source);
    if (out.size() - start_ + 2 * 4 <= limit_) {
      ++entries_;
      return true;
    }
    out.truncate(before);
    return false;
  }
  /// kTooSmall if there was something and none of it fit.
  Status finish(bool end) {
    if (entries_ == 0 && !end) return Status::kTooSmall;
    compound_.out().boolean(false);
    compound_.out().boolean(end);
    return Status::kOk;
  }

 private:
  Compound& compound_;
  const Arguments& args_;
  size_t limit_;
  size_t start_ = 0;
  size_t entries_ = 0;
};

Task<Status> read_pseudo_root(Compound& compound, Arguments args, size_t limit) {
  EntryWriter writer(compound, args, limit);
  const auto entries = compound.pseudo_root.list(compound.claimed, args.cookie);
  for (const PseudoRoot::Entry& entry : entries) {
    // A volume that has gone since then is left out.
    const HandleTarget target{.file = entry.root};
    const auto source = co_await compound.attribute_source(target, args.wanted);
    if (source && !writer.add(entry.name, entry.cookie, *source)) co_return writer.finish(false);
  }
  co_return writer.finish(true);
}

Task<Status> read_volume(Compound& compound, Arguments args, size_t limit) {
  TP_CO_TRY(Place place, compound.here(Status::kServerFault));
  const bool with_attributes = !args.wanted.without(kFreeAttributes).empty();
  const auto fitting = static_cast<uint32_t>(limit / (with_attributes ? kEntryBytesWithAttributes : kEntryBytes));
  TP_CO_TRY(const plane::DirectoryPage page,
            co_await compound.files().read_directory(std::move(place.caller), place.file, args.cookie,
                                                     std::clamp<uint32_t>(fitting, 1, kMostEntries), with_attributes));
  plane::SpaceStatus space;
  if (!(args.wanted & kSpaceAttributes).empty()) {
    TP_CO_TRY(space, co_await compound.files().space(place.file));
  }
  EntryWriter writer(compound, args, limit);
  for (const plane::DirectoryEntry& entry : page.entries) {
    // No entry is a volume's root.
    const AttributeSource source{.core = compound.core,
                                 .minor = compound.minor,
                                 .target = {.file = entry.attributes.file},
                                 .file = entry.attributes,
                                 .space = space};
    if (!writer.add(entry.name, entry.cookie, source)) co_return writer.finish(false);
  }
  co_return writer.finish(page.end);
}

}  // namespace

Task<Status> read_dir(Compound& compound) {
  wire::XdrReader& in = compound.in;
  Arguments args;
  args.cookie = in.u64();
  args.verifier = in.fixed(kVerifierBytes);
  in.u32();  // dircount: a hint
  args.max_bytes = in.u32();
  args.wanted = Bitmap::read(in);
  if (!in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (args.cookie != 0 && args.cookie <= kLastReservedCookie) co_return Status::kBadCookie;
  if (args.verifier != BytesView("\0\0\0\0\0\0\0\0", kVerifierBytes)) co_return Status::kNotSame;
  if (check_readable(args.wanted) != Status::kOk) co_return Status::kInval;
  // The rest of the reply keeps some room for what follows.
  constexpr uint64_t kOthersBytes = 1024;
  const uint64_t used = compound.reply.size() + kOthersBytes;
  const uint64_t left = compound.reply_limit_bytes > used ? compound.reply_limit_bytes - used : 0;
  const size_t limit = std::min<uint64_t>({args.max_bytes, left, kMaxIoBytes});
  if (limit < kFixedBytes) co_return args.max_bytes < kFixedBytes ? Status::kTooSmall : compound.too_big();
  if (compound.at_pseudo_root()) co_return co_await read_pseudo_root(compound, args, limit);
  co_return co_await read_volume(compound, args, limit);
}

}  // namespace tp::nfs::v4::ops
