// The functions of the commands over entries of any type, for their table.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

void run_exists(Call& call);  // TOUCH too
void run_del(Call& call);     // UNLINK too
void run_type(Call& call);

void run_expire(Call& call);  // PEXPIRE, EXPIREAT, PEXPIREAT too
void run_ttl(Call& call);     // PTTL, EXPIRETIME, PEXPIRETIME too
void run_persist(Call& call);

void run_rename(Call& call);  // RENAMENX too
void run_copy(Call& call);

void run_scan(Call& call);
Task<void> run_keys(Call& call);
void run_dbsize(Call& call);
void run_randomkey(Call& call);
Task<void> run_flush(Call& call);  // FLUSHDB, FLUSHALL, TP.CLEAR

}  // namespace tp::redis
