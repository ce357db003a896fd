// Client: the state of one connection as commands see it: who it is, what it is bound to, its transaction and watches.
// Belongs to the connection's loop. Invariant: `space` belongs to `binding.volume`, and both are null together.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_volume.h"
#include "front/redis/core/binder.h"
#include "front/redis/core/client_registry.h"
#include "front/redis/core/redis_core.h"

namespace tp::redis {

/// The words of a request. Views into the connection's buffer, or the value where a word came as one.
struct Arguments {
  std::vector<BytesView> views;
  std::vector<std::pair<uint32_t, cache::Value>> values;  // ascending by index; their views are in `views` too
  void clear() {
    views.clear();
    values.clear();
  }
};

/// A command of a transaction: owns its words.
struct QueuedCommand {
  const Command* command = nullptr;
  Arguments arguments;
  std::unique_ptr<char[]> bytes;
};

enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext, kSkip };

class Client {
 public:
  Client(RedisCore& core, std::string address, bool encrypted);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// What it is without AUTH, at its begin and after RESET.
  Task<void> begin();
  /// After AUTH: binds to the login's volume, if that can be had.
  Task<void> log_in(Login login);
  /// Another volume or another identity; as it was after an error.
  Task<void> bind(std::string volume, std::vector<std::string> fields);
  /// Users or volumes have changed: binds again, or loses what it may not use.
  Task<void> refresh();
  bool stale() const { return generation_ != core.binder.generation(); }

  bool trusted() const { return login_.has_value(); }
  const std::optional<Login>& login() const { return login_; }
  cache::CacheVolume& volume() const { return *binding_.volume; }
  cache::Space* space() const { return space_; }
  const cache::Identity& identity() const { return identity_; }
  const Binding& binding() const { return binding_; }

  // MULTI.
  bool in_multi() const { return facts->queued >= 0; }
  void begin_multi();
  void end_multi();  // and forgets its commands and watches
  void unwatch();
  Result<void> watch(BytesView key);

  RedisCore& core;
  const std::shared_ptr<ClientFacts> facts;
  std::vector<QueuedCommand> queue;
  size_t queue_bytes = 0;
  bool multi_failed = false;
  std::vector<std::pair<Bytes, std::unique_ptr<cache::CacheVolume::Watch>>> watches;
  bool watch_lost = false;  // with the volume it was on: as if the key had changed
  ReplyMode reply_mode = ReplyMode::kOn;
  bool closing = false;  // after this reply

 private:
  void unbind();
  Result<void> enter(Binding binding, std::string volume, const std::vector<std::string>& fields);

  std::optional<Login> login_;
  std::string volume_name_;
  std::vector<std::string> identity_fields_;  // of TP.BIND
  Binding binding_;
  cache::Identity identity_;
  cache::Space* space_ = nullptr;
  uint64_t generation_ = 0;
};

}  // namespace tp::redis
