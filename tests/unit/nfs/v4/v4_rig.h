// V4Rig: an NFS front over a plane in memory, called without a socket: COMPOUNDs in, their results out. Owner: a test.
#pragma once

#include "front/nfs/core/nfs_front.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"
#include "unit/nfs/v4/v4_ops.h"

namespace tp::nfs::v4 {

inline constexpr uint32_t kUser = 1000;

class V4Rig {
 public:
  explicit V4Rig(rt::Nanos grace = 60 * rt::kSecond) : grace_(grace) {
    EXPECT_TRUE(plane_.open());
    add_volume(kVolume);
    open_front();
  }
  ~V4Rig() { close_front(); }

  /// Open to everybody as they are.
  void add_volume(const std::string& name) {
    EXPECT_TRUE(plane_.run(plane_.plane().create_volume(test::operator_caller(), name, {})));
    plane::VolumeChange change;
    change.exports.squash = meta::Squash::kNone;
    EXPECT_TRUE(plane_.run(plane_.plane().set_volume(test::operator_caller(), name, std::move(change))));
  }
  void open_front() {
    NfsOptions options;
    options.plane = &plane_.plane();
    options.runtime = &plane_.runtime();
    options.lease = 10 * rt::kSecond;
    options.grace = grace_;
    auto front = plane_.run(NfsFront::open(options));
    ASSERT_TRUE(front) << front.error().to_string();
    front_ = *std::move(front);
  }
  void close_front() {
    if (front_) (void)plane_.run(front_->stop());
    front_.reset();
  }
  /// The server goes without a word and comes back.
  void restart() {
    close_front();
    plane_.close();
    ASSERT_TRUE(plane_.open());
    open_front();
  }

  V4Reply call(Bytes arguments, std::optional<uint32_t> uid = 0, const char* host = "127.0.0.1") {
    net::RpcCall call;
    auto owner = std::make_shared<const Bytes>(std::move(arguments));
    call.arguments = *owner;
    call.owner = owner;
    call.head.xid = 7;
    call.head.program = kNfsProgram;
    call.head.version = 4;
    call.head.procedure = 1;
    if (uid) {
      call.head.flavor = wire::RpcFlavor::kSys;
      call.head.sys = wire::AuthSys{.stamp = 0, .machine = "m", .uid = *uid, .gid = *uid, .groups = {}};
    }
    call.peer = std::make_shared<net::RpcPeer>();
    call.peer->host = host;
    net::RpcReply reply;
    EXPECT_TRUE(plane_.run(front_->handle(std::move(call), &reply)));
    return parse(reply);
  }

  test::MemoryPlane& stack() { return plane_; }
  plane::Plane& plane() { return plane_.plane(); }
  NfsFront& front() { return *front_; }
  template <class T>
  Result<T> run(Task<T> task) {
    return plane_.run(std::move(task));
  }

 private:
  static V4Reply parse(net::RpcReply& reply) {
    Bytes bytes;
    for (const auto& piece : reply.take()) {
      bytes += piece.bytes;
      bytes += piece.region.bytes;
    }
    constexpr size_t kHeadBytes = 24;
    EXPECT_EQ(bytes.size() % 4, 0u);
    EXPECT_GE(bytes.size(), kHeadBytes);
    const bool answered = get_be<uint32_t>(bytes.data() + kHeadBytes - 4) == 0;
    return {answered, bytes.substr(kHeadBytes)};
  }

  rt::Nanos grace_;
  test::MemoryPlane plane_;
  std::unique_ptr<NfsFront> front_;
};

}  // namespace tp::nfs::v4
