// Runner: lets requests in and runs their commands: at once where all they need is in memory, else between loads.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

/// The command to run now, or null: the request was refused or queued, and answered.
const Command* admit(Client& client, const Arguments& arguments, Reply& reply);

/// Runs a command in a section over its keys; false if it has to wait for something: run_waiting() then.
bool run_now(Call& call);
/// Goes on with what run_now() began: loads what is missing, waits for room, runs it again, until it is answered.
/// `mark` is the reply's before the first run.
Task<void> run_waiting(Call* call, Reply::Mark mark);

/// Loads what a command asked for, a few at a time. An error ends the command: too much, or flash fails.
Task<void> load_all(Client* client, std::vector<Call::Wanted> wanted, LoadedValues* loaded);

inline constexpr size_t kMaxSectionKeys = 65536;
inline constexpr unsigned kMaxTries = 64;

}  // namespace tp::redis
