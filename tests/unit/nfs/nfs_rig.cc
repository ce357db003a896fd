#include "unit/nfs/nfs_rig.h"

#include "base/check.h"

namespace tp::test {

namespace {

RpcAnswer take_apart(net::RpcReply& reply) {
  RpcAnswer answer;
  Bytes bytes;
  for (const auto& piece : reply.take()) {
    bytes += piece.bytes;
    bytes += piece.region.bytes;
  }
  if (bytes.empty() || reply.drop) return answer;
  wire::XdrReader in(bytes);
  in.u32();                         // xid
  TP_CHECK(in.u32() == 1);          // REPLY
  answer.answered = true;
  answer.denied = in.u32() == 1;
  if (!answer.denied) {
    in.u32();                       // verifier
    in.opaque(400);
  }
  answer.status = in.u32();
  TP_CHECK(in.good());
  answer.results = in.rest();
  return answer;
}

}  // namespace

NfsRig::NfsRig() {
  TP_CHECK(store_.open().has_value());
  add_volume(kVolume);
  open_front();
}

NfsRig::~NfsRig() { close_front(); }

void NfsRig::open_front() {
  nfs::NfsOptions options;
  options.plane = &store_.plane();
  options.runtime = &store_.runtime();
  auto opened = store_.run(nfs::NfsFront::open(options));
  TP_CHECK(opened.has_value());
  front_ = *std::move(opened);
}

void NfsRig::close_front() {
  if (front_) (void)store_.run(front_->stop());
  front_.reset();
}

void NfsRig::restart() {
  close_front();
  store_.close();
  TP_CHECK(store_.open().has_value());
  open_front();
}

void NfsRig::add_volume(const std::string& name) {
  TP_CHECK(store_.run(store_.plane().create_volume(operator_caller(), name, {})).has_value());
  plane::ExportChange exports;
  exports.squash = meta::Squash::kNone;
  set_exports(name, std::move(exports));
}

void NfsRig::set_exports(const std::string& name, plane::ExportChange exports) {
  plane::VolumeChange change;
  change.exports = std::move(exports);
  TP_CHECK(store_.run(store_.plane().set_volume(operator_caller(), name, std::move(change))).has_value());
}

RpcAnswer NfsRig::handle(net::RpcCall call) {
  net::RpcReply reply;
  const auto handled = store_.run(front_->handle(std::move(call), &reply));
  if (!handled) return {};
  return take_apart(reply);
}

RpcAnswer NfsRig::call(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments, const Who& who) {
  net::RpcCall call;
  const auto owner = std::make_shared<const Bytes>(std::move(arguments));
  call.arguments = *owner;
  call.owner = owner;
  call.head.xid = 7;
  call.head.program = program;
  call.head.version = version;
  call.head.procedure = procedure;
  if (who.uid) {
    call.head.flavor = wire::RpcFlavor::kSys;
    call.head.sys = wire::AuthSys{.stamp = 0, .machine = "rig", .uid = *who.uid, .gid = who.gid, .groups = {}};
  }
  call.peer = std::make_shared<net::RpcPeer>();
  call.peer->host = who.host;
  return handle(std::move(call));
}

RpcAnswer NfsRig::record(Bytes bytes) {
  net::RpcCall call;
  const auto owner = std::make_shared<const Bytes>(std::move(bytes));
  wire::XdrReader in(*owner);
  auto head = wire::read_rpc_call(in);
  if (!head) return {};
  call.head = *std::move(head);
  call.arguments = in.rest();
  call.owner = owner;
  call.peer = std::make_shared<net::RpcPeer>();
  call.peer->host = "127.0.0.1";
  return handle(std::move(call));
}

}  // namespace tp::test
