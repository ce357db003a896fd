#include "front/redis/commands/session/session.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr std::string_view kWrongPass = "WRONGPASS invalid username-password pair or user is disabled.";
constexpr std::string_view kHelloFirst =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
    "option can be used to authenticate the client and select the RESP protocol version at the same time";

/// False after an error reply.
Task<bool> authenticate(Call& call, std::string user, std::string password) {
  Client& client = call.client;
  Result<Login> login =
      co_await client.core.binder.authenticate(std::move(user), std::move(password), client.facts->address);
  if (!login) {
    if (login.error().code == Code::kUnauthenticated) {
      call.reply.error(kWrongPass);
    } else {
      call.engine_error(login.error());
    }
    co_return false;
  }
  TP_CO_TRY_VOID(co_await client.log_in(std::move(*login)));
  co_return true;
}

struct HelloWords {
  int64_t version = 0;  // 0: as it is
  std::optional<std::pair<std::string, std::string>> login;
  std::optional<BytesView> name;
};

bool read_hello(Call& call, HelloWords* words) {
  size_t i = 1;
  if (call.count() > 1) {
    const auto version = wire::parse_integer(call[i++]);
    if (!version) {
      call.reply.error("ERR Protocol version is not an integer or out of range");
      return false;
    }
    if (*version < 2 || *version > 3) {
      call.reply.error("NOPROTO unsupported protocol version");
      return false;
    }
    words->version = *version;
  }
  for (; i < call.count(); ++i) {
    const size_t more = call.count() - 1 - i;
    if (is_word(call[i], "auth") && more >= 2) {
      words->login.emplace(call[i + 1], call[i + 2]);
      i += 2;
    } else if (is_word(call[i], "setname") && more >= 1) {
      words->name = call[++i];
      if (!name_is_good(call, *words->name)) return false;
    } else {
      call.reply.error("ERR Syntax error in HELLO option '" + shown(call[i], 128) + "'");
      return false;
    }
  }
  return true;
}

}  // namespace

Task<void> run_auth(Call& call) {
  if (call.count() > 3) {
    call.syntax_error();
    co_return ok;
  }
  std::string user = call.count() == 3 ? std::string(call[1]) : "default";
  std::string password(call[call.count() - 1]);
  TP_CO_TRY(const bool done, co_await authenticate(call, std::move(user), std::move(password)));
  if (done) call.reply.ok();
  co_return ok;
}

Task<void> run_hello(Call& call) {
  HelloWords words;
  if (!read_hello(call, &words)) co_return ok;
  Client& client = call.client;
  if (words.login) {
    TP_CO_TRY(const bool done, co_await authenticate(call, words.login->first, words.login->second));
    if (!done) co_return ok;
  }
  if (!client.trusted()) {
    call.reply.error(kHelloFirst);
    co_return ok;
  }
  if (words.name) client.core.clients.set_text(*client.facts, &ClientFacts::name, std::string(*words.name));
  if (words.version != 0) set_protocol(call, static_cast<int>(words.version));
  call.reply.map(7);
  call.reply.bulk("server");
  call.reply.bulk("redis");
  call.reply.bulk("version");
  call.reply.bulk("7.0.15");
  call.reply.bulk("proto");
  call.reply.integer(call.reply.protocol());
  call.reply.bulk("id");
  call.reply.integer(static_cast<int64_t>(client.facts->id));
  call.reply.bulk("mode");
  call.reply.bulk("standalone");
  call.reply.bulk("role");
  call.reply.bulk("master");
  call.reply.bulk("modules");
  call.reply.array(0);
  co_return ok;
}

std::span<const Subcommand> acl_subcommands() {
  static constexpr Subcommand kSubcommands[] = {
      {"whoami", 2, [](Call& whoami) { whoami.reply.bulk(whoami.client.login()->user); }},
  };
  return kSubcommands;
}

}  // namespace tp::redis
