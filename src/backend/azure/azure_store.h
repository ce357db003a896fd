// A container of Azure Blob Storage as an io::ObjectStore. Objects are block blobs, put in one request (so of at most
// 5000 MiB) with their MD5, which the service checks. Spec: Azure Blob REST, the pages of the operations named in
// README.
#pragma once

#include <memory>
#include <string>

#include "backend/azure/azure_signer.h"
#include "io/object_store.h"
#include "net/remote/remote_client.h"

namespace tp::backend::azure {

struct AzureOptions {
  rt::Runtime* runtime = nullptr;
  net::Dial dial;
  net::Endpoint endpoint;  // https://ACCOUNT.blob.core.windows.net, or http://host:10000/ACCOUNT of Azurite
  std::string container;
  std::string access_tier;  // of what is put: Hot, Cool, Cold; empty: the account's
  AzureCredentials credentials;
  net::RetryPolicy retry;
  size_t connections_per_loop = 16;
};

/// Asks nothing of the service. kInvalidArgument: a container name, a tier or credentials that cannot be.
Result<std::unique_ptr<io::ObjectStore>> open(AzureOptions options);

}  // namespace tp::backend::azure
