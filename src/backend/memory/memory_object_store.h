// MemoryObjectStore: a bucket in memory that fails, lies and is slow on demand, and says what was asked of it. The
// objects outlive the stores that look at them, as a bucket outlives a process. Any loop. Owner: a test.
// Contract: io/object_store.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/object_store.h"
#include "rt/env/clock.h"

namespace tp::memory {

/// What is in it, and what goes wrong. All members under `mutex`.
struct MemoryBucket {
  struct Request {
    std::string operation;  // "put", "get", "remove", "head", "list"
    std::string name;
    uint64_t offset = 0, size_bytes = 0;
  };
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const Bytes>> objects;
  std::vector<Request> requests;

  /// Asked before each request; an error it returns is the answer.
  std::function<Result<void>(const Request&)> fault;
  /// A put that fails has happened nevertheless.
  bool failed_puts_arrive = false;
  /// Changes what a get answers: flip bits, cut short, another object's bytes.
  std::function<void(const Request&, Bytes&)> lie;
  /// Left out of listings.
  std::function<bool(const std::string& name)> hidden;
  rt::Nanos delay = 0;  // of each request
  size_t at_once = 0, most_at_once = 0;

  size_t count(const std::string& operation);
};

std::unique_ptr<io::ObjectStore> make_object_store(std::shared_ptr<MemoryBucket> bucket);

}  // namespace tp::memory
