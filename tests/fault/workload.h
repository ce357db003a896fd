// Workload: one client's day: puts, overwrites, copies, renames, appends, an upload, deletes, small and large. It
// knows after each answer what may be found under each key: what was acknowledged, and where an answer says that the
// change may or may not have been applied, both. Owner: a test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {

class Workload {
 public:
  static constexpr const char* kVolume = "volume";

  /// kFull: also objects of several blobs and parts as large as S3 wants them, which take most of the time. kLight: the
  /// same calls on less data.
  enum class Weight : uint8_t { kFull, kLight };

  explicit Workload(MemoryPlane& store, Weight weight = Weight::kFull) : store_(store), weight_(weight) {}

  /// Makes the volume and what the workload starts from; nothing may fail here.
  Result<void> prepare();
  /// Does everything once, whatever fails on the way.
  void run();
  /// Reads every key: each holds one of the things that it may. To be called on a store that works.
  Result<void> verify();
  /// The same of the keys whose last change was acknowledged, on a store that may refuse changes but must read.
  Result<void> verify_acknowledged();
  /// Changes that failed so far, and of them those that may have been applied.
  size_t failed() const { return failed_; }
  size_t unsure() const { return unsure_; }

 private:
  using Content = std::optional<Bytes>;

  size_t two_blobs() const;
  void put(const std::string& key, size_t size);
  void append(const std::string& key, size_t size);
  void copy(const std::string& from, const std::string& to);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& key);
  void upload(const std::string& key);
  /// Takes note of an answer to a change that would leave `next` under the key.
  template <class T>
  bool note(const std::string& key, Content next, const Result<T>& answer);
  /// What the key holds for certain; nothing if that is not known.
  std::optional<Content> certain(const std::string& key) const;
  Result<void> verify_key(const std::string& key, const std::vector<Content>& allowed);
  plane::ObjectRef ref(const std::string& key) const { return {kVolume, key}; }

  MemoryPlane& store_;
  const Weight weight_;
  std::map<std::string, std::vector<Content>> allowed_;
  uint64_t next_data_ = 1;
  size_t failed_ = 0, unsure_ = 0;
};

/// `check` finds nothing once what is dead has been freed.
Result<void> check_clean(MemoryPlane& store);

}  // namespace tp::test
