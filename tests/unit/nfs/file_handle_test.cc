#include "front/nfs/core/file_handle.h"

#include <gtest/gtest.h>

namespace tp::nfs {
namespace {

HandleCodec codec(char seed = 1) {
  HandleCodec::Key key;
  key.fill(seed);
  return HandleCodec(key);
}
HandleTarget file(uint64_t volume, uint64_t inode) {
  HandleTarget target;
  target.file = {VolumeId(volume), InodeId(inode)};
  return target;
}

TEST(FileHandle, LeadsToWhatItWasMadeOf) {
  const HandleCodec handles = codec();
  for (const HandleTarget& target : {file(1, 2), file(UINT64_MAX, UINT64_MAX), HandleTarget{.pseudo_root = true}}) {
    const Bytes handle = handles.encode(target);
    EXPECT_EQ(handle.size(), HandleCodec::kHandleBytes);
    EXPECT_EQ(handles.decode(handle), target);
  }
}

TEST(FileHandle, IsNotTakenWithAnyBitChanged) {
  const HandleCodec handles = codec();
  const Bytes handle = handles.encode(file(3, 4));
  for (size_t bit = 0; bit < handle.size() * 8; ++bit) {
    Bytes forged = handle;
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(handles.decode(forged)) << bit;
  }
}

TEST(FileHandle, IsNotTakenWithAnotherLengthOrOfAnotherStore) {
  const HandleCodec handles = codec();
  const Bytes handle = handles.encode(file(3, 4));
  for (size_t size = 0; size < handle.size(); ++size) EXPECT_FALSE(handles.decode(BytesView(handle).substr(0, size)));
  EXPECT_FALSE(handles.decode(handle + '\0'));
  EXPECT_FALSE(codec(2).decode(handle));
}

TEST(FileHandle, KeepsItsBytes) {
  const Bytes handle = codec().encode(file(0x0102030405060708, 0x1112131415161718));
  EXPECT_EQ(to_hex(BytesView(handle).substr(0, 18)), "010101020304050607081112131415161718");
  const Sha256Digest mac = hmac_sha256(Bytes(32, '\1'), BytesView(handle).substr(0, 18));
  EXPECT_EQ(BytesView(handle).substr(18), as_view(mac).substr(0, 14));
}

}  // namespace
}  // namespace tp::nfs
