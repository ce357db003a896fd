#include "server/admin_endpoint.h"

#include <fmt/format.h>

#include <array>

#include "rt/env/rng.h"

namespace tp::server {

std::string make_admin_token() {
  std::array<char, 32> secret;
  rt::secure_random(secret);
  return to_hex(BytesView(secret.data(), secret.size()));
}

std::string endpoint_url(const std::string& scheme, const std::string& address, uint16_t port) {
  std::string host = address;
  if (host.empty() || host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  return fmt::format("{}://{}:{}", scheme, host, port);
}

Result<std::unique_ptr<AdminEndpoint>> AdminEndpoint::open(Store& store, Options options) {
  std::unique_ptr<AdminEndpoint> endpoint(new AdminEndpoint());
  endpoint->address_ = options.address;
  admin::AdminFront::Options front;
  front.plane = &store.plane();
  if (CacheVolumes* volumes = store.cache_volumes()) {
    front.cache = [volumes](std::string_view name) { return volumes->engine(name); };
  }
  for (const OpenedTier& tier : store.tiers().tiers) {
    front.tiers.push_back({tier.name, tier.kind, tier.number, tier.tier, tier.drives});
  }
  front.token = std::move(options.token);
  front.root_access_key = std::move(options.root_access_key);
  front.root_secret_key = std::move(options.root_secret_key);
  front.metrics = std::move(options.metrics);
  front.lifecycle = std::move(options.lifecycle);
  front.ready = std::move(options.ready);
  endpoint->front_ = std::make_unique<admin::AdminFront>(std::move(front));
  HttpEndpoint::Options http;
  http.runtime = &store.runtime();
  http.handler = endpoint->front_.get();
  http.address = options.address;
  http.port = options.port;
  http.max_connections = 256;
  TP_TRY(endpoint->http_, HttpEndpoint::open(std::move(http)));
  return endpoint;
}

std::string AdminEndpoint::url() const { return endpoint_url("http", address_, http_->port()); }

}  // namespace tp::server
