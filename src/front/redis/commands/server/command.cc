#include "front/redis/commands/command_table.h"
#include "front/redis/commands/server/server.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

std::vector<std::string_view> flags_of(const Command& command) {
  std::vector<std::string_view> flags;
  if ((command.flags & kWrite) != 0) flags.push_back("write");
  if ((command.flags & kReadonly) != 0) flags.push_back("readonly");
  if ((command.flags & kDenyOom) != 0) flags.push_back("denyoom");
  if ((command.flags & kAdmin) != 0) flags.push_back("admin");
  if ((command.flags & kNoAuth) != 0) flags.push_back("no_auth");
  if ((command.flags & kNotInMulti) != 0) flags.push_back("no_multi");
  if ((command.flags & kFast) != 0) flags.push_back("fast");
  return flags;
}

std::vector<std::string> categories_of(const Command& command) {
  std::vector<std::string> categories;
  if (command.group == "generic") {
    categories.push_back("@keyspace");
  } else if (command.group == "transactions") {
    categories.push_back("@transaction");
  } else if (command.group != "server") {
    categories.push_back("@" + std::string(command.group));
  }
  if ((command.flags & kReadonly) != 0) categories.push_back("@read");
  if ((command.flags & kWrite) != 0) categories.push_back("@write");
  categories.push_back((command.flags & kFast) != 0 ? "@fast" : "@slow");
  return categories;
}

void answer_info(Call& call, const Command* command) {
  Reply& reply = call.reply;
  if (command == nullptr) return reply.null_array();
  reply.array(10);
  reply.bulk(command->name);
  reply.integer(command->arity);
  const auto flags = flags_of(*command);
  reply.set(flags.size());
  for (const std::string_view flag : flags) reply.simple(flag);
  reply.integer(command->first_key);
  reply.integer(command->last_key);
  reply.integer(command->key_step);
  const auto categories = categories_of(*command);
  reply.set(categories.size());
  for (const std::string& category : categories) reply.simple(category);
  reply.array(0);  // hints
  reply.array(0);  // key specifications
  reply.array(0);  // subcommands
}

std::vector<const Command*> named(const Call& call) {
  if (call.count() == 2) return all_commands();
  std::vector<const Command*> commands;
  for (size_t i = 2; i < call.count(); ++i) commands.push_back(find_command(call[i]));
  return commands;
}

void info(Call& call) {
  const auto commands = named(call);
  call.reply.array(commands.size());
  for (const Command* command : commands) answer_info(call, command);
}

void count(Call& call) {
  call.reply.integer(static_cast<int64_t>(all_commands().size()));
}

void docs(Call& call) {
  auto commands = named(call);
  std::erase(commands, nullptr);
  call.reply.map(commands.size());
  for (const Command* command : commands) {
    call.reply.bulk(command->name);
    call.reply.map(3);
    call.reply.bulk("summary");
    call.reply.bulk(command->summary);
    call.reply.bulk("since");
    call.reply.bulk(command->since);
    call.reply.bulk("group");
    call.reply.bulk(command->group);
  }
}

void list(Call& call) {
  std::optional<BytesView> pattern;
  if (call.count() == 5 && is_word(call[2], "filterby") && is_word(call[3], "pattern")) {
    pattern = call[4];
  } else if (call.count() != 2) {
    return call.syntax_error();
  }
  std::vector<std::string_view> names;
  for (const Command* command : all_commands()) {
    if (!pattern || glob_matches(*pattern, command->name, true)) names.push_back(command->name);
  }
  call.reply.array(names.size());
  for (const std::string_view name : names) call.reply.bulk(name);
}

void get_keys(Call& call) {
  const Command* command = find_command(call[2]);
  if (command == nullptr) return call.reply.error("ERR Invalid command specified");
  if (command->first_key == 0) return call.reply.error("ERR The command has no key arguments");
  Arguments arguments;
  for (size_t i = 2; i < call.count(); ++i) arguments.views.push_back(call[i]);
  const int given = static_cast<int>(arguments.views.size());
  if (command->arity >= 0 ? given != command->arity : given < -command->arity) {
    return call.reply.error("ERR Invalid number of arguments specified for command");
  }
  std::vector<BytesView> keys;
  keys_of(*command, arguments, &keys);
  call.reply.array(keys.size());
  for (const BytesView key : keys) call.reply.bulk(key);
}

constexpr Subcommand kSubcommands[] = {
    {"count", 2, count}, {"docs", -2, docs}, {"getkeys", -3, get_keys}, {"info", -2, info}, {"list", -2, list},
};

}  // namespace

std::span<const Subcommand> command_subcommands() {
  return kSubcommands;
}

void run_command(Call& call) {
  if (call.count() > 1) return run_subcommand(call);
  call.reply.array(all_commands().size());
  for (const Command* command : all_commands()) answer_info(call, command);
}

}  // namespace tp::redis
