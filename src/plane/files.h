// Files: the one tree as files: what S3 calls an object, by inode. Every file protocol calls it and decides nothing
// itself. Safe from any loop. A change of names or attributes is durable when its task succeeds; written bytes are when
// the answer's Stability says so or commit() succeeds. Errors carry a Reason (reason.h); kNotFound with Reason::kStale
// where a FileId leads nowhere. Names are raw bytes; those that POSIX cannot have are shown escaped
// (docs/protocols/nfs.md, names).
#pragma once

#include <utility>

#include "plane/file_types.h"
#include "rt/task.h"

namespace tp::plane {

class Files;

/// Keeps an open file's bytes though its last name goes. Move only, any thread; the last one to go frees them.
class FilePin {
 public:
  FilePin() = default;
  FilePin(Files& files, FileId file) : files_(&files), file_(file) {}
  FilePin(FilePin&& other) noexcept : files_(std::exchange(other.files_, nullptr)), file_(other.file_) {}
  FilePin& operator=(FilePin&& other) noexcept {
    std::swap(files_, other.files_);
    std::swap(file_, other.file_);
    return *this;
  }
  ~FilePin();
  explicit operator bool() const { return files_ != nullptr; }
  FileId file() const { return file_; }

 private:
  Files* files_ = nullptr;
  FileId file_;
};

struct Opened {
  FilePin pin;
  Created created;
};
/// open()'s wishes. Without `create`, a name that is not there is kNotFound.
struct OpenRequest {
  std::optional<CreateRequest> create;
  uint32_t permissions = kMayRead;  // what the caller must be allowed
};

class Files {
 public:
  virtual ~Files() = default;

  // Exports.
  /// Who the client is on this volume. kPermissionDenied with Reason::kNotExported; kStale.
  virtual Result<FileCaller> admit(const ClaimedIdentity& claimed, VolumeId volume) = 0;
  /// The volume's root directory; kNotFound with Reason::kNoSuchVolume.
  virtual Result<FileId> root(std::string_view volume) = 0;
  virtual Result<bool> read_only(VolumeId volume) = 0;
  virtual Task<SpaceStatus> space(FileId file) = 0;

  // Attributes.
  virtual Task<FileAttributes> attributes(FileId file) = 0;
  /// Which of `wanted` (Permission bits) the caller has.
  virtual Task<uint32_t> access(FileCaller caller, FileId file, uint32_t wanted) = 0;
  /// `guard`: kPreconditionFailed with Reason::kNotSynchronized unless it is the change time. `check` is for the size.
  virtual Task<FileChange> set_attributes(FileCaller caller, FileId file, SetAttributes set,
                                          std::optional<rt::Nanos> guard, AccessCheck check) = 0;

  // Names. `name` is one component.
  virtual Task<FileAttributes> lookup(FileCaller caller, FileId directory, Bytes name) = 0;
  /// The directory above; of a root, the root itself.
  virtual Task<FileAttributes> parent(FileCaller caller, FileId directory) = 0;
  virtual Task<Bytes> read_link(FileCaller caller, FileId link) = 0;
  virtual Task<Created> create(FileCaller caller, FileId directory, Bytes name, CreateRequest request) = 0;
  virtual Task<Created> make_directory(FileCaller caller, FileId directory, Bytes name, SetAttributes set) = 0;
  virtual Task<Created> make_link(FileCaller caller, FileId directory, Bytes name, Bytes target, SetAttributes set) = 0;
  /// kFifo, kSocket, kCharacterDevice, kBlockDevice.
  virtual Task<Created> make_node(FileCaller caller, FileId directory, Bytes name, meta::InodeType type,
                                  uint64_t device, SetAttributes set) = 0;
  /// A file; kIsDirectory.
  virtual Task<FileChange> remove(FileCaller caller, FileId directory, Bytes name) = 0;
  /// An empty directory; kNotDirectory, kNotEmpty.
  virtual Task<FileChange> remove_directory(FileCaller caller, FileId directory, Bytes name) = 0;
  /// Over what is there, as POSIX says. kCrossVolume, kNotEmpty, kInvalidArgument (into itself).
  virtual Task<Renamed> rename(FileCaller caller, FileId from_directory, Bytes from, FileId to_directory, Bytes to) = 0;
  /// A further name of a file. `before`/`after` of the directory; kTooManyLinks, kIsDirectory.
  virtual Task<FileChange> link(FileCaller caller, FileId file, FileId directory, Bytes name) = 0;
  /// Entries after `cookie` (0: from the first), without "." and "..". kInvalidArgument with Reason::kBadCookie.
  virtual Task<DirectoryPage> read_directory(FileCaller caller, FileId directory, uint64_t cookie, uint32_t max_entries,
                                             bool with_attributes) = 0;

  // Opens, of protocols that know them.
  virtual Task<Opened> open(FileCaller caller, FileId directory, Bytes name, OpenRequest request) = 0;
  /// By its id: `permissions` are checked unless 0. Also of a file without a name that is kept (reclaim).
  virtual Task<Opened> open_file(FileCaller caller, FileId file, uint32_t permissions) = 0;
  /// A pin is gone: frees the file's bytes if it was the last and the file has no name. FilePin calls it.
  virtual void unpin(FileId file) = 0;
  /// From now on, files without a name and without a pin go (after a start they wait for their clients to reclaim
  /// them).
  virtual Task<void> end_of_grace() = 0;

  // Bytes.
  virtual Task<ReadResult> read(FileCaller caller, FileId file, uint64_t offset, uint32_t max_bytes,
                                AccessCheck check) = 0;
  virtual Task<WriteResult> write(FileCaller caller, FileId file, uint64_t offset, Payload data, Stability stability,
                                  AccessCheck check) = 0;
  /// All bytes written to the file so far are durable and what S3 sees when this succeeds.
  virtual Task<FileChange> commit(FileId file) = 0;
  /// Changes with every start: unstable writes of another verifier may be lost.
  virtual uint64_t write_verifier() const = 0;
  /// Makes [offset, offset + size) part of the file; kNoSpace, kQuota.
  virtual Task<FileChange> allocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                                    AccessCheck check) = 0;
  /// Makes it a hole; the file's size stays.
  virtual Task<FileChange> deallocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                                      AccessCheck check) = 0;
  struct Sought {
    bool end_of_file = false;
    uint64_t offset = 0;
  };
  /// The next byte of data (or of a hole; the end of the file is one) at or after `offset`; kOutOfRange from its end
  /// on.
  virtual Task<Sought> seek(FileId file, uint64_t offset, bool data) = 0;
  /// Copies by reference where blobs allow it, else moves bytes; durable. `size_bytes` 0: to the source's end. Returns
  /// how much was copied.
  virtual Task<uint64_t> copy_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                                    uint64_t target_offset, uint64_t size_bytes, AccessCheck check) = 0;
  /// The same as one change, all or nothing.
  virtual Task<void> clone_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                                 uint64_t target_offset, uint64_t size_bytes, AccessCheck check) = 0;

  // User extended attributes. kNotFound with Reason::kNoAttribute, kAlreadyExists, kTooLarge.
  virtual Task<Bytes> attribute(FileCaller caller, FileId file, std::string name) = 0;
  virtual Task<FileChange> set_attribute(FileCaller caller, FileId file, FileAttribute attribute,
                                         AttributeMode mode) = 0;
  virtual Task<FileChange> remove_attribute(FileCaller caller, FileId file, std::string name) = 0;
  virtual Task<std::vector<std::string>> attributes_list(FileCaller caller, FileId file) = 0;

  // Notes: small durable records of a front (its clients, its keys), by name.
  virtual Task<std::optional<Bytes>> note(std::string name) = 0;
  virtual Task<void> set_note(std::string name, std::optional<Bytes> value) = 0;
  /// All whose names start with `prefix`, in order.
  virtual Task<std::vector<std::pair<std::string, Bytes>>> notes(std::string prefix) = 0;
};

inline FilePin::~FilePin() {
  if (files_ != nullptr) files_->unpin(file_);
}

}  // namespace tp::plane
