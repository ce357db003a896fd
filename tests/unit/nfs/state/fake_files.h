// FakeFiles: the plane's Files as far as the state model uses them: pins are counted, notes are kept in a map. All else
// is kNotImplemented. Its tasks never suspend: run_now() runs them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "plane/files.h"

namespace tp::test {

namespace detail {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
template <class T>
Detached drive(Task<T> task, std::optional<Result<T>>* out) {
  out->emplace(co_await std::move(task));
}
}  // namespace detail

/// Of a task that nothing suspends.
template <class T>
Result<T> run_now(Task<T> task) {
  std::optional<Result<T>> result;
  detail::drive(std::move(task), &result);
  TP_CHECK(result.has_value());
  return std::move(*result);
}

class FakeFiles final : public plane::Files {
 public:
  std::map<std::string, Bytes> kept_notes;
  bool notes_fail = false;
  std::function<void()> before_note;  // before a note is written
  std::function<void()> on_unpin;
  std::vector<plane::FileId> unpinned;

  plane::FilePin pin(uint64_t inode) { return {*this, {VolumeId(1), InodeId(inode)}}; }

  void unpin(plane::FileId file) override {
    {
      std::lock_guard lock(mutex_);
      unpinned.push_back(file);
    }
    if (on_unpin) on_unpin();
  }
  Task<std::optional<Bytes>> note(std::string name) override {
    const auto found = kept_notes.find(name);
    if (found == kept_notes.end()) co_return std::optional<Bytes>();
    co_return std::optional<Bytes>(found->second);
  }
  Task<void> set_note(std::string name, std::optional<Bytes> value) override {
    if (before_note) before_note();
    if (notes_fail) co_return fail(Code::kIo, "the disk is gone");
    if (value) {
      kept_notes[name] = *value;
    } else {
      kept_notes.erase(name);
    }
    co_return ok;
  }
  Task<std::vector<std::pair<std::string, Bytes>>> notes(std::string prefix) override {
    std::vector<std::pair<std::string, Bytes>> found;
    for (const auto& [name, value] : kept_notes) {
      if (name.starts_with(prefix)) found.emplace_back(name, value);
    }
    co_return found;
  }

  Result<plane::FileCaller> admit(const plane::ClaimedIdentity&, VolumeId) override { return no(); }
  Result<plane::FileId> root(std::string_view) override { return no(); }
  Result<bool> read_only(VolumeId) override { return no(); }
  Task<plane::SpaceStatus> space(plane::FileId) override { co_return no(); }
  Task<plane::FileAttributes> attributes(plane::FileId) override { co_return no(); }
  Task<uint32_t> access(plane::FileCaller, plane::FileId, uint32_t) override { co_return no(); }
  Task<plane::FileChange> set_attributes(plane::FileCaller, plane::FileId, plane::SetAttributes,
                                         std::optional<rt::Nanos>, plane::AccessCheck) override {
    co_return no();
  }
  Task<plane::FileAttributes> lookup(plane::FileCaller, plane::FileId, Bytes) override { co_return no(); }
  Task<plane::FileAttributes> parent(plane::FileCaller, plane::FileId) override { co_return no(); }
  Task<Bytes> read_link(plane::FileCaller, plane::FileId) override { co_return no(); }
  Task<plane::Created> create(plane::FileCaller, plane::FileId, Bytes, plane::CreateRequest) override {
    co_return no();
  }
  Task<plane::Created> make_directory(plane::FileCaller, plane::FileId, Bytes, plane::SetAttributes) override {
    co_return no();
  }
  Task<plane::Created> make_link(plane::FileCaller, plane::FileId, Bytes, Bytes, plane::SetAttributes) override {
    co_return no();
  }
  Task<plane::Created> make_node(plane::FileCaller, plane::FileId, Bytes, meta::InodeType, uint64_t,
                                 plane::SetAttributes) override {
    co_return no();
  }
  Task<plane::FileChange> remove(plane::FileCaller, plane::FileId, Bytes) override { co_return no(); }
  Task<plane::FileChange> remove_directory(plane::FileCaller, plane::FileId, Bytes) override { co_return no(); }
  Task<plane::Renamed> rename(plane::FileCaller, plane::FileId, Bytes, plane::FileId, Bytes) override {
    co_return no();
  }
  Task<plane::FileChange> link(plane::FileCaller, plane::FileId, plane::FileId, Bytes) override { co_return no(); }
  Task<plane::DirectoryPage> read_directory(plane::FileCaller, plane::FileId, uint64_t, uint32_t, bool) override {
    co_return no();
  }
  Task<plane::Opened> open(plane::FileCaller, plane::FileId, Bytes, plane::OpenRequest) override { co_return no(); }
  Task<plane::Opened> open_file(plane::FileCaller, plane::FileId, uint32_t) override { co_return no(); }
  Task<void> end_of_grace() override { co_return no(); }
  Task<plane::ReadResult> read(plane::FileCaller, plane::FileId, uint64_t, uint32_t, plane::AccessCheck) override {
    co_return no();
  }
  Task<plane::WriteResult> write(plane::FileCaller, plane::FileId, uint64_t, plane::Payload, plane::Stability,
                                 plane::AccessCheck) override {
    co_return no();
  }
  Task<plane::FileChange> commit(plane::FileId) override { co_return no(); }
  uint64_t write_verifier() const override { return 0; }
  Task<plane::FileChange> allocate(plane::FileCaller, plane::FileId, uint64_t, uint64_t, plane::AccessCheck) override {
    co_return no();
  }
  Task<plane::FileChange> deallocate(plane::FileCaller, plane::FileId, uint64_t, uint64_t,
                                     plane::AccessCheck) override {
    co_return no();
  }
  Task<Sought> seek(plane::FileId, uint64_t, bool) override { co_return no(); }
  Task<uint64_t> copy_range(plane::FileCaller, plane::FileId, uint64_t, plane::FileId, uint64_t, uint64_t,
                            plane::AccessCheck) override {
    co_return no();
  }
  Task<void> clone_range(plane::FileCaller, plane::FileId, uint64_t, plane::FileId, uint64_t, uint64_t,
                         plane::AccessCheck) override {
    co_return no();
  }
  Task<Bytes> attribute(plane::FileCaller, plane::FileId, std::string) override { co_return no(); }
  Task<plane::FileChange> set_attribute(plane::FileCaller, plane::FileId, plane::FileAttribute,
                                        plane::AttributeMode) override {
    co_return no();
  }
  Task<plane::FileChange> remove_attribute(plane::FileCaller, plane::FileId, std::string) override { co_return no(); }
  Task<std::vector<std::string>> attributes_list(plane::FileCaller, plane::FileId) override { co_return no(); }

 private:
  std::mutex mutex_;
  static std::unexpected<Error> no() { return fail(Code::kNotImplemented, "not in this fake"); }
};

}  // namespace tp::test
