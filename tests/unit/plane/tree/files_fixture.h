// FilesFixture: the tree as files over a plane in memory, asked in one line each.
#pragma once

#include <map>

#include "unit/plane/plane_fixture.h"

namespace tp::test {

inline plane::FileCaller user(uint32_t uid, uint32_t gid = 100, std::vector<uint32_t> groups = {}) {
  plane::FileCaller caller;
  caller.uid = uid;
  caller.gid = gid;
  caller.groups = std::move(groups);
  return caller;
}
inline plane::FileCaller root_user() {
  plane::FileCaller caller = user(0, 0);
  caller.super_user = true;
  return caller;
}
inline plane::SetAttributes mode(uint32_t bits) {
  plane::SetAttributes set;
  set.mode = bits;
  return set;
}

class FilesFixture : public PlaneFixture {
 protected:
  using FileId = plane::FileId;
  using PlaneFixture::PlaneFixture;

  plane::Files& files() { return plane().files(); }
  FileId root() { return *files().root("vol"); }

  Result<plane::FileAttributes> look(FileId directory, const std::string& name,
                                     plane::FileCaller caller = root_user()) {
    return run(files().lookup(std::move(caller), directory, name));
  }
  /// Follows a path of shown names from the root.
  Result<plane::FileAttributes> find(std::string path) {
    TP_TRY(plane::FileAttributes at, run(files().attributes(root())));
    while (!path.empty()) {
      const size_t slash = path.find('/');
      const std::string name = path.substr(0, slash);
      path = slash == std::string::npos ? "" : path.substr(slash + 1);
      TP_TRY(at, look(at.file, name));
    }
    return at;
  }
  Result<plane::FileAttributes> attributes(FileId file) { return run(files().attributes(file)); }
  Result<plane::Created> create(FileId directory, const std::string& name, plane::CreateRequest request = {},
                                plane::FileCaller caller = root_user()) {
    return run(files().create(std::move(caller), directory, name, std::move(request)));
  }
  Result<plane::Created> make_directory(FileId directory, const std::string& name, plane::SetAttributes set = {},
                                        plane::FileCaller caller = root_user()) {
    return run(files().make_directory(std::move(caller), directory, name, std::move(set)));
  }
  Result<plane::FileChange> unlink(FileId directory, const std::string& name, plane::FileCaller caller = root_user()) {
    return run(files().remove(std::move(caller), directory, name));
  }
  Result<plane::FileChange> remove_directory(FileId directory, const std::string& name,
                                             plane::FileCaller caller = root_user()) {
    return run(files().remove_directory(std::move(caller), directory, name));
  }
  Result<plane::Renamed> move(FileId from_directory, const std::string& from, FileId to_directory,
                              const std::string& to, plane::FileCaller caller = root_user()) {
    return run(files().rename(std::move(caller), from_directory, from, to_directory, to));
  }
  Result<plane::FileChange> link(FileId file, FileId directory, const std::string& name,
                                 plane::FileCaller caller = root_user()) {
    return run(files().link(std::move(caller), file, directory, name));
  }
  Result<plane::FileChange> set(FileId file, plane::SetAttributes wanted, plane::FileCaller caller = root_user()) {
    return run(
        files().set_attributes(std::move(caller), file, std::move(wanted), std::nullopt, plane::AccessCheck::kByMode));
  }
  Result<plane::Opened> open(FileId directory, const std::string& name, plane::OpenRequest request = {},
                             plane::FileCaller caller = root_user()) {
    return run(files().open(std::move(caller), directory, name, std::move(request)));
  }

  /// All of a directory, in pages of so many.
  std::vector<plane::DirectoryEntry> entries(FileId directory, uint32_t page_size = 1000, bool with_attributes = true) {
    std::vector<plane::DirectoryEntry> all;
    uint64_t cookie = 0;
    for (bool end = false; !end;) {
      auto page = run(files().read_directory(root_user(), directory, cookie, page_size, with_attributes));
      EXPECT_TRUE(page) << page.error().to_string();
      if (!page) break;
      end = page->end;
      EXPECT_TRUE(end || !page->entries.empty());
      for (auto& entry : page->entries) {
        EXPECT_GE(entry.cookie, 3u);
        EXPECT_LE(entry.cookie, static_cast<uint64_t>(INT64_MAX));
        cookie = entry.cookie;
        all.push_back(std::move(entry));
      }
    }
    return all;
  }
  std::vector<std::string> names(FileId directory, uint32_t page_size = 1000) {
    std::vector<std::string> all;
    for (const auto& entry : entries(directory, page_size)) all.push_back(entry.name);
    return all;
  }
  /// All keys of the bucket, as S3 lists them.
  std::vector<std::string> keys(const std::string& prefix = "") {
    plane::ListQuery query;
    query.prefix = prefix;
    std::vector<std::string> all;
    auto page = run(plane().list(operator_caller(), "vol", query));
    EXPECT_TRUE(page);
    if (page) {
      for (const auto& object : page->objects) all.push_back(object.key);
    }
    return all;
  }
  /// What a check finds, in words; "" if nothing.
  std::string damage() {
    plane::CheckOptions options;
    options.read_data = true;
    auto report = run(plane().check(std::move(options)));
    EXPECT_TRUE(report);
    std::string text;
    if (report) {
      for (const auto& finding : report->findings) {
        text += finding.kind + " " + finding.where + ": " + finding.detail + "\n";
      }
    }
    return text;
  }
};

}  // namespace tp::test
