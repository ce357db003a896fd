// CheckReport: what `tokenplane check` found.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tp::plane {

struct CheckProgress {
  uint64_t records = 0, blobs = 0, bytes = 0;
  std::string stage;  // "records", "blobs", "engine"
};

struct CheckOptions {
  bool read_data = true;  // verify every blob's bytes, not only the records
  size_t findings_limit = 1000;
  std::function<void(const CheckProgress&)> progress;
};

struct CheckFinding {
  std::string kind;    // "corrupt-blob", "missing-blob", "dangling-name", "orphan-inode", "wrong-counter", ...
  std::string where;   // "volume/key", "blob 17", "inode 4"
  std::string detail;
};

struct CheckReport {
  CheckProgress totals;
  std::vector<CheckFinding> findings;  // at most findings_limit
  uint64_t findings_total = 0;
  bool clean() const { return findings_total == 0; }
};

}  // namespace tp::plane
