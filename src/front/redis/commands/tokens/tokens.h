// The functions of our own commands and of JSON documents, for their table.
#pragma once

#include "front/redis/core/call.h"

namespace tp::redis {

Task<void> run_tp_bind(Call& call);
void run_tp_where(Call& call);
void run_tp_set(Call& call);
void run_tp_prefix(Call& call);
void run_tp_pin(Call& call);  // TP.UNPIN too
void run_tp_stat(Call& call);

void run_json_set(Call& call);
void run_json_get(Call& call);

}  // namespace tp::redis
