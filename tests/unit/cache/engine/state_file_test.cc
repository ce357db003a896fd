#include "cache/spaces/state_file.h"

#include <gtest/gtest.h>

#include "backend/memory/memory_file_system.h"
#include "rt/runtime.h"

namespace tp::cache {
namespace {

class StateFileTest : public testing::Test {
 protected:
  StateFileTest() : runtime_({.loops = 1, .blocking_threads = 1}) {
    EXPECT_TRUE(runtime_.block_on(files_.make_directory("v")));
  }
  static VolumeState numbered(uint64_t number) {
    VolumeState state;
    state.spaces.emplace_back("model=a;", "\x01\xff tenant");
    state.ledger["alice"].writes = number;
    state.ledger["alice"].saved_seconds = 0.1;
    return state;
  }
  uint64_t load() {
    StateFile file(&files_, "v");
    const auto state = runtime_.block_on(file.load());
    return state && state->ledger.contains("alice") ? state->ledger.at("alice").writes : 0;
  }

  memory::MemoryFileSystem files_;
  rt::Runtime runtime_;
};

TEST_F(StateFileTest, the_newer_whole_one_counts) {
  EXPECT_EQ(load(), 0u);
  StateFile file(&files_, "v");
  ASSERT_TRUE(runtime_.block_on(file.load()));
  for (uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(runtime_.block_on(file.save(numbered(i))));
    EXPECT_EQ(load(), i);
  }
  ASSERT_TRUE(files_.flip_bit("v/state-1", 40, 2));  // the third is there
  EXPECT_EQ(load(), 2u);
  ASSERT_TRUE(files_.flip_bit("v/state-0", 3, 2));
  EXPECT_EQ(load(), 0u);
}

TEST_F(StateFileTest, a_torn_save_leaves_the_one_before) {
  StateFile file(&files_, "v");
  ASSERT_TRUE(runtime_.block_on(file.load()));
  ASSERT_TRUE(runtime_.block_on(file.save(numbered(1))));
  memory::FaultPlan plan;
  plan.fail_at = 1;
  plan.only_writes = true;
  plan.partial_write = true;
  files_.set_plan(plan);
  EXPECT_FALSE(runtime_.block_on(file.save(numbered(2))));
  EXPECT_EQ(load(), 1u);
  EXPECT_TRUE(runtime_.block_on(file.save(numbered(2))));
  EXPECT_EQ(load(), 2u);
}

TEST_F(StateFileTest, text_comes_back_and_rubbish_is_refused) {
  const auto state = parse_state(state_text(numbered(9)));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->spaces, numbered(9).spaces);
  EXPECT_DOUBLE_EQ(state->ledger.at("alice").saved_seconds, 0.1);
  for (const char* text : {"", "[]", "{}", "{\"spaces\":[[\"zz\",\"\"]],\"ledger\":{}}", "{\"spaces\":7,\"ledger\":{}}",
                           "{\"spaces\":[],\"ledger\":{\"61\":{\"writes\":-1}}}"}) {
    EXPECT_FALSE(parse_state(text)) << text;
  }
}

}  // namespace
}  // namespace tp::cache
