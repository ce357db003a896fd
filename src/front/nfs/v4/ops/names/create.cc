// CREATE: directories, links, devices, fifos, sockets: RFC 8881 §18.4.
#include "front/nfs/v4/attributes/decode.h"
#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4::ops {
namespace {

struct Arguments {
  FileType type = FileType::kReg;
  Bytes target;  // of a link
  uint64_t device = 0;
  Bytes name;
  Status named = Status::kOk;
  SettableAttributes attributes;
};

Arguments read_arguments(Compound& compound) {
  wire::XdrReader& in = compound.in;
  Arguments args;
  args.type = static_cast<FileType>(in.u32());
  if (args.type == FileType::kLnk) {
    args.target.assign(in.opaque(kMaxNameArgument));
  } else if (args.type == FileType::kBlk || args.type == FileType::kChr) {
    const uint64_t major = in.u32();
    args.device = major << 32 | in.u32();
  }
  args.named = read_name(in, &args.name);
  args.attributes = decode_settable(in, compound.minor, true);
  return args;
}

Task<plane::Created> make(Compound& compound, Place place, Arguments args) {
  plane::Files& files = compound.files();
  plane::SetAttributes set = std::move(args.attributes.set);
  switch (args.type) {
    case FileType::kDir:
      co_return co_await files.make_directory(std::move(place.caller), place.file, std::move(args.name),
                                              std::move(set));
    case FileType::kLnk:
      set.mode.reset();  // links have none of their own
      co_return co_await files.make_link(std::move(place.caller), place.file, std::move(args.name),
                                         std::move(args.target), std::move(set));
    case FileType::kBlk:
    case FileType::kChr:
    case FileType::kSock:
    case FileType::kFifo: {
      const meta::InodeType type = args.type == FileType::kBlk    ? meta::InodeType::kBlockDevice
                                   : args.type == FileType::kChr  ? meta::InodeType::kCharacterDevice
                                   : args.type == FileType::kSock ? meta::InodeType::kSocket
                                                                  : meta::InodeType::kFifo;
      co_return co_await files.make_node(std::move(place.caller), place.file, std::move(args.name), type, args.device,
                                         std::move(set));
    }
    case FileType::kReg: break;
  }
  co_return fail4(Status::kBadType);
}

}  // namespace

Task<Status> create(Compound& compound) {
  Arguments args = read_arguments(compound);
  if (!compound.in.good()) co_return Status::kBadXdr;
  if (!compound.current.target) co_return Status::kNoFileHandle;
  if (args.named != Status::kOk) co_return args.named;
  if (args.attributes.status != Status::kOk) co_return args.attributes.status;
  if (args.attributes.set.size_bytes) co_return Status::kInval;
  if (args.type == FileType::kLnk && args.target.empty()) co_return Status::kInval;
  TP_CO_TRY(Place place, compound.here(Status::kRofs));
  const Bitmap bits = args.attributes.bits;
  TP_CO_TRY(const plane::Created made, co_await make(compound, std::move(place), std::move(args)));
  write_change_info(compound.out(), made.directory);
  bits.write(compound.out());
  compound.current.go_to({.file = made.attributes.file});
  co_return Status::kOk;
}

}  // namespace tp::nfs::v4::ops
