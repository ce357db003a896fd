#include "front/nfs_rig.h"

#include <cstring>

#include "wire/fuzz_input.h"
#include "wire/xdr/rpc_message.h"

namespace tp::fuzz {

namespace {

constexpr uint32_t kV3 = 3, kV4 = 4;
constexpr uint32_t kLookupRoot = 1;  // MOUNTPROC3_MNT
constexpr uint32_t kCreate = 8, kMakeDirectory = 9, kMakeLink = 10, kRemove = 12, kCompound = 1;
constexpr uint32_t kOpPutFh = 22, kOpOpen = 18, kOpPutRootFh = 24, kOpGetFh = 10;
constexpr uint32_t kOpExchangeId = 42, kOpCreateSession = 43, kOpSequence = 53, kOpReclaimComplete = 58;
constexpr uint32_t kForgedFrom = 0xc0;  // a first byte from here on is left as it is
constexpr size_t kMostReplyBytes = (1 << 20) + (256 << 10);
constexpr BytesView kStateMark = "STID";

Bytes call_record(uint32_t program, uint32_t version, uint32_t procedure, BytesView arguments) {
  wire::XdrWriter out;
  for (const uint32_t word : {7u, 0u, 2u, program, version, procedure, 1u}) out.u32(word);
  wire::XdrWriter credential;
  credential.u32(1);
  credential.opaque("fuzz");
  for (const uint32_t word : {0u, 0u, 0u}) credential.u32(word);  // root, no groups
  out.opaque(credential.view());
  out.u32(0);
  out.u32(0);
  out.raw(arguments);
  return out.take();
}

void write_no_settings(wire::XdrWriter& out) {
  for (int i = 0; i < 6; ++i) out.u32(0);
}

void start_compound(wire::XdrWriter& out, uint32_t operations) {
  out.opaque("");
  out.u32(1);
  out.u32(operations);
}

/// The results behind a COMPOUND's own head, whose status must be NFS4_OK.
wire::XdrReader compound_results(BytesView reply) {
  wire::XdrReader in(reply);
  require(in.u32() == 0);
  in.opaque(SIZE_MAX);
  in.u32();
  require(in.good());
  return in;
}

Task<void> ask(net::RpcHandler* front, net::RpcCall call, net::RpcReply* reply) {
  co_return co_await front->handle(std::move(call), reply);
}

Task<void> tell_closed(net::RpcHandler* front, net::RpcPeer* peer) {
  front->on_closed(*peer);
  co_return ok;
}

}  // namespace

NfsRig::NfsRig() : peer_(std::make_shared<net::RpcPeer>()) {
  require(store_.open().has_value());
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  require(store_.run(store_.plane().create_volume(root, "volume", {})).has_value());
  plane::VolumeChange change;
  change.exports.squash = meta::Squash::kNone;
  require(store_.run(store_.plane().set_volume(root, "volume", std::move(change))).has_value());
  nfs::NfsOptions options;
  options.plane = &store_.plane();
  options.runtime = &store_.runtime();
  options.grace = 0;
  auto front = store_.run(nfs::NfsFront::open(std::move(options)));
  require(front.has_value());
  front_ = std::move(*front);
  peer_->connection = 1;
  peer_->address = "127.0.0.1:1023";
  peer_->host = "127.0.0.1";
  make_files();
  make_session();
  open_file();
}

NfsRig::~NfsRig() {
  require(store_.run(tell_closed(front_.get(), peer_.get())).has_value());
  require(store_.run(front_->stop()).has_value());
  front_.reset();
}

Result<Bytes> NfsRig::exchange(Bytes record) {
  auto owner = std::make_shared<ExactCopy>(record);
  wire::XdrReader in(owner->view());
  TP_TRY(auto head, wire::read_rpc_call(in));
  const uint32_t xid = head.xid;
  net::RpcCall call{std::move(head), in.rest(), owner, peer_};
  net::RpcReply reply;
  const auto handled = store_.run(ask(front_.get(), std::move(call), &reply));
  require(handled.has_value());
  if (reply.drop) return fail(Code::kClosed, "dropped");
  const size_t size = reply.size();
  Bytes whole;
  for (const net::RpcReply::Piece& piece : reply.take()) {
    whole += piece.bytes;
    whole += piece.region.bytes;
  }
  require(whole.size() == size && size % 4 == 0 && size >= 16 && size <= kMostReplyBytes);
  require(get_be<uint32_t>(whole.data()) == xid && get_be<uint32_t>(whole.data() + 4) == 1);
  require(get_be<uint32_t>(whole.data() + 8) <= 1);
  return whole;
}

Bytes NfsRig::results_of(uint32_t program, uint32_t version, uint32_t procedure, BytesView arguments) {
  const auto reply = exchange(call_record(program, version, procedure, arguments));
  require(reply.has_value());
  require(reply->size() > 24 && get_be<uint32_t>(reply->data() + 20) == 0);
  return reply->substr(24);
}

// Of a procedure that makes something: its handle is the first of its results.
Bytes NfsRig::handle_from(uint32_t procedure, BytesView arguments) {
  const Bytes results = results_of(nfs::kNfsProgram, kV3, procedure, arguments);
  wire::XdrReader in(results);
  require(in.u32() == 0 && in.boolean());
  const Bytes handle(in.opaque(64));
  require(in.good() && !handle.empty());
  return handle;
}

void NfsRig::make_files() {
  wire::XdrWriter mount;
  mount.opaque("/volume");
  const Bytes mounted = results_of(nfs::kMountProgram, 3, kLookupRoot, mount.view());
  wire::XdrReader in(mounted);
  require(in.u32() == 0);
  const Bytes root(in.opaque(64));
  require(in.good());
  const auto place = [&](BytesView name) {
    wire::XdrWriter out;
    out.opaque(root);
    out.opaque(name);
    return out;
  };
  wire::XdrWriter file = place("file");
  file.u32(0);  // UNCHECKED
  write_no_settings(file);
  wire::XdrWriter gone = place("gone");
  gone.raw(file.view().substr(place("file").size()));
  wire::XdrWriter directory = place("directory");
  write_no_settings(directory);
  wire::XdrWriter link = place("link");
  write_no_settings(link);
  link.opaque("file");
  handles_ = {root, handle_from(kCreate, file.view()), handle_from(kMakeDirectory, directory.view()),
              handle_from(kMakeLink, link.view()), handle_from(kCreate, gone.view())};
  results_of(nfs::kNfsProgram, kV3, kRemove, place("gone").view());
}

void NfsRig::make_session() {
  wire::XdrWriter id;
  start_compound(id, 1);
  id.u32(kOpExchangeId);
  id.u64(0x1122334455667788);
  id.opaque("fuzz client");
  for (const uint32_t word : {0u, 0u, 0u}) id.u32(word);  // flags, SP4_NONE, no implementation id
  const Bytes known = results_of(nfs::kNfsProgram, kV4, kCompound, id.view());
  wire::XdrReader in = compound_results(known);
  require(in.u32() == kOpExchangeId && in.u32() == 0);
  client_ = in.u64();
  const uint32_t sequence = in.u32();
  wire::XdrWriter session;
  start_compound(session, 1);
  session.u32(kOpCreateSession);
  session.u64(client_);
  for (const uint32_t word : {sequence, 0u}) session.u32(word);
  for (int channel = 0; channel < 2; ++channel) {
    for (const uint32_t word : {0u, 1u << 20, 1u << 20, 4096u, 32u, uint32_t{kSessionSlots}, 0u}) session.u32(word);
  }
  for (const uint32_t word : {0x40000000u, 1u, 0u}) session.u32(word);  // callback program, AUTH_NONE
  const Bytes made = results_of(nfs::kNfsProgram, kV4, kCompound, session.view());
  in = compound_results(made);
  require(in.u32() == kOpCreateSession && in.u32() == 0);
  session_ = Bytes(in.fixed(16));
  require(in.good());
  next_sequence_.fill(1);
  // The handle of the pseudo root, and the client says that it has nothing to reclaim.
  wire::XdrWriter root;
  start_compound(root, 4);
  root.u32(kOpSequence);
  root.fixed(session_);
  for (const uint32_t word : {next_sequence_[0]++, 0u, 0u, 0u}) root.u32(word);
  for (const uint32_t word : {kOpReclaimComplete, 0u, kOpPutRootFh, kOpGetFh}) root.u32(word);
  const Bytes found = results_of(nfs::kNfsProgram, kV4, kCompound, root.view());
  in = compound_results(found);
  in.fixed(8 + 16 + 5 * 4 + 8 + 8 + 8);  // SEQUENCE with its results, RECLAIM_COMPLETE, PUTROOTFH, GETFH's own head
  handles_.emplace_back(in.opaque(128));
  require(in.good() && !handles_.back().empty());
}

void NfsRig::open_file() {
  wire::XdrWriter open;
  start_compound(open, 3);
  open.u32(kOpSequence);
  open.fixed(session_);
  for (const uint32_t word : {next_sequence_[0]++, 0u, 0u, 0u}) open.u32(word);
  open.u32(kOpPutFh);
  open.opaque(handles_[0]);
  open.u32(kOpOpen);
  for (const uint32_t word : {0u, 3u, 0u}) open.u32(word);  // for reading and writing, nothing denied
  open.u64(client_);
  open.opaque("owner");
  for (const uint32_t word : {0u, 0u}) open.u32(word);  // do not create, by name
  open.opaque("file");
  const Bytes opened = results_of(nfs::kNfsProgram, kV4, kCompound, open.view());
  wire::XdrReader in = compound_results(opened);
  in.fixed(8 + 16 + 5 * 4 + 8 + 8);  // SEQUENCE with its results, PUTFH, OPEN's own head
  open_state_ = Bytes(in.fixed(16));
  require(in.good());
}

// An opaque of a handle's size becomes a handle, what follows SEQUENCE's number the session, a mark the open state,
// unless the input wants to forge them.
void NfsRig::patch(Bytes& record) {
  patched_slot_ = kSessionSlots;
  for (size_t at = 0; at + 20 <= record.size(); at += 4) {
    char* place = record.data() + at;
    const auto word = get_be<uint32_t>(place);
    const auto next = static_cast<uint8_t>(place[4]);
    const bool forged = next >= kForgedFrom;
    if (word == nfs::HandleCodec::kHandleBytes && !forged && at + 4 + word <= record.size()) {
      std::memcpy(place + 4, handles_[next % handles_.size()].data(), word);
    } else if (word == kOpSequence && !forged && patched_slot_ == kSessionSlots && at + 4 + 32 <= record.size()) {
      patch_sequence(place + 4);
    } else if (BytesView(place, 4) == kStateMark) {
      std::memcpy(place, open_state_.data(), open_state_.size());
    } else if (word == kOpCreateSession && !forged) {
      put_be(place + 4, client_);
    }
  }
}

void NfsRig::patch_sequence(char* session) {
  std::memcpy(session, session_.data(), session_.size());
  char* number = session + 16;
  const auto slot = get_be<uint32_t>(session + 20);
  if (static_cast<uint8_t>(*number) >= kForgedFrom || slot >= kSessionSlots) return;
  put_be(number, next_sequence_[slot]);
  patched_slot_ = slot;
}

// A slot whose request was taken goes on by one, whatever came of the rest of it.
void NfsRig::note_sequence(BytesView reply) {
  if (patched_slot_ == kSessionSlots) return;
  wire::XdrReader in(reply);
  in.u32();
  for (const uint32_t word : {1u, 0u, 0u, 0u, 0u}) {
    if (in.u32() != word) return;  // not accepted
  }
  in.u32();
  in.opaque(SIZE_MAX);
  if (in.u32() == 0 || in.u32() != kOpSequence || in.u32() != 0 || !in.good()) return;
  ++next_sequence_[patched_slot_];
}

bool NfsRig::answer(Bytes record) {
  patch(record);
  const auto reply = exchange(std::move(record));
  if (!reply) return false;
  note_sequence(*reply);
  return true;
}

void NfsRig::check_store() {
  require(store_.tidy_up().has_value());
  plane::CheckOptions options;
  const auto report = store_.run(store_.plane().check(std::move(options)));
  require(report.has_value());
  for (const plane::CheckFinding& finding : report->findings) {
    std::fprintf(stderr, "check: %s | %s | %s\n", finding.kind.c_str(), finding.where.c_str(), finding.detail.c_str());
  }
  require(report->clean());
}

}  // namespace tp::fuzz
