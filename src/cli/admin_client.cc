#include "cli/admin_client.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "backend/local/tcp_connect.h"
#include "net/http_client.h"
#include "rt/runtime.h"
#include "wire/http/head_writer.h"

namespace tp::cli {

namespace {

constexpr size_t kAnswerLimitBytes = 64 << 20;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<AdminClient::Target> parse_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return fail(Code::kInvalidArgument, "the admin URL must begin with http://: " + url);
  std::string authority = url.substr(kScheme.size());
  authority = authority.substr(0, authority.find('/'));
  const size_t colon = authority.rfind(':');
  if (colon == std::string::npos) return fail(Code::kInvalidArgument, "the admin URL needs a port: " + url);
  AdminClient::Target target;
  target.host = authority.substr(0, colon);
  if (target.host.starts_with('[') && target.host.ends_with(']'))
    target.host = target.host.substr(1, target.host.size() - 2);
  const long port = std::strtol(authority.c_str() + colon + 1, nullptr, 10);
  if (port <= 0 || port > 65535) return fail(Code::kInvalidArgument, "the admin URL's port is wrong: " + url);
  target.port = static_cast<uint16_t>(port);
  return target;
}

Bytes request_bytes(const AdminClient::Target& target, const std::string& method, const std::string& path,
                    const Bytes& body) {
  Bytes out;
  wire::RequestHeadWriter head(out, method, path);
  head.header("Host", fmt::format("{}:{}", target.host, target.port));
  head.header("Authorization", target.authorization);
  head.header("Content-Length", body.size());
  head.header("Connection", "close");
  head.finish();
  out += body;
  return out;
}

using OnPiece = std::function<void(BytesView)>;

Task<int> exchange(rt::Runtime* runtime, AdminClient::Target target, Bytes request, const OnPiece* on_piece) {
  local::ConnectOptions options;
  options.runtime = runtime;
  options.host = target.host;
  options.port = target.port;
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  net::HttpClientConnection connection(std::move(stream));
  const std::array<BytesView, 1> pieces = {request};
  TP_CO_TRY_VOID(co_await connection.send(pieces));
  TP_CO_TRY(const auto* head, co_await connection.read_head(false));
  const int status = head->status;
  std::vector<char> buffer(64 << 10);
  for (;;) {
    TP_CO_TRY(const size_t got, co_await connection.read_body(buffer));
    if (got == 0) break;
    (*on_piece)(BytesView(buffer.data(), got));
  }
  co_return status;
}

Result<int> run_exchange(const AdminClient::Target& target, const std::string& method, const std::string& path,
                         const Bytes& body, const OnPiece& on_piece) {
  rt::Runtime runtime({.loops = 1, .blocking_threads = 1});
  return runtime.block_on(exchange(&runtime, target, request_bytes(target, method, path, body), &on_piece));
}

}  // namespace

Result<AdminClient> AdminClient::from_url(const std::string& url) {
  TP_TRY(auto target, parse_url(url));
  const char* token = std::getenv("TOKENPLANE_ADMIN_TOKEN");
  const char* access = std::getenv("TOKENPLANE_ACCESS_KEY");
  const char* secret = std::getenv("TOKENPLANE_SECRET_KEY");
  if (token != nullptr) {
    target.authorization = std::string("Bearer ") + token;
  } else if (access != nullptr && secret != nullptr) {
    target.authorization = "Basic " + to_base64(std::string(access) + ":" + secret);
  } else {
    return fail(Code::kUnauthenticated,
                "set TOKENPLANE_ADMIN_TOKEN, or TOKENPLANE_ACCESS_KEY and TOKENPLANE_SECRET_KEY, for --admin");
  }
  return AdminClient(std::move(target));
}

Result<AdminClient> AdminClient::with_token(const std::string& url, const std::string& token) {
  TP_TRY(auto target, parse_url(url));
  target.authorization = "Bearer " + token;
  return AdminClient(std::move(target));
}

Result<std::optional<AdminClient>> AdminClient::from_data_directory(const std::string& directory) {
  const auto json = nlohmann::json::parse(read_file(directory + "/server.json"), nullptr, false);
  if (!json.is_object() || !json.contains("pid") || !json["pid"].is_number_integer() || !json.contains("admin")) {
    return std::nullopt;
  }
  if (::kill(json["pid"].get<pid_t>(), 0) != 0) return std::nullopt;  // left behind by a server that was killed
  if (!json["admin"].is_string()) return std::nullopt;
  std::string token = read_file(directory + "/admin.token");
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return with_token(json["admin"].get<std::string>(), token);
}

Result<AdminClient::Answer> AdminClient::call(const std::string& method, const std::string& path,
                                              const Bytes& body) const {
  Answer answer;
  bool too_large = false;
  const OnPiece collect = [&](BytesView piece) {
    too_large = too_large || answer.body.size() + piece.size() > kAnswerLimitBytes;
    if (!too_large) answer.body += piece;
  };
  TP_TRY(answer.status, run_exchange(target_, method, path, body, collect));
  if (too_large) return fail(Code::kTooLarge, "the server's answer is too large");
  return answer;
}

Result<int> AdminClient::call_lines(const std::string& method, const std::string& path,
                                    const std::function<void(BytesView line)>& on_line) const {
  Bytes pending;
  const OnPiece split = [&](BytesView piece) {
    pending += piece;
    size_t begin = 0;
    for (size_t end; (end = pending.find('\n', begin)) != Bytes::npos; begin = end + 1) {
      on_line(BytesView(pending).substr(begin, end - begin));
    }
    pending.erase(0, begin);
  };
  return run_exchange(target_, method, path, {}, split);
}

}  // namespace tp::cli
