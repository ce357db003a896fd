// V3Client: NFSv3 calls of one user made by hand, and what comes back taken apart. Owner: a test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "front/nfs/core/nfs_status3.h"
#include "unit/nfs/nfs_rig.h"

namespace tp::nfs::v3 {

enum class Proc : uint32_t {
  kNull, kGetAttr, kSetAttr, kLookup, kAccess, kReadLink, kRead, kWrite, kCreate, kMkdir, kSymlink, kMknod,
  kRemove, kRmdir, kRename, kLink, kReadDir, kReadDirPlus, kFsStat, kFsInfo, kPathConf, kCommit,
};

/// XDR of arguments, one after another.
class Args {
 public:
  Args& u32(uint32_t value) { return out_.u32(value), *this; }
  Args& u64(uint64_t value) { return out_.u64(value), *this; }
  Args& bytes(BytesView value) { return out_.opaque(value), *this; }
  Args& at(BytesView handle, BytesView name) { return bytes(handle).bytes(name); }
  /// sattr3 with a mode or nothing.
  Args& set(std::optional<uint32_t> mode = {}) {
    if (mode) {
      u32(1).u32(*mode);
    } else {
      u32(0);
    }
    return u32(0).u32(0).u32(0).u32(0).u32(0);
  }
  Args& set_size(uint64_t size) { return u32(0).u32(0).u32(0).u32(1).u64(size).u32(0).u32(0); }
  Bytes done() const { return Bytes(out_.view()); }

 private:
  wire::XdrWriter out_;
};

struct Attributes {
  uint32_t type = 0, mode = 0, links = 0, uid = 0, gid = 0;
  uint64_t size = 0, used = 0, device = 0, fsid = 0, fileid = 0, accessed = 0, modified = 0, changed = 0;
};

class Reply {
 public:
  explicit Reply(test::RpcAnswer answer) : answer_(std::move(answer)), in_(answer_.results) {
    if (rpc_ok()) status = static_cast<Status3>(in_.u32());
  }
  Reply(const Reply&) = delete;
  bool rpc_ok() const { return answer_.answered && !answer_.denied && answer_.status == 0; }
  bool garbage() const { return answer_.answered && !answer_.denied && answer_.status == 4; }
  wire::XdrReader& in() { return in_; }
  bool whole() const { return in_.good() && in_.at_end(); }
  size_t results_bytes() const { return answer_.results.size() - 4; }

  Attributes attributes() {
    Attributes got;
    got.type = in_.u32();
    got.mode = in_.u32();
    got.links = in_.u32();
    got.uid = in_.u32();
    got.gid = in_.u32();
    got.size = in_.u64();
    got.used = in_.u64();
    got.device = in_.u64();
    got.fsid = in_.u64();
    got.fileid = in_.u64();
    got.accessed = in_.u64();
    got.modified = in_.u64();
    got.changed = in_.u64();
    return got;
  }
  std::optional<Attributes> post_attributes() {
    if (!in_.boolean()) return std::nullopt;
    return attributes();
  }
  struct Change {
    std::optional<uint64_t> size_before, changed_before;
    std::optional<Attributes> after;
  };
  Change change() {
    Change got;
    if (in_.boolean()) {
      got.size_before = in_.u64();
      in_.u64();
      got.changed_before = in_.u64();
    }
    got.after = post_attributes();
    return got;
  }
  Bytes post_handle() { return in_.boolean() ? Bytes(in_.opaque(64)) : Bytes(); }

  Status3 status = Status3::kServerFault;

 private:
  test::RpcAnswer answer_;
  wire::XdrReader in_;
};

class V3Client {
 public:
  explicit V3Client(test::NfsRig& rig, test::NfsRig::Who who = {}) : rig_(rig), who_(std::move(who)) {
    root_ = mount("/box");
  }
  Bytes mount(BytesView path) {
    const auto answer = rig_.call(kMountProgram, 3, 1, Args().bytes(path).done(), who_);
    wire::XdrReader in(answer.results);
    EXPECT_EQ(in.u32(), 0u);
    return Bytes(in.opaque(64));
  }
  Reply call(Proc procedure, const Args& arguments) { return raw(procedure, arguments.done()); }
  Reply raw(Proc procedure, Bytes arguments) {
    return Reply(rig_.call(kNfsProgram, 3, static_cast<uint32_t>(procedure), std::move(arguments), who_));
  }
  const Bytes& root() const { return root_; }

  Bytes create(BytesView directory, BytesView name) {
    Reply reply = call(Proc::kCreate, Args().at(directory, name).u32(1).set(0644));
    EXPECT_EQ(reply.status, Status3::kOk);
    return reply.post_handle();
  }
  Bytes make_directory(BytesView directory, BytesView name) {
    Reply reply = call(Proc::kMkdir, Args().at(directory, name).set(0755));
    EXPECT_EQ(reply.status, Status3::kOk);
    return reply.post_handle();
  }
  Attributes attributes(BytesView handle) {
    Reply reply = call(Proc::kGetAttr, Args().bytes(handle));
    EXPECT_EQ(reply.status, Status3::kOk);
    const Attributes got = reply.attributes();
    EXPECT_TRUE(reply.whole());
    return got;
  }
  Status3 look_up(BytesView directory, BytesView name, Bytes* handle = nullptr) {
    Reply reply = call(Proc::kLookup, Args().at(directory, name));
    if (reply.status == Status3::kOk) {
      const Bytes found(reply.in().opaque(64));
      if (handle != nullptr) *handle = found;
      EXPECT_TRUE(reply.post_attributes());
    }
    reply.post_attributes();
    EXPECT_TRUE(reply.whole());
    return reply.status;
  }
  /// The status of a call whose error is a wcc_data of a directory whose attributes are known.
  Status3 change_of(Proc procedure, const Args& arguments) {
    Reply reply = call(procedure, arguments);
    const Reply::Change change = reply.change();
    EXPECT_TRUE(change.after);
    EXPECT_EQ(change.changed_before.has_value(), reply.status == Status3::kOk);
    EXPECT_TRUE(reply.whole());
    return reply.status;
  }

 private:
  test::NfsRig& rig_;
  test::NfsRig::Who who_;
  Bytes root_;
};

}  // namespace tp::nfs::v3
