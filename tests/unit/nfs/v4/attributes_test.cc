#include "front/nfs/v4/attributes/decode.h"
#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

SettableAttributes decode(const wire::XdrWriter& out, bool creating = false, uint32_t minor = 2) {
  wire::XdrReader in(out.view());
  return decode_settable(in, minor, creating);
}
wire::XdrWriter attributes(const Bitmap& bitmap, const std::function<void(wire::XdrWriter&)>& values) {
  wire::XdrWriter list, out;
  values(list);
  bitmap.write(out);
  out.opaque(list.view());
  return out;
}

TEST(Bitmap, LeavesOutTrailingWordsAndRemembersWhatItDoesNotKnow) {
  wire::XdrWriter out;
  Bitmap{Attribute::kType, Attribute::kMode}.write(out);
  EXPECT_EQ(out.view(), BytesView("\0\0\0\2" "\0\0\0\2" "\0\0\0\2", 12));
  wire::XdrWriter wide;
  wide.u32(4);
  for (int i = 0; i < 3; ++i) wide.u32(0);
  wide.u32(1);
  wire::XdrReader in(wide.view());
  const Bitmap read = Bitmap::read(in);
  EXPECT_TRUE(read.empty());
  EXPECT_TRUE(read.unknown());
  wire::XdrWriter endless;
  endless.u32(UINT32_MAX);
  wire::XdrReader bad(endless.view());
  (void)Bitmap::read(bad);
  EXPECT_FALSE(bad.good());
}

TEST(Owner, IsADecimalNumberAndNothingElse) {
  uint32_t id = 1;
  EXPECT_TRUE(parse_owner("0", &id));
  EXPECT_EQ(id, 0u);
  EXPECT_TRUE(parse_owner("4294967295", &id));
  EXPECT_EQ(id, UINT32_MAX);
  for (const char* bad : {"", "root", "00", "01", "-1", "+1", "4294967296", "1 ", " 1", "1000@domain"}) {
    EXPECT_FALSE(parse_owner(bad, &id)) << bad;
  }
}

TEST(SettableAttributes, AllOfThemAreReadInOrder) {
  const auto out = attributes({Attribute::kSize, Attribute::kMode, Attribute::kOwner, Attribute::kOwnerGroup,
                               Attribute::kTimeAccessSet, Attribute::kTimeModifySet},
                              [](wire::XdrWriter& list) {
                                list.u64(77);
                                list.u32(06755);
                                list.opaque("12");
                                list.opaque("34");
                                list.u32(0);
                                list.u32(1);
                                list.i64(-5);
                                list.u32(999999999);
                              });
  const SettableAttributes read = decode(out);
  ASSERT_EQ(read.status, Status::kOk);
  EXPECT_EQ(read.set.size_bytes, 77u);
  EXPECT_EQ(read.set.mode, 06755u);
  EXPECT_EQ(read.set.uid, 12u);
  EXPECT_EQ(read.set.gid, 34u);
  EXPECT_TRUE(read.set.accessed_now);
  EXPECT_FALSE(read.set.modified_now);
  EXPECT_EQ(read.set.modified, -5 * rt::kSecond + 999999999);
}

TEST(SettableAttributes, WhatCannotBeSetIsSaidSo) {
  const auto none = [](wire::XdrWriter&) {};
  const auto word = [](uint32_t value) { return [value](wire::XdrWriter& list) { list.u32(value); }; };
  EXPECT_EQ(decode(attributes({Attribute::kFileId}, none)).status, Status::kInval);
  EXPECT_EQ(decode(attributes({static_cast<Attribute>(12)}, none)).status, Status::kAttrNotSupp);
  EXPECT_EQ(decode(attributes({Attribute::kMode}, word(010000))).status, Status::kInval);
  EXPECT_EQ(decode(attributes({Attribute::kMode}, none)).status, Status::kBadXdr);
  EXPECT_EQ(decode(attributes({}, word(1))).status, Status::kBadXdr);
  EXPECT_EQ(decode(attributes({Attribute::kTimeModifySet}, word(2))).status, Status::kBadXdr);
  const auto owner = [](wire::XdrWriter& list) { list.opaque("root@localdomain"); };
  EXPECT_EQ(decode(attributes({Attribute::kOwner}, owner)).status, Status::kBadOwner);
  const auto huge = [](wire::XdrWriter& list) { list.u64(UINT64_MAX); };
  EXPECT_EQ(decode(attributes({Attribute::kSize}, huge)).status, Status::kFbig);
  const auto odd_time = [](wire::XdrWriter& list) {
    list.u32(1);
    list.i64(0);
    list.u32(1'000'000'000);
  };
  EXPECT_EQ(decode(attributes({Attribute::kTimeAccessSet}, odd_time)).status, Status::kInval);
  const auto far_time = [](wire::XdrWriter& list) {
    list.u32(1);
    list.i64(INT64_MIN);
    list.u32(0);
  };
  EXPECT_EQ(decode(attributes({Attribute::kTimeAccessSet}, far_time)).status, Status::kInval);
}

TEST(SettableAttributes, AModeWithItsUmaskStandsInCreationsOfMinorVersion2) {
  const auto values = [](wire::XdrWriter& list) {
    list.u32(0666);
    list.u32(022);
  };
  const auto out = attributes({Attribute::kModeUmask}, values);
  EXPECT_EQ(decode(out).status, Status::kInval);
  EXPECT_EQ(decode(out, true, 1).status, Status::kAttrNotSupp);
  const SettableAttributes read = decode(out, true);
  ASSERT_EQ(read.status, Status::kOk);
  EXPECT_EQ(read.set.mode, 0644u);
}

TEST(GetAttr, SupportedAttributesAreThoseOfTheMinorVersion) {
  V4Rig rig;
  V4Client new_client(rig), old_client(rig, "old", 1);
  const Bytes now = new_client.attributes_of(kVolume, {Attribute::kSupportedAttrs});
  const Bytes before = old_client.attributes_of(kVolume, {Attribute::kSupportedAttrs});
  wire::XdrReader now_in(now), before_in(before);
  const Bitmap now_set = Bitmap::read(now_in), before_set = Bitmap::read(before_in);
  EXPECT_TRUE(now_set.has(Attribute::kXattrSupport));
  EXPECT_FALSE(before_set.has(Attribute::kXattrSupport));
  EXPECT_TRUE(before_set.without(now_set).empty());
}

TEST(GetAttr, EverySupportedAttributeHasAValueAndVerifies) {
  V4Rig rig;
  V4Client client(rig);
  for (const char* path : {"", kVolume}) {
    const Bytes supported = client.attributes_of(path, {Attribute::kSupportedAttrs});
    wire::XdrReader in(supported);
    const Bitmap all = Bitmap::read(in)
                           .without({Attribute::kTimeAccessSet, Attribute::kTimeModifySet, Attribute::kModeUmask});
    // What changes from one look to the next is left out of the comparison.
    const Bitmap steady = all.without({Attribute::kRdattrError, Attribute::kSpaceAvail, Attribute::kSpaceFree,
                                       Attribute::kSpaceTotal, Attribute::kFilesAvail, Attribute::kFilesFree,
                                       Attribute::kFilesTotal});
    (void)client.attributes_of(path, all);
    const Bytes values = client.attributes_of(path, steady);
    const Bytes handle = client.handle_of(path);
    Ops same, other;
    same.put_fh(handle).op(Op::kVerify).bitmap(steady).opaque(values);
    EXPECT_EQ(client.status_of(same), Status::kOk) << path;
    other.put_fh(handle).op(Op::kNverify).bitmap(steady).opaque(values);
    EXPECT_EQ(client.status_of(other), Status::kSame) << path;
    Ops changed;
    changed.put_fh(handle).op(Op::kVerify).bitmap({Attribute::kMode}).opaque(BytesView("\0\0\0\0", 4));
    EXPECT_EQ(client.status_of(changed), Status::kNotSame) << path;
  }
}

TEST(GetAttr, AttributesThatAreOnlySetCannotBeRead) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_EQ(client.status_of(Ops().root().get_attr({Attribute::kTimeModifySet})), Status::kInval);
  EXPECT_EQ(client.status_of(Ops().get_attr({Attribute::kType})), Status::kNoFileHandle);
  Ops verify;
  verify.root().op(Op::kVerify).bitmap({Attribute::kRdattrError}).opaque(BytesView("\0\0\0\0", 4));
  EXPECT_EQ(client.status_of(verify), Status::kInval);
  Ops unknown;
  unknown.root().op(Op::kVerify).bitmap({static_cast<Attribute>(12)}).opaque("");
  EXPECT_EQ(client.status_of(unknown), Status::kAttrNotSupp);
}

TEST(SetAttr, SaysWhatItHasSet) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  Ops ops;
  ops.put_fh(file.handle).op(Op::kSetAttr).stateid(StateId::anonymous()).mode(0600);
  V4Reply reply = client.run(ops);
  ASSERT_EQ(reply.status, Status::kOk);
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kSetAttr), Status::kOk);
  EXPECT_EQ(Bitmap::read(reply.in()), Bitmap{Attribute::kMode});
  EXPECT_EQ(client.number_of("vol/f", Attribute::kMode), 0600u);
  // Not the owner: nothing is set, and the bitmap is there and empty.
  client.uid = kUser;
  V4Client other(rig, "other");
  other.uid = kUser;
  V4Reply refused = other.run(ops);
  EXPECT_EQ(refused.status, Status::kPerm);
  EXPECT_EQ(refused.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(refused.next(Op::kSetAttr), Status::kPerm);
  EXPECT_TRUE(Bitmap::read(refused.in()).empty());
  EXPECT_TRUE(refused.in().good() && refused.in().at_end());
}

}  // namespace
}  // namespace tp::nfs::v4
