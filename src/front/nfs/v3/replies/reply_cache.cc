#include "front/nfs/v3/replies/reply_cache.h"

#include <algorithm>

#include "base/hash/crc.h"

namespace tp::nfs::v3 {

namespace {

uint64_t checksum_of(const net::RpcCall& call) {
  Bytes who;
  append_be(who, call.head.procedure);
  if (call.head.sys) {
    append_be(who, call.head.sys->uid);
    append_be(who, call.head.sys->gid);
    for (const uint32_t group : call.head.sys->groups) append_be(who, group);
  }
  return crc64nvme(crc64nvme(0, who), call.arguments);
}

}  // namespace

ReplyCache::Client& ReplyCache::client_of(Shard& shard, const std::string& name) {
  const auto known = shard.clients.find(name);
  if (known != shard.clients.end()) {
    shard.order.splice(shard.order.end(), shard.order, known->second.place);
    return known->second;
  }
  if (shard.clients.size() == kClients / kShards) {
    shard.clients.erase(shard.order.front());
    shard.order.pop_front();
  }
  Client& made = shard.clients[name];
  made.place = shard.order.insert(shard.order.end(), name);
  return made;
}

ReplyCache::Call* ReplyCache::find(Client& client, const Key& key) {
  const auto found = std::ranges::find_if(client.calls, [&](const Call& call) {
    return call.xid == key.xid && call.checksum == key.checksum && (call.reply || call.running);
  });
  return found == client.calls.end() ? nullptr : &*found;
}

ReplyCache::Ticket ReplyCache::begin(const net::RpcCall& call) {
  Ticket ticket;
  ticket.key = {call.peer->address, call.head.xid, checksum_of(call)};
  Shard& shard = shard_of(ticket.key.client);
  const std::lock_guard lock(shard.mutex);
  Client& client = client_of(shard, ticket.key.client);
  if (const Call* known = find(client, ticket.key)) {
    ticket.reply = known->reply;
    ticket.running = known->running;
    return ticket;
  }
  ticket.running = std::make_shared<Running>();
  Call made;
  made.xid = ticket.key.xid;
  made.checksum = ticket.key.checksum;
  made.running = ticket.running;
  if (client.calls.size() < kCallsOfOneClient) {
    client.calls.push_back(std::move(made));
  } else {
    client.calls[client.oldest] = std::move(made);
    client.oldest = (client.oldest + 1) % kCallsOfOneClient;
  }
  return ticket;
}

void ReplyCache::finish(const Key& key, Reply reply) {
  Shard& shard = shard_of(key.client);
  const std::lock_guard lock(shard.mutex);
  const auto client = shard.clients.find(key.client);
  if (client == shard.clients.end()) return;
  Call* const call = find(client->second, key);
  if (call == nullptr) return;
  call->reply = std::move(reply);
  call->running.reset();
}

}  // namespace tp::nfs::v3
