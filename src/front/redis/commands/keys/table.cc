#include "front/redis/commands/command_table.h"
#include "front/redis/commands/keys/keys.h"

namespace tp::redis {

namespace {

constexpr uint32_t kWalk = kReadonly | kNeedsSpace | kNoSection;

constexpr Command kCommands[] = {
    {"copy", -3, kWrite | kDenyOom | kLoads, 1, 2, 1, run_copy, nullptr, "generic", "6.2.0", "Copy a key"},
    {"dbsize", 1, kWalk | kFast, 0, 0, 0, run_dbsize, nullptr, "server", "1.0.0",
     "Return the number of keys in the selected database"},
    {"del", -2, kWrite, 1, -1, 1, run_del, nullptr, "generic", "1.0.0", "Delete a key"},
    {"exists", -2, kReadonly | kFast, 1, -1, 1, run_exists, nullptr, "generic", "1.0.0", "Determine if a key exists"},
    {"expire", -3, kWrite | kFast, 1, 1, 1, run_expire, nullptr, "generic", "1.0.0",
     "Set a key's time to live in seconds"},
    {"expireat", -3, kWrite | kFast, 1, 1, 1, run_expire, nullptr, "generic", "1.2.0",
     "Set the expiration for a key as a UNIX timestamp"},
    {"expiretime", 2, kReadonly | kFast, 1, 1, 1, run_ttl, nullptr, "generic", "7.0.0",
     "Get the expiration Unix timestamp for a key"},
    {"flushall", -1, kWrite | kNeedsSpace | kNoSection, 0, 0, 0, nullptr, run_flush, "server", "1.0.0",
     "Remove all keys from the bound key space"},
    {"flushdb", -1, kWrite | kNeedsSpace | kNoSection, 0, 0, 0, nullptr, run_flush, "server", "1.0.0",
     "Remove all keys from the bound key space"},
    {"keys", 2, kWalk, 0, 0, 0, nullptr, run_keys, "generic", "1.0.0", "Find all keys matching the given pattern"},
    {"persist", 2, kWrite | kFast, 1, 1, 1, run_persist, nullptr, "generic", "2.2.0",
     "Remove the expiration from a key"},
    {"pexpire", -3, kWrite | kFast, 1, 1, 1, run_expire, nullptr, "generic", "2.6.0",
     "Set a key's time to live in milliseconds"},
    {"pexpireat", -3, kWrite | kFast, 1, 1, 1, run_expire, nullptr, "generic", "2.6.0",
     "Set the expiration for a key as a UNIX timestamp specified in milliseconds"},
    {"pexpiretime", 2, kReadonly | kFast, 1, 1, 1, run_ttl, nullptr, "generic", "7.0.0",
     "Get the expiration Unix timestamp for a key in milliseconds"},
    {"pttl", 2, kReadonly | kFast, 1, 1, 1, run_ttl, nullptr, "generic", "2.6.0",
     "Get the time to live for a key in milliseconds"},
    {"randomkey", 1, kWalk, 0, 0, 0, run_randomkey, nullptr, "generic", "1.0.0",
     "Return a random key from the keyspace"},
    {"rename", 3, kWrite | kLoads, 1, 2, 1, run_rename, nullptr, "generic", "1.0.0", "Rename a key"},
    {"renamenx", 3, kWrite | kLoads | kFast, 1, 2, 1, run_rename, nullptr, "generic", "1.0.0",
     "Rename a key, only if the new key does not exist"},
    {"scan", -2, kWalk, 0, 0, 0, run_scan, nullptr, "generic", "2.8.0", "Incrementally iterate the keys space"},
    {"touch", -2, kReadonly | kFast, 1, -1, 1, run_exists, nullptr, "generic", "3.2.1",
     "Returns the number of existing keys specified"},
    {"ttl", 2, kReadonly | kFast, 1, 1, 1, run_ttl, nullptr, "generic", "1.0.0",
     "Get the time to live for a key in seconds"},
    {"type", 2, kReadonly | kFast, 1, 1, 1, run_type, nullptr, "generic", "1.0.0",
     "Determine the type stored at key"},
    {"unlink", -2, kWrite | kFast, 1, -1, 1, run_del, nullptr, "generic", "4.0.0", "Delete a key"},
};

}  // namespace

std::span<const Command> key_commands() {
  return kCommands;
}

}  // namespace tp::redis
