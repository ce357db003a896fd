#include "unit/front/s3_rig.h"

#include "backend/memory/memory_stream.h"
#include "base/hash/hasher.h"
#include "rt/task_group.h"
#include "wire/http/head_parser.h"
#include "wire/text/timestamp.h"

namespace tp::test {

namespace {

Task<Bytes> exchange_bytes(net::HttpServer* server, Bytes request) {
  auto [client, served] = memory::make_stream_pair();
  rt::TaskGroup group;
  group.spawn(server->serve(std::move(served)));
  const std::array<BytesView, 1> pieces = {request};
  // A server that refuses early may stop reading: its answer is what counts.
  const Result<void> written = co_await client->write_all(pieces);
  if (written) client->shutdown_write();
  Bytes answer;
  std::vector<char> piece(64 << 10);
  for (;;) {
    const MutableBytes space(piece);
    auto got = co_await client->read_some(space);
    if (!got || *got == 0) break;
    answer.append(piece.data(), *got);
  }
  client->close();
  co_await group.join();
  co_return answer;
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

bool Reply::has(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return true;
  }
  return false;
}

std::string Reply::element(const std::string& name) const {
  const size_t open = body.find("<" + name + ">");
  if (open == std::string::npos) return {};
  const size_t begin = open + name.size() + 2;
  return body.substr(begin, body.find("</" + name + ">", begin) - begin);
}

S3Rig::S3Rig() {
  const Result<void> opened = store_.open();
  TP_CHECK(opened.has_value());
  s3::S3Front::Options options;
  options.plane = &store_.plane();
  options.runtime = &store_.runtime();
  front_ = std::make_unique<s3::S3Front>(std::move(options));
  server_ = std::make_unique<net::HttpServer>(store_.runtime(), *front_, net::HttpServerOptions());
}

S3Rig::~S3Rig() {
  server_.reset();
  front_.reset();
}

Bytes S3Rig::talk(Bytes request) {
  auto answer = store_.run(exchange_bytes(server_.get(), std::move(request)));
  TP_CHECK(answer.has_value());
  return *std::move(answer);
}

Bytes S3Rig::compose(const Ask& ask, wire::VerifiedSignature* seed) {
  const int64_t time = now() + ask.clock_offset_seconds;
  std::vector<std::pair<std::string, std::string>> fields = ask.headers;
  fields.emplace_back("Host", "localhost:9000");
  if (ask.content_length && (!ask.body.empty() || ask.method == "PUT" || ask.method == "POST")) {
    fields.emplace_back("Content-Length", std::to_string(ask.body.size()));
  }
  if (ask.sign) {
    const std::string hash =
        ask.payload_hash.empty() ? to_hex(digest(ChecksumAlgorithm::kSha256, ask.body)) : ask.payload_hash;
    fields.emplace_back("x-amz-date", wire::amz_date(time));
    fields.emplace_back("x-amz-content-sha256", hash);
    wire::HeaderList views;
    for (const auto& [name, value] : fields) views.push_back({name, value});
    const wire::SigV4Request request{ask.method, ask.path, ask.query, views};
    wire::SigningCredentials credentials;
    credentials.access_key = ask.access_key;
    credentials.secret = ask.secret_key;
    auto made = wire::sign_request(request, credentials, time, hash, keys_);
    // A target that cannot be decoded cannot be signed either: it goes as it is.
    if (made) fields.emplace_back("Authorization", made->authorization);
    if (made && seed != nullptr) *seed = made->seed;
  }
  Bytes out = ask.method + " " + ask.path + (ask.query.empty() ? "" : "?" + ask.query) + " HTTP/1.1\r\n";
  for (const auto& [name, value] : fields) out += name + ": " + value + "\r\n";
  return out + "\r\n" + ask.body;
}

Reply S3Rig::send(const Ask& ask) {
  Bytes answer = talk(compose(ask));
  Reply reply = take_reply(answer, ask.method == "HEAD");
  EXPECT_TRUE(answer.empty()) << "more than one answer: " << answer.substr(0, 200);
  return reply;
}

Reply S3Rig::take_reply(Bytes& bytes, bool to_head) {
  wire::HeadParser parser;
  wire::ResponseHead head;
  const auto status = parser.parse_response(bytes, head);
  Reply reply;
  if (!status || *status != wire::HeadStatus::kComplete) {
    ADD_FAILURE() << "no whole answer: " << bytes.substr(0, 200);
    bytes.clear();
    return reply;
  }
  reply.status = head.status;
  for (const wire::HeaderField& field : head.headers) {
    std::string name(field.name);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    reply.headers.emplace_back(std::move(name), field.value);
  }
  const size_t size = head.may_have_body(to_head) ? head.content_length.value_or(0) : 0;
  const size_t head_bytes = head.head_bytes;
  EXPECT_LE(head_bytes + size, bytes.size()) << "the body is cut";
  reply.body = bytes.substr(head_bytes, size);
  bytes.erase(0, head_bytes + size);
  return reply;
}

void S3Rig::add_user(const std::string& name) {
  meta::UserRecord user;
  user.id = "id-" + name;
  user.name = name;
  user.email = name + "@example.com";
  user.keys = {{name, name + "-secret"}};
  const auto added = store_.run(store_.plane().users().add(std::move(user)));
  ASSERT_TRUE(added) << added.error().to_string();
}

void S3Rig::make_bucket() {
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  const auto made = store_.run(store_.plane().create_volume(root, "box", {}));
  if (!made) ADD_FAILURE() << made.error().to_string();
}

}  // namespace tp::test
