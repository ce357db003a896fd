#include "cli/bench/load.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/hash/sha256.h"
#include "rt/await.h"
#include "wire/text/uri.h"

namespace tp::bench {

namespace {
constexpr size_t kBodies = 8;
constexpr uint64_t kTotalBodyBytes = 256ull << 20;
constexpr int kErrorLimit = 100;
}  // namespace

struct Load::Worker {
  S3Client client;
  rt::Rng rng;
  std::array<KindTotals, kKindCount> kinds;
  std::string list_token;
  int errors_in_a_row = 0;
  Worker(rt::Runtime& runtime, const Options& options, uint64_t seed) : client(runtime, options), rng(seed) {}
};

Load::Load(const Options& options, rt::Runtime& runtime)
    : options_(options), runtime_(runtime), next_key_(options.objects) {
  for (const auto& entry : options.mix) total_weight_ += entry.weight;
  rt::Rng rng(42);
  const size_t count =
      std::max<uint64_t>(1, std::min<uint64_t>(kBodies, kTotalBodyBytes / std::max<uint64_t>(1, options.size_bytes)));
  for (size_t i = 0; i < count; ++i) {
    Bytes body(options.size_bytes, '\0');
    for (size_t at = 0; at < body.size(); at += 8) {
      const uint64_t word = rng.next();
      std::memcpy(body.data() + at, &word, std::min<size_t>(8, body.size() - at));
    }
    const auto hash = sha256(body);
    body_hashes_.push_back(options.sign_payload ? to_hex(BytesView(hash.data(), hash.size())) : std::string());
    bodies_.push_back(std::move(body));
  }
}

std::string Load::object_path(uint64_t index) const {
  // Spread over directories, as real trees are, and not in order of creation.
  const std::string name = fmt::format("{}{:03x}/{:010d}", options_.prefix, (index * 2654435761u >> 7) & 0xfff, index);
  return "/" + options_.bucket + "/" + wire::percent_encode(name, wire::Slash::kKeep);
}

Kind Load::choose(rt::Rng& rng) const {
  auto at = static_cast<unsigned>(rng.below(total_weight_));
  for (const auto& entry : options_.mix) {
    if (at < entry.weight) return entry.kind;
    at -= entry.weight;
  }
  return options_.mix.back().kind;
}

Call Load::make_call(Kind kind, Worker& worker) {
  Call call;
  if (kind == Kind::kList) {
    call.method = "GET";
    call.path = "/" + options_.bucket;
    // In the signature's order: the server sorts, and so do we.
    if (!worker.list_token.empty()) {
      call.query = "continuation-token=" + wire::percent_encode(worker.list_token, wire::Slash::kEncode) + "&";
    }
    call.query += fmt::format("list-type=2&max-keys={}&prefix={}", options_.list_page,
                              wire::percent_encode(options_.prefix, wire::Slash::kEncode));
    return call;
  }
  uint64_t index = options_.objects == 0 ? 0 : worker.rng.below(options_.objects);
  if (kind == Kind::kPut && options_.create_keys) index = next_key_.fetch_add(1);
  call.path = object_path(index);
  call.method = kind == Kind::kGet ? "GET" : kind == Kind::kPut ? "PUT" : kind == Kind::kHead ? "HEAD" : "DELETE";
  if (kind == Kind::kPut) {
    const size_t body = worker.rng.below(bodies_.size());
    call.body = bodies_[body];
    call.body_sha256 = body_hashes_[body];
    call.has_body = true;
  }
  if (kind == Kind::kGet && options_.range_bytes > 0 && options_.range_bytes < options_.size_bytes) {
    const uint64_t offset = worker.rng.below(options_.size_bytes - options_.range_bytes + 1);
    call.range = fmt::format("bytes={}-{}", offset, offset + options_.range_bytes - 1);
  }
  return call;
}

void Load::note_error(std::string text) {
  const std::lock_guard lock(mutex_);
  if (totals_.first_error.empty()) totals_.first_error = std::move(text);
}

Task<void> Load::fill(unsigned first, unsigned step, bool remove) {
  S3Client client(runtime_, options_);
  for (uint64_t index = first; index < options_.objects && !failed_.load(); index += step) {
    Call call;
    call.method = remove ? "DELETE" : "PUT";
    call.path = object_path(index);
    if (!remove) {
      call.body = bodies_[index % bodies_.size()];
      call.body_sha256 = body_hashes_[index % bodies_.size()];
      call.has_body = true;
    }
    auto outcome = co_await client.call(call, false);
    if (!outcome || outcome->status / 100 != 2) {
      note_error(fmt::format("{} {}: {}", call.method, call.path,
                             outcome ? std::to_string(outcome->status) : outcome.error().message));
      failed_.store(true);
    }
    ++finished_;
  }
  co_return ok;
}

Task<void> Load::fill_on_loop(unsigned loop, bool remove) {
  rt::TaskGroup group;
  for (unsigned i = loop; i < options_.connections; i += options_.threads) {
    group.spawn(fill(i, options_.connections, remove));
  }
  co_await group.join();
  co_return ok;
}

Task<void> Load::list_step(Worker& worker, const Outcome& outcome) {
  auto& totals = worker.kinds[static_cast<size_t>(Kind::kList)];
  const BytesView body = outcome.kept;
  constexpr BytesView kKeyTag = "<Key>";
  constexpr BytesView kOpen = "<NextContinuationToken>";
  constexpr BytesView kClose = "</NextContinuationToken>";
  for (size_t at = body.find(kKeyTag); at != BytesView::npos; at = body.find(kKeyTag, at + kKeyTag.size())) {
    ++totals.keys_listed;
  }
  worker.list_token.clear();
  const size_t open = body.find(kOpen);
  const size_t close = body.find(kClose);
  if (open != BytesView::npos && close != BytesView::npos && close > open) {
    worker.list_token = body.substr(open + kOpen.size(), close - open - kOpen.size());
  }
  co_return ok;
}

void Load::count(Worker& worker, Kind kind, const Result<Outcome>& outcome, rt::Nanos duration) {
  auto& totals = worker.kinds[static_cast<size_t>(kind)];
  // A DELETE or GET of a key that another connection has deleted is an answer, not an error.
  const bool fine = outcome && (outcome->status / 100 == 2 || outcome->status == 404);
  if (!fine) {
    ++totals.errors;
    ++worker.errors_in_a_row;
    note_error(fmt::format("{}: {}", kind_name(kind),
                           outcome ? "status " + std::to_string(outcome->status) : outcome.error().message));
    return;
  }
  worker.errors_in_a_row = 0;
  ++totals.operations;
  totals.bytes += kind == Kind::kPut ? options_.size_bytes : outcome->bytes;
  totals.latency.add(duration);
}

Task<void> Load::work(unsigned number) {
  auto worker = std::make_unique<Worker>(runtime_, options_, 1000 + number);
  bool measuring = false;
  while (phase_.load(std::memory_order_relaxed) != Phase::kStop && worker->errors_in_a_row < kErrorLimit) {
    if (!measuring && phase_.load(std::memory_order_relaxed) == Phase::kMeasure) {
      worker->kinds = {};
      measuring = true;
    }
    if (options_.operation_limit > 0 && started_.fetch_add(1) >= options_.operation_limit) break;
    const Kind kind = choose(worker->rng);
    const Call call = make_call(kind, *worker);
    const rt::Nanos begin = runtime_.clock().now();
    const auto outcome = co_await worker->client.call(call, kind == Kind::kList);
    count(*worker, kind, outcome, runtime_.clock().now() - begin);
    if (kind == Kind::kList && outcome) TP_CO_TRY_VOID(co_await list_step(*worker, *outcome));
    finished_.fetch_add(1, std::memory_order_relaxed);
    if (!outcome) co_await rt::sleep_for(10 * rt::kMillisecond);
  }
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kKindCount; ++i) {
    auto& into = totals_.kinds[i];
    const auto& from = worker->kinds[i];
    into.operations += from.operations;
    into.errors += from.errors;
    into.bytes += from.bytes;
    into.keys_listed += from.keys_listed;
    into.latency.merge(from.latency);
  }
  co_return ok;
}

Task<void> Load::work_on_loop(unsigned loop) {
  rt::TaskGroup group;
  for (unsigned i = loop; i < options_.connections; i += options_.threads) group.spawn(work(i));
  co_await group.join();
  co_return ok;
}

void Load::show_progress(double elapsed) {
  if (!options_.progress) return;
  fmt::print(stderr, "\r{:6.1f} s  {} operations\x1b[K", elapsed, finished_.load());
  std::fflush(stderr);
}

}  // namespace tp::bench
