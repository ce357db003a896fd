// Command: one row of the command table: what a request needs to be let in, where its keys are, and what runs it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rt/task.h"

namespace tp::redis {

class Call;

enum CommandFlag : uint32_t {
  kWrite = 1 << 0,      // changes entries: needs the right to write; its keys are locked exclusively
  kReadonly = 1 << 1,   // looks at entries
  kNeedsSpace = 1 << 2, // a bound volume, though it names no keys
  kNoAuth = 1 << 3,     // runs before AUTH
  kNoMulti = 1 << 4,    // runs at once within MULTI
  kNoSection = 1 << 5,  // locks by itself: in EXEC it runs between two sections
  kOwnLookup = 1 << 6,  // outside EXEC it needs no section
  kLoads = 1 << 7,      // reads values: EXEC loads those of its keys beforehand
  kFast = 1 << 8,       // what COMMAND says of it, from here on
  kAdmin = 1 << 9,
  kDenyOom = 1 << 10,
  kNotInMulti = 1 << 11,  // refused within MULTI
};

/// A command of a command: CLIENT LIST, CONFIG GET.
struct Subcommand {
  std::string_view name;  // lower case
  int arity = 0;          // with both words
  void (*run)(Call&) = nullptr;
};

struct Command {
  std::string_view name;  // lower case
  int arity = 0;          // with the name; negative: at least
  uint32_t flags = 0;
  int first_key = 0, last_key = 0, key_step = 0;  // last: negative counts from the end
  void (*run)(Call&) = nullptr;
  /// Runs where `run` cannot do it without waiting (Call::go_slow()), or alone if there is no `run`.
  Task<void> (*run_slow)(Call&) = nullptr;
  std::string_view group, since, summary;
  std::span<const Subcommand> (*subcommands)() = nullptr;  // the second word is one of them
};

}  // namespace tp::redis
