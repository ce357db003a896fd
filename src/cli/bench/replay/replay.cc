#include "cli/bench/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "rt/await.h"

namespace tp::bench {

namespace {

constexpr size_t kBatchBytes = 4 << 20;
constexpr uint64_t kMinValueBytes = 16;
constexpr rt::Nanos kRetryPause = 100 * rt::kMillisecond;

std::string key_of(uint64_t block) { return fmt::format("block:{:016x}", block); }

uint64_t next_word(uint64_t* state) {  // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace

/// What one attempt at a request came to; counted only if the attempt got to its end.
struct Replay::Step {
  uint64_t found = 0;        // leading blocks by the lookup
  uint64_t run = 0;          // of them, leading ones that came with the right bytes
  uint64_t run_tokens = 0;
  uint64_t wrong = 0, vanished = 0, refused = 0, loaded_bytes = 0, stored_bytes = 0;
  rt::Nanos load_time = 0;
  std::string refusal;
};

Task<void> Replay::begin() {
  TP_CO_TRY_VOID(co_await client_.connect());
  TP_CO_TRY(ledger_before_, co_await ledger());
  co_return ok;
}

Task<void> Replay::request(cache::sim::TraceRequest request) {
  while (true) {
    Step step;
    const auto done = co_await attempt(request, &step);
    if (done) {
      count(request, step);
      co_return ok;
    }
    if (client_.connected()) co_return done;  // the server answered, and nothing that another attempt would change
    ++totals_.reconnects;
    TP_CO_TRY_VOID(co_await reconnect());
  }
}

Task<void> Replay::reconnect() {
  const rt::Nanos end = runtime_.clock().now() + static_cast<rt::Nanos>(options_.patience_seconds * 1e9);
  while (true) {
    auto connected = co_await client_.connect();
    if (connected || runtime_.clock().now() > end) co_return connected;
    co_await rt::sleep_for(kRetryPause);
  }
}

Task<void> Replay::attempt(const cache::sim::TraceRequest& request, Step* step) {
  if (request.blocks.empty()) co_return ok;
  const rt::Nanos begin = runtime_.clock().now();
  TP_CO_TRY_VOID(co_await look_up(request, step));
  TP_CO_TRY_VOID(co_await load(request, step));
  step->load_time = runtime_.clock().now() - begin;
  co_return co_await store(request, step);
}

Task<void> Replay::look_up(const cache::sim::TraceRequest& request, Step* step) {
  client_.begin(6 + request.blocks.size());
  client_.argument("TP.PREFIX");
  client_.argument("LEASE");
  client_.argument(std::to_string(options_.lease_ms));
  client_.argument("TOKENS");
  uint64_t tokens = 0;
  for (size_t i = 0; i < request.blocks.size(); ++i) tokens += tokens_of(request, i);
  client_.argument(std::to_string(tokens));
  client_.argument("KEYS");
  for (const uint64_t block : request.blocks) client_.argument(key_of(block));
  TP_CO_TRY_VOID(co_await client_.send());
  TP_CO_TRY(const RespReply answer, co_await client_.reply());
  if (answer.kind != RespReply::Kind::kInteger || answer.integer < 0 ||
      static_cast<uint64_t>(answer.integer) > request.blocks.size()) {
    co_return fail(Code::kMalformed, "TP.PREFIX answered " + answer.text);
  }
  step->found = static_cast<uint64_t>(answer.integer);
  co_return ok;
}

Task<void> Replay::load(const cache::sim::TraceRequest& request, Step* step) {
  for (uint64_t i = 0; i < step->found; ++i) {
    const std::string key = key_of(request.blocks[i]);
    client_.add({"TP.GET", key});
  }
  if (step->found > 0) TP_CO_TRY_VOID(co_await client_.send());
  Bytes right;
  bool whole = true;
  for (uint64_t i = 0; i < step->found; ++i) {
    TP_CO_TRY(const RespReply value, co_await client_.reply());
    const uint64_t tokens = tokens_of(request, i);
    if (value.kind == RespReply::Kind::kNull) {
      ++step->vanished;
      whole = false;
      continue;
    }
    if (value.kind != RespReply::Kind::kBulk) co_return fail(Code::kMalformed, "TP.GET answered " + value.text);
    make_value(request.blocks[i], tokens, &right);
    step->loaded_bytes += value.text.size();
    if (value.text != right) {
      ++step->wrong;
      whole = false;
    }
    if (!whole) continue;
    ++step->run;
    step->run_tokens += tokens;
  }
  co_return ok;
}

Task<void> Replay::store(const cache::sim::TraceRequest& request, Step* step) {
  Bytes value;
  size_t batch_bytes = 0;
  uint64_t waiting = 0;
  for (size_t i = step->found; i < request.blocks.size(); ++i) {
    const uint64_t tokens = tokens_of(request, i);
    make_value(request.blocks[i], tokens, &value);
    client_.begin(i == 0 ? 5 : 7);
    client_.argument("TP.SET");
    client_.argument(key_of(request.blocks[i]));
    client_.argument(value);
    client_.argument("TOKENS");
    client_.argument(std::to_string(tokens));
    if (i > 0) {
      client_.argument("PARENT");
      client_.argument(key_of(request.blocks[i - 1]));
    }
    step->stored_bytes += value.size();
    batch_bytes += value.size();
    ++waiting;
    if (batch_bytes < kBatchBytes) continue;
    TP_CO_TRY_VOID(co_await store_answers(waiting, step));
    waiting = batch_bytes = 0;
  }
  co_return co_await store_answers(waiting, step);
}

Task<void> Replay::store_answers(uint64_t count, Step* step) {
  if (count == 0) co_return ok;
  TP_CO_TRY_VOID(co_await client_.send());
  for (; count > 0; --count) {
    TP_CO_TRY(RespReply answer, co_await client_.reply());
    if (answer.kind != RespReply::Kind::kError) continue;
    ++step->refused;
    if (step->refusal.empty()) step->refusal = std::move(answer.text);
  }
  co_return ok;
}

void Replay::count(const cache::sim::TraceRequest& request, const Step& step) {
  if (totals_.requests == 0) totals_.first_second = request.seconds;
  totals_.last_second = std::max(totals_.last_second, request.seconds);
  ++totals_.requests;
  totals_.blocks += request.blocks.size();
  for (size_t i = 0; i < request.blocks.size(); ++i) totals_.input_tokens += tokens_of(request, i);
  totals_.hit_blocks += step.run;
  totals_.hit_tokens += step.run_tokens;
  totals_.wrong_entries += step.wrong;
  totals_.vanished += step.vanished;
  totals_.refused += step.refused;
  if (totals_.first_refusal.empty()) totals_.first_refusal = step.refusal;
  totals_.loaded_bytes += step.loaded_bytes;
  totals_.stored_bytes += step.stored_bytes;
  if (step.run == 0) return;
  const double load_seconds = static_cast<double>(step.load_time) / 1e9;
  const double prefill_seconds = options_.profile.seconds(0, step.run_tokens);
  totals_.load.add(step.load_time);
  totals_.stall_seconds += load_seconds;
  // Without a prefill curve the modelled time is 0 and says nothing: the objective alone counts then.
  const double limit = prefill_seconds > 0 ? std::min(options_.slo_seconds, prefill_seconds) : options_.slo_seconds;
  if (load_seconds > limit) return;
  totals_.valid_tokens += step.run_tokens;
  totals_.saved_seconds += prefill_seconds;
}

Task<void> Replay::finish() {
  if (!client_.connected()) TP_CO_TRY_VOID(co_await reconnect());
  TP_CO_TRY(auto after, co_await ledger());
  for (const auto& [name, value] : after) totals_.ledger[name] = value - ledger_before_[name];
  totals_.capacity_bytes = after["capacity_bytes"];
  client_.close();
  co_return ok;
}

Task<std::map<std::string, int64_t>> Replay::ledger() {
  client_.add({"TP.STAT"});
  TP_CO_TRY_VOID(co_await client_.send());
  TP_CO_TRY(const RespReply answer, co_await client_.reply());
  if (answer.kind == RespReply::Kind::kError) co_return fail(Code::kInvalidArgument, answer.text);
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i + 1 < answer.items.size(); i += 2) {
    const RespReply& value = answer.items[i + 1];
    if (value.kind == RespReply::Kind::kInteger) counts[answer.items[i].text] = value.integer;
  }
  co_return counts;
}

uint64_t Replay::tokens_of(const cache::sim::TraceRequest& request, size_t block) const {
  const uint64_t before = uint64_t{options_.block_tokens} * block;
  if (block + 1 < request.blocks.size() || request.input_tokens <= before) return options_.block_tokens;
  return std::min<uint64_t>(options_.block_tokens, request.input_tokens - before);
}

void Replay::make_value(uint64_t block, uint64_t tokens, Bytes* out) const {
  const double bytes = std::round(static_cast<double>(tokens) * options_.profile.bytes_per_token * options_.scale);
  out->resize(std::max<uint64_t>(kMinValueBytes, static_cast<uint64_t>(bytes)));
  uint64_t state = block;
  for (size_t at = 0; at < out->size(); at += sizeof(uint64_t)) {
    const uint64_t word = next_word(&state);
    std::memcpy(out->data() + at, &word, std::min(sizeof(word), out->size() - at));
  }
}

}  // namespace tp::bench
