#include "front/redis/commands/command_table.h"
#include "front/redis/commands/strings/strings.h"

namespace tp::redis {

namespace {

constexpr uint32_t kRead = kReadonly | kLoads;
constexpr uint32_t kPut = kWrite | kDenyOom;
constexpr uint32_t kEdit = kWrite | kDenyOom | kLoads;

constexpr Command kCommands[] = {
    {"append", 3, kEdit | kFast, 1, 1, 1, run_append, nullptr, "string", "2.0.0", "Append a value to a key"},
    {"decr", 2, kEdit | kFast, 1, 1, 1, run_decr, nullptr, "string", "1.0.0",
     "Decrement the integer value of a key by one"},
    {"decrby", 3, kEdit | kFast, 1, 1, 1, run_decrby, nullptr, "string", "1.0.0",
     "Decrement the integer value of a key by the given number"},
    {"get", 2, kRead | kFast | kOwnLookup, 1, 1, 1, run_get, run_get_slow, "string", "1.0.0", "Get the value of a key"},
    {"getdel", 2, kWrite | kLoads | kFast, 1, 1, 1, run_getdel, nullptr, "string", "6.2.0",
     "Get the value of a key and delete the key"},
    {"getex", -2, kWrite | kLoads | kFast, 1, 1, 1, run_getex, nullptr, "string", "6.2.0",
     "Get the value of a key and optionally set its expiration"},
    {"getrange", 4, kRead, 1, 1, 1, run_getrange, nullptr, "string", "2.4.0",
     "Get a substring of the string stored at a key"},
    {"getset", 3, kEdit | kFast, 1, 1, 1, run_getset, nullptr, "string", "1.0.0",
     "Set the string value of a key and return its old value"},
    {"incr", 2, kEdit | kFast, 1, 1, 1, run_incr, nullptr, "string", "1.0.0",
     "Increment the integer value of a key by one"},
    {"incrby", 3, kEdit | kFast, 1, 1, 1, run_incrby, nullptr, "string", "1.0.0",
     "Increment the integer value of a key by the given amount"},
    {"incrbyfloat", 3, kEdit | kFast, 1, 1, 1, run_incrbyfloat, nullptr, "string", "2.6.0",
     "Increment the float value of a key by the given amount"},
    {"mget", -2, kRead | kFast, 1, -1, 1, run_mget, nullptr, "string", "1.0.0", "Get the values of all the given keys"},
    {"mset", -3, kPut, 1, -1, 2, run_mset, nullptr, "string", "1.0.1", "Set multiple keys to multiple values"},
    {"msetnx", -3, kPut, 1, -1, 2, run_msetnx, nullptr, "string", "1.0.1",
     "Set multiple keys to multiple values, only if none of the keys exist"},
    {"psetex", 4, kPut, 1, 1, 1, run_setex, nullptr, "string", "2.6.0",
     "Set the value and expiration in milliseconds of a key"},
    {"set", -3, kEdit, 1, 1, 1, run_set, nullptr, "string", "1.0.0", "Set the string value of a key"},
    {"setex", 4, kPut, 1, 1, 1, run_setex, nullptr, "string", "2.0.0", "Set the value and expiration of a key"},
    {"setnx", 3, kPut | kFast, 1, 1, 1, run_setnx, nullptr, "string", "1.0.0",
     "Set the value of a key, only if the key does not exist"},
    {"setrange", 4, kEdit, 1, 1, 1, run_setrange, nullptr, "string", "2.2.0",
     "Overwrite part of a string at key starting at the specified offset"},
    {"strlen", 2, kReadonly | kFast, 1, 1, 1, run_strlen, nullptr, "string", "2.2.0",
     "Get the length of the value stored in a key"},
    {"substr", 4, kRead, 1, 1, 1, run_getrange, nullptr, "string", "1.0.0",
     "Get a substring of the string stored at a key"},
};

}  // namespace

std::span<const Command> string_commands() {
  return kCommands;
}

}  // namespace tp::redis
