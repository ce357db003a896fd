// EXEC: the commands of a transaction under one section over all their keys, so that others see all or nothing of them.
// What lies on flash is loaded before, and room is asked for before; then nothing has to wait. Commands that lock by
// themselves (FLUSHDB, SCAN ...) stand between two sections.
#include <span>

#include "front/redis/commands/session/session.h"
#include "front/redis/core/runner.h"

namespace tp::redis {

namespace {

using Queue = std::vector<QueuedCommand>;
using Commands = std::span<const QueuedCommand>;
using SectionPointer = std::unique_ptr<cache::CacheVolume::Section>;

constexpr std::string_view kAbort = "EXECABORT Transaction discarded because of previous errors.";

bool stands_alone(const QueuedCommand& queued) {
  return (queued.command->flags & kNoSection) != 0;
}

std::vector<BytesView> keys_of(const Client& client, Commands commands) {
  std::vector<BytesView> keys;
  for (const auto& [key, watch] : client.watches) keys.push_back(key);
  for (const QueuedCommand& queued : commands) redis::keys_of(*queued.command, queued.arguments, &keys);
  return keys;
}

bool watched_changed(const Client& client) {
  for (const auto& [key, watch] : client.watches) {
    if (watch->changed()) return true;
  }
  return client.watch_lost;
}

/// What the commands will read and is on flash only.
std::vector<Call::Wanted> missing(cache::CacheVolume::Section& section, Commands commands,
                                  const LoadedValues& loaded) {
  std::vector<Call::Wanted> wanted;
  std::vector<BytesView> keys;
  for (const QueuedCommand& queued : commands) {
    if ((queued.command->flags & kLoads) == 0) continue;
    keys.clear();
    redis::keys_of(*queued.command, queued.arguments, &keys);
    for (const BytesView key : keys) {
      auto seen = section.find(key);
      if (!seen || seen->value || seen->size_bytes == 0) continue;
      const LoadedValues::Entry* entry = loaded.find(key);
      if (entry == nullptr || entry->seen.version != seen->version) wanted.push_back({Bytes(key), std::move(*seen)});
    }
  }
  return wanted;
}

/// At most what the commands will put: their words, and the values that they change.
uint64_t room_for(cache::CacheVolume::Section& section, Commands commands) {
  uint64_t bytes = 0;
  std::vector<BytesView> keys;
  for (const QueuedCommand& queued : commands) {
    if ((queued.command->flags & kWrite) == 0) continue;
    for (const BytesView word : queued.arguments.views) bytes += word.size();
    if ((queued.command->flags & kLoads) == 0) continue;
    keys.clear();
    redis::keys_of(*queued.command, queued.arguments, &keys);
    for (const BytesView key : keys) {
      if (const auto seen = section.find(key)) bytes += seen->size_bytes;
    }
  }
  return bytes;
}

void run_under(Client& client, Reply& reply, cache::CacheVolume::Section* section, const LoadedValues& loaded,
               Commands commands) {
  for (const QueuedCommand& queued : commands) {
    Call call(client, *queued.command, queued.arguments, reply);
    call.enter(section, &loaded, true);
    const Reply::Mark mark = reply.mark();
    queued.command->run(call);
    if (call.complete()) continue;
    reply.cut(mark);
    reply.error("ERR a command of the transaction could not wait");
  }
}

/// Runs commands in one section; false if a watched key had changed and nothing was done. `first` opens the reply.
Task<bool> run_together(Client* client, Reply* reply, Commands commands, bool first, size_t replies) {
  const std::vector<BytesView> keys = keys_of(*client, commands);
  if (keys.empty()) {
    if (client->watch_lost) co_return false;
    if (first) reply->array(replies);
    run_under(*client, *reply, nullptr, {}, commands);
    co_return true;
  }
  if (keys.size() > kMaxSectionKeys) {
    if (first) reply->error("EXECABORT Transaction discarded because of: too many keys, at most 65536");
    for (size_t i = 0; !first && i < commands.size(); ++i) reply->error("ERR too many keys in the transaction");
    co_return true;
  }
  LoadedValues loaded;
  Error last(Code::kBusy, "the entries of the transaction change too fast");
  for (unsigned tries = 0; tries < kMaxTries; ++tries) {
    std::vector<Call::Wanted> wanted;
    uint64_t room = 0;
    {
      const SectionPointer section = client->volume().write_section(*client->space(), keys);
      if (first && watched_changed(*client)) co_return false;
      wanted = missing(*section, commands, loaded);
      if (wanted.empty()) {
        room = room_for(*section, commands);
        if (tries + 1 == kMaxTries || room == 0 || section->has_room(room)) {
          if (first) reply->array(replies);
          run_under(*client, *reply, section.get(), loaded, commands);
          co_return true;
        }
      }
    }
    Result<void> waited;
    if (!wanted.empty()) {
      waited = co_await load_all(client, std::move(wanted), &loaded);
    } else {
      waited = co_await client->volume().room(room);
    }
    if (!waited) {
      last = waited.error();
      break;
    }
  }
  if (first) {
    reply->error("EXECABORT Transaction discarded because of: " + last.message);
  } else {
    for (size_t i = 0; i < commands.size(); ++i) reply->error("OOM " + last.message);
  }
  co_return true;
}

Task<void> run_alone(Client* client, Reply* reply, const QueuedCommand* queued) {
  Call call(*client, *queued->command, queued->arguments, *reply);
  const Reply::Mark mark = reply->mark();
  if (!run_now(call)) co_return co_await run_waiting(&call, mark);
  co_return ok;
}

/// False: a watched key had changed.
Task<bool> run_queue(Client* client, Reply* reply, const Queue* queue) {
  const Commands commands(*queue);
  size_t begin = 0;
  const Reply::Mark mark = reply->mark();
  do {
    size_t end = begin;
    while (end < commands.size() && !stands_alone(commands[end])) ++end;
    const bool first = begin == 0;
    if (end > begin || first) {
      const Commands part = commands.subspan(begin, end - begin);
      TP_CO_TRY(const bool went, co_await run_together(client, reply, part, first, commands.size()));
      if (!went) co_return false;
      // It was given up before its first command.
      if (first && reply->aborted_since(mark)) co_return true;
      client->unwatch();
    }
    if (end < commands.size()) TP_CO_TRY_VOID(co_await run_alone(client, reply, &commands[end++]));
    begin = end;
  } while (begin < commands.size());
  co_return true;
}

}  // namespace

Task<void> run_exec(Call& call) {
  Client& client = call.client;
  if (!client.in_multi()) {
    call.reply.error("ERR EXEC without MULTI");
    co_return ok;
  }
  if (client.multi_failed) {
    client.end_multi();
    call.reply.error(kAbort);
    co_return ok;
  }
  // Commands of the queue are run, not queued.
  const Queue queue = std::move(client.queue);
  client.facts->queued = -1;
  const bool went = queue.empty() && client.watches.empty() && !client.watch_lost;
  if (went) {
    call.reply.array(0);
  } else {
    TP_CO_TRY(const bool done, co_await run_queue(&client, &call.reply, &queue));
    if (!done) call.reply.null_array();
  }
  client.end_multi();
  co_return ok;
}

}  // namespace tp::redis
