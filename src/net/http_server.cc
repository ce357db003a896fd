#include "net/http_server.h"

#include "net/http_connection.h"
#include "rt/await.h"
#include "wire/text/timestamp.h"

namespace tp::net {

HttpServer::HttpServer(rt::Runtime& runtime, HttpHandler& handler, HttpServerOptions options)
    : runtime_(runtime), handler_(handler), options_(std::move(options)), loops_(runtime.loop_count()) {}

Task<void> HttpServer::serve(std::unique_ptr<io::Stream> stream) {
  HttpConnection connection(*this, std::move(stream));
  co_return co_await connection.run();
}

Task<void> HttpServer::begin_stop() {
  stopping_.store(true);
  rt::Loop& home = rt::Loop::current();
  for (unsigned i = 0; i < runtime_.loop_count(); ++i) {
    co_await rt::resume_on(runtime_.loop(i));
    for (io::Stream* stream : here().idle) stream->close();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

BytesView HttpServer::date_line() {
  PerLoop& loop = here();
  const int64_t second = runtime_.clock().wall_now() / rt::kSecond;
  if (second != loop.date_second) {
    loop.date_second = second;
    loop.date_line = "Date: ";
    wire::append_http_date(loop.date_line, second);
    loop.date_line += "\r\n";
  }
  return loop.date_line;
}

}  // namespace tp::net
