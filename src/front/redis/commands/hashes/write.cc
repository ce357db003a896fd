#include <cmath>
#include <unordered_map>

#include "front/redis/commands/hashes/hash_value.h"
#include "front/redis/commands/hashes/hashes.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

bool look_hash(Call& call, std::optional<Found>* found) {
  return call.look(call[1], cache::ValueType::kHash, found);
}

/// Writes the hash with its changes; false if there is nothing to answer now.
bool store(Call& call, const std::optional<Found>& old, std::vector<HashChange>& changes) {
  HashEdit edit = edit_hash(old ? old->bytes() : BytesView(), changes);
  if (edit.too_large) {
    call.reply.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    return false;
  }
  if (edit.count == 0) {
    if (old) call.erase(call[1]);
    return true;
  }
  if (!edit.value) {
    call.reply.error("OOM out of memory");
    return false;
  }
  if (old) return call.replace(call[1], std::move(edit.value), *old);
  cache::PutOptions options;
  options.type = cache::ValueType::kHash;
  return call.put(call[1], std::move(edit.value), options);
}

bool store_one(Call& call, const std::optional<Found>& old, BytesView field, BytesView value) {
  std::vector<HashChange> changes{{field, value, false}};
  return store(call, old, changes);
}

/// The last of each field's pairs, in the order of the first.
std::vector<HashChange> changes_of_pairs(const Call& call) {
  std::vector<HashChange> changes;
  std::unordered_map<BytesView, size_t> places;
  const bool may_repeat = call.count() > 4;
  for (size_t i = 2; i + 1 < call.count(); i += 2) {
    if (may_repeat) {
      const auto [place, is_new] = places.emplace(call[i], changes.size());
      if (!is_new) {
        changes[place->second].value = call[i + 1];
        continue;
      }
    }
    changes.push_back({call[i], call[i + 1], false});
  }
  return changes;
}

}  // namespace

void run_hset(Call& call) {
  if (call.count() % 2 != 0) return call.wrong_arity();
  std::optional<Found> found;
  if (!look_hash(call, &found)) return;
  std::vector<HashChange> changes = changes_of_pairs(call);
  if (!store(call, found, changes)) return;
  if (call.command.name == "hmset") return call.reply.ok();
  int64_t made = 0;
  for (const HashChange& change : changes) made += change.was_there ? 0 : 1;
  call.reply.integer(made);
}

void run_hsetnx(Call& call) {
  std::optional<Found> found;
  if (!look_hash(call, &found)) return;
  if (found && HashReader(found->bytes()).find(call[2])) return call.reply.integer(0);
  if (store_one(call, found, call[2], call[3])) call.reply.integer(1);
}

void run_hdel(Call& call) {
  std::optional<Found> found;
  if (!look_hash(call, &found)) return;
  if (!found) return call.reply.integer(0);
  std::vector<HashChange> changes;
  std::unordered_map<BytesView, bool> named;
  for (size_t i = 2; i < call.count(); ++i) {
    if (named.emplace(call[i], true).second) changes.push_back({call[i], std::nullopt, false});
  }
  const HashReader reader(found->bytes());
  bool any = changes.size() > 1;
  if (!any) any = reader.find(changes[0].field).has_value();
  if (!any) return call.reply.integer(0);
  if (!store(call, found, changes)) return;
  int64_t gone = 0;
  for (const HashChange& change : changes) gone += change.was_there ? 1 : 0;
  call.reply.integer(gone);
}

void run_hincrby(Call& call) {
  int64_t step = 0;
  if (!read_integer(call, 3, &step)) return;
  std::optional<Found> found;
  if (!look_hash(call, &found)) return;
  const auto text = found ? HashReader(found->bytes()).find(call[2]) : std::nullopt;
  const auto old = text ? wire::parse_integer(*text) : std::optional<int64_t>(0);
  if (!old) return call.reply.error("ERR hash value is not an integer");
  int64_t sum = 0;
  if (__builtin_add_overflow(*old, step, &sum)) {
    return call.reply.error("ERR increment or decrement would overflow");
  }
  char digits[20];
  if (store_one(call, found, call[2], BytesView(digits, wire::format_integer(sum, digits)))) call.reply.integer(sum);
}

void run_hincrbyfloat(Call& call) {
  const auto step = wire::parse_float(call[3]);
  if (!step) return call.reply.error("ERR value is not a valid float");
  if (std::isinf(*step)) return call.reply.error("ERR value is NaN or Infinity");
  std::optional<Found> found;
  if (!look_hash(call, &found)) return;
  const auto text = found ? HashReader(found->bytes()).find(call[2]) : std::nullopt;
  const auto old = text ? wire::parse_float(*text) : std::optional<long double>(0);
  if (!old) return call.reply.error("ERR hash value is not a float");
  const long double sum = *old + *step;
  if (std::isnan(sum) || std::isinf(sum)) return call.reply.error("ERR increment would produce NaN or Infinity");
  const std::string made = wire::format_float(sum);
  if (store_one(call, found, call[2], made)) call.reply.bulk(made);
}

}  // namespace tp::redis
