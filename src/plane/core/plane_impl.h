// PlaneImpl: the Plane over one shard and one blob store. Each operation is one file in ops/, list/ or uploads/; what
// they share is in core/ (Core, Namespace, Body) and rights/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plane/core/core.h"
#include "plane/plane.h"
#include "plane/snapshots/snapshots_impl.h"
#include "plane/tree/files_impl.h"
#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {

class Janitor;

class PlaneImpl final : public Plane {
 public:
  explicit PlaneImpl(Options options);
  ~PlaneImpl() override;
  /// Loads volumes and users, starts the background work.
  Task<void> start();
  Task<void> stop() override;

  UserDirectory& users() override { return core_.users; }
  Files& files() override { return files_; }
  Snapshots& snapshots() override { return snapshots_; }
  Upkeep& upkeep() override { return upkeep_; }
  const StorageClasses& storage_classes() const override { return core_.classes; }

  Task<VolumePtr> create_volume(Caller caller, std::string name, CreateVolumeOptions options) override;
  Task<void> delete_volume(Caller caller, std::string name) override;
  Result<VolumePtr> volume(std::string_view name) override;
  Result<VolumePtr> volume_for(const Caller& caller, std::string_view name, Action action) override;
  Result<VolumeListPage> list_volumes(const Caller& caller, std::string_view prefix, std::string_view after,
                                      uint32_t max_entries) override;
  Task<VolumePtr> set_volume(Caller caller, std::string name, VolumeChange change) override;
  Task<meta::VolumeCounters> counters(std::string name) override;

  Task<ObjectInfoPtr> stat(Caller caller, ObjectRef object, Action action) override;
  Task<std::unique_ptr<ObjectReader>> open_reader(Caller caller, ObjectRef object) override;
  Result<std::unique_ptr<ObjectReader>> try_open_reader(const Caller& caller, std::string_view volume,
                                                        std::string_view key) override;
  Task<std::unique_ptr<ObjectWriter>> open_writer(Caller caller, ObjectRef object, WriteOptions options) override;
  Task<PutResult> copy(Caller caller, ObjectRef source, ObjectRef target, CopyOptions options) override;
  Task<DeleteResult> remove(Caller caller, ObjectRef object, WriteConditions conditions) override;
  Task<std::vector<Result<DeleteResult>>> remove_many(Caller caller, std::string volume,
                                                      std::vector<DeleteEntry> entries) override;
  Task<void> rename(Caller caller, std::string volume, std::string from, std::string to,
                    ReadConditions source_conditions, WriteConditions conditions) override;
  Task<void> set_tags(Caller caller, ObjectRef object, meta::TagSet tags) override;
  Task<void> set_access(Caller caller, ObjectRef object, meta::AccessList access) override;
  Task<ListPage> list(Caller caller, std::string volume, ListQuery query) override;
  Task<VersionPage> list_versions(Caller caller, std::string volume, VersionQuery query) override;
  Task<void> set_retention(Caller caller, ObjectRef object, meta::RetentionMode mode, rt::Nanos until,
                           bool bypass_governance) override;
  Task<void> set_legal_hold(Caller caller, ObjectRef object, bool on) override;
  Task<bool> restore_object(Caller caller, ObjectRef object, uint32_t days) override;

  Task<UploadId> create_upload(Caller caller, ObjectRef object, UploadOptions options) override;
  Task<std::unique_ptr<ObjectWriter>> open_part_writer(Caller caller, ObjectRef object, UploadId upload,
                                                       uint16_t part_number, WriteOptions options) override;
  Task<PutResult> copy_part(Caller caller, ObjectRef source, std::optional<SourceRange> range,
                            ReadConditions source_conditions, ObjectRef target, UploadId upload,
                            uint16_t part_number) override;
  Task<PutResult> complete_upload(Caller caller, ObjectRef object, UploadId upload, CompleteOptions options) override;
  Task<void> abort_upload(Caller caller, ObjectRef object, UploadId upload) override;
  Task<PartPage> list_parts(Caller caller, ObjectRef object, UploadId upload, uint16_t after_number,
                            uint32_t max_entries) override;
  Task<UploadPage> list_uploads(Caller caller, std::string volume, UploadQuery query) override;

  Task<CheckReport> check(CheckOptions options) override;
  PlaneStats stats() const override;

  Core& core() { return core_; }
  Janitor& janitor() { return *janitor_; }

  /// The object at a key, out of the cache or the shard; kNotFound or kPermissionDenied as S3 answers a missing key,
  /// and kPermissionDenied unless the caller may do `action`. With `with_data` the small data or first extents are
  /// loaded too.
  Task<CachedObjectPtr> find_object(Caller caller, ObjectRef object, Action action, bool with_data);
  /// A reader for copies: rights as for `action` rather than kGetObject.
  Task<std::unique_ptr<ObjectReader>> open_source(Caller caller, ObjectRef object, Action action);

 private:
  /// The same of an entry of a cache volume.
  Task<std::unique_ptr<ObjectReader>> open_entry_source(Caller caller, ObjectRef object, Action action);
  /// The object that an append goes to, past the cache; null if there is none.
  Task<CachedObjectPtr> find_append_base(const VolumeEntry& volume, const std::string& key);

  Core core_;
  FilesImpl files_{core_};
  SnapshotsImpl snapshots_{core_};
  UpkeepImpl upkeep_{core_};
  std::unique_ptr<Janitor> janitor_;
};

}  // namespace tp::plane
