#include "front/admin/admin_calls.h"

#include <mutex>
#include <nlohmann/json.hpp>

#include "front/admin/admin_json.h"
#include "rt/await.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;
int status_of(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kMalformed: return 400;
    case Code::kUnauthenticated: return 401;
    case Code::kPermissionDenied: return 403;
    case Code::kNotFound: return 404;
    case Code::kAlreadyExists:
    case Code::kNotEmpty:
    case Code::kConflict:
    case Code::kPreconditionFailed: return 409;
    case Code::kTooLarge: return 413;
    case Code::kNotImplemented: return 501;
    case Code::kBusy:
    case Code::kReadOnly:
    case Code::kUnavailable: return 503;
    case Code::kNoSpace: return 507;
    default: return 500;
  }
}

Json progress_json(const plane::CheckProgress& progress) {
  return {
      {"stage", progress.stage}, {"records", progress.records}, {"blobs", progress.blobs}, {"bytes", progress.bytes}};
}

// Progress comes from the check's own thread or loop; lines are taken over by the exchange's loop now and then.
struct ProgressBox {
  std::mutex mutex;
  plane::CheckProgress latest;
  bool done = false;
};

Task<void> send_progress(net::HttpExchange* exchange, ProgressBox* box) {
  constexpr rt::Nanos kEvery = 500 * rt::kMillisecond;
  constexpr int kSlices = 10;
  for (;;) {
    for (int slice = 0; slice < kSlices; ++slice) {
      if (box->done) co_return ok;
      co_await rt::sleep_for(kEvery / kSlices);
    }
    Json line;
    {
      const std::lock_guard lock(box->mutex);
      line = {{"progress", progress_json(box->latest)}};
    }
    const Bytes text = dump(line) + "\n";
    const Result<void> sent = co_await exchange->write_body(text);
    if (!sent) co_return ok;
  }
}

}  // namespace

Task<void> answer_json(net::HttpExchange& exchange, int status, Bytes json) {
  json += '\n';
  exchange.start_response(status).header("Content-Type", "application/json");
  co_return co_await exchange.finish(json);
}

Task<void> answer_error(net::HttpExchange& exchange, Error error) {
  const Json json = {{"error", error.message}};
  co_return co_await answer_json(exchange, status_of(error.code), dump(json));
}

Task<void> list_users(net::HttpExchange& exchange, plane::Plane& plane) {
  Json users = Json::array();
  for (const auto& user : plane.users().list()) users.push_back(user_json(user, false));
  const Json json = {{"users", users}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> add_user(net::HttpExchange& exchange, plane::Plane& plane) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto user = parse_user(*body);
  if (!user) co_return co_await answer_error(exchange, std::move(user).error());
  auto added = co_await plane.users().add(std::move(*user));
  if (!added) co_return co_await answer_error(exchange, std::move(added).error());
  co_return co_await answer_json(exchange, 201, dump(user_json(*added, true)));
}

Task<void> set_user(net::HttpExchange& exchange, plane::Plane& plane, std::string name) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto change = parse_user_change(*body);
  if (!change) co_return co_await answer_error(exchange, std::move(change).error());
  auto changed = co_await plane.users().set(std::move(name), std::move(*change));
  if (!changed) co_return co_await answer_error(exchange, std::move(changed).error());
  co_return co_await answer_json(exchange, 200, dump(user_json(*changed, false)));
}

Task<void> remove_user(net::HttpExchange& exchange, plane::Plane& plane, std::string name) {
  auto removed = co_await plane.users().remove(std::move(name));
  if (!removed) co_return co_await answer_error(exchange, std::move(removed).error());
  exchange.start_response(204);
  co_return co_await exchange.finish({});
}

Task<void> check(net::HttpExchange& exchange, plane::Plane& plane) {
  exchange.start_response(200).header("Content-Type", "application/x-ndjson");
  TP_CO_TRY_VOID(co_await exchange.begin_chunked());
  ProgressBox box;
  plane::CheckOptions options;
  options.read_data = exchange.head().query.find("data=0") == std::string_view::npos;
  options.progress = [&box](const plane::CheckProgress& progress) {
    const std::lock_guard lock(box.mutex);
    box.latest = progress;
  };
  rt::TaskGroup group;
  group.spawn(send_progress(&exchange, &box));
  auto report = co_await plane.check(std::move(options));
  box.done = true;
  co_await group.join();
  Bytes text;
  if (report) {
    for (const auto& finding : report->findings) {
      const Json fields = {{"kind", finding.kind}, {"where", finding.where}, {"detail", finding.detail}};
      text += dump({{"finding", fields}}) + "\n";
    }
    Json totals = progress_json(report->totals);
    totals["findings"] = report->findings_total;
    text += dump({{"report", totals}}) + "\n";
  } else {
    text += dump({{"error", report.error().message}}) + "\n";
  }
  TP_CO_TRY_VOID(co_await exchange.write_body(text));
  co_return co_await exchange.end_chunked();
}

}  // namespace tp::admin
