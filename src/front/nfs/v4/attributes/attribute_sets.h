// Which attributes are supported, may be set, and cost something to find out.
#pragma once

#include "front/nfs/v4/attributes/bitmap.h"

namespace tp::nfs::v4 {

/// Only ever set.
inline constexpr Bitmap kWriteOnlyAttributes = {Attribute::kTimeAccessSet, Attribute::kTimeModifySet,
                                                Attribute::kModeUmask};
/// What SETATTR and creations may set; kModeUmask in creations only.
inline constexpr Bitmap kSettableAttributes = {Attribute::kSize,          Attribute::kMode,
                                               Attribute::kOwner,         Attribute::kOwnerGroup,
                                               Attribute::kTimeAccessSet, Attribute::kTimeModifySet,
                                               Attribute::kModeUmask};
inline constexpr Bitmap kSpaceAttributes = {Attribute::kFilesAvail, Attribute::kFilesFree, Attribute::kFilesTotal,
                                            Attribute::kSpaceAvail, Attribute::kSpaceFree, Attribute::kSpaceTotal};
/// Those that a file without readable attributes has too (READDIR with rdattr_error).
inline constexpr Bitmap kErrorAttributes = {Attribute::kRdattrError, Attribute::kMountedOnFileId};

/// Those of minor version 2 are left out in 1.
const Bitmap& supported_attributes(uint32_t minor);

}  // namespace tp::nfs::v4
