// The functions of the commands that ask about the server, for their table.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

void run_info(Call& call);
void run_config(Call& call);
void run_command(Call& call);
void run_memory(Call& call);
void run_module(Call& call);
void run_time(Call& call);

}  // namespace tp::redis
