#include "front/redis/commands/session/session.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

ClientRegistry& registry(Call& call) {
  return call.client.core.clients;
}

rt::Nanos now(Call& call) {
  return call.client.core.runtime.clock().now();
}

void set_info(Call& call) {
  std::string ClientFacts::*field = nullptr;
  if (is_word(call[2], "lib-name")) field = &ClientFacts::library_name;
  if (is_word(call[2], "lib-ver")) field = &ClientFacts::library_version;
  if (field == nullptr) return call.reply.error("ERR Unrecognized option '" + shown(call[2], 128) + "'");
  if (!name_is_good(call, call[3])) return;
  registry(call).set_text(*call.client.facts, field, std::string(call[3]));
  call.reply.ok();
}

void set_name(Call& call) {
  if (!name_is_good(call, call[2])) return;
  registry(call).set_text(*call.client.facts, &ClientFacts::name, std::string(call[2]));
  call.reply.ok();
}

void get_name(Call& call) {
  const std::string name = registry(call).text(*call.client.facts, &ClientFacts::name);
  if (name.empty()) return call.reply.null();
  call.reply.bulk(name);
}

void id(Call& call) {
  call.reply.integer(static_cast<int64_t>(call.client.facts->id));
}

void info(Call& call) {
  call.reply.verbatim(registry(call).line(*call.client.facts, now(call)));
}

void list(Call& call) {
  std::vector<uint64_t> ids;
  if (call.count() == 4 && is_word(call[2], "type")) {
    if (is_word(call[3], "normal")) return call.reply.verbatim(registry(call).list(now(call), ids));
    if (is_word(call[3], "master") || is_word(call[3], "replica") || is_word(call[3], "slave") ||
        is_word(call[3], "pubsub")) {
      return call.reply.verbatim("");
    }
    return call.reply.error("ERR Unknown client type '" + shown(call[3], 128) + "'");
  }
  if (call.count() > 3 && is_word(call[2], "id")) {
    for (size_t i = 3; i < call.count(); ++i) {
      const auto wanted = wire::parse_integer(call[i]);
      if (!wanted || *wanted < 1) return call.reply.error("ERR Invalid client ID");
      ids.push_back(static_cast<uint64_t>(*wanted));
    }
  } else if (call.count() != 2) {
    return call.syntax_error();
  }
  call.reply.verbatim(registry(call).list(now(call), ids));
}

// Nothing is evicted or touched on a client's account here: both settings hold already.
void on_or_off(Call& call) {
  if (!is_word(call[2], "on") && !is_word(call[2], "off")) return call.syntax_error();
  call.reply.ok();
}

void reply_mode(Call& call) {
  if (is_word(call[2], "on")) {
    call.client.reply_mode = ReplyMode::kOn;
    call.reply.ok();
  } else if (is_word(call[2], "off")) {
    call.client.reply_mode = ReplyMode::kOff;
  } else if (is_word(call[2], "skip")) {
    if (call.client.reply_mode != ReplyMode::kOff) call.client.reply_mode = ReplyMode::kSkipNext;
  } else {
    call.syntax_error();
  }
}

constexpr Subcommand kSubcommands[] = {
    {"getname", 2, get_name}, {"id", 2, id},           {"info", 2, info},
    {"list", -2, list},       {"no-evict", 3, on_or_off}, {"no-touch", 3, on_or_off},
    {"reply", 3, reply_mode}, {"setinfo", 4, set_info}, {"setname", 3, set_name},
};

}  // namespace

std::span<const Subcommand> client_subcommands() {
  return kSubcommands;
}

}  // namespace tp::redis
