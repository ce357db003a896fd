// The functions of the commands over a connection, for their table.
#pragma once

#include <span>

#include "front/redis/core/call.h"

namespace tp::redis {

Task<void> run_auth(Call& call);
Task<void> run_hello(Call& call);
std::span<const Subcommand> acl_subcommands();

void run_ping(Call& call);
void run_echo(Call& call);
void run_select(Call& call);
void run_quit(Call& call);
Task<void> run_reset(Call& call);
std::span<const Subcommand> client_subcommands();

void run_multi(Call& call);
Task<void> run_exec(Call& call);
void run_discard(Call& call);
void run_watch(Call& call);
void run_unwatch(Call& call);

/// Whether it can be a client's name; else an error reply.
bool name_is_good(Call& call, BytesView name);
void set_protocol(Call& call, int version);

}  // namespace tp::redis
