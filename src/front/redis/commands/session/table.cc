#include "front/redis/commands/command_table.h"
#include "front/redis/commands/session/session.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr uint32_t kAsync = kNoSection;

constexpr Command kCommands[] = {
    {"acl", -2, 0, 0, 0, 0, run_subcommand, nullptr, "server", "6.0.0", "A container for Access List Control commands",
     acl_subcommands},
    {"auth", -2, kNoAuth | kFast | kAsync | kNotInMulti, 0, 0, 0, nullptr, run_auth, "connection", "1.0.0",
     "Authenticate to the server"},
    {"client", -2, 0, 0, 0, 0, run_subcommand, nullptr, "connection", "2.4.0",
     "A container for client connection commands", client_subcommands},
    {"discard", 1, kFast | kNoMulti, 0, 0, 0, run_discard, nullptr, "transactions", "2.0.0",
     "Discard all commands issued after MULTI"},
    {"echo", 2, kFast, 0, 0, 0, run_echo, nullptr, "connection", "1.0.0", "Echo the given string"},
    {"exec", 1, kNoMulti, 0, 0, 0, nullptr, run_exec, "transactions", "1.2.0",
     "Execute all commands issued after MULTI"},
    {"hello", -1, kNoAuth | kFast | kAsync | kNotInMulti, 0, 0, 0, nullptr, run_hello, "connection", "6.0.0",
     "Handshake with Redis"},
    {"multi", 1, kFast | kNoMulti, 0, 0, 0, run_multi, nullptr, "transactions", "1.2.0",
     "Mark the start of a transaction block"},
    {"ping", -1, kFast, 0, 0, 0, run_ping, nullptr, "connection", "1.0.0", "Ping the server"},
    {"quit", -1, kNoAuth | kFast | kNoMulti, 0, 0, 0, run_quit, nullptr, "connection", "1.0.0", "Close the connection"},
    {"reset", 1, kNoAuth | kFast | kNoMulti | kAsync, 0, 0, 0, nullptr, run_reset, "connection", "6.2.0",
     "Reset the connection"},
    {"select", 2, kFast, 0, 0, 0, run_select, nullptr, "connection", "1.0.0",
     "Change the selected database for the current connection"},
    // A watch must not end under a section: its end locks the volume.
    {"unwatch", 1, kFast | kNoSection, 0, 0, 0, run_unwatch, nullptr, "transactions", "2.2.0",
     "Forget about all watched keys"},
    {"watch", -2, kFast | kNoMulti | kNoSection, 1, -1, 1, run_watch, nullptr, "transactions", "2.2.0",
     "Watch the given keys to determine execution of the MULTI/EXEC block"},
};

}  // namespace

std::span<const Command> session_commands() {
  return kCommands;
}

}  // namespace tp::redis
