// FakeService: the other side of a RemoteClient: streams in memory, requests read whole, answers that a test writes out
// byte by byte. Time is a ManualClock that a test's own coroutine moves. One loop.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "backend/memory/memory_stream.h"
#include "net/remote/remote_client.h"
#include "rt/await.h"
#include "rt/runtime.h"
#include "rt/task_group.h"
#include "wire/http/head_parser.h"

namespace tp::net {

struct SeenRequest {
  std::string method, path, query, body;
  RemoteHeaders headers;
  size_t connection = 0;  // its number, from 1
  std::string header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
      if (wire::equal_ignoring_case(field, name)) return value;
    }
    return {};
  }
};

struct Reply {
  std::string raw;      // as it goes over the wire
  bool close = false;   // after it
  bool silent = false;  // nothing more comes, and the connection stays
};

inline std::string answer_text(int status, std::string_view body, std::string_view fields = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}
inline Reply reply_with(int status, std::string_view body = {}, std::string_view fields = {}) {
  return {answer_text(status, body, fields), false, false};
}

class FakeService {
 public:
  std::function<Reply(const SeenRequest&)> answer = [](const SeenRequest&) { return reply_with(200, "fine"); };
  /// Answers as soon as the head is there, before the body is read, and hangs up.
  bool hasty = false;
  unsigned refuse_dials = 0;
  std::vector<SeenRequest> seen;
  std::vector<Endpoint> dialed;
  size_t open_now = 0, most_open = 0;

  Dial dial() {
    return [this](Endpoint endpoint) { return connect(std::move(endpoint)); };
  }
  rt::TaskGroup& tasks() { return tasks_; }

 private:
  Task<std::unique_ptr<io::Stream>> connect(Endpoint endpoint) {
    dialed.push_back(std::move(endpoint));
    if (refuse_dials > 0) {
      --refuse_dials;
      co_return fail(Code::kUnavailable, "connection refused");
    }
    auto ends = memory::make_stream_pair({});
    tasks_.spawn(serve(std::move(ends.second), dialed.size()));
    co_return std::move(ends.first);
  }

  Task<void> serve(std::unique_ptr<io::Stream> stream, size_t number) {
    most_open = std::max(most_open, ++open_now);
    co_await talk(stream.get(), number);
    --open_now;
    co_return ok;
  }

  Task<void> talk(io::Stream* stream, size_t number) {
    std::string input;
    std::array<char, 16384> buffer;
    wire::HeadParser parser;
    for (;;) {
      wire::RequestHead head;
      auto parsed =
          input.empty() ? Result<wire::HeadStatus>(wire::HeadStatus::kNeedMore) : parser.parse_request(input, head);
      if (!parsed) {
        ADD_FAILURE() << parsed.error().to_string();
        co_return ok;
      }
      const bool whole = *parsed == wire::HeadStatus::kComplete;
      const size_t needed = whole ? head.head_bytes + (hasty ? 0 : head.content_length.value_or(0)) : 0;
      if (!whole || input.size() < needed) {
        parser.reset();
        const MutableBytes space(buffer);
        auto got = co_await stream->read_some(space);
        if (!got || *got == 0) co_return ok;
        input.append(buffer.data(), *got);
        continue;
      }
      const Reply reply = answer(take(head, input, needed, number));
      input.erase(0, needed);
      const std::array<BytesView, 1> pieces = {BytesView(reply.raw)};
      auto sent = co_await stream->write_all(pieces);
      if (!sent || reply.close || hasty) co_return ok;
      while (reply.silent) {
        const MutableBytes space(buffer);
        auto got = co_await stream->read_some(space);
        if (!got || *got == 0) co_return ok;
      }
    }
  }

  const SeenRequest& take(const wire::RequestHead& head, const std::string& input, size_t needed, size_t number) {
    SeenRequest request;
    request.method = head.method_text;
    request.path = head.path;
    request.query = head.query;
    for (const auto& field : head.headers) request.headers.emplace_back(field.name, field.value);
    request.body = input.substr(head.head_bytes, needed - head.head_bytes);
    request.connection = number;
    seen.push_back(std::move(request));
    return seen.back();
  }

  rt::TaskGroup tasks_;
};

/// Moves the clock while the task runs, so that what waits for time gets on without waiting.
template <class T>
Task<void> tick_until(rt::ManualClock* clock, bool* done, rt::Nanos step) {
  while (!*done) {
    clock->advance(step);
    co_await rt::yield();
  }
  co_return ok;
}
template <class T>
Task<T> in_fast_time(rt::ManualClock* clock, Task<T> task, rt::Nanos step = rt::kMillisecond / 10) {
  bool done = false;
  rt::TaskGroup group;
  group.spawn(tick_until<T>(clock, &done, step));
  auto result = co_await std::move(task);
  done = true;
  co_await group.join();
  co_return result;
}

class RemoteFixture : public testing::Test {
 protected:
  /// Runs it in fast time.
  template <class T>
  Result<T> run(Task<T> task) {
    return runtime_.block_on(in_fast_time(&clock_, std::move(task)));
  }
  Task<void> join_service() {
    co_await service_.tasks().join();
    co_return ok;
  }
  void TearDown() override { EXPECT_TRUE(run(join_service())); }

  rt::ManualClock clock_;
  rt::Runtime runtime_{{.loops = 1, .clock = &clock_}};
  FakeService service_;
};

}  // namespace tp::net
