#include "front/redis/core/client.h"

namespace tp::redis {

Client::Client(RedisCore& core_in, std::string address, bool encrypted)
    : core(core_in), facts(core_in.clients.add(std::move(address), encrypted, core_in.runtime.clock().now())) {}

Client::~Client() {
  unbind();
  core.clients.remove(facts->id);
}

Task<void> Client::begin() {
  login_.reset();
  unbind();
  volume_name_.clear();
  generation_ = core.binder.generation();
  std::optional<Login> anonymous = core.binder.anonymous();
  if (anonymous) co_return co_await log_in(std::move(*anonymous));
  co_return ok;
}

Task<void> Client::log_in(Login login) {
  unbind();
  generation_ = core.binder.generation();
  core.clients.set_text(*facts, &ClientFacts::user, login.user);
  volume_name_ = login.default_volume;
  identity_fields_.clear();
  login_ = std::move(login);
  if (volume_name_.empty()) co_return ok;
  Result<Binding> binding = co_await core.binder.bind(*login_, volume_name_);
  // Without it the client is logged in all the same; commands say what is missing.
  if (!binding) co_return ok;
  co_return enter(std::move(*binding), volume_name_, {});
}

Task<void> Client::bind(std::string volume, std::vector<std::string> fields) {
  if (!login_) co_return fail(Code::kUnauthenticated, "not logged in");
  TP_CO_TRY(Binding binding, co_await core.binder.bind(*login_, volume));
  co_return enter(std::move(binding), std::move(volume), fields);
}

Result<void> Client::enter(Binding binding, std::string volume, const std::vector<std::string>& fields) {
  cache::Identity identity = binding.volume->profile().identity;
  for (const std::string& field : fields) TP_TRY_VOID(identity.set(field));
  TP_TRY(cache::Space* space, binding.volume->space(identity, binding.tenant));
  unbind();
  binding_ = std::move(binding);
  space_ = space;
  identity_ = std::move(identity);
  volume_name_ = std::move(volume);
  identity_fields_ = fields;
  return ok;
}

Task<void> Client::refresh() {
  const uint64_t generation = core.binder.generation();
  if (!login_) {
    generation_ = generation;
    co_return ok;
  }
  if (!volume_name_.empty()) {
    const std::string volume = volume_name_;
    const std::vector<std::string> fields = identity_fields_;
    Result<Binding> binding = co_await core.binder.bind(*login_, volume);
    if (!binding && binding.error().code == Code::kUnauthenticated) login_.reset();
    // The same volume: watches and transaction go on.
    if (binding && binding->volume == binding_.volume && binding->tenant == binding_.tenant) {
      binding_.may_write = binding->may_write;
    } else if (!binding || !enter(std::move(*binding), volume, fields)) {
      unbind();
    }
  }
  generation_ = generation;
  co_return ok;
}

void Client::unbind() {
  const bool watched = !watches.empty();
  unwatch();
  watch_lost = watched;
  space_ = nullptr;
  binding_ = {};
}

void Client::begin_multi() {
  facts->queued = 0;
  multi_failed = false;
}

void Client::end_multi() {
  facts->queued = -1;
  multi_failed = false;
  queue.clear();
  queue.shrink_to_fit();
  queue_bytes = 0;
  unwatch();
}

void Client::unwatch() {
  watches.clear();
  watch_lost = false;
  facts->watched = 0;
}

Result<void> Client::watch(BytesView key) {
  for (const auto& [watched, unused] : watches) {
    if (watched == key) return ok;
  }
  if (watches.size() >= core.options.watched_keys) return fail(Code::kBusy, "too many watched keys");
  TP_TRY(auto made, volume().watch(*space_, key));
  watches.emplace_back(Bytes(key), std::move(made));
  facts->watched = static_cast<unsigned>(watches.size());
  return ok;
}

}  // namespace tp::redis
