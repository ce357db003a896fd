#include "cli/bench/replay/resp_client.h"

#include <charconv>

#include "backend/local/tcp_connect.h"

namespace tp::bench {

namespace {
constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kMaxLineBytes = 64 << 10;
constexpr int64_t kMaxBulkBytes = 512 << 20;
constexpr int64_t kMaxItems = 1 << 20;
constexpr int kMaxDepth = 8;
}  // namespace

Task<void> RespClient::connect() {
  stream_.reset();
  out_.clear();
  in_.clear();
  begin_ = 0;
  local::ConnectOptions options;
  options.runtime = &runtime_;
  options.host = server_.host;
  options.port = server_.port;
  TP_CO_TRY(stream_, co_await local::tcp_connect(std::move(options)));
  stream_->set_idle_timeout(60 * rt::kSecond);
  auto greeted = co_await greet();
  if (!greeted) stream_.reset();
  co_return greeted;
}

Task<void> RespClient::greet() {
  if (!server_.password.empty()) {
    if (server_.user.empty()) {
      add({"AUTH", server_.password});
    } else {
      add({"AUTH", server_.user, server_.password});
    }
    TP_CO_TRY_VOID(co_await expect_ok());
  }
  if (!server_.volume.empty()) {
    begin(2 + server_.identity.size());
    argument("TP.BIND");
    argument(server_.volume);
    for (const auto& field : server_.identity) argument(field);
    TP_CO_TRY_VOID(co_await expect_ok());
  }
  co_return ok;
}

Task<void> RespClient::expect_ok() {
  TP_CO_TRY_VOID(co_await send());
  TP_CO_TRY(const RespReply answer, co_await reply());
  if (answer.kind == RespReply::Kind::kError) co_return fail(Code::kUnauthenticated, answer.text);
  co_return ok;
}

void RespClient::add(std::initializer_list<BytesView> arguments) {
  begin(arguments.size());
  for (const BytesView one : arguments) argument(one);
}

void RespClient::begin(size_t arguments) { out_ += "*" + std::to_string(arguments) + "\r\n"; }

void RespClient::argument(BytesView bytes) {
  out_ += "$" + std::to_string(bytes.size()) + "\r\n";
  out_ += bytes;
  out_ += "\r\n";
}

Task<void> RespClient::send() {
  if (stream_ == nullptr) co_return fail(Code::kClosed, "not connected");
  const BytesView pieces[] = {out_};
  auto sent = co_await stream_->write_all(pieces);
  out_.clear();
  if (!sent) stream_.reset();
  co_return sent;
}

Task<RespReply> RespClient::reply() {
  if (stream_ == nullptr) co_return fail(Code::kClosed, "not connected");
  auto answer = co_await read_reply(0);
  if (!answer) stream_.reset();
  co_return answer;
}

Task<RespReply> RespClient::read_reply(int depth) {
  if (depth > kMaxDepth) co_return fail(Code::kMalformed, "a reply nested too deep");
  TP_CO_TRY(Bytes head, co_await line());
  RespReply result;
  if (head.empty()) co_return fail(Code::kMalformed, "an empty reply");
  const char kind = head[0];
  head.erase(0, 1);
  if (kind == '+' || kind == '-') {
    result.kind = kind == '+' ? RespReply::Kind::kText : RespReply::Kind::kError;
    result.text = std::move(head);
    co_return result;
  }
  int64_t number = 0;
  const auto read = std::from_chars(head.data(), head.data() + head.size(), number);
  if (read.ec != std::errc() || read.ptr != head.data() + head.size()) co_return fail(Code::kMalformed, "no number");
  if (kind == ':') {
    result.kind = RespReply::Kind::kInteger;
    result.integer = number;
    co_return result;
  }
  if (number < 0) co_return result;
  if (kind == '$' && number <= kMaxBulkBytes) {
    result.kind = RespReply::Kind::kBulk;
    TP_CO_TRY_VOID(co_await take(static_cast<size_t>(number), &result.text));
    Bytes end;
    TP_CO_TRY_VOID(co_await take(2, &end));
    co_return result;
  }
  if (kind != '*' || number > kMaxItems) co_return fail(Code::kMalformed, "a reply that is none");
  result.kind = RespReply::Kind::kArray;
  for (int64_t i = 0; i < number; ++i) {
    TP_CO_TRY(RespReply item, co_await read_reply(depth + 1));
    result.items.push_back(std::move(item));
  }
  co_return result;
}

Task<Bytes> RespClient::line() {
  while (true) {
    const size_t end = in_.find("\r\n", begin_);
    if (end != Bytes::npos) {
      Bytes text = in_.substr(begin_, end - begin_);
      begin_ = end + 2;
      co_return text;
    }
    if (in_.size() - begin_ > kMaxLineBytes) co_return fail(Code::kMalformed, "a reply line without an end");
    TP_CO_TRY_VOID(co_await fill());
  }
}

Task<void> RespClient::take(size_t size, Bytes* out) {
  out->reserve(size);
  while (true) {
    const size_t step = std::min(size - out->size(), in_.size() - begin_);
    out->append(in_, begin_, step);
    begin_ += step;
    if (out->size() == size) co_return ok;
    TP_CO_TRY_VOID(co_await fill());
  }
}

Task<void> RespClient::fill() {
  in_.erase(0, begin_);
  begin_ = 0;
  const size_t old = in_.size();
  in_.resize(old + kReadBytes);
  auto size = co_await stream_->read_some(MutableBytes(in_.data() + old, kReadBytes));
  in_.resize(old + (size ? *size : 0));
  if (!size) co_return std::unexpected(std::move(size).error());
  if (*size == 0) co_return fail(Code::kClosed, "the server closed the connection");
  co_return ok;
}

}  // namespace tp::bench
