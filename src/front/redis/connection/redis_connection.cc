#include "front/redis/connection/redis_connection.h"

#include <algorithm>

#include "front/redis/connection/look_ahead.h"
#include "front/redis/core/runner.h"
#include "rt/await.h"

namespace tp::redis {

namespace {

constexpr rt::Nanos kPressedTimeout = 5 * rt::kSecond;  // where others wait for memory
constexpr unsigned kTurnsBeforeOthers = 16;
constexpr size_t kKeptArguments = 4096;
constexpr size_t kGrowth = 2;
constexpr size_t kWorthLooking = 48;  // bytes: two short requests

}  // namespace

void RedisLoop::begin_stop() {
  stopping = true;
  for (RedisConnection* connection : connections) connection->begin_stop();
}

RedisConnection::RedisConnection(RedisLoop& loop, std::unique_ptr<io::Stream> stream)
    : loop_(loop),
      stream_(std::move(stream)),
      client_(loop.core, stream_->peer_address(), stream_->encrypted()),
      parser_(loop.core.options.limits),
      input_(loop.blocks) {}

Task<void> RedisConnection::run() {
  const RedisLoop::Place place = loop_.enter(this);
  stopping_ = loop_.stopping;
  const Result<void> served = co_await serve();
  // What was answered before the end is still sent, unless the peer is gone.
  if (served && !reply_.empty()) {
    [[maybe_unused]] const Result<void> sent = co_await flush();
  }
  stream_->close();
  give_budget();
  loop_.leave(place);
  co_return ok;
}

void RedisConnection::begin_stop() {
  stopping_ = true;
  if (waiting_) stream_->close();
}

Task<void> RedisConnection::serve() {
  TP_CO_TRY_VOID(co_await client_.begin());
  while (!client_.closing) {
    bool more = false;
    TP_CO_TRY_VOID(co_await run_requests(&more));
    if (!more) co_return ok;
    TP_CO_TRY_VOID(co_await flush());
    if (stopping_ && input_.empty()) co_return ok;
    TP_CO_TRY(const bool came, co_await read_more());
    if (!came) co_return ok;
  }
  co_return ok;
}

// All requests that are whole. `*more`: the stream goes on.
Task<void> RedisConnection::run_requests(bool* more) {
  *more = false;
  looked_ahead_ = 0;
  while (!client_.closing) {
    if (looked_ahead_ == 0) look_ahead();
    const wire::RequestParser::Step step = parser_.parse(input_.bytes(), client_.trusted());
    if (step == wire::RequestParser::Step::kMore) break;
    if (step == wire::RequestParser::Step::kNothing) {
      input_.consume(parser_.size());
      continue;
    }
    if (step == wire::RequestParser::Step::kError) {
      reply_.error("ERR " + parser_.error());
      loop_.malformed.add(1);
      co_return ok;
    }
    if (step == wire::RequestParser::Step::kValue) {
      TP_CO_TRY(const bool taken, co_await take_value());
      if (!taken) co_return ok;
      continue;
    }
    if (client_.stale()) TP_CO_TRY_VOID(co_await client_.refresh());
    take_arguments();
    loop_.commands.add(1);
    const Reply::Mark mark = reply_.mark();
    const Command* command = admit(client_, arguments_, reply_);
    if (command != nullptr) {
      Call call(client_, *command, arguments_, reply_);
      if (!run_now(call)) {
        TP_CO_TRY_VOID(co_await run_waiting(&call, mark));
        co_await rt::resume_on(loop_.home);
      }
    }
    settle_replies(mark);
    input_.consume(parser_.size());
    if (looked_ahead_ > 0) --looked_ahead_;
    give_budget();
    if (reply_.bytes() >= loop_.core.options.reply_bytes) TP_CO_TRY_VOID(co_await flush());
  }
  *more = !client_.closing;
  co_return ok;
}

// One request gains nothing; several that wait let the cache fetch what they need side by side.
void RedisConnection::look_ahead() {
  if (client_.space() == nullptr || input_.bytes().size() < kWorthLooking) return;
  LookAhead ahead;
  const std::span<const BytesView> keys = ahead.keys(input_.bytes());
  if (keys.size() < 2) return;
  client_.volume().prefetch(*client_.space(), keys);
  looked_ahead_ = keys.size();
}

// CLIENT REPLY OFF and SKIP.
void RedisConnection::settle_replies(const Reply::Mark& mark) {
  arguments_.clear();
  values_.clear();
  if (client_.reply_mode == ReplyMode::kOn) return;
  reply_.cut(mark);
  if (client_.reply_mode == ReplyMode::kSkip) client_.reply_mode = ReplyMode::kOn;
  if (client_.reply_mode == ReplyMode::kSkipNext) client_.reply_mode = ReplyMode::kSkip;
}

void RedisConnection::take_arguments() {
  if (arguments_.views.capacity() > kKeptArguments) std::vector<BytesView>().swap(arguments_.views);
  const BytesView bytes = input_.bytes();
  for (size_t i = 0; i < parser_.count(); ++i) {
    const wire::RequestParser::Argument& argument = parser_.argument(i);
    if (!argument.is_value) {
      arguments_.views.push_back(parser_.view(argument, bytes));
      continue;
    }
    const cache::Value& value = values_[argument.offset];
    arguments_.views.push_back(value.view());
    arguments_.values.emplace_back(static_cast<uint32_t>(i), value);
  }
}

Task<void> RedisConnection::flush() {
  if (reply_.empty()) co_return ok;
  loop_.bytes_out.add(reply_.bytes());
  loop_.errors.add(reply_.errors() - errors_counted_);
  errors_counted_ = reply_.errors();
  stream_->set_idle_timeout(loop_.core.options.progress_timeout);
  co_return co_await reply_.send(stream_.get());
}

// False at the end of the stream, here and below.
Task<bool> RedisConnection::read_more() {
  if (++turns_ >= kTurnsBeforeOthers) {
    turns_ = 0;
    co_await rt::yield();
  }
  MutableBytes room = input_.room();
  if (room.empty()) {
    // The parser refuses a request before it needs more than its limit and a header.
    const size_t larger = kGrowth * input_.capacity();
    co_await take_budget(larger);
    input_.grow(larger);
    room = input_.room();
  }
  size_t got = stream_->try_read(room);
  if (got == 0) {
    turns_ = 0;
    if (input_.empty()) co_return co_await wait_for_request();
    stream_->set_idle_timeout(loop_.budget.waited_for() ? kPressedTimeout : loop_.core.options.progress_timeout);
    TP_CO_TRY(got, co_await stream_->read_some(room));
  }
  client_.facts->active_at.store(rt::Loop::current().turn_time(), std::memory_order_relaxed);
  input_.filled(got);
  loop_.bytes_in.add(got);
  co_return got > 0;
}

// A connection that waits does so with a small buffer of its own.
Task<bool> RedisConnection::wait_for_request() {
  input_.release();
  stream_->set_idle_timeout(loop_.core.options.idle_timeout);
  waiting_ = true;
  const MutableBytes space(first_bytes_);
  const Result<size_t> came = co_await stream_->read_some(space);
  waiting_ = false;
  if (!came || *came == 0) co_return false;
  client_.facts->active_at.store(rt::Loop::current().turn_time(), std::memory_order_relaxed);
  MutableBytes room = input_.room();
  std::memcpy(room.data(), first_bytes_.data(), *came);
  size_t got = *came;
  if (got == first_bytes_.size()) got += stream_->try_read(room.subspan(got));
  input_.filled(got);
  loop_.bytes_in.add(got);
  co_return true;
}

// The bulk string that comes next, from the buffer's rest and then straight from the socket.
Task<bool> RedisConnection::take_value() {
  TP_CO_TRY_VOID(co_await flush());
  const size_t size = parser_.value_size();
  co_await take_budget(size);
  cache::Value value = cache::Value::allocate(size);
  if (!value) {
    reply_.error("OOM out of memory");
    co_return false;
  }
  const BytesView here = input_.bytes().substr(parser_.position());
  size_t have = std::min(here.size(), size);
  std::memcpy(value.fill().data(), here.data(), have);
  input_.cut(parser_.position());
  while (have < size) {
    const MutableBytes rest = value.fill().subspan(have);
    size_t got = stream_->try_read(rest);
    if (got == 0) {
      stream_->set_idle_timeout(loop_.budget.waited_for() ? kPressedTimeout : loop_.core.options.progress_timeout);
      TP_CO_TRY(got, co_await stream_->read_some(rest));
    }
    if (got == 0) co_return false;
    loop_.bytes_in.add(got);
    have += got;
  }
  values_.push_back(std::move(value));
  parser_.value_taken();
  co_return true;
}

// Only a request's first claim waits: who holds memory and waits for more could wait for ever. What a request may claim
// altogether is bounded by the parser.
Task<void> RedisConnection::take_budget(size_t bytes) {
  if (budget_bytes_ == 0) {
    co_await loop_.budget.take(bytes);
  } else {
    loop_.budget.add(bytes);
  }
  budget_bytes_ += bytes;
  co_return ok;
}

void RedisConnection::give_budget() {
  if (budget_bytes_ == 0) return;
  loop_.budget.give(budget_bytes_);
  budget_bytes_ = 0;
  if (input_.empty()) input_.release();
}

}  // namespace tp::redis
