#include "net/remote/remote_client.h"

#include <algorithm>
#include <array>

#include "rt/await.h"
#include "wire/http/head_writer.h"

namespace tp::net {

namespace {

constexpr size_t kMaxIdlePerLoop = 8;

uint64_t random_seed() {
  uint64_t seed = 0;
  rt::secure_random(MutableBytes(reinterpret_cast<char*>(&seed), sizeof seed));
  return seed;
}

std::unexpected<Error> stopped() {
  return fail(Code::kClosed, "the remote client is stopping");
}

RemoteAnswer take_head(const wire::ResponseHead& head) {
  RemoteAnswer answer;
  answer.status = head.status;
  answer.content_length = head.content_length;
  answer.headers.reserve(head.headers.size());
  for (const wire::HeaderField& field : head.headers) answer.headers.emplace_back(field.name, field.value);
  return answer;
}

}  // namespace

std::optional<std::string_view> RemoteAnswer::find_header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (wire::equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

/// A timer that stop() may cut short.
struct RemoteClient::Sleeper : rt::Timer {
  std::coroutine_handle<> handle;
};

class RemoteClient::Pause {
 public:
  Pause(LoopState& state, rt::Nanos duration) : state_(state), duration_(duration) {}
  bool await_ready() const noexcept { return duration_ <= 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    sleeper_.handle = handle;
    sleeper_.run = [](rt::Work* self) { static_cast<Sleeper*>(self)->handle.resume(); };
    state_.sleepers.push_back(&sleeper_);
    rt::Loop& loop = rt::Loop::current();
    loop.arm(sleeper_, loop.clock().now() + duration_);
  }
  void await_resume() noexcept { state_.sleepers.remove(&sleeper_); }

 private:
  LoopState& state_;
  rt::Nanos duration_;
  Sleeper sleeper_;
};

/// Closes the stream when the attempt has lasted too long, and when stop() finds it.
class RemoteClient::Deadline {
 public:
  Deadline(LoopState& state, io::Stream& stream, rt::Nanos limit) : state_(state), loop_(rt::Loop::current()) {
    timer_.stream = &stream;
    timer_.run = [](rt::Work* self) {
      auto* timer = static_cast<CloseTimer*>(self);
      timer->fired = true;
      timer->stream->close();
    };
    place_ = state_.busy.insert(state_.busy.end(), &stream);
    loop_.arm(timer_, loop_.clock().now() + limit);
  }
  ~Deadline() {
    if (timer_.armed) loop_.cancel(timer_);
    state_.busy.erase(place_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  bool passed() const { return timer_.fired; }

 private:
  struct CloseTimer : rt::Timer {
    io::Stream* stream = nullptr;
    bool fired = false;
  };
  LoopState& state_;
  rt::Loop& loop_;
  CloseTimer timer_;
  std::list<io::Stream*>::iterator place_;
};

struct RemoteClient::Joined {
  LoopState& state;
  rt::ResumeWork work;
  bool await_ready() const noexcept { return state.calls == 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    work.handle = handle;
    state.joiner = &work;
  }
  void await_resume() noexcept {}
};

RemoteClient::RemoteClient(RemoteClientOptions options)
    : options_(std::move(options)), host_(options_.endpoint.authority()) {
  TP_CHECK(options_.runtime != nullptr && options_.dial != nullptr && options_.signer != nullptr);
  const uint64_t seed = random_seed();
  for (unsigned i = 0; i < options_.runtime->loop_count(); ++i) {
    loops_.push_back(std::make_unique<LoopState>(std::max<size_t>(1, options_.connections_per_loop), seed + i));
  }
}

RemoteClient::~RemoteClient() {
  for (const auto& state : loops_) TP_CHECK(state->calls == 0 && state->idle.empty());
}

RemoteStats RemoteClient::stats() const {
  return {counters_.requests, counters_.retries,    counters_.timeouts,
          counters_.connects, counters_.bytes_sent, counters_.bytes_received};
}

Task<void> RemoteClient::stop() {
  stopping_ = true;
  rt::Loop& home = rt::Loop::current();
  for (unsigned i = 0; i < loops_.size(); ++i) {
    co_await rt::resume_on(options_.runtime->loop(i));
    LoopState& state = *loops_[i];
    for (io::Stream* stream : state.busy) stream->close();
    for (Sleeper* sleeper : state.sleepers) {
      if (!sleeper->armed) continue;
      rt::Loop::current().cancel(*sleeper);
      rt::Loop::current().defer(sleeper);
    }
    Joined joined{state, {}};
    co_await joined;
    for (Idle& idle : state.idle) idle.connection->stream().close();
    state.idle.clear();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

Task<RemoteAnswer> RemoteClient::call(RemoteRequest request) {
  LoopState& state = *loops_[rt::Loop::current().index()];
  ++state.calls;
  co_await state.slots.acquire();
  auto answer = co_await call_here(std::move(request), state);
  state.slots.release();
  if (--state.calls == 0 && state.joiner != nullptr) rt::Loop::current().defer(std::exchange(state.joiner, nullptr));
  co_return answer;
}

Task<RemoteAnswer> RemoteClient::call_here(RemoteRequest request, LoopState& state) {
  const rt::Nanos begun = options_.runtime->clock().now();
  const rt::Nanos give_up = request.give_up_after != 0 ? request.give_up_after : options_.retry.give_up_after;
  bool fresh = false;
  for (unsigned failed = 0;;) {
    if (stopping_) co_return stopped();
    Attempt how;
    auto answer = co_await attempt(request, state, fresh, how);
    if (answer ? !RetryPolicy::retries(answer->status) : !RetryPolicy::retries(answer.error())) co_return answer;
    if (stopping_) co_return stopped();
    if (!answer && how.reused && !how.answered && answer.error().code != Code::kTimeout) {
      fresh = true;  // the server had closed the connection: no failure of its own
      continue;
    }
    ++failed;
    const rt::Nanos pause = options_.retry.delay(failed, answer ? &*answer : nullptr, state.rng);
    const bool too_late = options_.runtime->clock().now() + pause - begun > give_up;
    if (failed >= options_.retry.attempts || too_late) {
      if (answer) co_return answer;
      Error error = std::move(answer).error();
      if (error.code != Code::kTimeout) error.code = Code::kUnavailable;
      error.applied = request.method == "GET" || request.method == "HEAD" ? Applied::kNo : Applied::kMaybe;
      error.message += " (" + std::to_string(failed) + " attempts)";
      co_return std::unexpected(std::move(error));
    }
    counters_.retries.fetch_add(1, std::memory_order_relaxed);
    Pause waiting(state, pause);
    co_await waiting;
  }
}

Task<std::unique_ptr<HttpClientConnection>> RemoteClient::connect(LoopState& state, bool fresh, Attempt& how) {
  const rt::Nanos now = options_.runtime->clock().now();
  while (!fresh && !state.idle.empty()) {
    Idle idle = std::move(state.idle.back());
    state.idle.pop_back();
    if (now - idle.since > options_.keep_idle) {
      state.idle.clear();  // the others are older
      break;
    }
    how.reused = true;
    co_return std::move(idle.connection);
  }
  counters_.connects.fetch_add(1, std::memory_order_relaxed);
  TP_CO_TRY(auto stream, co_await options_.dial(options_.endpoint));
  stream->set_idle_timeout(options_.no_progress);
  co_return std::make_unique<HttpClientConnection>(std::move(stream));
}

Task<RemoteAnswer> RemoteClient::attempt(const RemoteRequest& request, LoopState& state, bool fresh, Attempt& how) {
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  TP_CO_TRY(auto connection, co_await connect(state, fresh, how));
  if (stopping_) co_return stopped();
  Result<RemoteAnswer> answer = fail(Code::kInternal, "no attempt");
  {
    const Deadline deadline(state, connection->stream(), time_limit_of(request));
    answer = co_await exchange(*connection, request, how);
    if (!answer && deadline.passed()) answer = fail(Code::kTimeout, "the request took too long");
  }
  if (!answer && answer.error().code == Code::kTimeout) counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
  if (answer && connection->reusable() && !how.cut_short && !stopping_) {
    if (state.idle.size() >= kMaxIdlePerLoop) state.idle.erase(state.idle.begin());
    state.idle.push_back({std::move(connection), options_.runtime->clock().now()});
  } else {
    connection->stream().close();
  }
  co_return answer;
}

Task<RemoteAnswer> RemoteClient::exchange(HttpClientConnection& connection, const RemoteRequest& request,
                                          Attempt& how) {
  TP_CO_TRY(const Bytes head, head_of(request));
  const std::array<BytesView, 2> pieces = {head, request.body == nullptr ? BytesView() : BytesView(*request.body)};
  auto sent = co_await connection.send(std::span(pieces).first(pieces[1].empty() ? 1 : 2));
  // A service that refuses a body may say why and hang up while it is still being sent: read that first.
  auto answered = co_await connection.read_head(request.method == "HEAD");
  if (!answered) {
    if (!sent) co_return std::unexpected(std::move(sent).error());
    co_return std::unexpected(std::move(answered).error());
  }
  how.answered = true;
  if (!sent && (*answered)->status < 400) co_return std::unexpected(std::move(sent).error());
  RemoteAnswer answer = take_head(**answered);
  counters_.bytes_sent.fetch_add(request.body_bytes(), std::memory_order_relaxed);
  TP_CO_TRY(answer.body, co_await connection.read_whole_body(request.answer_limit_bytes));
  counters_.bytes_received.fetch_add(answer.body.size(), std::memory_order_relaxed);
  how.cut_short = !sent;
  co_return answer;
}

Result<Bytes> RemoteClient::head_of(const RemoteRequest& request) const {
  RemoteRequest attempt = request;  // the body is shared
  const int64_t now = options_.runtime->clock().wall_now() / rt::kSecond;
  TP_TRY_VOID(options_.signer->sign(attempt, host_, now));
  Bytes out;
  std::string target = attempt.path;
  if (!attempt.query.empty()) target += "?" + attempt.query;
  wire::RequestHeadWriter head(out, attempt.method, target);
  head.header("Host", host_);
  for (const auto& [name, value] : attempt.headers) head.header(name, value);
  if (attempt.body != nullptr || attempt.method == "PUT") head.header("Content-Length", attempt.body_bytes());
  head.finish();
  return out;
}

rt::Nanos RemoteClient::time_limit_of(const RemoteRequest& request) const {
  const uint64_t bytes = std::max(request.body_bytes(), request.answer_limit_bytes);
  const uint64_t seconds = bytes / std::max<uint64_t>(1, options_.slowest_bytes_per_second);
  return options_.attempt_limit + static_cast<rt::Nanos>(seconds) * rt::kSecond;
}

}  // namespace tp::net
