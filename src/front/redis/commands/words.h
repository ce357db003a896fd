// Words: what several commands read out of their arguments, and the errors for what does not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "front/redis/core/call.h"
#include "wire/resp/number.h"

namespace tp::redis {

/// The same word, in any case; `lower` is lower case.
bool is_word(BytesView word, std::string_view lower) noexcept;

/// What an error shows of a word: at most so many bytes, and none from a zero on.
std::string shown(BytesView word, size_t most);

/// The argument as an integer, or an error reply and false.
bool read_integer(Call& call, size_t index, int64_t* value);

/// The same, within a range; beyond it the error names the range.
bool read_ranged(Call& call, size_t index, int64_t least, int64_t most, int64_t* value);

/// A time to live or a time of expiry, as an option or an argument gives it.
struct ExpiryWord {
  size_t index = 0;         // of the number among the arguments; 0: there is none
  bool seconds = false;
  bool absolute = false;    // since the epoch, not from now on
};
/// "ex", "px", "exat", "pxat": what its number means; nothing for other words.
std::optional<ExpiryWord> expiry_option(BytesView word) noexcept;
/// Milliseconds since the epoch, or an error reply and false: no integer, not above 0, overflow.
bool read_expiry(Call& call, const ExpiryWord& word, int64_t* expires_ms);
/// "ERR invalid expire time in 'set' command".
void invalid_expiry(Call& call);

/// Redis's glob: '*', '?', "[a-z]", "[^a]", and '\' before any character.
bool glob_matches(BytesView pattern, BytesView text, bool any_case = false) noexcept;

/// Runs the subcommand that the second word names: there is one, or the request had not been let in.
void run_subcommand(Call& call);
/// It, or null: `*error` says what Redis says then.
const Subcommand* find_subcommand(const Command& command, const Arguments& arguments, std::string* error);

}  // namespace tp::redis
