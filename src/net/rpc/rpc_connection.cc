#include "net/rpc/rpc_connection.h"

#include <algorithm>

#include "base/check.h"

namespace tp::net {

namespace {

constexpr size_t kDirectBytes = 16 << 10;  // a rest this large is read to where it belongs

constexpr size_t kSmallBytes = 4 << 10;
constexpr rt::Nanos kPressedTimeout = 5 * rt::kSecond;

// "10.0.0.7:871" -> "10.0.0.7", "[::1]:871" -> "::1".
std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

RpcConnection::RpcConnection(RpcLoop& loop, std::unique_ptr<io::Stream> stream, uint64_t number)
    : loop_(loop),
      stream_(std::move(stream)),
      peer_(std::make_shared<RpcPeer>()),
      framing_(loop.options.max_record_bytes, loop.options.fragments_per_record) {
  peer_->connection = number;
  peer_->address = stream_->peer_address();
  peer_->host = host_of(peer_->address);
}

Task<void> RpcConnection::run() {
  last_call_ = rt::Loop::current().turn_time();
  const RpcLoop::Place place = loop_.enter(this);
  if (loop_.stopping) begin_stop();
  writer_.spawn(write_replies(this));
  const Result<void> read = co_await read_calls();
  if (!read && (read.error().code == Code::kMalformed || read.error().code == Code::kTooLarge)) loop_.malformed.add(1);
  // What has been asked is still answered, unless the peer is gone for good.
  if (!read) draining_ = true;
  co_await calls_.join();
  calls_ended_ = true;
  writer_sleep_.wake();
  co_await writer_.join();
  close();
  loop_.budget.give(held_record_bytes_);
  loop_.handler.on_closed(*peer_);
  loop_.leave(place);
  co_return ok;
}

void RpcConnection::begin_stop() {
  draining_ = true;
  reader_sleep_.wake();
  if (calls_in_flight_ == 0) close();
}

void RpcConnection::close() {
  if (closed_) return;
  closed_ = true;
  stream_->close();
  reader_sleep_.wake();
}

void RpcConnection::check_deadlines(rt::Nanos now) {
  const RpcServerOptions& options = loop_.options;
  // Where others wait for memory, a record that dawdles must not keep it.
  const rt::Nanos record_timeout =
      loop_.budget.waited_for() ? std::min(options.record_timeout, kPressedTimeout) : options.record_timeout;
  const bool idle = calls_in_flight_ == 0 && record_since_ == 0 && held_record_bytes_ == 0;
  if ((record_since_ != 0 && now - record_since_ > record_timeout) ||
      (write_since_ != 0 && now - write_since_ > options.record_timeout) ||
      (idle && now - last_call_ > options.idle_timeout)) {
    close();
  }
}

Task<void> RpcConnection::read_calls() {
  while (!finishing()) {
    if (input_.empty() && framing_.want() == RpcFraming::Want::kBytes) {
      if (held_.capacity() > kWaitingBytes) Bytes().swap(held_);
      const bool direct = framing_.rest().size() >= kDirectBytes;
      TP_CO_TRY(const bool more, co_await (direct ? read_rest() : read_input()));
      if (!more || finishing()) co_return ok;
    }
    TP_CO_TRY(const Step step, consume());
    if (step == Step::kNoRoom) TP_CO_TRY_VOID(co_await wait_for_room());
    if (step == Step::kEnd) co_return ok;
  }
  co_return ok;
}

// False at the end of the stream, here and below.
Task<bool> RpcConnection::read_rest() {
  TP_CO_TRY(const size_t got, co_await stream_->read_some(framing_.rest()));
  framing_.filled(got);
  loop_.bytes_in.add(got);
  co_return got > 0;
}

// As much as is there into the loop's scratch; a connection that has to wait does so with a small buffer of its own.
Task<bool> RpcConnection::read_input() {
  const MutableBytes scratch = loop_.scratch();
  if (const size_t got = stream_->try_read(scratch); got > 0) {
    input_ = BytesView(scratch.data(), got);
    loop_.bytes_in.add(got);
    co_return true;
  }
  const MutableBytes small(waiting_);
  TP_CO_TRY(const size_t got, co_await stream_->read_some(small));
  input_ = BytesView(waiting_.data(), got);
  loop_.bytes_in.add(got);
  co_return got > 0;
}

// Takes all of the input, or up to where a record needs room that is not to be had now: the rest is then kept here,
// because the scratch is everybody's. Does not suspend.
Result<RpcConnection::Step> RpcConnection::consume() {
  for (;;) {
    if (framing_.want() == RpcFraming::Want::kRelease) {
      TP_TRY_VOID(start_call());
      if (finishing()) return Step::kEnd;
      continue;
    }
    if (framing_.want() == RpcFraming::Want::kRoom) {
      if (!within_limits() || !take_budget()) break;
      give_room();
      continue;
    }
    if (input_.empty()) return Step::kMore;
    if (record_since_ == 0) record_since_ = rt::Loop::current().turn_time();
    TP_TRY(const size_t taken, framing_.take(input_, *loop_.pool));
    input_.remove_prefix(taken);
    settle_held();
  }
  const MutableBytes scratch = loop_.scratch();
  if (input_.data() >= scratch.data() && input_.data() < scratch.data() + scratch.size()) {
    held_.assign(input_);
    input_ = held_;
  }
  return Step::kNoRoom;
}

// A small call of a connection that has no other is always let in: large records shut nobody out.
bool RpcConnection::take_budget() {
  const size_t wanted = framing_.room_wanted();
  if (loop_.budget.try_take(wanted)) return true;
  if (calls_in_flight_ > 0 || wanted > kSmallBytes) return false;
  loop_.budget.add(wanted);
  return true;
}

bool RpcConnection::within_limits() const {
  return calls_in_flight_ < loop_.options.calls_per_connection && bytes_in_flight_ < loop_.options.bytes_per_connection;
}

Task<void> RpcConnection::wait_for_room() {
  // It is we who wait now, not the peer who is slow.
  record_since_ = 0;
  while (!within_limits() && !finishing()) co_await reader_sleep_;
  if (finishing()) co_return ok;
  const size_t wanted = framing_.room_wanted();
  co_await loop_.budget.take(wanted);
  give_room();
  co_return ok;
}

// The budget has been taken for the first fragment.
void RpcConnection::give_room() {
  held_record_bytes_ = framing_.room_wanted();
  bytes_in_flight_ += held_record_bytes_;
  framing_.give_room(*loop_.pool);
  record_since_ = rt::Loop::current().turn_time();
  settle_held();
}

// Further fragments do not wait, for the record holds memory already; they are counted.
void RpcConnection::settle_held() {
  const size_t more = framing_.held_bytes() - std::min(framing_.held_bytes(), held_record_bytes_);
  held_record_bytes_ += more;
  bytes_in_flight_ += more;
  loop_.budget.add(more);
}

Result<void> RpcConnection::start_call() {
  RpcFraming::Record record = framing_.release();
  record_since_ = 0;
  wire::XdrReader in(record.bytes);
  TP_TRY(wire::RpcCallHead head, wire::read_rpc_call(in));
  RpcCall call{std::move(head), in.rest(), std::move(record.memory), peer_};
  last_call_ = rt::Loop::current().turn_time();
  loop_.calls.add(1);
  ++calls_in_flight_;
  const size_t record_bytes = std::exchange(held_record_bytes_, 0);
  calls_.spawn(run_call(this, std::move(call), record_bytes));
  return ok;
}

Task<void> RpcConnection::run_call(RpcConnection* self, RpcCall call, size_t record_bytes) {
  RpcReply reply;
  const Result<void> handled = co_await self->loop_.handler.handle(std::move(call), &reply);
  self->answered(handled, reply, record_bytes);
  co_return ok;
}

void RpcConnection::answered(const Result<void>& handled, RpcReply& reply, size_t record_bytes) {
  // A handler comes back to the loop that called it.
  TP_CHECK(&rt::Loop::current() == &loop_.home);
  const size_t reply_bytes = reply.size();
  if (!handled || reply.drop || reply_bytes == 0) close();
  if (closed_) return end_call(1, record_bytes);
  // From now on the call holds its reply instead of its record.
  bytes_in_flight_ += reply_bytes;
  loop_.budget.add(reply_bytes);
  bytes_in_flight_ -= record_bytes;
  loop_.budget.give(record_bytes);
  if (!pending_) pending_ = loop_.take_batch();
  pending_->add(reply);
  writer_sleep_.wake();
}

Task<void> RpcConnection::write_replies(RpcConnection* self) {
  for (;;) {
    if (!self->pending_) {
      if (self->calls_ended_) co_return ok;
      // Woken through the loop: what becomes ready in the same turn goes out together.
      co_await self->writer_sleep_;
      continue;
    }
    std::unique_ptr<RpcBatch> batch = std::move(self->pending_);
    const size_t bytes = batch->reply_bytes();
    const size_t replies = batch->replies();
    if (!self->closed_) {
      self->write_since_ = rt::Loop::current().turn_time();
      const Result<void> sent = co_await batch->send(self->stream_.get(), &self->write_since_);
      self->write_since_ = 0;
      if (sent) self->loop_.bytes_out.add(bytes + 4 * replies);
      if (!sent) self->close();
    }
    self->loop_.give_batch(std::move(batch));
    self->last_call_ = rt::Loop::current().turn_time();
    self->end_call(replies, bytes);
  }
}

void RpcConnection::end_call(size_t calls, size_t bytes) {
  calls_in_flight_ -= calls;
  bytes_in_flight_ -= bytes;
  loop_.budget.give(bytes);
  if (within_limits()) reader_sleep_.wake();
  if (draining_ && calls_in_flight_ == 0) close();
}

}  // namespace tp::net
