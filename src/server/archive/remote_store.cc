#include "server/archive/remote_store.h"

#include <cstdlib>

#include "backend/azure/azure_store.h"
#include "backend/local/tcp_connect.h"
#include "backend/s3/s3_store.h"
#include "backend/tls/tls_stream.h"
#include "server/archive/secret_file.h"

namespace tp::server {

namespace {

constexpr rt::Nanos kConnectLimit = 10 * rt::kSecond;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Task<std::unique_ptr<io::Stream>> dial(rt::Runtime* runtime, std::shared_ptr<tls::TlsContext> context,
                                       net::Endpoint endpoint) {
  local::ConnectOptions options;
  options.runtime = runtime;
  // Names below localhost are this machine (RFC 6761 §6.3), whether or not the resolver knows them.
  options.host = endpoint.host.ends_with(".localhost") ? "localhost" : endpoint.host;
  options.port = endpoint.port;
  options.timeout = kConnectLimit;
  auto connected = co_await local::tcp_connect(std::move(options));
  if (!connected) {
    Error error = std::move(connected).error();
    // A name that is not found now may be found again: the name server is one more remote service.
    if (error.code == Code::kNotFound) error.code = Code::kUnavailable;
    co_return std::unexpected(std::move(error));
  }
  if (!endpoint.tls) co_return std::move(*connected);
  co_return tls::make_tls_stream(std::move(*connected), std::move(context), endpoint.host);
}

Result<net::Dial> make_dial(rt::Runtime& runtime, bool tls, const std::string& roots_file) {
  std::shared_ptr<tls::TlsContext> context;
  if (tls) {
    TP_TRY(context, tls::TlsContext::for_client(tls::TlsContext::Verify::kPeer, roots_file));
  }
  return net::Dial(
      [&runtime, context](net::Endpoint endpoint) { return dial(&runtime, context, std::move(endpoint)); });
}

Result<backend::s3::S3Credentials> s3_credentials(const std::string& file) {
  backend::s3::S3Credentials keys;
  if (file.empty()) {
    keys.access_key = from_environment("AWS_ACCESS_KEY_ID");
    keys.secret_key = from_environment("AWS_SECRET_ACCESS_KEY");
    keys.session_token = from_environment("AWS_SESSION_TOKEN");
    if (keys.access_key.empty() || keys.secret_key.empty()) {
      return fail(Code::kInvalidArgument, "name a credentials file or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    return keys;
  }
  TP_TRY(const Bytes text, read_secret_file(file));
  auto lines = secret_lines(text);
  if (lines.size() < 2 || lines.size() > 3) {
    return fail(Code::kInvalidArgument, file +
                                            " must hold an access key, a secret key and perhaps a session token, "
                                            "a line each");
  }
  keys.access_key = std::move(lines[0]);
  keys.secret_key = std::move(lines[1]);
  if (lines.size() == 3) keys.session_token = std::move(lines[2]);
  return keys;
}

Result<backend::azure::AzureCredentials> azure_credentials(const RemoteSettings& settings) {
  backend::azure::AzureCredentials keys;
  keys.account = settings.account.empty() ? from_environment("AZURE_STORAGE_ACCOUNT") : settings.account;
  if (settings.credentials_file.empty()) {
    keys.account_key = from_environment("AZURE_STORAGE_KEY");
    keys.sas_token = from_environment("AZURE_STORAGE_SAS_TOKEN");
    if (keys.account_key.empty() && keys.sas_token.empty()) {
      return fail(Code::kInvalidArgument,
                  "name a credentials file or set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN");
    }
    return keys;
  }
  TP_TRY(const Bytes text, read_secret_file(settings.credentials_file));
  auto lines = secret_lines(text);
  if (lines.size() != 1) {
    return fail(Code::kInvalidArgument,
                settings.credentials_file + " must hold an account key or a SAS token, one line");
  }
  std::string& secret = lines[0];
  (secret.find("sig=") != std::string::npos ? keys.sas_token : keys.account_key) = std::move(secret);
  return keys;
}

}  // namespace

RemoteSettings remote_settings_of(const TierConfig& tier) {
  RemoteSettings settings;
  settings.kind = tier.remote;
  settings.endpoint = tier.endpoint;
  settings.bucket = tier.bucket;
  settings.region = tier.region;
  settings.virtual_host = tier.virtual_host;
  settings.storage_class = tier.remote_class;
  settings.roots_file = tier.roots_file;
  settings.account = tier.account;
  settings.credentials_file = tier.credentials_file;
  return settings;
}

Result<std::unique_ptr<io::ObjectStore>> open_remote_store(rt::Runtime& runtime, const RemoteSettings& settings) {
  TP_TRY(const net::Endpoint endpoint, net::parse_endpoint(settings.endpoint));
  TP_TRY(net::Dial connect, make_dial(runtime, endpoint.tls, settings.roots_file));
  if (settings.kind == RemoteKind::kS3) {
    backend::s3::S3Options options;
    options.runtime = &runtime;
    options.dial = std::move(connect);
    options.endpoint = endpoint;
    options.bucket = settings.bucket;
    options.region = settings.region;
    options.virtual_host = settings.virtual_host;
    options.storage_class = settings.storage_class;
    options.retry = settings.retry;
    TP_TRY(options.credentials, s3_credentials(settings.credentials_file));
    return backend::s3::open(std::move(options));
  }
  backend::azure::AzureOptions options;
  options.runtime = &runtime;
  options.dial = std::move(connect);
  options.endpoint = endpoint;
  options.container = settings.bucket;
  options.access_tier = settings.storage_class;
  options.retry = settings.retry;
  TP_TRY(options.credentials, azure_credentials(settings));
  return backend::azure::open(std::move(options));
}

}  // namespace tp::server
