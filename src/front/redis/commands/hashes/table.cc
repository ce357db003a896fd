#include "front/redis/commands/command_table.h"
#include "front/redis/commands/hashes/hashes.h"

namespace tp::redis {

namespace {

constexpr uint32_t kRead = kReadonly | kLoads;
constexpr uint32_t kEdit = kWrite | kDenyOom | kLoads;

constexpr Command kCommands[] = {
    {"hdel", -3, kWrite | kLoads | kFast, 1, 1, 1, run_hdel, nullptr, "hash", "2.0.0",
     "Delete one or more hash fields"},
    {"hexists", 3, kRead | kFast, 1, 1, 1, run_hexists, nullptr, "hash", "2.0.0", "Determine if a hash field exists"},
    {"hget", 3, kRead | kFast, 1, 1, 1, run_hget, nullptr, "hash", "2.0.0", "Get the value of a hash field"},
    {"hgetall", 2, kRead, 1, 1, 1, run_hgetall, nullptr, "hash", "2.0.0", "Get all the fields and values in a hash"},
    {"hincrby", 4, kEdit | kFast, 1, 1, 1, run_hincrby, nullptr, "hash", "2.0.0",
     "Increment the integer value of a hash field by the given number"},
    {"hincrbyfloat", 4, kEdit | kFast, 1, 1, 1, run_hincrbyfloat, nullptr, "hash", "2.6.0",
     "Increment the float value of a hash field by the given amount"},
    {"hkeys", 2, kRead, 1, 1, 1, run_hgetall, nullptr, "hash", "2.0.0", "Get all the fields in a hash"},
    {"hlen", 2, kRead | kFast, 1, 1, 1, run_hlen, nullptr, "hash", "2.0.0", "Get the number of fields in a hash"},
    {"hmget", -3, kRead | kFast, 1, 1, 1, run_hmget, nullptr, "hash", "2.0.0",
     "Get the values of all the given hash fields"},
    {"hmset", -4, kEdit | kFast, 1, 1, 1, run_hset, nullptr, "hash", "2.0.0",
     "Set multiple hash fields to multiple values"},
    {"hrandfield", -2, kRead, 1, 1, 1, run_hrandfield, nullptr, "hash", "6.2.0",
     "Get one or multiple random fields from a hash"},
    {"hscan", -3, kRead, 1, 1, 1, run_hscan, nullptr, "hash", "2.8.0",
     "Incrementally iterate hash fields and associated values"},
    {"hset", -4, kEdit | kFast, 1, 1, 1, run_hset, nullptr, "hash", "2.0.0", "Set the string value of a hash field"},
    {"hsetnx", 4, kEdit | kFast, 1, 1, 1, run_hsetnx, nullptr, "hash", "2.0.0",
     "Set the value of a hash field, only if the field does not exist"},
    {"hstrlen", 3, kRead | kFast, 1, 1, 1, run_hstrlen, nullptr, "hash", "3.2.0",
     "Get the length of the value of a hash field"},
    {"hvals", 2, kRead, 1, 1, 1, run_hgetall, nullptr, "hash", "2.0.0", "Get all the values in a hash"},
};

}  // namespace

std::span<const Command> hash_commands() {
  return kCommands;
}

}  // namespace tp::redis
