// The hash commands' functions, for their table.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

void run_hset(Call& call);  // HMSET too
void run_hsetnx(Call& call);
void run_hdel(Call& call);
void run_hincrby(Call& call);
void run_hincrbyfloat(Call& call);

void run_hget(Call& call);
void run_hmget(Call& call);
void run_hgetall(Call& call);  // HKEYS and HVALS too
void run_hexists(Call& call);
void run_hlen(Call& call);
void run_hstrlen(Call& call);
void run_hscan(Call& call);
void run_hrandfield(Call& call);

}  // namespace tp::redis
