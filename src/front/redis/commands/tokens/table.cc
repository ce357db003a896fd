#include "front/redis/commands/command_table.h"
#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/keys/keys.h"
#include "front/redis/commands/tokens/tokens.h"

namespace tp::redis {

namespace {

constexpr uint32_t kAsk = kReadonly | kNeedsSpace | kNoSection;

constexpr Command kCommands[] = {
    {"json.get", -2, kReadonly | kLoads, 1, 1, 1, run_json_get, nullptr, "json", "1.0.0", "Get a JSON document"},
    {"json.set", -4, kWrite | kDenyOom, 1, 1, 1, run_json_set, nullptr, "json", "1.0.0", "Set a JSON document"},
    {"tp.bind", -2, kNoSection | kNotInMulti, 0, 0, 0, nullptr, run_tp_bind, "tokenplane", "1.0.0",
     "Bind the connection to a cache volume and an identity"},
    {"tp.clear", 1, kWrite | kNeedsSpace | kNoSection, 0, 0, 0, nullptr, run_flush, "tokenplane", "1.0.0",
     "Remove all entries of the bound key space"},
    {"tp.get", 2, kReadonly | kLoads | kFast | kOwnLookup, 1, 1, 1, run_get, run_get_slow, "tokenplane", "1.0.0",
     "Get an entry"},
    {"tp.pin", -2, kWrite | kFast, 1, -1, 1, run_tp_pin, nullptr, "tokenplane", "1.0.0",
     "Keep entries from being evicted"},
    {"tp.prefix", -2, kAsk, 0, 0, 0, run_tp_prefix, nullptr, "tokenplane", "1.0.0",
     "Count the leading keys of a chain that are present, and lease them"},
    {"tp.set", -3, kWrite | kDenyOom, 1, 1, 1, run_tp_set, nullptr, "tokenplane", "1.0.0",
     "Set an entry with its place in a chain and its tokens"},
    {"tp.stat", 1, kAsk, 0, 0, 0, run_tp_stat, nullptr, "tokenplane", "1.0.0",
     "The ledger of the own tenant and figures of the volume"},
    {"tp.unpin", -2, kWrite | kFast, 1, -1, 1, run_tp_pin, nullptr, "tokenplane", "1.0.0",
     "Let entries be evicted again"},
    {"tp.where", 1, kNeedsSpace, 0, 0, 0, run_tp_where, nullptr, "tokenplane", "1.0.0",
     "The volume, identity and tenant that the connection is bound to"},
};

}  // namespace

std::span<const Command> token_commands() {
  return kCommands;
}

}  // namespace tp::redis
