#include "front/redis/core/runner.h"

#include <algorithm>

#include "front/redis/commands/command_table.h"
#include "front/redis/commands/words.h"
#include "rt/task_group.h"

namespace tp::redis {

namespace {

constexpr size_t kLoadsSideBySide = 16;
constexpr size_t kNamedBytes = 128;  // of an unknown command's name, and of its arguments

const Command* refuse(Client& client, Reply& reply, std::string_view text) {
  if (client.in_multi()) client.multi_failed = true;
  reply.error(text);
  return nullptr;
}

std::string unknown_command(const Arguments& arguments) {
  std::string text = "ERR unknown command '" + shown(arguments.views[0], kNamedBytes) +
                     "', with args beginning with: ";
  std::string named;
  for (size_t i = 1; i < arguments.views.size() && named.size() < kNamedBytes; ++i) {
    named += "'" + shown(arguments.views[i], kNamedBytes - named.size()) + "' ";
  }
  return text + named;
}

bool arity_fits(const Command& command, size_t count) {
  const int given = static_cast<int>(count);
  return command.arity >= 0 ? given == command.arity : given >= -command.arity;
}

const Command* queue_command(Client& client, const Command& command, const Arguments& arguments, Reply& reply) {
  QueuedCommand queued;
  queued.command = &command;
  queued.arguments.values = arguments.values;
  size_t bytes = 0;
  for (const BytesView view : arguments.views) bytes += view.size();
  const RedisOptions& options = client.core.options;
  if (client.queue.size() >= options.transaction_commands || client.queue_bytes + bytes > options.transaction_bytes) {
    return refuse(client, reply, "ERR the transaction is too large");
  }
  client.queue_bytes += bytes + 64 + 16 * arguments.views.size();
  queued.bytes = std::make_unique<char[]>(bytes);
  size_t at = 0;
  auto value = queued.arguments.values.begin();
  for (size_t i = 0; i < arguments.views.size(); ++i) {
    const BytesView view = arguments.views[i];
    if (value != queued.arguments.values.end() && value->first == i) {
      queued.arguments.views.push_back(value->second.view());
      ++value;
      continue;
    }
    std::memcpy(queued.bytes.get() + at, view.data(), view.size());
    queued.arguments.views.emplace_back(queued.bytes.get() + at, view.size());
    at += view.size();
  }
  client.queue.push_back(std::move(queued));
  client.facts->queued = static_cast<int>(client.queue.size());
  reply.simple("QUEUED");
  return nullptr;
}

bool keys_fit(const Command& command, const Arguments& arguments) {
  if (command.first_key == 0) return true;
  const size_t count = arguments.views.size();
  const size_t last = command.last_key < 0 ? count - 1 : static_cast<size_t>(command.last_key);
  for (size_t i = static_cast<size_t>(command.first_key); i <= last && i < count;
       i += static_cast<size_t>(command.key_step)) {
    if (arguments.views[i].size() > cache::kMaxKeyBytes) return false;
  }
  return true;
}

std::string_view refusal(const Client& client, const Command& command, const Arguments& arguments) {
  if (!client.trusted() && (command.flags & kNoAuth) == 0) return "NOAUTH Authentication required.";
  const bool wants_space = command.first_key != 0 || (command.flags & kNeedsSpace) != 0;
  if (!wants_space) return {};
  if (client.space() == nullptr) return "ERR no cache volume is bound: AUTH user@volume or TP.BIND volume";
  if (!keys_fit(command, arguments)) return "ERR a key is longer than 1024 bytes";
  if (command.first_key != 0 && arguments.views.size() / static_cast<size_t>(command.key_step) > kMaxSectionKeys) {
    return "ERR too many keys in one command: at most 65536";
  }
  return {};
}

Task<void> load_one(Client* client, Call::Wanted wanted, LoadedValues* loaded, Result<void>* outcome) {
  Result<cache::Value> value = co_await client->volume().load(*client->space(), wanted.key, wanted.seen);
  if (value) {
    loaded->add(std::move(wanted.key), std::move(wanted.seen), std::move(*value));
  } else if (value.error().code != Code::kNotFound) {
    *outcome = std::unexpected(std::move(value).error());
  }
  co_return ok;
}

}  // namespace

const Command* admit(Client& client, const Arguments& arguments, Reply& reply) {
  const Command* command = find_command(arguments.views[0]);
  if (command == nullptr) return refuse(client, reply, unknown_command(arguments));
  client.facts->last_command.store(command, std::memory_order_relaxed);
  if (!arity_fits(*command, arguments.views.size())) {
    return refuse(client, reply, "ERR wrong number of arguments for '" + std::string(command->name) + "' command");
  }
  if (command->subcommands != nullptr && arguments.views.size() > 1) {
    std::string error;
    if (find_subcommand(*command, arguments, &error) == nullptr) return refuse(client, reply, error);
  }
  const std::string_view refused = refusal(client, *command, arguments);
  if (!refused.empty()) return refuse(client, reply, refused);
  if ((command->flags & kWrite) != 0 && !client.binding().may_write) {
    return refuse(client, reply,
                  "NOPERM this user has no permissions to run the '" + std::string(command->name) + "' command");
  }
  if (client.in_multi() && (command->flags & kNoMulti) == 0) {
    if ((command->flags & kNotInMulti) != 0) {
      return refuse(client, reply, "ERR Command not allowed inside a transaction");
    }
    return queue_command(client, *command, arguments, reply);
  }
  return command;
}

bool run_now(Call& call) {
  const Command& command = call.command;
  if (command.run == nullptr) {
    call.go_slow();
    return false;
  }
  if (command.first_key == 0 || (command.flags & (kNoSection | kOwnLookup)) != 0) {
    command.run(call);
    return call.complete();
  }
  std::vector<BytesView> many;
  BytesView one;
  std::span<const BytesView> keys(&one, 1);
  if (command.last_key == command.first_key) {
    one = call[static_cast<size_t>(command.first_key)];
  } else {
    call.keys(&many);
    keys = many;
  }
  const auto section = (command.flags & kWrite) != 0 ? call.volume().write_section(call.space(), keys)
                                                     : call.volume().read_section(call.space(), keys);
  call.enter(section.get(), nullptr, false);
  command.run(call);
  call.enter(nullptr, nullptr, false);
  return call.complete();
}

Task<void> load_all(Client* client, std::vector<Call::Wanted> wanted, LoadedValues* loaded) {
  uint64_t bytes = 0;
  for (const Call::Wanted& one : wanted) bytes += one.seen.size_bytes;
  if (bytes > client->core.options.command_reply_bytes) {
    co_return fail(Code::kInvalidArgument, "the values of the command are too large together");
  }
  Result<void> outcome;
  for (size_t begin = 0; begin < wanted.size() && outcome; begin += kLoadsSideBySide) {
    const size_t end = std::min(begin + kLoadsSideBySide, wanted.size());
    rt::TaskGroup group;
    for (size_t i = begin; i < end; ++i) group.spawn(load_one(client, std::move(wanted[i]), loaded, &outcome));
    co_await group.join();
  }
  co_return outcome;
}

namespace {

// One more run with what was loaded, in a section of its own.
void run_again(Call& call, const LoadedValues& loaded) {
  std::vector<BytesView> keys;
  call.keys(&keys);
  const auto section = (call.command.flags & kWrite) != 0 ? call.volume().write_section(call.space(), keys)
                                                          : call.volume().read_section(call.space(), keys);
  call.enter(section.get(), &loaded, false);
  call.command.run(call);
  call.enter(nullptr, nullptr, false);
}

}  // namespace

Task<void> run_waiting(Call* call, Reply::Mark mark) {
  LoadedValues loaded;
  for (unsigned tries = 0; tries < kMaxTries && !call->complete(); ++tries) {
    call->reply.cut(mark);
    if (call->slow()) co_return co_await call->command.run_slow(*call);
    Result<void> waited;
    if (call->room_bytes() > 0) {
      waited = co_await call->volume().room(call->room_bytes());
    } else {
      waited = co_await load_all(&call->client, call->take_wanted(), &loaded);
    }
    call->again();
    if (!waited) {
      call->engine_error(waited.error());
      co_return ok;
    }
    run_again(*call, loaded);
  }
  if (!call->complete()) {
    call->reply.cut(mark);
    call->reply.error("BUSY the entries of the command change too fast");
  }
  co_return ok;
}

}  // namespace tp::redis
