#include "unit/nfs/nfs_rig.h"

#include "base/check.h"
#include "rt/task_group.h"

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

net::RpcCall NfsRig::make_call(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments,
                               const Who& who) {
  net::RpcCall call;
  const auto owner = std::make_shared<const Bytes>(std::move(arguments));
  call.arguments = *owner;
  call.owner = owner;
  call.head.xid = who.xid ? *who.xid : ++last_xid_;
  call.head.program = program;
  call.head.version = version;
  call.head.procedure = procedure;
  if (who.uid) {
    call.head.flavor = wire::RpcFlavor::kSys;
    call.head.sys = wire::AuthSys{.stamp = 0, .machine = "rig", .uid = *who.uid, .gid = who.gid, .groups = {}};
  }
  call.peer = std::make_shared<net::RpcPeer>();
  call.peer->host = who.host;
  call.peer->address = who.host + ":" + who.port;
  return call;
}

RpcAnswer NfsRig::call(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments, const Who& who) {
  return handle(make_call(program, version, procedure, std::move(arguments), who));
}

std::pair<RpcAnswer, RpcAnswer> NfsRig::call_twice(uint32_t program, uint32_t version, uint32_t procedure,
                                                   Bytes arguments, const Who& who) {
  net::RpcReply one, two;
  auto first = front_->handle(make_call(program, version, procedure, arguments, who), &one);
  auto second = front_->handle(make_call(program, version, procedure, arguments, who), &two);
  const auto both = [](Task<void> left, Task<void> right) -> Task<void> {
    rt::TaskGroup group;
    group.spawn(std::move(left));
    group.spawn(std::move(right));
    co_await group.join();
    co_return ok;
  };
  TP_CHECK(store_.run(both(std::move(first), std::move(second))).has_value());
  return {take_apart(one), take_apart(two)};
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
  call.peer->address = "127.0.0.1:" + std::to_string(++last_xid_);  // nobody's retry
  return handle(std::move(call));
}

}  // namespace tp::test
