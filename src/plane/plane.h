// Plane: the one namespace: volumes, objects, uploads, rights, counters. Every front calls it and decides nothing
// itself. Safe from any loop; every change is durable when its task succeeds. Errors carry a Reason (reason.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "blob/blob_store.h"
#include "meta/meta_store.h"
#include "plane/actions.h"
#include "plane/caller.h"
#include "plane/check_report.h"
#include "plane/files.h"
#include "plane/object_reader.h"
#include "plane/object_types.h"
#include "plane/object_writer.h"
#include "plane/reason.h"
#include "plane/snapshots.h"
#include "plane/storage_class.h"
#include "plane/upkeep.h"
#include "plane/users.h"
#include "plane/volume.h"

namespace tp::rt {
class DigestService;
}

namespace tp::plane {

class EntrySource;

struct PlaneStats {
  uint64_t cache_hits = 0, cache_misses = 0, cache_bytes = 0;
  uint64_t blobs_waiting_to_be_freed = 0, blobs_compacted = 0, scrubbed_blobs = 0, scrub_errors = 0;
  uint64_t snapshots = 0, snapshots_being_freed = 0, clones_being_freed = 0, history_records_freed = 0;
};

class Plane {
 public:
  struct Options {
    meta::MetaStore* meta = nullptr;
    blob::BlobStore* blobs = nullptr;
    rt::Runtime* runtime = nullptr;
    rt::DigestService* digests = nullptr;
    EntrySource* entries = nullptr;             // cache volumes (entry_source.h); null: there are none to be had
    std::string root_access_key, root_secret_key;
    size_t object_cache_bytes = 256 << 20;
    size_t file_write_bytes = 256 << 20;        // written over file protocols and not in blobs yet
    std::vector<std::string> file_networks = {"127.0.0.0/8", "::1/128"};  // of volumes that name none
    rt::Nanos completed_upload_memory = 24 * 3600 * rt::kSecond;
    uint64_t scrub_bytes_per_second = 8 << 20;  // 0: no scrub
    std::vector<StorageClass> storage_classes;  // none: all are labels
    uint64_t move_bytes_per_second = 0;         // between tiers; 0: no limit
    bool background = true;                     // tests step the janitor themselves
  };
  static Task<std::unique_ptr<Plane>> open(Options options);
  virtual ~Plane() = default;
  /// Stops background work. Readers and writers must be gone.
  virtual Task<void> stop() = 0;

  virtual UserDirectory& users() = 0;
  /// The same tree as files.
  virtual Files& files() = 0;
  virtual Snapshots& snapshots() = 0;
  virtual Upkeep& upkeep() = 0;
  virtual const StorageClasses& storage_classes() const = 0;

  // Volumes. Names follow S3's bucket rules.
  virtual Task<VolumePtr> create_volume(Caller caller, std::string name, CreateVolumeOptions options) = 0;
  virtual Task<void> delete_volume(Caller caller, std::string name) = 0;
  /// In memory, at once; kNotFound. No rights are checked: for CORS, location and the fronts' own use.
  virtual Result<VolumePtr> volume(std::string_view name) = 0;
  /// kPermissionDenied unless the caller may do `action` on the volume: for reading the volume's attributes.
  virtual Result<VolumePtr> volume_for(const Caller& caller, std::string_view name, Action action) = 0;
  virtual Result<VolumeListPage> list_volumes(const Caller& caller, std::string_view prefix, std::string_view after,
                                              uint32_t max_entries) = 0;
  virtual Task<VolumePtr> set_volume(Caller caller, std::string name, VolumeChange change) = 0;
  virtual Task<meta::VolumeCounters> counters(std::string name) = 0;

  // Objects.
  /// `action`: the right that is asked for: kGetObject, kGetObjectAttributes, ..., also kPutObjectAcl.
  virtual Task<ObjectInfoPtr> stat(Caller caller, ObjectRef object, Action action = Action::kGetObject) = 0;
  virtual Task<std::unique_ptr<ObjectReader>> open_reader(Caller caller, ObjectRef object) = 0;
  /// The same if everything needed is in memory, else null: the fast path of a hot GET. Errors are definite.
  virtual Result<std::unique_ptr<ObjectReader>> try_open_reader(const Caller& caller, std::string_view volume,
                                                                std::string_view key) = 0;
  virtual Task<std::unique_ptr<ObjectWriter>> open_writer(Caller caller, ObjectRef object, WriteOptions options) = 0;
  virtual Task<PutResult> copy(Caller caller, ObjectRef source, ObjectRef target, CopyOptions options) = 0;
  virtual Task<DeleteResult> remove(Caller caller, ObjectRef object, WriteConditions conditions) = 0;
  /// One result an entry, in order; each entry alone is all or nothing.
  virtual Task<std::vector<Result<DeleteResult>>> remove_many(Caller caller, std::string volume,
                                                              std::vector<DeleteEntry> entries) = 0;
  /// Moves no data. A key that ends in '/' names everything under it (both or neither end in '/').
  virtual Task<void> rename(Caller caller, std::string volume, std::string from, std::string to,
                            ReadConditions source_conditions, WriteConditions conditions) = 0;
  virtual Task<void> set_tags(Caller caller, ObjectRef object, meta::TagSet tags) = 0;
  virtual Task<void> set_access(Caller caller, ObjectRef object, meta::AccessList access) = 0;
  virtual Task<ListPage> list(Caller caller, std::string volume, ListQuery query) = 0;
  virtual Task<VersionPage> list_versions(Caller caller, std::string volume, VersionQuery query) = 0;

  // Object Lock, of the version that `object` names. kPermissionDenied with Reason::kLocked where a stricter one holds.
  virtual Task<void> set_retention(Caller caller, ObjectRef object, meta::RetentionMode mode, rt::Nanos until,
                                   bool bypass_governance) = 0;
  virtual Task<void> set_legal_hold(Caller caller, ObjectRef object, bool on) = 0;
  /// Makes an object of an offline class readable for so many days. True: it was already, and stays so longer.
  /// kConflict with Reason::kRestoreInProgress; kPermissionDenied with Reason::kInvalidStorageClass: it is not offline.
  virtual Task<bool> restore_object(Caller caller, ObjectRef object, uint32_t days) = 0;

  // Multipart uploads.
  virtual Task<UploadId> create_upload(Caller caller, ObjectRef object, UploadOptions options) = 0;
  /// options: size_bytes, checksum_algorithm (of the upload if kNone), compute_sha256. PutResult::etag is the part's.
  virtual Task<std::unique_ptr<ObjectWriter>> open_part_writer(Caller caller, ObjectRef object, UploadId upload,
                                                               uint16_t part_number, WriteOptions options) = 0;
  struct SourceRange {
    uint64_t offset = 0, size_bytes = 0;
  };
  virtual Task<PutResult> copy_part(Caller caller, ObjectRef source, std::optional<SourceRange> range,
                                    ReadConditions source_conditions, ObjectRef target, UploadId upload,
                                    uint16_t part_number) = 0;
  virtual Task<PutResult> complete_upload(Caller caller, ObjectRef object, UploadId upload,
                                          CompleteOptions options) = 0;
  virtual Task<void> abort_upload(Caller caller, ObjectRef object, UploadId upload) = 0;
  virtual Task<PartPage> list_parts(Caller caller, ObjectRef object, UploadId upload, uint16_t after_number,
                                    uint32_t max_entries) = 0;
  virtual Task<UploadPage> list_uploads(Caller caller, std::string volume, UploadQuery query) = 0;

  // Care.
  /// Verifies every record and every blob; calls `progress` now and then; names what is wrong.
  virtual Task<CheckReport> check(CheckOptions options) = 0;
  virtual PlaneStats stats() const = 0;
};

}  // namespace tp::plane
