#include "rt/async_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "rt/await.h"
#include "rt/runtime.h"

namespace tp::rt {
namespace {

using Order = std::vector<int>;

Task<void> note_inside(AsyncMutex* mutex, Order* order, int number) {
  const auto guard = co_await mutex->lock();
  order->push_back(number);
  co_await yield();
  order->push_back(number);
  co_return ok;
}

Task<void> arrive_one_by_one(Order* order) {
  AsyncMutex mutex;
  TaskGroup group;
  for (int i = 0; i < 20; ++i) group.spawn(note_inside(&mutex, order, i));
  EXPECT_EQ(*order, Order{0});  // the first is inside, the others wait
  co_await group.join();
  co_return ok;
}

TEST(AsyncMutex, LetsOneInAtATimeInOrderOfArrival) {
  Runtime runtime({.loops = 1});
  Order order;
  ASSERT_TRUE(runtime.block_on(arrive_one_by_one(&order)));
  Order expected;
  for (int i = 0; i < 20; ++i) expected.insert(expected.end(), {i, i});
  EXPECT_EQ(order, expected);
}

Task<void> enter_again_and_again(AsyncMutex* mutex, Order* order, int number, int times) {
  for (int i = 0; i < times; ++i) {
    const auto guard = co_await mutex->lock();
    order->push_back(number);
    co_await yield();
  }
  co_return ok;
}

Task<void> never_ask_loudly(Order* order) {
  AsyncMutex mutex;
  TaskGroup group;
  group.spawn(enter_again_and_again(&mutex, order, 1, 100));
  group.spawn(enter_again_and_again(&mutex, order, 2, 3));
  co_await group.join();
  co_return ok;
}

TEST(AsyncMutex, DoesNotLetOneThatComesBackPassThoseWhoWait) {
  Runtime runtime({.loops = 1});
  Order order;
  ASSERT_TRUE(runtime.block_on(never_ask_loudly(&order)));
  ASSERT_EQ(order.size(), 103u);
  EXPECT_EQ(Order(order.begin(), order.begin() + 7), (Order{1, 2, 1, 2, 1, 2, 1}));
}

Task<void> fail_inside(AsyncMutex* mutex) {
  const auto guard = co_await mutex->lock();
  co_await yield();
  co_return fail(Code::kIo, "inside");
}
Task<void> throw_inside(AsyncMutex* mutex) {
  const auto guard = co_await mutex->lock();
  throw std::runtime_error("inside");
}
Task<int> leave_in_every_way() {
  AsyncMutex mutex;
  int entered = 0;
  EXPECT_FALSE(co_await fail_inside(&mutex));
  EXPECT_FALSE(co_await throw_inside(&mutex));
  {
    auto guard = co_await mutex.lock();
    // The right goes with the guard that it was moved to, once.
    const auto moved = std::move(guard);
    ++entered;
  }
  const auto guard = co_await mutex.lock();
  co_return ++entered;
}

TEST(AsyncMutex, IsGivenBackHoweverItsHolderLeaves) {
  Runtime runtime({.loops = 1});
  EXPECT_EQ(runtime.block_on(leave_in_every_way()).value(), 2);
}

/// What two loops change under one mutex, without atomics: the thread sanitizer watches.
struct Shared {
  AsyncMutex mutex;
  bool inside = false;
  int entered = 0, overlaps = 0, strays = 0;
};

Task<void> count_inside(Shared* shared, int times) {
  const unsigned home = Loop::current().index();
  for (int i = 0; i < times; ++i) {
    const auto guard = co_await shared->mutex.lock();
    if (Loop::current().index() != home) ++shared->strays;
    if (std::exchange(shared->inside, true)) ++shared->overlaps;
    ++shared->entered;
    if (i % 3 == 0) co_await yield();
    shared->inside = false;
  }
  co_return ok;
}

Task<void> from_two_loops(Runtime* runtime, Shared* shared) {
  TaskGroup groups[2];
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await resume_on(runtime->loop(loop));
    for (int i = 0; i < 8; ++i) groups[loop].spawn(count_inside(shared, 200));
  }
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await resume_on(runtime->loop(loop));
    co_await groups[loop].join();
  }
  co_await resume_on(runtime->loop(0));
  co_return ok;
}

TEST(AsyncMutex, KeepsLoopsApartAndResumesEachAtHome) {
  Runtime runtime({.loops = 2});
  Shared shared;
  ASSERT_TRUE(runtime.block_on(from_two_loops(&runtime, &shared)));
  EXPECT_EQ(shared.entered, 2 * 8 * 200);
  EXPECT_EQ(shared.overlaps, 0);
  EXPECT_EQ(shared.strays, 0);
}

/// Gives the right back on another loop than the one that asked for it.
Task<void> leave_elsewhere(Runtime* runtime, AsyncMutex* mutex, int* left) {
  const unsigned home = Loop::current().index();
  {
    const auto guard = co_await mutex->lock();
    co_await resume_on(runtime->loop(1 - home));
    ++*left;
  }
  co_await resume_on(runtime->loop(home));
  co_return ok;
}

Task<void> hand_over(Runtime* runtime, int* left) {
  AsyncMutex mutex;
  TaskGroup group;
  for (int i = 0; i < 50; ++i) group.spawn(leave_elsewhere(runtime, &mutex, left));
  co_await group.join();
  co_return ok;
}

TEST(AsyncMutex, MayBeGivenBackOnAnotherLoop) {
  Runtime runtime({.loops = 2});
  int left = 0;
  ASSERT_TRUE(runtime.block_on(hand_over(&runtime, &left)));
  EXPECT_EQ(left, 50);
}

}  // namespace
}  // namespace tp::rt
