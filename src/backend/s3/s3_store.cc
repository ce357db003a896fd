#include "backend/s3/s3_store.h"

#include <algorithm>

#include "base/hash/sha256.h"
#include "net/remote/remote_error.h"
#include "wire/aws/payload_mode.h"
#include "wire/text/uri.h"
#include "wire/text/xml_reader.h"

namespace tp::backend::s3 {

namespace {

constexpr size_t kErrorBytes = 64 << 10;
constexpr size_t kListBytes = 8 << 20;
constexpr size_t kPageKeys = 1000;
constexpr unsigned kMaxEmptyPages = 100;
/// Somebody waits for what is read.
constexpr rt::Nanos kReadGiveUp = 30 * rt::kSecond;
constexpr size_t kHashInPlaceBytes = 64 << 10;

net::Endpoint place_of(const S3Options& options) {
  net::Endpoint endpoint = options.endpoint;
  if (options.virtual_host) endpoint.host = options.bucket + "." + endpoint.host;
  return endpoint;
}

struct Page {
  std::vector<io::StoredObject> objects;
  std::string next;  // the continuation token; empty at the end
};

Result<Page> parse_page(BytesView body) {
  TP_TRY(const auto document, wire::XmlDocument::parse(net::xml_text(body), {.max_bytes = kListBytes}));
  const wire::XmlNode root = document.root();
  if (root.name() != "ListBucketResult") return fail(Code::kMalformed, "the answer is no listing");
  Page page;
  for (const wire::XmlNode& entry : root.children("Contents")) {
    io::StoredObject object;
    object.name = entry.child_text("Key");
    const std::string size = entry.child_text("Size");
    if (object.name.empty() || size.empty() || size.size() > 18 ||
        !std::ranges::all_of(size, [](char c) { return c >= '0' && c <= '9'; })) {
      return fail(Code::kMalformed, "an entry of the listing has no name or no size");
    }
    object.size_bytes = std::stoull(size);
    page.objects.push_back(std::move(object));
  }
  if (root.child_text("IsTruncated") == "true") {
    page.next = root.child_text("NextContinuationToken");
    if (page.next.empty()) return fail(Code::kMalformed, "the listing goes on, but does not say where");
  }
  return page;
}

class S3Store final : public io::ObjectStore {
 public:
  explicit S3Store(S3Options options)
      : runtime_(*options.runtime),
        bucket_(options.bucket),
        storage_class_(options.storage_class),
        host_(place_of(options).authority()),
        base_(options.endpoint.base_path),
        root_(options.virtual_host ? base_ + "/" : base_ + "/" + options.bucket + "/"),
        client_(client_options(std::move(options))) {}

  Task<void> stop() override { return client_.stop(); }

  Task<void> put(std::string name, std::shared_ptr<const Bytes> data) override {
    net::RemoteRequest request = make("PUT", name);
    request.body = std::move(data);
    TP_CO_TRY(std::string hash, co_await hash_of(request.body));
    request.headers.emplace_back("x-amz-content-sha256", std::move(hash));
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    if (!storage_class_.empty()) request.headers.emplace_back("x-amz-storage-class", storage_class_);
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "put " + name));
    co_return ok;
  }

  Task<Bytes> get(std::string name, uint64_t offset, uint64_t size_bytes) override {
    if (size_bytes == 0) co_return Bytes();
    net::RemoteRequest request = make("GET", name);
    without_body(request);
    request.headers.emplace_back("Range", net::range_header(offset, size_bytes));
    request.answer_limit_bytes = std::max<size_t>(size_bytes, kErrorBytes);
    request.give_up_after = kReadGiveUp;
    TP_CO_TRY(auto answer, co_await client_.call(std::move(request)));
    co_return net::take_range(std::move(answer), offset, size_bytes, "get " + name);
  }

  Task<void> remove(std::string name) override {
    net::RemoteRequest request = make("DELETE", name);
    without_body(request);
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (answer.good()) co_return ok;
    if (answer.status == 404 && net::read_provider_error(answer).code != "NoSuchBucket") co_return ok;
    co_return std::unexpected(net::error_of_answer(answer, "remove " + name));
  }

  Task<io::StoredObject> head(std::string name) override {
    net::RemoteRequest request = make("HEAD", name);
    without_body(request);
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "head " + name));
    if (!answer.content_length) co_return fail(Code::kMalformed, "head " + name + ": the answer has no length");
    io::StoredObject object;
    object.name = std::move(name);
    object.size_bytes = *answer.content_length;
    co_return object;
  }

  Task<std::vector<io::StoredObject>> list(std::string prefix, std::string after, size_t limit) override {
    std::vector<io::StoredObject> found;
    std::string token;
    unsigned empty_pages = 0;
    while (found.size() < limit) {
      TP_CO_TRY(Page page, co_await list_page(prefix, after, token, std::min(limit - found.size(), kPageKeys)));
      if (page.objects.empty() && ++empty_pages > kMaxEmptyPages) {
        co_return fail(Code::kIo, "list " + prefix + ": the service answers empty pages without end");
      }
      for (io::StoredObject& object : page.objects) {
        const std::string& last = found.empty() ? after : found.back().name;
        // Believed, an entry out of order would hide another one: what is not listed may be taken for gone.
        if (!object.name.starts_with(prefix) || object.name <= last) {
          co_return fail(Code::kIo, "list " + prefix + ": the service lists out of order");
        }
        found.push_back(std::move(object));
      }
      token = std::move(page.next);
      if (token.empty()) break;
    }
    if (found.size() > limit) found.resize(limit);
    co_return found;
  }

  std::string description() const override { return "s3://" + bucket_ + " at " + host_; }

  io::ObjectStoreStats stats() const override {
    const net::RemoteStats said = client_.stats();
    return {said.requests, said.retries, said.timeouts, said.bytes_sent, said.bytes_received};
  }

 private:
  static net::RemoteClientOptions client_options(S3Options options) {
    net::RemoteClientOptions made;
    made.runtime = options.runtime;
    made.endpoint = place_of(options);
    made.dial = std::move(options.dial);
    made.signer = make_signer(std::move(options.credentials), std::move(options.region));
    made.retry = options.retry;
    made.connections_per_loop = options.connections_per_loop;
    return made;
  }

  net::RemoteRequest make(const char* method, const std::string& name) const {
    net::RemoteRequest request;
    request.method = method;
    request.path = root_;
    wire::append_percent_encoded(request.path, name, wire::Slash::kKeep);
    request.answer_limit_bytes = kErrorBytes;
    return request;
  }
  static void without_body(net::RemoteRequest& request) {
    request.headers.emplace_back("x-amz-content-sha256", std::string(wire::kEmptySha256));
  }

  Task<std::string> hash_of(std::shared_ptr<const Bytes> data) {
    if (data->size() <= kHashInPlaceBytes) co_return to_hex(as_view(sha256(*data)));
    auto call = [data]() -> Result<std::string> { return to_hex(as_view(sha256(*data))); };
    co_return co_await runtime_.pool().run(std::move(call));
  }

  Task<Page> list_page(std::string prefix, std::string after, std::string token, size_t keys) {
    net::RemoteRequest request = make("GET", "");
    if (request.path.size() > 1) request.path.pop_back();  // the bucket itself has no '/' behind its name
    without_body(request);
    request.answer_limit_bytes = kListBytes;
    request.query = "list-type=2&max-keys=" + std::to_string(keys) + "&prefix=";
    wire::append_percent_encoded(request.query, prefix, wire::Slash::kEncode);
    if (!token.empty()) {
      request.query += "&continuation-token=";
      wire::append_percent_encoded(request.query, token, wire::Slash::kEncode);
    } else if (!after.empty()) {
      request.query += "&start-after=";
      wire::append_percent_encoded(request.query, after, wire::Slash::kEncode);
    }
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "list " + prefix));
    auto page = parse_page(answer.body);
    if (!page) co_return std::unexpected(std::move(page).error().with_context("list " + prefix));
    co_return page;
  }

  rt::Runtime& runtime_;
  const std::string bucket_, storage_class_, host_, base_, root_;
  net::RemoteClient client_;
};

bool is_bucket_name(const std::string& name) {
  if (name.size() < 3 || name.size() > 63 || name.front() == '.' || name.back() == '.') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_';
  });
}

bool is_header_safe(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<std::unique_ptr<io::ObjectStore>> open(S3Options options) {
  if (!is_bucket_name(options.bucket)) return fail(Code::kInvalidArgument, "no bucket name: " + options.bucket);
  if (options.region.empty() || !is_header_safe(options.region)) {
    return fail(Code::kInvalidArgument, "no region name");
  }
  if (options.virtual_host && options.endpoint.host.find(':') != std::string::npos) {
    return fail(Code::kInvalidArgument, "virtual-host style needs an endpoint with a name, not an address");
  }
  const S3Credentials& keys = options.credentials;
  if (keys.access_key.empty() || keys.secret_key.empty()) {
    return fail(Code::kInvalidArgument, "an access key and a secret key are needed for bucket " + options.bucket);
  }
  if (!is_header_safe(keys.access_key) || !is_header_safe(keys.session_token)) {
    return fail(Code::kInvalidArgument, "the access key or the session token has characters that cannot be sent");
  }
  if (options.storage_class == "GLACIER" || options.storage_class == "DEEP_ARCHIVE") {
    return fail(Code::kInvalidArgument, "packs of class " + options.storage_class + " could not be read");
  }
  if (!is_header_safe(options.storage_class)) return fail(Code::kInvalidArgument, "no storage class name");
  return std::unique_ptr<io::ObjectStore>(std::make_unique<S3Store>(std::move(options)));
}

}  // namespace tp::backend::s3
