#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

struct SetOptions {
  bool only_new = false, only_present = false, get = false, keep_expiry = false;
  ExpiryWord expiry;
};

bool read_options(Call& call, SetOptions* options) {
  for (size_t i = 3; i < call.count(); ++i) {
    const BytesView word = call[i];
    const bool timed = options->expiry.index != 0;
    const auto expiry = expiry_option(word);
    if (is_word(word, "nx") && !options->only_present) {
      options->only_new = true;
    } else if (is_word(word, "xx") && !options->only_new) {
      options->only_present = true;
    } else if (is_word(word, "get")) {
      options->get = true;
    } else if (is_word(word, "keepttl") && !timed) {
      options->keep_expiry = true;
    } else if (expiry && !timed && !options->keep_expiry && i + 1 < call.count()) {
      options->expiry = *expiry;
      options->expiry.index = ++i;
    } else {
      call.syntax_error();
      return false;
    }
  }
  return true;
}

void answer_old(Call& call, const std::optional<Found>& old) {
  if (old) {
    call.reply.value(old->value);
  } else {
    call.reply.null();
  }
}

}  // namespace

void run_set(Call& call) {
  cache::PutOptions put;
  if (call.count() == 3) {
    if (call.put(call[1], call.value_of(2), put)) call.reply.ok();
    return;
  }
  SetOptions options;
  if (!read_options(call, &options)) return;
  if (options.expiry.index != 0 && !read_expiry(call, options.expiry, &put.expires_ms)) return;
  std::optional<Found> old;
  if (options.get) {
    if (!call.look(call[1], cache::ValueType::kString, &old)) return;
  } else if (options.only_new || options.only_present || options.keep_expiry) {
    old = call.find(call[1]);
  }
  if ((options.only_new && old) || (options.only_present && !old)) {
    if (options.get) return answer_old(call, old);
    return call.reply.null();
  }
  if (options.keep_expiry && old) put.expires_ms = old->seen.expires_ms;
  if (!call.put(call[1], call.value_of(2), put)) return;
  if (options.get) return answer_old(call, old);
  call.reply.ok();
}

void run_setex(Call& call) {
  cache::PutOptions put;
  const ExpiryWord expiry{2, call.command.name == "setex", false};
  if (!read_expiry(call, expiry, &put.expires_ms)) return;
  if (call.put(call[1], call.value_of(3), put)) call.reply.ok();
}

void run_setnx(Call& call) {
  if (call.find(call[1])) return call.reply.integer(0);
  if (call.put(call[1], call.value_of(2), {})) call.reply.integer(1);
}

}  // namespace tp::redis
