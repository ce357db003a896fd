#include "net/http_connection.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "wire/http/http_error.h"

namespace tp::net {

namespace {

constexpr size_t kFirstInputBytes = 8 << 10;
constexpr size_t kLargestInputBytes = 128 << 10;
constexpr size_t kRefillBytes = 2 << 10;
constexpr rt::Nanos kLingerTime = 2 * rt::kSecond;
constexpr size_t kLingerBytes = 4 << 20;

// Puts a stream on its loop's idle list while the connection waits for a request's first byte.
class IdleMark {
 public:
  IdleMark(std::list<io::Stream*>& list, io::Stream* stream) : list_(list) {
    position_ = list_.insert(list_.end(), stream);
  }
  ~IdleMark() { list_.erase(position_); }
  IdleMark(const IdleMark&) = delete;
  IdleMark& operator=(const IdleMark&) = delete;

 private:
  std::list<io::Stream*>& list_;
  std::list<io::Stream*>::iterator position_;
};

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, std::unique_ptr<io::Stream> stream)
    : server_(server), stream_(std::move(stream)), peer_address_(stream_->peer_address()),
      parser_(server.options().limits), input_(kFirstInputBytes) {}

Task<void> HttpConnection::run() {
  bool keep_going = true;
  while (keep_going) {
    auto got = co_await read_head();
    if (!got) {
      co_await answer_malformed(std::move(got).error());
      break;
    }
    if (!*got) break;
    if (!co_await serve_one(&keep_going)) break;
  }
  stream_->close();
  co_return ok;
}

Task<bool> HttpConnection::fill_input() {
  if (input_end_ == input_.size()) {
    if (input_begin_ > 0) {
      std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
      input_end_ -= input_begin_;
      input_begin_ = 0;
    } else {
      if (input_.size() >= kLargestInputBytes) {
        co_return wire::http_fail(wire::HttpReason::kHeadersTooLarge, "the request's head is too large");
      }
      input_.resize(std::min(input_.size() * 2, kLargestInputBytes));
    }
  }
  const MutableBytes space(input_.data() + input_end_, input_.size() - input_end_);
  auto got = co_await stream_->read_some(space);
  if (!got || *got == 0) co_return false;
  input_end_ += *got;
  co_return true;
}

Task<bool> HttpConnection::read_head() {
  if (input_begin_ == input_end_) {
    input_begin_ = input_end_ = 0;
    if (server_.stopping()) co_return false;
    stream_->set_idle_timeout(server_.options().idle_timeout);
    const IdleMark idle(server_.here().idle, stream_.get());
    TP_CO_TRY(const bool filled, co_await fill_input());
    if (!filled) co_return false;
  }
  stream_->set_idle_timeout(server_.options().head_timeout);
  rt::Nanos deadline = 0;  // set once the head turns out not to be there whole
  for (;;) {
    const BytesView buffered(input_.data() + input_begin_, input_end_ - input_begin_);
    TP_CO_TRY(const auto status, parser_.parse_request(buffered, head_));
    if (status == wire::HeadStatus::kComplete) break;
    const rt::Nanos now = rt::Loop::current().turn_time();
    if (deadline == 0) deadline = now + server_.options().head_timeout;
    if (now > deadline) co_return false;
    TP_CO_TRY(const bool filled, co_await fill_input());
    if (!filled) co_return false;
  }
  TP_CO_TRY_VOID(make_room_after_head());
  input_begin_ += head_.head_bytes;
  head_end_ = input_begin_;
  stream_->set_idle_timeout(server_.options().progress_timeout);
  co_return true;
}

// refill() may not move the head, so there must be room behind it; growing moves it, so it is parsed again.
Result<void> HttpConnection::make_room_after_head() {
  if (input_.size() - input_begin_ - head_.head_bytes >= kRefillBytes) return ok;
  input_.resize(input_.size() + 2 * kRefillBytes);
  const BytesView head(input_.data() + input_begin_, head_.head_bytes);
  TP_TRY(const auto status, parser_.parse_request(head, head_));
  TP_CHECK(status == wire::HeadStatus::kComplete);
  return ok;
}

Task<bool> HttpConnection::refill() {
  input_begin_ = input_end_ = head_end_;
  const MutableBytes space(input_.data() + input_end_, input_.size() - input_end_);
  TP_CO_TRY(const size_t got, co_await stream_->read_some(space));
  input_end_ += got;
  co_return got > 0;
}

Task<void> HttpConnection::answer_malformed(Error error) {
  std::string content_type = "text/plain";
  const int status = wire::http_status(error);
  const Bytes body = server_.handler().malformed_answer(status, error, &content_type);
  output_.clear();
  wire::ResponseHeadWriter writer(output_, status);
  writer.header("Content-Type", content_type);
  writer.header("Content-Length", body.size());
  writer.header("Connection", "close");
  writer.finish();
  const std::array<BytesView, 2> pieces = {output_, body};
  const Result<void> sent = co_await stream_->write_all(pieces);
  if (sent) co_await linger();
  co_return ok;
}

void HttpConnection::prepare(HttpExchange& exchange) {
  exchange.body_chunked_ = head_.chunked;
  exchange.body_left_ = head_.content_length.value_or(0);
  exchange.body_finished_ = !head_.has_body();
  exchange.continue_pending_ = head_.expect_continue && !head_.http_1_0;
  // Bytes of the body are here already: the client does not wait.
  if (head_.has_body() && input_end_ > input_begin_) exchange.continue_pending_ = false;
  exchange.keep_alive_ = head_.keep_alive;
  output_.clear();
}

Task<void> HttpConnection::serve_one(bool* keep_going) {
  HttpExchange exchange(*this);
  prepare(exchange);
  const Result<void> handled = co_await server_.handler().handle(exchange);
  if (!exchange.response_started()) {
    if (!handled && handled.error().code == Code::kClosed) co_return fail(Code::kClosed, "the peer is gone");
    std::string content_type = "text/plain";
    const Error error = handled ? Error(Code::kInternal, "no answer was made") : handled.error();
    const Bytes body = server_.handler().malformed_answer(500, error, &content_type);
    exchange.keep_alive_ = false;
    exchange.start_response(500).header("Content-Type", content_type);
    TP_CO_TRY_VOID(co_await exchange.finish(body));
  } else if (!handled || exchange.response_left_ > 0) {
    // The announced length was not delivered: only closing tells the client.
    exchange.keep_alive_ = false;
  }
  if (exchange.head_pending_) TP_CO_TRY_VOID(co_await exchange.write_body({}));
  *keep_going = exchange.keep_alive_ && exchange.can_drain();
  if (!exchange.body_finished_) {
    if (*keep_going) {
      const Result<void> drained = co_await exchange.drain();
      if (!drained) *keep_going = false;
    }
    if (!*keep_going) co_await linger();
  } else if (!*keep_going) {
    stream_->shutdown_write();
  }
  co_return ok;
}

Task<void> HttpConnection::linger() {
  // Closing with unread input makes the kernel reset the connection, which can take the answer with it: let the peer
  // read it first, within bounds.
  stream_->shutdown_write();
  stream_->set_idle_timeout(kLingerTime);
  const rt::Nanos deadline = rt::Loop::current().turn_time() + kLingerTime;
  input_begin_ = input_end_ = 0;
  for (size_t dropped = 0; dropped < kLingerBytes && rt::Loop::current().turn_time() < deadline;) {
    const MutableBytes space(input_.data(), input_.size());
    auto got = co_await stream_->read_some(space);
    if (!got || *got == 0) break;
    dropped += *got;
  }
  co_return ok;
}

}  // namespace tp::net
