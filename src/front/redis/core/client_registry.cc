#include "front/redis/core/client_registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace tp::redis {

std::shared_ptr<ClientFacts> ClientRegistry::add(std::string address, bool encrypted, rt::Nanos now) {
  auto facts = std::make_shared<ClientFacts>();
  facts->address = std::move(address);
  facts->encrypted = encrypted;
  facts->connected_at = now;
  facts->active_at = now;
  const std::lock_guard lock(mutex_);
  facts->id = next_id_++;
  clients_[facts->id] = facts;
  return facts;
}

void ClientRegistry::remove(uint64_t id) {
  const std::lock_guard lock(mutex_);
  clients_.erase(id);
}

size_t ClientRegistry::count() const {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

void ClientRegistry::set_text(ClientFacts& facts, std::string ClientFacts::*field, std::string text) {
  const std::lock_guard lock(mutex_);
  facts.*field = std::move(text);
}

std::string ClientRegistry::text(const ClientFacts& facts, std::string ClientFacts::*field) const {
  const std::lock_guard lock(mutex_);
  return facts.*field;
}

std::string ClientRegistry::line_locked(const ClientFacts& facts, rt::Nanos now) const {
  const Command* command = facts.last_command;
  const int queued = facts.queued;
  std::string flags = queued >= 0 ? "x" : "N";
  return fmt::format(
      "id={} addr={} laddr= fd=0 name={} age={} idle={} flags={} db=0 sub=0 psub=0 ssub=0 multi={} watch={} qbuf=0 "
      "qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd={} user={} redir=-1 "
      "resp={} lib-name={} lib-ver={}",
      facts.id, facts.address, facts.name, std::max<int64_t>(0, (now - facts.connected_at) / rt::kSecond),
      std::max<int64_t>(0, (now - facts.active_at) / rt::kSecond), flags, queued, facts.watched.load(),
      command == nullptr ? "NULL" : command->name, facts.user, facts.protocol.load(), facts.library_name,
      facts.library_version);
}

std::string ClientRegistry::line(const ClientFacts& facts, rt::Nanos now) const {
  const std::lock_guard lock(mutex_);
  return line_locked(facts, now) + "\n";
}

std::string ClientRegistry::list(rt::Nanos now, const std::vector<uint64_t>& ids) const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const auto& [id, facts] : clients_) {
    if (ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) all += line_locked(*facts, now) + "\n";
  }
  return all;
}

}  // namespace tp::redis
