// Every record's bytes: round trip, golden, and what does not parse.
#include <gtest/gtest.h>

#include "meta/blob_codec.h"
#include "meta/codec/field_reader.h"
#include "meta/codec/store_state.h"
#include "meta/listed_inode.h"
#include "unit/meta/sample_records.h"

namespace tp::meta {
namespace {

// A failing comparison prints bytes that can be read.
#define EXPECT_HEX(bytes, hex) EXPECT_EQ(to_hex(bytes), hex)

TEST(Codec, InodesRoundTrip) {
  const InodeRecord record = sample_inode();
  const InodeRecord again = decode_inode(encode_inode(record)).value();
  EXPECT_EQ(again.type, record.type);
  EXPECT_EQ(again.mode, record.mode);
  EXPECT_EQ(again.uid, record.uid);
  EXPECT_EQ(again.gid, record.gid);
  EXPECT_EQ(again.links, record.links);
  EXPECT_EQ(again.size_bytes, record.size_bytes);
  EXPECT_EQ(again.modified, record.modified);
  EXPECT_EQ(again.changed, record.changed);
  EXPECT_EQ(again.created, record.created);
  EXPECT_EQ(again.parent, record.parent);
  EXPECT_EQ(again.name, record.name);
  EXPECT_EQ(again.implicit, record.implicit);
  EXPECT_EQ(again.live_children, record.live_children);
  EXPECT_EQ(again.place, record.place);
  EXPECT_EQ(again.etag, record.etag);
  EXPECT_EQ(again.owner, record.owner);
  EXPECT_EQ(again.access, record.access);
  EXPECT_EQ(again.headers, record.headers);
  EXPECT_EQ(again.user_metadata, record.user_metadata);
  EXPECT_EQ(again.tags, record.tags);
  EXPECT_EQ(again.storage_class, record.storage_class);
  EXPECT_EQ(again.checksum, record.checksum);
  ASSERT_EQ(again.parts.size(), record.parts.size());
  for (size_t i = 0; i < again.parts.size(); ++i) {
    EXPECT_EQ(again.parts[i].number, record.parts[i].number);
    EXPECT_EQ(again.parts[i].size_bytes, record.parts[i].size_bytes);
    EXPECT_EQ(again.parts[i].checksum, record.parts[i].checksum);
  }
  EXPECT_EQ(again.append_count, record.append_count);
  EXPECT_EQ(again.accessed, record.accessed);
  EXPECT_EQ(again.posix, record.posix);
  EXPECT_EQ(again.device, record.device);
  EXPECT_EQ(again.further_names, record.further_names);
  EXPECT_EQ(again.blob_bytes, record.blob_bytes);
  EXPECT_EQ(again.hole_bytes, record.hole_bytes);
  EXPECT_EQ(again.attributes, record.attributes);
  EXPECT_EQ(again.create_verifier, record.create_verifier);
  EXPECT_EQ(encode_inode(again), encode_inode(record));
}

TEST(Codec, ZerosThatAreNotDefaultsRoundTrip) {
  InodeRecord record;
  record.mode = record.links = 0;
  record.modified = 5;
  const InodeRecord again = decode_inode(encode_inode(record)).value();
  EXPECT_EQ(again.mode, 0u);
  EXPECT_EQ(again.links, 0u);
  EXPECT_EQ(again.changed, 0);
  EXPECT_EQ(again.created, 0);
}

TEST(Codec, AListingTakesTheSameOutOfAnInodeAndBelievesNothingElse) {
  const InodeRecord record = sample_inode();
  const Bytes value = encode_inode(record);
  const ListedInode listed = decode_listed_inode(value).value();
  EXPECT_EQ(listed.type, record.type);
  EXPECT_EQ(listed.size_bytes, record.size_bytes);
  EXPECT_EQ(listed.modified, record.modified);
  EXPECT_EQ(listed.etag, record.etag);
  EXPECT_EQ(listed.owner, record.owner);
  EXPECT_EQ(listed.storage_class, record.storage_class);
  EXPECT_EQ(listed.checksum_algorithm, record.checksum.algorithm);
  EXPECT_EQ(listed.checksum_type, record.checksum.type);
  // A name carries the same, and less of the inode.
  const Bytes in_name = encode_listed_inode(decode_inode(value).value());
  EXPECT_LT(in_name.size(), value.size());
  const ListedInode named = decode_listed_inode(in_name).value();
  EXPECT_EQ(named.size_bytes, listed.size_bytes);
  EXPECT_EQ(named.modified, listed.modified);
  EXPECT_EQ(named.etag, listed.etag);
  EXPECT_EQ(named.owner, listed.owner);
  EXPECT_EQ(named.storage_class, listed.storage_class);
  EXPECT_EQ(named.checksum_algorithm, listed.checksum_algorithm);
  EXPECT_EQ(named.checksum_type, listed.checksum_type);

  EXPECT_FALSE(decode_listed_inode(""));
  EXPECT_FALSE(decode_listed_inode("\x07"));
  for (size_t size = 0; size < value.size(); ++size) {
    const auto cut = decode_listed_inode(BytesView(value).substr(0, size));
    if (!cut) EXPECT_EQ(cut.error().code, Code::kCorruption);
  }
}

// What a store of format 1 says of a file, a volume and a user reads as what file protocols take for unset.
TEST(Codec, RecordsWithoutTheFieldsOfFilesReadAsUnset) {
  FieldWriter inode(1, 0);
  inode.varint(1, 1);
  const InodeRecord file = decode_inode(inode.view()).value();
  EXPECT_FALSE(file.posix);
  EXPECT_EQ(file.accessed, 0);
  EXPECT_TRUE(file.further_names.empty());
  EXPECT_EQ(file.hole_bytes, 0u);
  FieldWriter volume(1, 0);
  volume.varint(1, 2);
  volume.varint(3, 1);
  const VolumeRecord old = decode_volume(volume.view()).value();
  EXPECT_EQ(old.exports, ExportRules());
  EXPECT_EQ(old.quota_bytes, 0u);
  EXPECT_EQ(old.quota_objects, 0u);
  FieldWriter user(1, 0);
  user.bytes(1, "id");
  EXPECT_EQ(decode_user(user.view()).value().uid, std::nullopt);
}

TEST(Codec, ExportRulesRoundTripAlsoWhereTheyAreZero) {
  VolumeRecord record = sample_volume();
  record.exports = {};
  EXPECT_EQ(decode_volume(encode_volume(record)).value().exports, ExportRules());
  record.exports.anonymous_uid = record.exports.default_uid = 0;
  record.exports.file_mode = record.exports.directory_mode = 0;
  EXPECT_EQ(decode_volume(encode_volume(record)).value().exports, record.exports);
}

TEST(Codec, UsersKeepTheUidsOfRootAndTheLastOne) {
  for (const std::optional<uint32_t> id :
       {std::optional<uint32_t>(), std::optional<uint32_t>(0), std::optional<uint32_t>(UINT32_MAX)}) {
    UserRecord user = sample_user();
    user.uid = id;
    user.gid = id;
    const UserRecord again = decode_user(encode_user(user)).value();
    EXPECT_EQ(again.uid, id);
    EXPECT_EQ(again.gid, id);
  }
}

TEST(Codec, EveryKindOfEtagRoundTrips) {
  for (const char* etag : {"", "d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E", "opaque",
                           "d41d8cd98f00b204e9800998ecf8427e-3", "g41d8cd98f00b204e9800998ecf8427e"}) {
    InodeRecord record;
    record.etag = etag;
    EXPECT_EQ(decode_inode(encode_inode(record)).value().etag, etag);
  }
}

TEST(Codec, OtherRecordsRoundTrip) {
  for (const RecordKind& kind : record_kinds()) {
    SCOPED_TRACE(kind.name);
    const auto again = kind.reencode(kind.sample);
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_HEX(*again, to_hex(kind.sample));
  }
}

TEST(Codec, VolumesUsersAndUploadsKeepEveryField) {
  const VolumeRecord volume = decode_volume(encode_volume(sample_volume())).value();
  EXPECT_EQ(volume.name, "photos");
  EXPECT_EQ(volume.kind, VolumeKind::kTree);
  EXPECT_EQ(volume.ownership, Ownership::kBucketOwnerEnforced);
  EXPECT_EQ(volume.access, sample_volume().access);
  EXPECT_EQ(volume.tags, sample_volume().tags);
  EXPECT_EQ(volume.policy, "{}");
  EXPECT_EQ(volume.generation, 9u);
  EXPECT_EQ(volume.exports, sample_volume().exports);
  EXPECT_EQ(volume.quota_bytes, 1'000'000u);
  EXPECT_EQ(volume.quota_objects, 5u);
  const UserRecord user = decode_user(encode_user(sample_user())).value();
  ASSERT_EQ(user.keys.size(), 2u);
  EXPECT_EQ(user.keys[1].access_key, "AK2");
  EXPECT_EQ(user.keys[1].secret_key, "SK2");
  EXPECT_EQ(user.uid, 0u);
  EXPECT_EQ(user.gid, 4294967295u);
  const UploadRecord upload = decode_upload(encode_upload(sample_upload())).value();
  EXPECT_EQ(upload.checksum_algorithm, ChecksumAlgorithm::kCrc64Nvme);
  EXPECT_EQ(upload.checksum_type, ChecksumType::kFullObject);
  EXPECT_EQ(upload.retention, RetentionMode::kNone);
  UploadRecord locked = sample_upload();
  locked.retention = RetentionMode::kCompliance;
  locked.retain_until = 5'000'000'000;
  locked.legal_hold = true;
  const UploadRecord locked_again = decode_upload(encode_upload(locked)).value();
  EXPECT_EQ(locked_again.retention, RetentionMode::kCompliance);
  EXPECT_EQ(locked_again.retain_until, 5'000'000'000);
  EXPECT_TRUE(locked_again.legal_hold);
  const PartRecord part = decode_part(encode_part(sample_part())).value();
  EXPECT_EQ(part.extents, sample_part().extents);
  EXPECT_EQ(part.md5, sample_part().md5);
  const CompletedUpload completed = decode_completed(encode_completed(sample_completed())).value();
  EXPECT_EQ(completed.checksum, sample_completed().checksum);
  EXPECT_EQ(completed.etag, sample_completed().etag);
  const StoredBlob blob = decode_blob(BlobId(7), encode_blob(sample_blob())).value();
  EXPECT_EQ(blob.id, BlobId(7));
  EXPECT_EQ(blob.checksums, sample_blob().checksums);
  const Change change = decode_change(encode_change(sample_change())).value();
  EXPECT_EQ(change.kind, ChangeKind::kRenamed);
  EXPECT_EQ(change.new_key, "b/");
}

// What is on disks must stay readable: these bytes are the format, docs/formats/records.md explains them.
TEST(Codec, GoldenBytes) {
  EXPECT_HEX(encode_name({InodeId(0x10000000001), true}), "010881808080802010" "01");
  EXPECT_HEX(encode_extent({4096, 65536, BlobId(300), 8192}), "0108808004" "10ac02" "188040");
  EXPECT_HEX(encode_counters({3, 1000, 0, 5}), "010803" "10e807" "2005");
  EXPECT_HEX(encode_store_state({1, 7, Bytes(16, 'i')}), "01080110071a10" + to_hex(Bytes(16, 'i')));
  EXPECT_HEX(encode_small_data(InodeId(1), "hello"), "01" "8c680384" "68656c6c6f");
  EXPECT_HEX(encode_change(sample_change()),
             "010807" "1002" "1a02612f" "2202622f" "2805" "3064" "390000000000000063");
  EXPECT_HEX(encode_blob(sample_blob()), "01" "1803" "2080a006" "28b96032" "080102030405060708");
  EXPECT_HEX(encode_user(sample_user()),
             "01" "0a03696431" "1203416e6e" "1a0f616e6e406578616d706c652e6f7267" "210000000000000063"
             "2a0703414b31534b31" "2a0703414b32534b32" "3001" "388080808010");
  EXPECT_HEX(encode_volume(sample_volume()),
             "01" "0802" "120670686f746f73" "1801" "2011" "2a056f776e6572" "310000000000000063" "3a026575"
             "4003" "4a0408031801" "5203016162" "5a04636f7273" "62027b7d" "6809"
             "7226" "0801" "1002" "1863" "2a0a31302e302e302e302f38" "2a033a3a31" "30e807" "38ffffffff0f" "40a003"
             "48ff07" "78c0843d" "800105");
  EXPECT_HEX(encode_upload(sample_upload()),
             "01" "090000000000000063" "12056f776e6572" "1a0773746172746572"
             "220c08011206667269656e641804" "2a100c636f6e74656e742d74797065612f62" "3203016d6e"
             "3a03017475" "420b5354414e444152445f4941" "4803" "5001");
  EXPECT_HEX(encode_part(sample_part()),
             "01" "0880ade204" "12106d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d" "1a0473756d21" "210000000000000063"
             "2a11" "0080808004" "0500" "80808004" "80ad62" "06" "8020");
  EXPECT_HEX(encode_completed(sample_completed()),
             "01" "0802" "12036b6579" "1a10d41d8cd98f00b204e9800998ecf8427e" "2812" "310000000000000063"
             "3a26" "0805" "1002" "1a206868686868686868686868686868686868686868686868686868686868686868");
  EXPECT_HEX(encode_inode(sample_inode()),
             "01" "0803" "10e903" "18e807" "20ffffffff0f" "2802" "3094b4e4f4cb03" "3917979cfe362a0000"
             "4117979cfe362a0001" "490000000000000000" "50818080808020" "5a056e61006d65" "6001" "6803"
             "7002" "82012264343164386364393866303062323034653938303039393865636638343237652d32"
             "8a01056f776e6572" "92010c08011206667269656e64180f" "92010408021801"
             "9a01170c636f6e74656e742d74797065746578742f706c61696e" "9a010e0d63616368652d636f6e74726f6c"
             "a2010b05636f6c6f72626cc3a475" "aa0103016b76" "aa010100" "b20107474c4143494552"
             "ba010a080210021a0401020304" "c2010e" "018080c0020461626364" "904e0100" "c80104"
             "d101fffffffffffffffe" "d80101" "e0018180808080" "01" "ea0109000000000000000362" "ea01080000000000000004"
             "f001ac02" "f8018020" "8202" "0905636f6c6f72726564" "8202020165" "8902feedfacecafebeef");
}

TEST(Codec, UnknownFieldsAreSkipped) {
  FieldWriter extra;
  extra.varint(100, 5);
  extra.fixed64(101, 6);
  extra.bytes(102, "later");
  for (const RecordKind& kind : record_kinds()) {
    SCOPED_TRACE(kind.name);
    if (!kind.tagged) continue;
    const auto again = kind.reencode(kind.sample + extra.view());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, kind.sample);
  }
}

TEST(Codec, AnotherVersionIsRefused) {
  for (const RecordKind& kind : record_kinds()) {
    SCOPED_TRACE(kind.name);
    for (const char version : {'\0', '\2', '\xff'}) {
      Bytes value = kind.sample;
      value[0] = version;
      const auto read = kind.reencode(value);
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code, Code::kCorruption);
    }
    EXPECT_FALSE(kind.reencode(""));
  }
}

TEST(Codec, TruncatedAndChangedValuesNeverCrash) {
  for (const RecordKind& kind : record_kinds()) {
    SCOPED_TRACE(kind.name);
    for (size_t size = 0; size < kind.sample.size(); ++size) {
      const auto read = kind.reencode(kind.sample.substr(0, size));
      if (!read) EXPECT_EQ(read.error().code, Code::kCorruption);
    }
    for (size_t at = 0; at < kind.sample.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        Bytes value = kind.sample;
        value[at] = static_cast<char>(value[at] ^ (1 << bit));
        const auto read = kind.reencode(value);
        if (!read) EXPECT_EQ(read.error().code, Code::kCorruption);
      }
    }
  }
}

TEST(Codec, ValuesOutOfRangeAreRefused) {
  const auto inode = [](auto write) {
    FieldWriter out(1, 0);
    out.varint(1, 1);
    write(out);
    return decode_inode(out.view()).has_value();
  };
  EXPECT_TRUE(inode([](FieldWriter&) {}));
  EXPECT_FALSE(decode_inode(FieldWriter(1, 0).view()));                                     // no type
  EXPECT_FALSE(inode([](FieldWriter& out) { out.varint(1, 8); }));                           // no such type
  EXPECT_FALSE(inode([](FieldWriter& out) { out.varint(2, uint64_t{1} << 32); }));           // mode of 33 bits
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(2, "x"); }));                          // mode of another type
  EXPECT_FALSE(inode([](FieldWriter& out) { out.varint(14, 3); }));                          // no such place
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(15, "short"); }));                     // raw ETag of 5 bytes
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(24, Bytes("\x91\x4e\x01\x00", 4)); }));  // part 10,001
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(24, Bytes("\x01\x01\x05xyz", 6)); }));   // checksum cut off
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(19, "\x7f"); }));                      // name longer than field
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(18, Bytes("\x08\x01\x18\x03", 4)); }));  // no such permission
  EXPECT_FALSE(inode([](FieldWriter& out) { out.varint(27, 2); }));                          // neither yes nor no
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(29, "1234567"); }));                   // parent of 7 bytes
  EXPECT_FALSE(inode([](FieldWriter& out) { out.bytes(32, "\x7f"); }));                      // name longer than field
  EXPECT_FALSE(inode([](FieldWriter& out) { out.varint(33, 1); }));                          // verifier of another type
  EXPECT_FALSE(inode([](FieldWriter& out) { out.raw_bytes(Bytes("\x33", 1)); }));            // group type of old
  EXPECT_FALSE(inode([](FieldWriter& out) { out.raw_bytes(Bytes("\x00\x00", 2)); }));        // field number 0
  EXPECT_FALSE(inode([](FieldWriter& out) { out.raw_bytes(Bytes("\x10\x80\x00", 3)); }));    // a long zero
  EXPECT_FALSE(inode([](FieldWriter& out) { out.raw_bytes("\x10" + Bytes(11, '\xff')); }));  // beyond 64 bits
  EXPECT_FALSE(decode_extent(UINT64_MAX, encode_extent({0, 1, BlobId(1), 0})));              // ends beyond 2^64
  EXPECT_FALSE(decode_name(FieldWriter(1, 0).view()));                                       // leads nowhere
}

TEST(Codec, ExportRulesAndUidsOutOfRangeAreRefused) {
  const auto volume = [](auto write) {
    FieldWriter rules(1, 0);
    write(rules);
    FieldWriter out(1, 0);
    out.varint(1, 2);
    out.varint(3, 1);
    out.bytes(14, rules.view().substr(1));
    return decode_volume(out.view()).has_value();
  };
  EXPECT_TRUE(volume([](FieldWriter& out) { out.varint(2, 3); }));
  EXPECT_FALSE(volume([](FieldWriter& out) { out.varint(2, 4); }));                  // no such squash
  EXPECT_FALSE(volume([](FieldWriter& out) { out.varint(1, 2); }));                  // neither yes nor no
  EXPECT_FALSE(volume([](FieldWriter& out) { out.varint(3, uint64_t{1} << 32); }));  // uid of 33 bits
  EXPECT_FALSE(volume([](FieldWriter& out) { out.varint(8, 010000); }));             // more than permission bits
  EXPECT_FALSE(volume([](FieldWriter& out) { out.varint(5, 1); }));                  // network of another type
  EXPECT_FALSE(volume([](FieldWriter& out) {
    for (int i = 0; i < 10'001; ++i) out.element(5, "::1");
  }));
  const auto user = [](uint64_t uid) {
    FieldWriter out(1, 0);
    out.bytes(1, "id");
    out.varint(6, uid);
    return decode_user(out.view()).has_value();
  };
  EXPECT_TRUE(user(uint64_t{1} << 32));
  EXPECT_FALSE(user((uint64_t{1} << 32) + 1));
}

TEST(Codec, ListsAreBounded) {
  FieldWriter out(1, 0);
  out.varint(1, 1);
  for (int i = 0; i < 10'001; ++i) out.element(21, Bytes(1, '\0'));
  EXPECT_FALSE(decode_inode(out.view()));
}

TEST(Codec, SmallDataOfAnotherInodeOrWithAFlippedBitIsRefused) {
  const Bytes value = encode_small_data(InodeId(1), "hello");
  EXPECT_EQ(decode_small_data(InodeId(1), value).value(), "hello");
  EXPECT_EQ(decode_small_data(InodeId(2), value).error().code, Code::kCorruption);
  EXPECT_EQ(decode_small_data(InodeId(1), encode_small_data(InodeId(1), "")).value(), "");
  for (size_t at = 0; at < value.size(); ++at) {
    Bytes changed = value;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    EXPECT_EQ(decode_small_data(InodeId(1), changed).error().code, Code::kCorruption);
  }
  EXPECT_EQ(decode_small_data(InodeId(1), value.substr(0, 4)).error().code, Code::kCorruption);
}

}  // namespace
}  // namespace tp::meta
