#include "front/redis/commands/words.h"

#include <algorithm>
#include <limits>
#include <string>

namespace tp::redis {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// A "[...]" class that begins behind its bracket at `*at`, which ends behind it. As in Redis, one without an end
/// takes the rest of the pattern.
bool class_matches(BytesView pattern, size_t* at, char c, bool any_case) {
  size_t i = *at;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
      found |= pattern[i] == c;
    } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
      auto low = static_cast<unsigned char>(pattern[i]), high = static_cast<unsigned char>(pattern[i + 2]);
      if (low > high) std::swap(low, high);
      auto given = static_cast<unsigned char>(c);
      if (any_case) {
        low = static_cast<unsigned char>(lower(static_cast<char>(low)));
        high = static_cast<unsigned char>(lower(static_cast<char>(high)));
        given = static_cast<unsigned char>(lower(c));
      }
      i += 2;
      found |= given >= low && given <= high;
    } else {
      found |= any_case ? lower(pattern[i]) == lower(c) : pattern[i] == c;
    }
  }
  *at = i < pattern.size() ? i + 1 : i;
  return found != negated;
}

/// One element of the pattern at `*at` against one character; `*at` ends behind it.
bool element_matches(BytesView pattern, size_t* at, char c, bool any_case) {
  char wanted = pattern[(*at)++];
  if (wanted == '?') return true;
  if (wanted == '[') return class_matches(pattern, at, c, any_case);
  if (wanted == '\\' && *at < pattern.size()) wanted = pattern[(*at)++];
  return any_case ? lower(wanted) == lower(c) : wanted == c;
}

}  // namespace

bool is_word(BytesView word, std::string_view lower_word) noexcept {
  if (word.size() != lower_word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (lower(word[i]) != lower_word[i]) return false;
  }
  return true;
}

bool read_integer(Call& call, size_t index, int64_t* value) {
  const auto parsed = wire::parse_integer(call[index]);
  if (!parsed) {
    call.reply.error("ERR value is not an integer or out of range");
    return false;
  }
  *value = *parsed;
  return true;
}

bool read_ranged(Call& call, size_t index, int64_t least, int64_t most, int64_t* value) {
  if (!read_integer(call, index, value)) return false;
  if (*value >= least && *value <= most) return true;
  call.reply.error("ERR value is out of range, value must between " + std::to_string(least) + " and " +
                   std::to_string(most));
  return false;
}

std::optional<ExpiryWord> expiry_option(BytesView word) noexcept {
  if (is_word(word, "ex")) return ExpiryWord{0, true, false};
  if (is_word(word, "px")) return ExpiryWord{0, false, false};
  if (is_word(word, "exat")) return ExpiryWord{0, true, true};
  if (is_word(word, "pxat")) return ExpiryWord{0, false, true};
  return std::nullopt;
}

void invalid_expiry(Call& call) {
  call.reply.error("ERR invalid expire time in '" + std::string(call.command.name) + "' command");
}

bool read_expiry(Call& call, const ExpiryWord& word, int64_t* expires_ms) {
  int64_t value = 0;
  if (!read_integer(call, word.index, &value)) return false;
  const int64_t unit = word.seconds ? 1000 : 1;
  const int64_t base = word.absolute ? 0 : call.now_ms();
  if (value <= 0 || value > kMax / unit || value * unit > kMax - base) {
    invalid_expiry(call);
    return false;
  }
  *expires_ms = base + value * unit;
  return true;
}

// A star takes as little as it can; only the last one need ever take more, so that no pattern is slow.
bool glob_matches(BytesView pattern, BytesView text, bool any_case) noexcept {
  size_t p = 0, t = 0;
  size_t star = BytesView::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    size_t next = p;
    if (p < pattern.size() && element_matches(pattern, &next, text[t], any_case)) {
      p = next;
      ++t;
      continue;
    }
    if (star == BytesView::npos) return false;
    p = star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const Subcommand* find_subcommand(const Command& command, const Arguments& arguments, std::string* error) {
  for (const Subcommand& subcommand : command.subcommands()) {
    if (!is_word(arguments.views[1], subcommand.name)) continue;
    const int given = static_cast<int>(arguments.views.size());
    if (subcommand.arity >= 0 ? given == subcommand.arity : given >= -subcommand.arity) return &subcommand;
    *error = "ERR wrong number of arguments for '" + std::string(command.name) + "|" + std::string(subcommand.name) +
             "' command";
    return nullptr;
  }
  std::string upper(command.name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  *error = "ERR unknown subcommand '" + shown(arguments.views[1], 128) + "'. Try " + upper + " HELP.";
  return nullptr;
}

void run_subcommand(Call& call) {
  std::string error;
  const Subcommand* subcommand = find_subcommand(call.command, call.arguments(), &error);
  if (subcommand == nullptr) return call.reply.error(error);
  subcommand->run(call);
}

std::string shown(BytesView word, size_t most) {
  return std::string(word.substr(0, std::min(most, word.find('\0'))));
}

}  // namespace tp::redis
