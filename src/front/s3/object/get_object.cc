#include "front/s3/object/object_handlers.h"
#include "front/s3/object/read_selection.h"

namespace tp::s3 {

namespace {

Task<void> send_bytes(net::HttpExchange& http, plane::ObjectReader& reader) {
  while (reader.remaining() > 0) {
    io::SendRegion region = reader.try_next();
    if (region.bytes.empty()) {
      TP_CO_TRY(region, co_await reader.next());
      // Fewer bytes than the record promised: the announced length cannot be kept, and the connection ends.
      if (region.bytes.empty()) co_return fail(Code::kCorruption, "the object ended before its size");
    }
    TP_CO_TRY_VOID(co_await http.write_region(region));
  }
  co_return ok;
}

}  // namespace

// The hot path: an object in memory is answered without waiting for anything but the socket.
Task<void> get_object(S3Request& request) {
  TP_CO_TRY(const ReadQuestion question, parse_read_question(request));
  std::unique_ptr<plane::ObjectReader> reader;
  if (request.query.empty() || !request.has_param("versionId")) {
    TP_CO_TRY(reader, request.plane.try_open_reader(request.caller, request.bucket, request.key));
  }
  if (reader == nullptr) {
    TP_CO_TRY(reader, co_await request.plane.open_reader(request.caller, request.object()));
  }
  const meta::InodeRecord& record = reader->info().record;
  TP_CO_TRY(const ReadSelection selection, select_bytes(request, question, record));
  io::SendRegion first;
  const bool has_body = selection.status != 304 && selection.bytes.size_bytes > 0;
  if (has_body) {
    reader->set_range(selection.bytes.offset, selection.bytes.size_bytes);
    // The first bytes before the head: what cannot be read is still an error document and not a cut answer.
    first = reader->try_next();
    if (first.bytes.empty()) {
      TP_CO_TRY(first, co_await reader->next());
    }
    if (first.bytes.empty()) co_return fail(Code::kCorruption, "the object ended before its size");
  }
  start_read_answer(request, question, selection, record);
  if (!has_body) co_return co_await request.http.finish({});
  request.http.begin_body(selection.bytes.size_bytes);
  TP_CO_TRY_VOID(co_await request.http.write_region(first));
  if (reader->remaining() == 0) co_return ok;
  first = {};
  co_return co_await send_bytes(request.http, *reader);
}

}  // namespace tp::s3
