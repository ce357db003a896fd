#include "front/redis/core/call.h"

#include <algorithm>

namespace tp::redis {

namespace {
constexpr std::string_view kOutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";
constexpr std::string_view kWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
}  // namespace

void keys_of(const Command& command, const Arguments& arguments, std::vector<BytesView>* out) {
  if (command.first_key == 0) return;
  const int count = static_cast<int>(arguments.views.size());
  const int last = command.last_key < 0 ? count + command.last_key : std::min(command.last_key, count - 1);
  for (int i = command.first_key; i <= last; i += command.key_step) {
    out->push_back(arguments.views[static_cast<size_t>(i)]);
  }
}

void Call::keys(std::vector<BytesView>* out) const {
  keys_of(command, arguments_, out);
}

cache::Value Call::value_of(size_t index) const {
  const auto at = std::lower_bound(arguments_.values.begin(), arguments_.values.end(), index,
                                   [](const auto& value, size_t wanted) { return value.first < wanted; });
  if (at != arguments_.values.end() && at->first == index) return at->second;
  return cache::Value::copy_of(arguments_.views[index]);
}

std::optional<Found> Call::find(BytesView key) {
  std::optional<cache::EntryView> seen = section_->find(key);
  if (!seen) return std::nullopt;
  Found found;
  found.seen = std::move(*seen);
  if (loaded_ != nullptr) {
    const LoadedValues::Entry* entry = loaded_->find(key);
    if (entry != nullptr && entry->seen.version == found.seen.version) {
      found.value = entry->value;
      found.loaded = true;
      // For the ledger: it came from flash, though it may be in memory by now.
      found.seen.value = {};
      found.seen.flash = entry->seen.flash;
      return found;
    }
  }
  found.value = found.seen.value;
  return found;
}

bool Call::have(BytesView key, const Found& found) {
  if (found.value || found.seen.size_bytes == 0) return true;
  if (in_transaction_) {
    reply.error("ERR a value of the transaction is not in memory");
    return false;
  }
  wanted_.push_back({Bytes(key), found.seen});
  return false;
}

bool Call::is_type(const Found& found, cache::ValueType type) {
  if (found.seen.type == type) return true;
  reply.error(kWrongType);
  return false;
}

bool Call::look(BytesView key, cache::ValueType type, std::optional<Found>* found) {
  *found = find(key);
  if (!*found) return true;
  return is_type(**found, type) && have(key, **found);
}

void Call::hit(BytesView key, const Found& found) {
  section_->count_hit(key, found.seen);
}

bool Call::has_room(uint64_t bytes) {
  if (section_->has_room(bytes)) return true;
  if (in_transaction_) return true;  // EXEC has asked for all of its commands
  room_bytes_ = bytes;
  return false;
}

bool Call::put(BytesView key, cache::Value value, const cache::PutOptions& options) {
  const size_t size = value.size();
  const Result<void> done = section_->put(key, std::move(value), options);
  if (done) return true;
  if (done.error().code == Code::kBusy && !in_transaction_) {
    room_bytes_ = std::max<uint64_t>(size + key.size(), 1);
  } else {
    engine_error(done.error());
  }
  return false;
}

bool Call::replace(BytesView key, cache::Value value, const Found& old) {
  cache::PutOptions options;
  options.type = old.seen.type;
  options.expires_ms = old.seen.expires_ms;
  options.keep_facts = true;
  return put(key, std::move(value), options);
}

void Call::wrong_arity() {
  reply.error("ERR wrong number of arguments for '" + std::string(command.name) + "' command");
}

void Call::engine_error(const Error& error) {
  switch (error.code) {
    case Code::kBusy:
      return reply.error(kOutOfMemory);
    case Code::kNoSpace:
      return reply.error("OOM command not allowed: " + error.message);
    case Code::kTooLarge:
      return reply.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    default:
      return reply.error("ERR " + error.message);
  }
}

}  // namespace tp::redis
