#include "cache/policy/policy.h"

#include "cache/policy/lru.h"
#include "cache/policy/prefix.h"
#include "cache/policy/s3fifo.h"

namespace tp::cache {

const std::vector<std::string>& policy_names() {
  static const std::vector<std::string> kNames = {"prefix", "lru", "s3fifo", "fifo"};
  return kNames;
}

std::unique_ptr<EvictionPolicy> make_policy(std::string_view name, const PolicyOptions& options) {
  if (name == "prefix") return std::make_unique<PrefixPolicy>(options);
  if (name == "lru" || name == "fifo") return std::make_unique<LruPolicy>(options, name == "lru");
  if (name == "s3fifo") return std::make_unique<S3FifoPolicy>(options);
  return nullptr;
}

}  // namespace tp::cache
