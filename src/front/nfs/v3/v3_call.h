// V3Call: an NFSv3 call under way: its arguments, its results, who asks, and what most procedures do with them. Lives
// in the frame that serves the call. Types: RFC 1813 §2.5, §2.6.
#pragma once

#include <optional>

#include "front/nfs/core/nfs_front.h"
#include "front/nfs/core/nfs_status3.h"

namespace tp::nfs::v3 {

inline constexpr size_t kMaxHandleBytes = 64;
inline constexpr size_t kMaxPathBytes = 4095;  // of a symbolic link

/// diropargs3. Views into the call's arguments.
struct DirectoryArgument {
  BytesView directory, name;
};
/// A file that a handle led to, and who asks, as its volume takes him.
struct Target {
  plane::FileId file;
  plane::FileCaller caller;
};

class V3Call {
 public:
  V3Call(NfsCore& core, net::RpcCall call, net::RpcReply& reply)
      : core_(core), call_(std::move(call)), reply_(reply), in_(call_.arguments) {}
  V3Call(const V3Call&) = delete;

  plane::Files& files() { return core_.files; }
  const HandleCodec& handles() const { return core_.handles; }
  const net::RpcCall& rpc() const { return call_; }
  net::RpcReply& reply() { return reply_; }

  // Arguments.
  wire::XdrReader& in() { return in_; }
  BytesView read_handle() { return in_.opaque(kMaxHandleBytes); }
  /// Of any length: check_name() judges it.
  BytesView read_string() { return in_.opaque(call_.arguments.size()); }
  DirectoryArgument read_directory_argument();
  /// sattr3. Times out of range make the reader bad.
  plane::SetAttributes read_set_attributes();
  /// nfstime3.
  rt::Nanos read_time();

  // Whom it is about.
  /// NFS3ERR_BADHANDLE, and what Files::admit() says.
  Result<Target> target(BytesView handle) const;

  // Results.
  wire::XdrWriter& out() { return reply_.xdr(); }
  void write_status(Status3 status) { out().u32(static_cast<uint32_t>(status)); }
  /// The status of `result`, which is logged if it is the server's own failure.
  template <class T>
  void write_status_of(const Result<T>& result) {
    if (result) {
      write_status(Status3::kOk);
    } else {
      write_error(result.error());
    }
  }
  void write_handle(plane::FileId file) { out().opaque(core_.handles.encode({.file = file})); }
  void write_attributes(const plane::FileAttributes& attributes);           // fattr3
  void write_present_attributes(const plane::FileAttributes& attributes);   // post_op_attr
  void write_no_attributes() { out().boolean(false); }
  void write_present_handle(plane::FileId file);                            // post_op_fh3
  void write_change(const plane::FileChange& change);                       // wcc_data
  /// post_op_attr of what `handle` leads to now; none where that cannot be said to the caller.
  Task<void> write_attributes_now(BytesView handle);
  /// wcc_data of `changed`, or, where nothing was changed, the attributes of what `handle` leads to.
  Task<void> write_change_or_now(const Result<plane::FileChange>& changed, BytesView handle);

 private:
  void write_error(const Error& error);
  void write_time(rt::Nanos time);

  NfsCore& core_;
  net::RpcCall call_;
  net::RpcReply& reply_;
  wire::XdrReader in_;
};

/// A name that is to be looked up, made or removed: NFS3ERR_NAMETOOLONG, NFS3ERR_INVAL if it is empty.
Result<void> check_name(BytesView name);
inline bool is_dot_name(BytesView name) { return name == "." || name == ".."; }

}  // namespace tp::nfs::v3
