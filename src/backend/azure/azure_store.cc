#include "backend/azure/azure_store.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "base/hash/md5.h"
#include "net/remote/remote_error.h"
#include "wire/text/uri.h"
#include "wire/text/xml_reader.h"

namespace tp::backend::azure {

namespace {

constexpr size_t kErrorBytes = 64 << 10;
constexpr size_t kListBytes = 8 << 20;
constexpr size_t kPageNames = 5000;
constexpr unsigned kMaxEmptyPages = 100;
constexpr size_t kMaxMarkers = 16;
/// Somebody waits for what is read.
constexpr rt::Nanos kReadGiveUp = 30 * rt::kSecond;
constexpr size_t kHashInPlaceBytes = 64 << 10;

struct Page {
  std::vector<io::StoredObject> objects;
  std::string next;  // the marker; empty at the end
};

Result<Page> parse_page(BytesView body) {
  TP_TRY(const auto document, wire::XmlDocument::parse(net::xml_text(body), {.max_bytes = kListBytes}));
  const wire::XmlNode root = document.root();
  if (root.name() != "EnumerationResults") return fail(Code::kMalformed, "the answer is no listing");
  Page page;
  for (const wire::XmlNode& entry : root.child("Blobs").children("Blob")) {
    io::StoredObject object;
    object.name = entry.child_text("Name");
    const std::string size = entry.child("Properties").child_text("Content-Length");
    if (object.name.empty() || size.empty() || size.size() > 18 ||
        !std::ranges::all_of(size, [](char c) { return c >= '0' && c <= '9'; })) {
      return fail(Code::kMalformed, "an entry of the listing has no name or no size");
    }
    object.size_bytes = std::stoull(size);
    page.objects.push_back(std::move(object));
  }
  page.next = root.child_text("NextMarker");
  return page;
}

/// Where listings left off: Azure goes on from a marker of its own and knows no "after this name".
class Markers {
 public:
  std::string find(const std::string& prefix, const std::string& after) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.prefix == prefix && entry.after == after) return entry.marker;
    }
    return {};
  }
  void keep(std::string prefix, std::string after, std::string marker) {
    const std::lock_guard lock(mutex_);
    entries_.push_front({std::move(prefix), std::move(after), std::move(marker)});
    if (entries_.size() > kMaxMarkers) entries_.pop_back();
  }

 private:
  struct Entry {
    std::string prefix, after, marker;
  };
  std::mutex mutex_;
  std::deque<Entry> entries_;
};

class AzureStore final : public io::ObjectStore {
 public:
  AzureStore(AzureOptions options, std::shared_ptr<const net::RequestSigner> signer)
      : runtime_(*options.runtime),
        container_(options.container),
        access_tier_(options.access_tier),
        host_(options.endpoint.authority()),
        root_(options.endpoint.base_path + "/" + options.container),
        client_(client_options(std::move(options), std::move(signer))) {}

  Task<void> stop() override { return client_.stop(); }

  Task<void> put(std::string name, std::shared_ptr<const Bytes> data) override {
    net::RemoteRequest request = make("PUT", name);
    request.body = std::move(data);
    TP_CO_TRY(std::string md5, co_await md5_of(request.body));
    request.headers.emplace_back("Content-MD5", std::move(md5));
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    request.headers.emplace_back("x-ms-blob-type", "BlockBlob");
    if (!access_tier_.empty()) request.headers.emplace_back("x-ms-access-tier", access_tier_);
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "put " + name));
    co_return ok;
  }

  Task<Bytes> get(std::string name, uint64_t offset, uint64_t size_bytes) override {
    if (size_bytes == 0) co_return Bytes();
    net::RemoteRequest request = make("GET", name);
    request.headers.emplace_back("x-ms-range", net::range_header(offset, size_bytes));
    request.answer_limit_bytes = std::max<size_t>(size_bytes, kErrorBytes);
    request.give_up_after = kReadGiveUp;
    TP_CO_TRY(auto answer, co_await client_.call(std::move(request)));
    co_return net::take_range(std::move(answer), offset, size_bytes, "get " + name);
  }

  Task<void> remove(std::string name) override {
    net::RemoteRequest request = make("DELETE", name);
    request.headers.emplace_back("x-ms-delete-snapshots", "include");
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (answer.good()) co_return ok;
    if (answer.status == 404 && net::read_provider_error(answer).code != "ContainerNotFound") co_return ok;
    co_return std::unexpected(net::error_of_answer(answer, "remove " + name));
  }

  Task<io::StoredObject> head(std::string name) override {
    TP_CO_TRY(const auto answer, co_await client_.call(make("HEAD", name)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "head " + name));
    if (!answer.content_length) co_return fail(Code::kMalformed, "head " + name + ": the answer has no length");
    io::StoredObject object;
    object.name = std::move(name);
    object.size_bytes = *answer.content_length;
    co_return object;
  }

  Task<std::vector<io::StoredObject>> list(std::string prefix, std::string after, size_t limit) override {
    std::vector<io::StoredObject> found;
    std::string marker = after.empty() ? std::string() : markers_.find(prefix, after);
    std::string last;
    unsigned empty_pages = 0;
    while (found.size() < limit) {
      TP_CO_TRY(Page page, co_await list_page(prefix, marker, std::min(limit - found.size(), kPageNames)));
      if (page.objects.empty() && ++empty_pages > kMaxEmptyPages) {
        co_return fail(Code::kIo, "list " + prefix + ": the service answers empty pages without end");
      }
      for (io::StoredObject& object : page.objects) {
        // Believed, an entry out of order would hide another one: what is not listed may be taken for gone.
        if (!object.name.starts_with(prefix) || object.name <= last) {
          co_return fail(Code::kIo, "list " + prefix + ": the service lists out of order");
        }
        last = object.name;
        if (object.name > after) found.push_back(std::move(object));
      }
      marker = std::move(page.next);
      if (marker.empty()) co_return found;
    }
    if (found.size() == limit && limit > 0) markers_.keep(prefix, last, marker);
    if (found.size() > limit) found.resize(limit);
    co_return found;
  }

  std::string description() const override { return "azure://" + container_ + " at " + host_; }

  io::ObjectStoreStats stats() const override {
    const net::RemoteStats said = client_.stats();
    return {said.requests, said.retries, said.timeouts, said.bytes_sent, said.bytes_received};
  }

 private:
  static net::RemoteClientOptions client_options(AzureOptions options,
                                                 std::shared_ptr<const net::RequestSigner> signer) {
    net::RemoteClientOptions made;
    made.runtime = options.runtime;
    made.endpoint = std::move(options.endpoint);
    made.dial = std::move(options.dial);
    made.signer = std::move(signer);
    made.retry = options.retry;
    made.connections_per_loop = options.connections_per_loop;
    return made;
  }

  net::RemoteRequest make(const char* method, const std::string& name) const {
    net::RemoteRequest request;
    request.method = method;
    request.path = root_;
    if (!name.empty()) {
      request.path += '/';
      wire::append_percent_encoded(request.path, name, wire::Slash::kKeep);
    }
    request.answer_limit_bytes = kErrorBytes;
    return request;
  }

  Task<std::string> md5_of(std::shared_ptr<const Bytes> data) {
    auto call = [data]() -> Result<std::string> {
      const auto digest = md5(*data);
      return to_base64(BytesView(digest.data(), digest.size()));
    };
    if (data->size() <= kHashInPlaceBytes) co_return call();
    co_return co_await runtime_.pool().run(std::move(call));
  }

  Task<Page> list_page(std::string prefix, std::string marker, size_t names) {
    net::RemoteRequest request = make("GET", "");
    request.answer_limit_bytes = kListBytes;
    request.query = "restype=container&comp=list&maxresults=" + std::to_string(names) + "&prefix=";
    wire::append_percent_encoded(request.query, prefix, wire::Slash::kEncode);
    if (!marker.empty()) {
      request.query += "&marker=";
      wire::append_percent_encoded(request.query, marker, wire::Slash::kEncode);
    }
    TP_CO_TRY(const auto answer, co_await client_.call(std::move(request)));
    if (!answer.good()) co_return std::unexpected(net::error_of_answer(answer, "list " + prefix));
    auto page = parse_page(answer.body);
    if (!page) co_return std::unexpected(std::move(page).error().with_context("list " + prefix));
    co_return page;
  }

  rt::Runtime& runtime_;
  const std::string container_, access_tier_, host_, root_;
  Markers markers_;
  net::RemoteClient client_;
};

bool is_container_name(const std::string& name) {
  if (name.size() < 3 || name.size() > 63) return false;
  return std::ranges::all_of(
      name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '$'; });
}

}  // namespace

Result<std::unique_ptr<io::ObjectStore>> open(AzureOptions options) {
  if (!is_container_name(options.container)) {
    return fail(Code::kInvalidArgument, "no container name: " + options.container);
  }
  const std::string& tier = options.access_tier;
  if (!tier.empty() && tier != "Hot" && tier != "Cool" && tier != "Cold") {
    return fail(Code::kInvalidArgument, "access tier " + tier + ": packs are read at any time, so Hot, Cool or Cold");
  }
  TP_TRY(auto signer, make_signer(std::move(options.credentials)));
  return std::unique_ptr<io::ObjectStore>(std::make_unique<AzureStore>(std::move(options), std::move(signer)));
}

}  // namespace tp::backend::azure
