#include "net/http_exchange.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "net/http_connection.h"

namespace tp::net {

namespace {
constexpr BytesView kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr size_t kDrainPieceBytes = 64 << 10;

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }
}  // namespace

const wire::RequestHead& HttpExchange::head() const { return connection_.head_; }
const std::string& HttpExchange::peer_address() const { return connection_.peer_address_; }
bool HttpExchange::encrypted() const { return connection_.stream_->encrypted(); }

Task<void> HttpExchange::send_continue() {
  continue_pending_ = false;
  const std::array<BytesView, 1> pieces = {kContinue};
  co_return co_await connection_.stream_->write_all(pieces);
}

// Bytes off the connection: what is buffered first, then straight into the caller's memory.
Task<size_t> HttpExchange::read_raw(MutableBytes out) {
  const size_t buffered = connection_.input_end_ - connection_.input_begin_;
  if (buffered > 0) {
    const size_t taken = std::min(buffered, out.size());
    std::memcpy(out.data(), connection_.input_.data() + connection_.input_begin_, taken);
    connection_.input_begin_ += taken;
    co_return taken;
  }
  TP_CO_TRY(const size_t got, co_await connection_.stream_->read_some(out));
  if (got == 0) co_return body_cut();
  co_return got;
}

std::unexpected<Error> HttpExchange::body_cut() {
  keep_alive_ = false;
  return fail(Code::kClosed, "the peer closed the connection inside the request's body");
}

Task<size_t> HttpExchange::read_body(MutableBytes out) {
  if (body_finished_ || out.empty()) co_return size_t{0};
  if (continue_pending_) TP_CO_TRY_VOID(co_await send_continue());
  if (!body_chunked_) {
    const MutableBytes space = out.subspan(0, std::min<uint64_t>(out.size(), body_left_));
    TP_CO_TRY(const size_t got, co_await read_raw(space));
    body_left_ -= got;
    body_finished_ = body_left_ == 0;
    body_bytes_read_ += got;
    co_return got;
  }
  co_return co_await read_chunked(out);
}

// Chunk headers are read through the connection's buffer, so that what follows the body stays there; payload goes
// straight to the caller once the buffer is used up.
Task<size_t> HttpExchange::read_chunked(MutableBytes out) {
  for (;;) {
    const BytesView buffered = connection_.buffered();
    const uint64_t in_chunk = chunked_.chunk_remaining();
    if (buffered.empty() && in_chunk == 0) {
      TP_CO_TRY(const bool filled, co_await connection_.refill());
      if (!filled) co_return body_cut();
      continue;
    }
    BytesView input = buffered.substr(0, out.size());
    if (buffered.empty()) {
      const MutableBytes space = out.subspan(0, std::min<uint64_t>(out.size(), in_chunk));
      TP_CO_TRY(const size_t got, co_await read_raw(space));
      input = BytesView(space.data(), got);
    }
    auto step = chunked_.next(input);
    if (!step) {
      keep_alive_ = false;
      co_return std::unexpected(std::move(step).error());
    }
    if (!buffered.empty()) {
      // A step without payload has a null view, which memcpy must not see.
      if (!step->payload.empty()) std::memcpy(out.data(), step->payload.data(), step->payload.size());
      connection_.input_begin_ += step->consumed_bytes;
    }
    body_finished_ = step->done;
    body_bytes_read_ += step->payload.size();
    if (!step->payload.empty() || body_finished_) co_return step->payload.size();
  }
}

Task<Bytes> HttpExchange::read_whole_body(size_t limit_bytes) {
  Bytes body;
  if (!body_chunked_ && body_left_ > limit_bytes) co_return fail(Code::kTooLarge, "the request's body is too large");
  std::vector<char> piece(std::min<size_t>(kDrainPieceBytes, body_chunked_ ? kDrainPieceBytes : body_left_ + 1));
  for (;;) {
    TP_CO_TRY(const size_t got, co_await read_body(piece));
    if (got == 0) co_return body;
    if (body.size() + got > limit_bytes) co_return fail(Code::kTooLarge, "the request's body is too large");
    body.append(piece.data(), got);
  }
}

bool HttpExchange::can_drain() const {
  if (body_finished_) return true;
  // A client that still waits for "100 Continue" may or may not send its body after the final answer.
  if (continue_pending_) return false;
  return body_chunked_ || body_left_ <= connection_.server_.options().drain_limit_bytes;
}

Task<void> HttpExchange::drain() {
  std::vector<char> piece(kDrainPieceBytes);
  uint64_t dropped = 0;
  while (!body_finished_) {
    TP_CO_TRY(const size_t got, co_await read_body(piece));
    dropped += got;
    if (dropped > connection_.server_.options().drain_limit_bytes) co_return fail(Code::kTooLarge, "too much to drain");
  }
  co_return ok;
}

wire::ResponseHeadWriter HttpExchange::start_response(int status) {
  status_ = status;
  keep_alive_ = keep_alive_ && can_drain() && !connection_.server_.stopping();
  connection_.output_.clear();
  if (continue_pending_ && !head().has_body()) {
    // Some clients (botocore) expect it even before an empty body, and take a final answer without it for an early
    // error.
    connection_.output_ += kContinue;
    continue_pending_ = false;
  }
  wire::ResponseHeadWriter writer(connection_.output_, status);
  connection_.output_.append(connection_.server_.date_line());
  writer.header("Server", connection_.server_.options().server_name);
  if (!keep_alive_) {
    writer.header("Connection", "close");
  } else if (head().http_1_0) {
    writer.header("Connection", "keep-alive");
  }
  return writer;
}

namespace {
void end_head(Bytes& output, uint64_t content_length) {
  char digits[24];
  char* end = digits + sizeof digits;
  char* at = end;
  do {
    *--at = static_cast<char>('0' + content_length % 10);
    content_length /= 10;
  } while (content_length > 0);
  output.append("Content-Length: ");
  output.append(at, static_cast<size_t>(end - at));
  output.append("\r\n\r\n");
}
}  // namespace

Task<void> HttpExchange::finish(BytesView body) {
  const bool bodiless = !status_has_body(status_);
  if (bodiless && status_ != 304) {
    connection_.output_.append("\r\n");
  } else {
    end_head(connection_.output_, body.size());
  }
  const bool send_it = !bodiless && head().method != wire::HttpMethod::kHead;
  const std::array<BytesView, 2> pieces = {connection_.output_, send_it ? body : BytesView()};
  if (send_it) body_bytes_sent_ += body.size();
  co_return co_await connection_.stream_->write_all(std::span(pieces).first(send_it && !body.empty() ? 2 : 1));
}

Task<void> HttpExchange::finish_without_body(uint64_t content_length) {
  end_head(connection_.output_, content_length);
  const std::array<BytesView, 1> pieces = {connection_.output_};
  co_return co_await connection_.stream_->write_all(pieces);
}

void HttpExchange::begin_body(uint64_t content_length) {
  end_head(connection_.output_, content_length);
  head_pending_ = true;
  response_left_ = content_length;
}

Task<void> HttpExchange::begin_chunked() {
  response_chunked_ = !head().http_1_0;
  if (response_chunked_) {
    connection_.output_.append("Transfer-Encoding: chunked\r\n\r\n");
  } else {
    keep_alive_ = false;
    connection_.output_.append("\r\n");
  }
  const std::array<BytesView, 1> pieces = {connection_.output_};
  co_return co_await connection_.stream_->write_all(pieces);
}

Task<void> HttpExchange::write_body(BytesView bytes) {
  body_bytes_sent_ += bytes.size();
  if (response_chunked_) {
    if (bytes.empty()) co_return ok;
    char line[24];
    const int length = std::snprintf(line, sizeof line, "%zx\r\n", bytes.size());
    const std::array<BytesView, 3> pieces = {BytesView(line, static_cast<size_t>(length)), bytes, BytesView("\r\n")};
    co_return co_await connection_.stream_->write_all(pieces);
  }
  response_left_ -= std::min<uint64_t>(response_left_, bytes.size());
  const BytesView pending = head_pending_ ? BytesView(connection_.output_) : BytesView();
  head_pending_ = false;
  const std::array<BytesView, 2> pieces = {pending, bytes};
  co_return co_await connection_.stream_->write_all(pieces);
}

Task<void> HttpExchange::write_region(const io::SendRegion& region) {
  if (response_chunked_ || !region.lendable) co_return co_await write_body(region.bytes);
  body_bytes_sent_ += region.bytes.size();
  response_left_ -= std::min<uint64_t>(response_left_, region.bytes.size());
  const BytesView pending = head_pending_ ? BytesView(connection_.output_) : BytesView();
  head_pending_ = false;
  co_return co_await connection_.stream_->write_region(pending, region);
}

Task<void> HttpExchange::end_chunked() {
  if (!response_chunked_) co_return ok;
  const std::array<BytesView, 1> pieces = {BytesView("0\r\n\r\n")};
  co_return co_await connection_.stream_->write_all(pieces);
}

}  // namespace tp::net
