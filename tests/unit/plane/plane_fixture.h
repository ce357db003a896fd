// PlaneFixture: a plane in memory with one volume "v", and what its tests ask in one line each.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {

inline plane::Caller user_caller(const std::string& id) {
  plane::Caller caller;
  caller.user_id = id;
  caller.name = id;
  return caller;
}

class PlaneFixture : public testing::Test {
 protected:
  explicit PlaneFixture(MemoryPlane::Options options = {}) : memory_(options) {}

  void SetUp() override {
    ASSERT_TRUE(memory_.open());
    ASSERT_TRUE(run(plane().create_volume(operator_caller(), "vol", {})));
  }

  plane::PlaneImpl& plane() { return memory_.plane(); }
  template <class T>
  Result<T> run(Task<T> task, unsigned loop = 0) {
    return memory_.run(std::move(task), loop);
  }
  plane::ObjectRef ref(const std::string& key) { return {"vol", key}; }
  Result<plane::PutResult> put(const std::string& key, Bytes data, plane::WriteOptions options = {},
                               plane::ExpectedDigests expected = {}) {
    return run(put_object(&plane(), ref(key), std::move(data), std::move(options), std::move(expected)));
  }
  Result<Bytes> get(const std::string& key, std::optional<ByteRange> range = {}) {
    return run(get_object(&plane(), ref(key), range));
  }
  Result<plane::DeleteResult> remove(const std::string& key, plane::WriteConditions conditions = {}) {
    return run(plane().remove(operator_caller(), ref(key), std::move(conditions)));
  }
  Result<void> rename(const std::string& from, const std::string& to, plane::WriteConditions conditions = {}) {
    return run(plane().rename(operator_caller(), "vol", from, to, {}, std::move(conditions)));
  }
  plane::ObjectInfoPtr stat(const std::string& key) {
    auto info = run(plane().stat(operator_caller(), ref(key), plane::Action::kGetObject));
    return info ? *info : nullptr;
  }
  meta::VolumeCounters counters() {
    auto counted = run(plane().counters("vol"));
    EXPECT_TRUE(counted);
    return counted ? *counted : meta::VolumeCounters();
  }
  size_t records(kv::Space space) {
    auto walk = memory_.engine().iterate(space, {});
    size_t count = 0;
    for (walk->seek(""); walk->valid(); walk->next()) ++count;
    return count;
  }
  uint64_t live_blob_bytes() {
    EXPECT_TRUE(memory_.tidy_up());
    return memory_.blobs().stats().live_bytes;
  }
  void reopen() {
    memory_.close();
    ASSERT_TRUE(memory_.open());
  }

  MemoryPlane memory_;
};

template <class T>
::testing::AssertionResult failed_with(const Result<T>& result, Code code,
                                       plane::Reason reason = plane::Reason::kNone) {
  if (result) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code && result.error().reason == static_cast<uint16_t>(reason)) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << result.error().to_string() << ", reason " << result.error().reason;
}

}  // namespace tp::test
