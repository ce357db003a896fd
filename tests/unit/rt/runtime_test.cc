#include "rt/runtime.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <set>

#include "rt/await.h"
#include "rt/semaphore.h"

namespace tp::rt {
namespace {

Task<int> plus_one(int value) { co_return value + 1; }
Task<int> broken() { co_return fail(Code::kIo, "disk gone"); }
Task<int> throwing() {
  throw std::runtime_error("from a library");
  co_return 1;
}
Task<int> chain(int depth) {
  if (depth == 0) co_return 0;
  TP_CO_TRY(const int below, co_await chain(depth - 1));
  co_return below + 1;
}
Task<int> propagate() {
  TP_CO_TRY(const int value, co_await broken());
  co_return value;
}

TEST(Runtime, AwaitedTasksYieldTheirResult) {
  Runtime runtime({.loops = 2});
  EXPECT_EQ(runtime.block_on(plus_one(41)).value(), 42);
  EXPECT_EQ(runtime.block_on(propagate()).error().code, Code::kIo);
  EXPECT_EQ(runtime.block_on(throwing()).error().code, Code::kInternal);
}

TEST(Runtime, DeepChainsDoNotGrowTheStack) {
  Runtime runtime({.loops = 1});
  EXPECT_EQ(runtime.block_on(chain(20'000)).value(), 20'000);
}

Task<int> scheduling() { co_return sched_getscheduler(0); }

TEST(Runtime, LoopsDoNotPushOthersAside) {
  Runtime runtime({.loops = 2});
  EXPECT_EQ(runtime.block_on(scheduling(), 0).value(), SCHED_BATCH);
  EXPECT_EQ(runtime.block_on(scheduling(), 1).value(), SCHED_BATCH);
}

Task<unsigned> hop(Runtime* runtime) {
  co_await resume_on(runtime->loop(1));
  const unsigned there = Loop::current().index();
  co_await resume_on(runtime->loop(0));
  co_return there * 10 + Loop::current().index();
}

TEST(Runtime, ResumeOnMovesACoroutineBetweenLoops) {
  Runtime runtime({.loops = 2});
  EXPECT_EQ(runtime.block_on(hop(&runtime)).value(), 10u);
}

Task<std::string> from_pool(BlockingPool* pool) {
  auto call = []() -> Result<std::string> { return std::string("done"); };
  Loop* home = &Loop::current();
  TP_CO_TRY(auto text, co_await pool->run(call));
  EXPECT_EQ(home, &Loop::current());
  co_return text;
}

TEST(BlockingPool, RunsTheCallAndResumesAtHome) {
  Runtime runtime({.loops = 2});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(runtime.block_on(from_pool(&runtime.pool()), i % 2).value(), "done");
}

Task<void> sleeper(std::multiset<int>* order, int ms) {
  co_await sleep_for(ms * kMillisecond);
  order->insert(ms);
  co_return ok;
}
Task<void> many_sleepers(std::multiset<int>* order) {
  TaskGroup group;
  for (int i = 0; i < 100; ++i) group.spawn(sleeper(order, i % 7));
  EXPECT_EQ(group.running(), 100u - 15u);  // those of 0 ms are done already
  co_await group.join();
  co_return ok;
}

TEST(TaskGroup, JoinWaitsForAll) {
  Runtime runtime({.loops = 1});
  std::multiset<int> order;
  EXPECT_TRUE(runtime.block_on(many_sleepers(&order)));
  EXPECT_EQ(order.size(), 100u);
}

Task<void> guarded(Semaphore* semaphore, int* inside, int* most) {
  co_await semaphore->acquire(2);
  *most = std::max(*most, ++*inside);
  co_await yield();
  --*inside;
  semaphore->release(2);
  co_return ok;
}
Task<int> contend() {
  Semaphore semaphore(6);
  int inside = 0;
  int most = 0;
  TaskGroup group;
  for (int i = 0; i < 50; ++i) group.spawn(guarded(&semaphore, &inside, &most));
  co_await group.join();
  EXPECT_EQ(semaphore.available(), 6u);
  co_return most;
}

TEST(Semaphore, BoundsWhatIsInside) {
  Runtime runtime({.loops = 1});
  EXPECT_EQ(runtime.block_on(contend()).value(), 3);
}

TEST(Runtime, AManualClockMovesTimersByHand) {
  ManualClock clock;
  Runtime runtime({.loops = 1, .clock = &clock});
  std::multiset<int> order;
  std::atomic<bool> woken{false};
  std::thread mover([&] {
    while (!woken) {
      clock.advance(3600 * kSecond / 100);
      std::this_thread::yield();
    }
  });
  EXPECT_TRUE(runtime.block_on(sleeper(&order, 1000)));
  woken = true;
  mover.join();
}

}  // namespace
}  // namespace tp::rt
