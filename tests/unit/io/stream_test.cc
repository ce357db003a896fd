// What io::Stream promises, asked of TCP over loopback and of the pair in memory.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "backend/local/anonymous_memory.h"
#include "backend/local/tcp_connect.h"
#include "backend/local/tcp_listener.h"
#include "backend/memory/memory_stream.h"
#include "rt/await.h"

namespace tp {
namespace {

using StreamPointer = std::unique_ptr<io::Stream>;

Bytes pattern(size_t size) {
  Bytes bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 11);
  return bytes;
}

Task<Bytes> read_to_end(io::Stream* stream) {
  Bytes all;
  Bytes buffer(70'000, '\0');
  for (;;) {
    TP_CO_TRY(const size_t got, co_await stream->read_some(buffer));
    if (got == 0) co_return all;
    all.append(buffer, 0, got);
  }
}

Task<void> echo(StreamPointer stream) {
  Bytes buffer(50'000, '\0');
  for (;;) {
    TP_CO_TRY(const size_t got, co_await stream->read_some(buffer));
    if (got == 0) break;
    const std::array<BytesView, 1> pieces = {BytesView(buffer.data(), got)};
    TP_CO_TRY_VOID(co_await stream->write_all(pieces));
  }
  stream->shutdown_write();
  co_return ok;
}

Task<void> send_all(io::Stream* stream, Bytes bytes, Result<void>* result) {
  const std::array<BytesView, 4> pieces = {BytesView(bytes).substr(0, 1), BytesView(), BytesView(bytes).substr(1, 9),
                                           BytesView(bytes).substr(10)};
  *result = co_await stream->write_all(pieces);
  stream->shutdown_write();
  co_return ok;
}

Task<Bytes> through_echo(StreamPointer stream, Bytes bytes) {
  rt::TaskGroup group;
  Result<void> sent = ok;
  group.spawn(send_all(stream.get(), std::move(bytes), &sent));
  auto all = co_await read_to_end(stream.get());
  co_await group.join();
  TP_CO_TRY_VOID(std::move(sent));
  co_return all;
}

class TcpTest : public testing::Test {
 protected:
  TcpTest() : runtime_({.loops = 2}) {}
  ~TcpTest() override { stop(); }
  void listen(io::Listener::Handler handler, size_t max_connections = 100) {
    local::TcpListener::Options options;
    options.runtime = &runtime_;
    options.address = "127.0.0.1";
    options.max_connections = max_connections;
    options.congestion_control = "reno";
    auto opened = runtime_.block_on(local::TcpListener::open(std::move(options), std::move(handler)));
    ASSERT_TRUE(opened) << opened.error().to_string();
    listener_ = std::move(*opened);
  }
  void stop(rt::Nanos drain = 0) {
    if (listener_) EXPECT_TRUE(runtime_.block_on(listener_->stop(drain)));
    listener_.reset();
  }
  local::ConnectOptions to_listener() { return {.runtime = &runtime_, .host = "127.0.0.1", .port = listener_->port()}; }
  rt::Runtime runtime_;
  std::unique_ptr<local::TcpListener> listener_;
};

Task<Bytes> connect_and_echo(local::ConnectOptions options, Bytes bytes) {
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  EXPECT_EQ(stream->peer_address().substr(0, 10), "127.0.0.1:");
  co_return co_await through_echo(std::move(stream), std::move(bytes));
}

TEST_F(TcpTest, WhatIsSentComesBackWhole) {
  listen(echo);
  for (const size_t size : {10u, 1000u, 70'000u, 10'000'000u}) {
    const Bytes bytes = pattern(size);
    for (unsigned loop = 0; loop < 2; ++loop) {
      const auto back = runtime_.block_on(connect_and_echo(to_listener(), bytes), loop);
      ASSERT_TRUE(back) << back.error().to_string();
      EXPECT_TRUE(*back == bytes);
    }
  }
  stop(rt::kSecond);
}

Task<void> echo_once(local::ConnectOptions options, int* good) {
  const Bytes bytes = pattern(100'000);
  auto back = co_await connect_and_echo(std::move(options), bytes);
  if (back && *back == bytes) ++*good;
  co_return ok;
}
Task<int> echo_many(local::ConnectOptions options, int count) {
  int good = 0;
  rt::TaskGroup group;
  for (int i = 0; i < count; ++i) group.spawn(echo_once(options, &good));
  co_await group.join();
  co_return good;
}

TEST_F(TcpTest, ConnectionsAreSpreadOverTheLoops) {
  std::array<std::atomic<int>, 2> seen{};
  listen([&seen](StreamPointer stream) {
    ++seen[rt::Loop::current().index()];
    return echo(std::move(stream));
  });
  EXPECT_EQ(runtime_.block_on(echo_many(to_listener(), 90)).value(), 90);
  EXPECT_GT(seen[0], 20);
  EXPECT_GT(seen[1], 20);
}

Task<void> send_regions(StreamPointer stream, local::AnonymousMemory* memory) {
  const Bytes head = "head:";
  for (const bool lendable : {false, true}) {
    for (const size_t size : {1u, 100u, 40'000u, 262'144u, 3'000'000u}) {
      io::SendRegion region;
      region.bytes = BytesView(memory->bytes().data() + 4097, size);
      region.lendable = lendable;
      TP_CO_TRY_VOID(co_await stream->write_region(head, region));
    }
  }
  stream->shutdown_write();
  co_return ok;
}
Task<Bytes> connect_and_read(local::ConnectOptions options) {
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  co_return co_await read_to_end(stream.get());
}

std::unique_ptr<local::AnonymousMemory> memory_with(const Bytes& bytes) {
  auto memory = std::move(*local::AnonymousMemory::make(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), memory->bytes().data());
  return memory;
}

TEST_F(TcpTest, RegionsFollowTheirHeads) {
  const Bytes bytes = pattern(4 << 20);
  auto memory = memory_with(bytes);
  listen([&memory](StreamPointer stream) { return send_regions(std::move(stream), memory.get()); });
  Bytes expected;
  for (int twice = 0; twice < 2; ++twice) {
    for (const size_t size : {1u, 100u, 40'000u, 262'144u, 3'000'000u}) expected += "head:" + bytes.substr(4097, size);
  }
  EXPECT_TRUE(runtime_.block_on(connect_and_read(to_listener())).value() == expected);
}

Task<void> lend_and_overwrite(StreamPointer stream, local::AnonymousMemory* memory, std::atomic<bool>* sent) {
  io::SendRegion region;
  region.bytes = BytesView(memory->bytes().data(), 256 << 10);
  region.lendable = true;
  TP_CO_TRY_VOID(co_await stream->write_region("", region));
  memory->detach(0, memory->detach_unit());
  EXPECT_EQ(memory->bytes()[77], '\0');
  std::fill_n(memory->bytes().data(), 256 << 10, '!');
  *sent = true;
  stream->shutdown_write();
  co_return ok;
}
Task<Bytes> read_after(local::ConnectOptions options, std::atomic<bool>* sent) {
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  while (!*sent) co_await rt::sleep_for(rt::kMillisecond);
  co_return co_await read_to_end(stream.get());
}

TEST_F(TcpTest, LentPagesArriveAsTheyWereAlsoIfTheirMemoryIsReused) {
  const Bytes bytes = pattern(2 << 20);
  auto memory = memory_with(bytes);
  if (memory->detach_unit() == 0) GTEST_SKIP() << "no huge pages here: nothing is lent";
  std::atomic<bool> sent{false};
  listen([&](StreamPointer stream) { return lend_and_overwrite(std::move(stream), memory.get(), &sent); });
  EXPECT_TRUE(runtime_.block_on(read_after(to_listener(), &sent), 1).value() == bytes.substr(0, 256 << 10));
}

Task<void> lend_to_the_deaf(StreamPointer stream, local::AnonymousMemory* memory, std::atomic<int>* timed_out) {
  stream->set_idle_timeout(50 * rt::kMillisecond);
  io::SendRegion region;
  region.bytes = BytesView(memory->bytes().data(), memory->bytes().size());
  region.lendable = true;
  for (int i = 0; i < 100; ++i) {
    auto written = co_await stream->write_region("", region);
    if (written) continue;
    *timed_out += written.error().code == Code::kTimeout;
    break;
  }
  co_return ok;
}
Task<void> connect_deaf(local::ConnectOptions options, int count, std::atomic<int>* timed_out) {
  std::vector<StreamPointer> open;
  for (int i = 0; i < count; ++i) {
    TP_CO_TRY(auto stream, co_await local::tcp_connect(options));
    open.push_back(std::move(stream));
  }
  while (*timed_out < count) co_await rt::sleep_for(rt::kMillisecond);
  co_return ok;
}

TEST_F(TcpTest, PeersThatStopReadingTimeOutWhetherPagesAreLentOrCopied) {
  auto memory = memory_with(pattern(2 << 20));
  std::atomic<int> timed_out{0};
  listen([&](StreamPointer stream) { return lend_to_the_deaf(std::move(stream), memory.get(), &timed_out); });
  constexpr int kMoreThanMayLend = 80;
  EXPECT_TRUE(runtime_.block_on(connect_deaf(to_listener(), kMoreThanMayLend, &timed_out)));
  EXPECT_EQ(timed_out, kMoreThanMayLend);
}

Task<void> hold(StreamPointer stream, std::atomic<int>* ended, Code* why) {
  Bytes buffer(10, '\0');
  auto got = co_await stream->read_some(buffer);
  if (!got) *why = got.error().code;
  ++*ended;
  co_return ok;
}

TEST_F(TcpTest, StopClosesWhatOutlivesTheDrainAndJoinsIt) {
  std::atomic<int> ended{0};
  Code why = Code::kInternal;
  listen([&](StreamPointer stream) { return hold(std::move(stream), &ended, &why); });
  auto client = runtime_.block_on(local::tcp_connect(to_listener()));
  ASSERT_TRUE(client);
  stop(10 * rt::kMillisecond);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(why, Code::kClosed);
  auto read_end = [](StreamPointer stream) -> Task<Bytes> { co_return co_await read_to_end(stream.get()); };
  EXPECT_EQ(runtime_.block_on(read_end(std::move(*client))).value(), "");
}

Task<void> time_out(StreamPointer stream, std::atomic<int>* ended, Code* why) {
  stream->set_idle_timeout(50 * rt::kMillisecond);
  co_return co_await hold(std::move(stream), ended, why);
}

TEST_F(TcpTest, AnIdleConnectionTimesOut) {
  std::atomic<int> ended{0};
  Code why = Code::kInternal;
  listen([&](StreamPointer stream) { return time_out(std::move(stream), &ended, &why); });
  EXPECT_EQ(runtime_.block_on(connect_and_read(to_listener())).value(), "");
  stop(rt::kSecond);
  EXPECT_EQ(why, Code::kTimeout);
}

Task<Code> write_until_it_fails(local::ConnectOptions options) {
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  stream->set_idle_timeout(50 * rt::kMillisecond);
  const Bytes bytes(1 << 20, 'x');
  const std::array<BytesView, 1> pieces = {bytes};
  for (int i = 0; i < 1000; ++i) {
    auto written = co_await stream->write_all(pieces);
    if (!written) co_return written.error().code;
  }
  co_return Code::kInternal;
}
Task<void> read_nothing(StreamPointer stream, std::atomic<bool>* leave) {
  while (!*leave) co_await rt::sleep_for(rt::kMillisecond);
  co_return ok;
}

TEST_F(TcpTest, APeerThatStopsReadingTimesOutTheWriter) {
  std::atomic<bool> leave{false};
  listen([&](StreamPointer stream) { return read_nothing(std::move(stream), &leave); });
  EXPECT_EQ(runtime_.block_on(write_until_it_fails(to_listener())).value(), Code::kTimeout);
  leave = true;
  stop(rt::kSecond);
}

Task<size_t> hold_some(local::ConnectOptions options, size_t count) {
  std::vector<StreamPointer> open;
  size_t refused = 0;
  Bytes buffer(8, '\0');
  for (size_t i = 0; i < count; ++i) {
    TP_CO_TRY(auto stream, co_await local::tcp_connect(options));
    const std::array<BytesView, 1> hello = {"hello"};
    [[maybe_unused]] auto sent = co_await stream->write_all(hello);
    auto got = co_await stream->read_some(buffer);
    if (!got || *got == 0) {
      ++refused;
    } else {
      open.push_back(std::move(stream));
    }
  }
  co_return refused;
}

TEST_F(TcpTest, ConnectionsOverTheLimitAreClosed) {
  listen(echo, 5);
  EXPECT_EQ(runtime_.block_on(hold_some(to_listener(), 8)).value(), 3u);
  EXPECT_EQ(listener_->stats().refused, 3u);
  stop(rt::kSecond);
}

TEST_F(TcpTest, ATakenPortAndAWrongAddressAreNamed) {
  listen(echo);
  local::TcpListener::Options options;
  options.runtime = &runtime_;
  options.address = "127.0.0.1";
  options.port = listener_->port();
  auto second = runtime_.block_on(local::TcpListener::open(options, echo));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string(listener_->port())), std::string::npos);
  options.address = "192.0.2.77";
  options.port = 0;
  EXPECT_EQ(runtime_.block_on(local::TcpListener::open(options, echo)).error().code, Code::kInvalidArgument);
}

TEST_F(TcpTest, ConnectingToNobodyIsUnavailable) {
  listen(echo);
  const auto options = to_listener();
  stop();
  EXPECT_EQ(runtime_.block_on(local::tcp_connect(options)).error().code, Code::kUnavailable);
}

TEST_F(TcpTest, OutOfDescriptorsAcceptingPausesAndTakesUpAgain) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "UBSan opens a pipe to look at an object's vptr, and this test leaves no descriptor for it";
#endif
  listen(echo);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener_->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few = {static_cast<rlim_t>(clients.back()) + 50, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<int> fillers;
  for (int filler = ::dup(clients[0]); filler >= 0; filler = ::dup(clients[0])) fillers.push_back(filler);
  for (const int client : clients) {
    EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(client, "hello", 5, 0), 5);
  }
  while (listener_->stats().pauses == 0) std::this_thread::yield();
  EXPECT_EQ(listener_->stats().accepted, 0u);
  for (const int filler : fillers) ::close(filler);
  for (const int client : clients) {
    char answer[5] = {};
    EXPECT_EQ(::recv(client, answer, sizeof answer, MSG_WAITALL), 5);
    EXPECT_EQ(BytesView(answer, 5), "hello");
    ::close(client);
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  stop(rt::kSecond);
}

TEST_F(TcpTest, TheWildcardAddressTakesIPv4) {
  local::TcpListener::Options options;
  options.runtime = &runtime_;
  auto opened = runtime_.block_on(local::TcpListener::open(std::move(options), echo));
  ASSERT_TRUE(opened) << opened.error().to_string();
  listener_ = std::move(*opened);
  EXPECT_EQ(runtime_.block_on(connect_and_echo(to_listener(), pattern(100))).value(), pattern(100));
  stop(rt::kSecond);
}

Task<Bytes> memory_echo(memory::MemoryStreamOptions options, Bytes bytes) {
  auto [near, far] = memory::make_stream_pair(options);
  rt::TaskGroup group;
  group.spawn(echo(std::move(far)));
  auto back = co_await through_echo(std::move(near), std::move(bytes));
  co_await group.join();
  co_return back;
}

TEST(MemoryStream, CarriesBytesHoweverTheyAreSplit) {
  rt::Runtime runtime({.loops = 1});
  const Bytes bytes = pattern(300'000);
  EXPECT_TRUE(runtime.block_on(memory_echo({}, bytes)).value() == bytes);
  EXPECT_TRUE(runtime.block_on(memory_echo({.buffer_bytes = 17}, bytes)).value() == bytes);
  EXPECT_TRUE(runtime.block_on(memory_echo({.max_read_bytes = 3, .max_write_bytes = 7}, bytes)).value() == bytes);
  EXPECT_EQ(runtime.block_on(memory_echo({.break_after_bytes = 5000}, bytes)).error().code, Code::kClosed);
}

Task<void> memory_timeout(rt::ManualClock* clock) {
  auto [near, far] = memory::make_stream_pair();
  near->set_idle_timeout(30 * rt::kSecond);
  clock->advance(rt::kSecond);
  rt::TaskGroup group;
  std::atomic<int> ended{0};
  Code why = Code::kInternal;
  group.spawn(hold(std::move(near), &ended, &why));
  clock->advance(31 * rt::kSecond);
  co_await group.join();
  EXPECT_EQ(why, Code::kTimeout);
  EXPECT_EQ(co_await read_to_end(far.get()), Bytes());
  co_return ok;
}

TEST(MemoryStream, TimesOutByTheLoopsClock) {
  rt::ManualClock clock;
  rt::Runtime runtime({.loops = 1, .clock = &clock});
  EXPECT_TRUE(runtime.block_on(memory_timeout(&clock)));
}

}  // namespace
}  // namespace tp
