#include "net/http_client.h"

#include <algorithm>
#include <cstring>

namespace tp::net {

namespace {
constexpr size_t kInputBytes = 128 << 10;
constexpr size_t kPieceBytes = 64 << 10;
}  // namespace

HttpClientConnection::HttpClientConnection(std::unique_ptr<io::Stream> stream)
    : stream_(std::move(stream)), input_(kInputBytes) {}

Task<void> HttpClientConnection::send(std::span<const BytesView> pieces) {
  co_return co_await stream_->write_all(pieces);
}

Task<const wire::ResponseHead*> HttpClientConnection::read_head(bool request_was_head) {
  for (;;) {
    if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
    const BytesView buffered(input_.data() + input_begin_, input_end_ - input_begin_);
    auto status = wire::HeadStatus::kNeedMore;
    if (!buffered.empty()) {
      TP_CO_TRY(status, parser_.parse_response(buffered, head_));
    }
    if (status == wire::HeadStatus::kComplete) {
      input_begin_ += head_.head_bytes;
      if (head_.status / 100 == 1) continue;
      break;
    }
    if (input_begin_ > 0) {
      std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
      input_end_ -= input_begin_;
      input_begin_ = 0;
    }
    const MutableBytes space(input_.data() + input_end_, input_.size() - input_end_);
    TP_CO_TRY(const size_t got, co_await stream_->read_some(space));
    if (got == 0) co_return fail(Code::kClosed, "the server closed the connection");
    input_end_ += got;
  }
  keep_alive_ = head_.keep_alive;
  chunked_ = {};
  body_chunked_ = head_.chunked;
  body_left_ = head_.content_length.value_or(0);
  const bool has_body = head_.may_have_body(request_was_head);
  body_until_close_ = has_body && head_.body_until_close();
  if (body_until_close_) keep_alive_ = false;
  body_finished_ = !has_body || (!body_chunked_ && !body_until_close_ && body_left_ == 0);
  co_return &head_;
}

Task<size_t> HttpClientConnection::read_raw(MutableBytes out) {
  const size_t buffered = input_end_ - input_begin_;
  if (buffered == 0) co_return co_await stream_->read_some(out);
  const size_t taken = std::min(buffered, out.size());
  std::memcpy(out.data(), input_.data() + input_begin_, taken);
  input_begin_ += taken;
  co_return taken;
}

Task<size_t> HttpClientConnection::read_body(MutableBytes out) {
  if (body_finished_ || out.empty()) co_return size_t{0};
  if (!body_chunked_) {
    const MutableBytes space = body_until_close_ ? out : out.subspan(0, std::min<uint64_t>(out.size(), body_left_));
    TP_CO_TRY(const size_t got, co_await read_raw(space));
    if (got == 0 && !body_until_close_) co_return fail(Code::kClosed, "the server closed the connection inside a body");
    if (!body_until_close_) body_left_ -= got;
    body_finished_ = body_until_close_ ? got == 0 : body_left_ == 0;
    co_return got;
  }
  for (;;) {
    TP_CO_TRY(const size_t got, co_await read_raw(out));
    if (got == 0) co_return fail(Code::kClosed, "the server closed the connection inside a body");
    TP_CO_TRY(const auto decoded, chunked_.decode_in_place(out.subspan(0, got)));
    // Requests are not pipelined, so nothing can follow the last chunk.
    if (decoded.consumed_bytes < got) keep_alive_ = false;
    body_finished_ = decoded.done;
    if (decoded.payload_bytes > 0 || body_finished_) co_return decoded.payload_bytes;
  }
}

Task<Bytes> HttpClientConnection::read_whole_body(size_t limit_bytes) {
  Bytes body;
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    TP_CO_TRY(const size_t got, co_await read_body(piece));
    if (got == 0 && body_finished_) co_return body;
    if (body.size() + got > limit_bytes) co_return fail(Code::kTooLarge, "the answer's body is too large");
    body.append(piece.data(), got);
  }
}

}  // namespace tp::net
