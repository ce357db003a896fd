#include <algorithm>
#include <limits>
#include <unordered_map>

#include "front/redis/commands/hashes/hash_value.h"
#include "front/redis/commands/hashes/hashes.h"
#include "front/redis/commands/words.h"
#include "rt/env/rng.h"

namespace tp::redis {

namespace {

/// Looks at the hash, counted as a lookup; false if there is nothing to do now.
bool take_hash(Call& call, std::optional<Found>* found) {
  if (!call.look(call[1], cache::ValueType::kHash, found)) return false;
  if (*found) {
    call.hit(call[1], **found);
  } else {
    call.miss(call[1]);
  }
  return true;
}

/// Looks at the hash without counting.
bool peek_hash(Call& call, std::optional<Found>* found) {
  return call.look(call[1], cache::ValueType::kHash, found);
}

std::vector<HashReader::Entry> entries_of(BytesView bytes) {
  std::vector<HashReader::Entry> entries;
  HashReader reader(bytes);
  while (const auto entry = reader.next()) entries.push_back(*entry);
  return entries;
}

void answer_fields(Call& call, const std::vector<HashReader::Entry>& chosen, bool with_values) {
  const bool pairs = with_values && call.reply.protocol() == 3;
  call.reply.array(with_values && !pairs ? 2 * chosen.size() : chosen.size());
  for (const auto& entry : chosen) {
    if (pairs) call.reply.array(2);
    call.reply.bulk(entry.field);
    if (with_values) call.reply.bulk(entry.value);
  }
}

size_t pick(size_t below) {
  static thread_local rt::Rng generator(0x7461);
  return generator.below(below);
}

}  // namespace

void run_hget(Call& call) {
  std::optional<Found> found;
  if (!take_hash(call, &found)) return;
  const auto value = found ? HashReader(found->bytes()).find(call[2]) : std::nullopt;
  if (!value) return call.reply.null();
  call.reply.value_part(found->value, static_cast<size_t>(value->data() - found->bytes().data()), value->size());
}

void run_hmget(Call& call) {
  std::optional<Found> found;
  if (!take_hash(call, &found)) return;
  std::unordered_map<BytesView, BytesView> values;
  if (found && call.count() > 4) {
    HashReader reader(found->bytes());
    while (const auto entry = reader.next()) values.emplace(entry->field, entry->value);
  }
  call.reply.array(call.count() - 2);
  for (size_t i = 2; i < call.count(); ++i) {
    std::optional<BytesView> value;
    if (found && call.count() <= 4) value = HashReader(found->bytes()).find(call[i]);
    if (const auto at = values.find(call[i]); at != values.end()) value = at->second;
    if (value) {
      call.reply.bulk(*value);
    } else {
      call.reply.null();
    }
  }
}

void run_hgetall(Call& call) {
  std::optional<Found> found;
  if (!take_hash(call, &found)) return;
  const bool all = call.command.name == "hgetall";
  HashReader reader(found ? found->bytes() : BytesView());
  if (all) {
    call.reply.map(reader.count());
  } else {
    call.reply.array(reader.count());
  }
  while (const auto entry = reader.next()) {
    if (all || call.command.name == "hkeys") call.reply.bulk(entry->field);
    if (all || call.command.name == "hvals") call.reply.bulk(entry->value);
  }
}

void run_hexists(Call& call) {
  std::optional<Found> found;
  if (!peek_hash(call, &found)) return;
  call.reply.integer(found && HashReader(found->bytes()).find(call[2]) ? 1 : 0);
}

void run_hlen(Call& call) {
  std::optional<Found> found;
  if (!peek_hash(call, &found)) return;
  call.reply.integer(found ? HashReader(found->bytes()).count() : 0);
}

void run_hstrlen(Call& call) {
  std::optional<Found> found;
  if (!peek_hash(call, &found)) return;
  const auto value = found ? HashReader(found->bytes()).find(call[2]) : std::nullopt;
  call.reply.integer(value ? static_cast<int64_t>(value->size()) : 0);
}

// All fields in one answer, whatever COUNT says: as Redis does for small hashes.
void run_hscan(Call& call) {
  if (!wire::parse_integer(call[2])) return call.reply.error("ERR invalid cursor");
  const std::optional<Found> found = call.find(call[1]);
  if (found && !call.is_type(*found, cache::ValueType::kHash)) return;
  std::optional<BytesView> pattern;
  for (size_t i = 3; found && i < call.count(); i += 2) {
    int64_t count = 0;
    if (i + 1 < call.count() && is_word(call[i], "match")) {
      pattern = call[i + 1];
    } else if (i + 1 < call.count() && is_word(call[i], "count")) {
      if (!read_integer(call, i + 1, &count)) return;
      if (count < 1) return call.syntax_error();
    } else {
      return call.syntax_error();
    }
  }
  std::vector<HashReader::Entry> chosen;
  if (found) {
    if (!call.have(call[1], *found)) return;
    call.hit(call[1], *found);
    for (const auto& entry : entries_of(found->bytes())) {
      if (!pattern || glob_matches(*pattern, entry.field)) chosen.push_back(entry);
    }
  } else {
    call.miss(call[1]);
  }
  call.reply.array(2);
  call.reply.bulk("0");
  call.reply.array(2 * chosen.size());
  for (const auto& entry : chosen) {
    call.reply.bulk(entry.field);
    call.reply.bulk(entry.value);
  }
}

void run_hrandfield(Call& call) {
  int64_t count = 1;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (call.count() > 2 && !read_ranged(call, 2, -kMost, kMost, &count)) return;
  if (call.count() > 4 || (call.count() == 4 && !is_word(call[3], "withvalues"))) return call.syntax_error();
  constexpr int64_t kMostPicks = 1 << 20;  // of a negative count, which may name a field many times
  if (count < -kMostPicks) return call.reply.error("ERR value is out of range");
  std::optional<Found> found;
  if (!take_hash(call, &found)) return;
  if (!found) {
    if (call.count() == 2) return call.reply.null();
    return call.reply.array(0);
  }
  std::vector<HashReader::Entry> entries = entries_of(found->bytes());
  if (call.count() == 2) return call.reply.bulk(entries[pick(entries.size())].field);
  std::vector<HashReader::Entry> chosen;
  uint64_t bytes = 0;
  if (count < 0) {
    for (int64_t i = 0; i < -count && bytes < call.client.core.options.command_reply_bytes; ++i) {
      chosen.push_back(entries[pick(entries.size())]);
      bytes += chosen.back().encoded.size();
    }
  } else if (static_cast<uint64_t>(count) < entries.size()) {
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      std::swap(entries[i], entries[i + pick(entries.size() - i)]);
    }
    entries.resize(static_cast<size_t>(count));
    chosen = std::move(entries);
  } else {
    chosen = std::move(entries);
  }
  answer_fields(call, chosen, call.count() == 4);
}

}  // namespace tp::redis
