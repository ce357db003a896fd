#include "unit/meta/sample_records.h"

#include "meta/codec/store_state.h"

namespace tp::meta {

InodeRecord sample_inode() {
  InodeRecord record;
  record.type = InodeType::kSymlink;
  record.mode = 0751;
  record.uid = 1000;
  record.gid = 4294967295;
  record.links = 2;
  record.size_bytes = 123456789012;
  record.modified = 1'700'000'000'000'000'000;
  record.changed = 1'700'000'000'000'000'001;
  record.created = 0;
  record.parent = InodeId(0x10000000001);
  record.name = Bytes("na\0me", 5);
  record.implicit = true;
  record.live_children = 3;
  record.place = DataPlace::kExtents;
  record.etag = "d41d8cd98f00b204e9800998ecf8427e-2";
  record.owner = "owner";
  record.access = {{GranteeKind::kUser, "friend", Permission::kFullControl},
                   {GranteeKind::kAllUsers, "", Permission::kRead}};
  record.headers = {{"content-type", "text/plain"}, {"cache-control", ""}};
  record.user_metadata = {{"color", "bl\xc3\xa4u"}};
  record.tags = {{"k", "v"}, {"", ""}};
  record.storage_class = "GLACIER";
  record.checksum = {ChecksumAlgorithm::kCrc32c, ChecksumType::kComposite, "\x01\x02\x03\x04"};
  record.parts = {{1, 5 << 20, "abcd"}, {10000, 1, ""}};
  record.append_count = 4;
  record.accessed = -2;
  record.posix = true;
  record.device = uint64_t{8} << 32 | 1;
  record.further_names = {{InodeId(3), "b"}, {InodeId(4), ""}};
  record.blob_bytes = 300;
  record.hole_bytes = 4096;
  record.attributes = {{"color", "red"}, {"e", ""}};
  record.create_verifier = 0xfeedfacecafebeef;
  return record;
}

VolumeRecord sample_volume() {
  VolumeRecord record;
  record.id = VolumeId(2);
  record.name = "photos";
  record.kind = VolumeKind::kTree;
  record.root = InodeId(17);
  record.owner = "owner";
  record.created = 99;
  record.location = "eu";
  record.ownership = Ownership::kBucketOwnerEnforced;
  record.access = {{GranteeKind::kAuthenticatedUsers, "", Permission::kRead}};
  record.tags = {{"a", "b"}};
  record.cors = "cors";
  record.policy = "{}";
  record.generation = 9;
  record.exports.read_only = true;
  record.exports.squash = Squash::kAll;
  record.exports.anonymous_uid = 99;
  record.exports.anonymous_gid = 0;
  record.exports.networks = {"10.0.0.0/8", "::1"};
  record.exports.default_uid = 1000;
  record.exports.default_gid = 4294967295;
  record.exports.file_mode = 0640;
  record.exports.directory_mode = 01777;
  record.quota_bytes = 1'000'000;
  record.quota_objects = 5;
  return record;
}

UserRecord sample_user() {
  return {"id1", "Ann", "ann@example.org", 99, {{"AK1", "SK1"}, {"AK2", "SK2"}}, 0, 4294967295};
}

UploadRecord sample_upload() {
  UploadRecord record;
  record.created = 99;
  record.owner = "owner";
  record.initiator = "starter";
  record.access = {{GranteeKind::kUser, "friend", Permission::kReadAcl}};
  record.headers = {{"content-type", "a/b"}};
  record.user_metadata = {{"m", "n"}};
  record.tags = {{"t", "u"}};
  record.storage_class = "STANDARD_IA";
  record.checksum_algorithm = ChecksumAlgorithm::kCrc64Nvme;
  record.checksum_type = ChecksumType::kFullObject;
  return record;
}

PartRecord sample_part() {
  return {10'000'000, Bytes(16, 'm'), "sum!", 99, {{0, 8 << 20, BlobId(5), 0}, {8 << 20, 1611392, BlobId(6), 4096}}};
}

CompletedUpload sample_completed() {
  return {VolumeId(2),
          "key",
          "d41d8cd98f00b204e9800998ecf8427e",
          InodeId(18),
          99,
          {ChecksumAlgorithm::kSha256, ChecksumType::kComposite, Bytes(32, 'h')}};
}

StoredBlob sample_blob() { return {BlobId(7), 0, 0, SegmentId(3), 102400, 12345, {0x01020304, 0x05060708}}; }

Change sample_change() { return {ChangeKind::kRenamed, VolumeId(2), "a/", "b/", InodeId(5), 100, 99}; }

namespace {
template <class Decode, class Encode>
RecordKind kind(std::string name, Bytes sample, Decode decode, Encode encode) {
  return {std::move(name), std::move(sample), true, [decode, encode](BytesView value) -> Result<Bytes> {
            TP_TRY(const auto record, decode(value));
            return encode(record);
          }};
}
}  // namespace

std::vector<RecordKind> record_kinds() {
  std::vector<RecordKind> kinds;
  kinds.push_back(kind("inode", encode_inode(sample_inode()), decode_inode, encode_inode));
  kinds.push_back(kind("name", encode_name({InodeId(77), true}), decode_name, encode_name));
  kinds.push_back(kind(
      "extent", encode_extent({4096, 65536, BlobId(300), 8192}),
      [](BytesView value) { return decode_extent(4096, value); }, encode_extent));
  kinds.push_back(kind("volume", encode_volume(sample_volume()), decode_volume, encode_volume));
  kinds.push_back(kind("counters", encode_counters({1, 2, 3, 4}), decode_counters, encode_counters));
  kinds.push_back(kind("user", encode_user(sample_user()), decode_user, encode_user));
  kinds.push_back(kind("upload", encode_upload(sample_upload()), decode_upload, encode_upload));
  kinds.push_back(kind("part", encode_part(sample_part()), decode_part, encode_part));
  kinds.push_back(kind("completed", encode_completed(sample_completed()), decode_completed, encode_completed));
  kinds.push_back(kind(
      "blob", encode_blob(sample_blob()), [](BytesView value) { return decode_blob(BlobId(7), value); }, encode_blob));
  kinds.push_back(kind("change", encode_change(sample_change()), decode_change, encode_change));
  kinds.push_back(kind("state", encode_store_state({1, 7, Bytes(16, 'i')}), decode_store_state, encode_store_state));
  kinds.push_back({"small data", encode_small_data(InodeId(1), "hello"), false, [](BytesView value) -> Result<Bytes> {
                     TP_TRY(const BytesView data, decode_small_data(InodeId(1), value));
                     return encode_small_data(InodeId(1), data);
                   }});
  return kinds;
}

}  // namespace tp::meta
