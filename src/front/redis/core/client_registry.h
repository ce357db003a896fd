// ClientRegistry: what every connection shows of itself to the others: CLIENT LIST, INFO. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "front/redis/core/command.h"
#include "rt/env/clock.h"

namespace tp::redis {

/// Written by the connection, read by all; the texts only through the registry.
struct ClientFacts {
  uint64_t id = 0;
  std::string address;
  bool encrypted = false;
  rt::Nanos connected_at = 0;
  std::atomic<rt::Nanos> active_at{0};
  std::atomic<const Command*> last_command{nullptr};
  std::atomic<int> protocol{2};
  std::atomic<int> queued{-1};  // commands of MULTI; -1: none
  std::atomic<unsigned> watched{0};
  // Under the registry's mutex.
  std::string name, library_name, library_version, user = "default";
};

class ClientRegistry {
 public:
  std::shared_ptr<ClientFacts> add(std::string address, bool encrypted, rt::Nanos now);
  void remove(uint64_t id);
  size_t count() const;

  void set_text(ClientFacts& facts, std::string ClientFacts::*field, std::string text);
  std::string text(const ClientFacts& facts, std::string ClientFacts::*field) const;

  /// CLIENT LIST's lines, of those whose id is in `ids` or of all if it is empty.
  std::string list(rt::Nanos now, const std::vector<uint64_t>& ids) const;
  std::string line(const ClientFacts& facts, rt::Nanos now) const;

 private:
  std::string line_locked(const ClientFacts& facts, rt::Nanos now) const;

  mutable std::mutex mutex_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::shared_ptr<ClientFacts>> clients_;  // shared with the connection
};

}  // namespace tp::redis
