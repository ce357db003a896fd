// The string commands' functions, for their table.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

void run_get(Call& call);
Task<void> run_get_slow(Call& call);
void run_getex(Call& call);
void run_getdel(Call& call);
void run_getset(Call& call);
void run_strlen(Call& call);

void run_set(Call& call);
void run_setex(Call& call);   // PSETEX too
void run_setnx(Call& call);

void run_mget(Call& call);
void run_mset(Call& call);
void run_msetnx(Call& call);

void run_getrange(Call& call);  // SUBSTR too
void run_setrange(Call& call);
void run_append(Call& call);

void run_incr(Call& call);
void run_decr(Call& call);
void run_incrby(Call& call);
void run_decrby(Call& call);
void run_incrbyfloat(Call& call);

}  // namespace tp::redis
