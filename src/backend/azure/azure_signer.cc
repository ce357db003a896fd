#include "backend/azure/azure_signer.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash/hmac_sha256.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::backend::azure {

namespace {

constexpr std::string_view kApiVersion = "2021-08-06";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

/// What every request has, whoever authorises it.
void add_common(net::RemoteRequest& request, int64_t unix_seconds) {
  request.headers.emplace_back("x-ms-date", wire::http_date(unix_seconds));
  request.headers.emplace_back("x-ms-version", kApiVersion);
}

class SharedKeySigner final : public net::RequestSigner {
 public:
  SharedKeySigner(std::string account, BytesView key) : account_(std::move(account)), key_(key) {}

  Result<void> sign(net::RemoteRequest& request, const std::string&, int64_t unix_seconds) const override {
    add_common(request, unix_seconds);
    TP_TRY(const std::string text, string_to_sign(request, account_));
    const Sha256Digest signature = key_.sign(text);
    request.headers.emplace_back("Authorization", "SharedKey " + account_ + ":" + to_base64(as_view(signature)));
    return ok;
  }

 private:
  std::string account_;
  HmacSha256Key key_;
};

class SasSigner final : public net::RequestSigner {
 public:
  explicit SasSigner(std::string token) : token_(std::move(token)) {}

  Result<void> sign(net::RemoteRequest& request, const std::string&, int64_t unix_seconds) const override {
    add_common(request, unix_seconds);
    if (!request.query.empty()) request.query += '&';
    request.query += token_;
    return ok;
  }

 private:
  std::string token_;
};

}  // namespace

Result<std::string> string_to_sign(const net::RemoteRequest& request, const std::string& account) {
  static constexpr std::array<std::string_view, 11> kStandard = {
      "content-encoding",  "content-language", "content-length", "content-md5",         "content-type", "date",
      "if-modified-since", "if-match",         "if-none-match",  "if-unmodified-since", "range"};
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) headers[lower(name)] = value;
  if (request.body_bytes() > 0) headers["content-length"] = std::to_string(request.body_bytes());
  std::string text = request.method + "\n";
  for (const std::string_view name : kStandard) {
    const auto found = headers.find(std::string(name));
    if (found != headers.end()) text += found->second;
    text += '\n';
  }
  for (const auto& [name, value] : headers) {
    if (name.starts_with("x-ms-")) text.append(name).append(":").append(value).append("\n");
  }
  text.append("/").append(account).append(request.path);
  TP_TRY(auto params, wire::parse_query(request.query));
  std::map<std::string, std::vector<std::string>> by_name;
  for (wire::QueryParam& param : params) by_name[lower(param.name)].push_back(std::move(param.value));
  for (auto& [name, values] : by_name) {
    std::ranges::sort(values);
    text.append("\n").append(name).append(":");
    for (size_t i = 0; i < values.size(); ++i) text.append(i == 0 ? "" : ",").append(values[i]);
  }
  return text;
}

Result<std::shared_ptr<const net::RequestSigner>> make_signer(AzureCredentials credentials) {
  const bool has_key = !credentials.account_key.empty(), has_token = !credentials.sas_token.empty();
  if (has_key == has_token) {
    return fail(Code::kInvalidArgument, "Azure Blob Storage needs an account key or a SAS token, one of them");
  }
  if (has_token) {
    std::string token = std::move(credentials.sas_token);
    if (token.starts_with('?')) token.erase(0, 1);
    const bool good = token.find("sig=") != std::string::npos &&
                      std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '?'; });
    if (!good) return fail(Code::kInvalidArgument, "the SAS token is none");
    return std::shared_ptr<const net::RequestSigner>(std::make_shared<SasSigner>(std::move(token)));
  }
  const bool account_good = !credentials.account.empty() && credentials.account.size() <= 64 &&
                            std::ranges::all_of(credentials.account, [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                            });
  if (!account_good) return fail(Code::kInvalidArgument, "no storage account name: " + credentials.account);
  Bytes key;
  if (!from_base64(credentials.account_key, &key) || key.empty()) {
    return fail(Code::kInvalidArgument, "the account key of " + credentials.account + " is not base64");
  }
  return std::shared_ptr<const net::RequestSigner>(std::make_shared<SharedKeySigner>(credentials.account, key));
}

}  // namespace tp::backend::azure
