// One record of each kind with every field set, and a list of the kinds: decode a value, encode it again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "meta/blob_codec.h"
#include "meta/inode_record.h"
#include "meta/journal.h"
#include "meta/upload_record.h"
#include "meta/user_record.h"
#include "meta/volume_record.h"

namespace tp::meta {

InodeRecord sample_inode();
VolumeRecord sample_volume();
UserRecord sample_user();
UploadRecord sample_upload();
PartRecord sample_part();
CompletedUpload sample_completed();
StoredBlob sample_blob();
Change sample_change();

struct RecordKind {
  std::string name;
  Bytes sample;
  bool tagged = true;  // made of fields
  std::function<Result<Bytes>(BytesView)> reencode;
};
std::vector<RecordKind> record_kinds();

}  // namespace tp::meta
