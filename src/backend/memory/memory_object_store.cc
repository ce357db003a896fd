#include "backend/memory/memory_object_store.h"

#include <algorithm>

#include "rt/await.h"

namespace tp::memory {

namespace {

class MemoryObjectStore final : public io::ObjectStore {
 public:
  explicit MemoryObjectStore(std::shared_ptr<MemoryBucket> bucket) : bucket_(std::move(bucket)) {}

  Task<void> stop() override { co_return ok; }

  Task<void> put(std::string name, std::shared_ptr<const Bytes> data) override {
    MemoryBucket::Request request{"put", name, 0, data->size()};
    auto begun = co_await begin(std::move(request));
    const std::lock_guard lock(bucket_->mutex);
    if (begun || bucket_->failed_puts_arrive) bucket_->objects[name] = std::move(data);
    co_return begun;
  }

  Task<Bytes> get(std::string name, uint64_t offset, uint64_t size_bytes) override {
    const MemoryBucket::Request request{"get", name, offset, size_bytes};
    TP_CO_TRY_VOID(co_await begin(request));
    const std::lock_guard lock(bucket_->mutex);
    const auto found = bucket_->objects.find(name);
    if (found == bucket_->objects.end()) co_return fail(Code::kNotFound, "get " + name);
    const Bytes& object = *found->second;
    if (offset > object.size() || size_bytes > object.size() - offset) {
      co_return fail(Code::kOutOfRange, "get " + name);
    }
    Bytes bytes = object.substr(offset, size_bytes);
    if (bucket_->lie) bucket_->lie(request, bytes);
    co_return bytes;
  }

  Task<void> remove(std::string name) override {
    MemoryBucket::Request request{"remove", name, 0, 0};
    TP_CO_TRY_VOID(co_await begin(std::move(request)));
    const std::lock_guard lock(bucket_->mutex);
    bucket_->objects.erase(name);
    co_return ok;
  }

  Task<io::StoredObject> head(std::string name) override {
    MemoryBucket::Request request{"head", name, 0, 0};
    TP_CO_TRY_VOID(co_await begin(std::move(request)));
    const std::lock_guard lock(bucket_->mutex);
    const auto found = bucket_->objects.find(name);
    if (found == bucket_->objects.end()) co_return fail(Code::kNotFound, "head " + name);
    io::StoredObject object;
    object.name = name;
    object.size_bytes = found->second->size();
    co_return object;
  }

  Task<std::vector<io::StoredObject>> list(std::string prefix, std::string after, size_t limit) override {
    MemoryBucket::Request request{"list", prefix, 0, limit};
    TP_CO_TRY_VOID(co_await begin(std::move(request)));
    const std::lock_guard lock(bucket_->mutex);
    std::vector<io::StoredObject> found;
    for (auto at = bucket_->objects.upper_bound(std::max(prefix, after)); at != bucket_->objects.end(); ++at) {
      if (!at->first.starts_with(prefix) || found.size() == limit) break;
      if (bucket_->hidden && bucket_->hidden(at->first)) continue;
      io::StoredObject object;
      object.name = at->first;
      object.size_bytes = at->second->size();
      found.push_back(std::move(object));
    }
    co_return found;
  }

  std::string description() const override { return "memory://bucket"; }

 private:
  Task<void> begin(MemoryBucket::Request request) {
    rt::Nanos delay = 0;
    {
      const std::lock_guard lock(bucket_->mutex);
      delay = bucket_->delay;
      bucket_->most_at_once = std::max(bucket_->most_at_once, ++bucket_->at_once);
    }
    if (delay > 0) co_await rt::sleep_for(delay);
    const std::lock_guard lock(bucket_->mutex);
    --bucket_->at_once;
    bucket_->requests.push_back(request);
    if (bucket_->fault) co_return bucket_->fault(request);
    co_return ok;
  }

  const std::shared_ptr<MemoryBucket> bucket_;
};

}  // namespace

size_t MemoryBucket::count(const std::string& operation) {
  const std::lock_guard lock(mutex);
  return static_cast<size_t>(
      std::ranges::count_if(requests, [&](const Request& request) { return request.operation == operation; }));
}

std::unique_ptr<io::ObjectStore> make_object_store(std::shared_ptr<MemoryBucket> bucket) {
  return std::make_unique<MemoryObjectStore>(std::move(bucket));
}

}  // namespace tp::memory
