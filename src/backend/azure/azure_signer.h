// Authorisation of Azure Blob requests: SharedKey signs each attempt with the account's key; a shared access signature
// (SAS) is a query that goes with each. Spec: Azure Storage REST, "Authorize with Shared Key" (Blob, 2015-02-21 and
// later), "Delegate access with a shared access signature".
#pragma once

#include <memory>
#include <string>

#include "net/remote/remote_request.h"

namespace tp::backend::azure {

struct AzureCredentials {
  std::string account;
  std::string account_key;  // base64, as the portal shows it; or
  std::string sas_token;    // "sv=...&sig=...", with or without '?'
};

/// kInvalidArgument: neither or both of key and token, or one that cannot be. Errors never show them.
Result<std::shared_ptr<const net::RequestSigner>> make_signer(AzureCredentials credentials);

/// What SharedKey signs of a request that has all its headers; for tests.
Result<std::string> string_to_sign(const net::RemoteRequest& request, const std::string& account);

}  // namespace tp::backend::azure
