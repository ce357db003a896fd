#include "front/s3/object/object_handlers.h"

#include <array>

namespace tp::s3 {

std::span<const HandlerRow> object_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kCopyObject, copy_object},
      HandlerRow{Operation::kDeleteObject, delete_object},
      HandlerRow{Operation::kDeleteObjectTagging, delete_object_tagging},
      HandlerRow{Operation::kDeleteObjects, delete_objects},
      HandlerRow{Operation::kGetObject, get_object},
      HandlerRow{Operation::kGetObjectAcl, get_object_acl},
      HandlerRow{Operation::kGetObjectAttributes, get_object_attributes},
      HandlerRow{Operation::kGetObjectTagging, get_object_tagging},
      HandlerRow{Operation::kHeadObject, head_object},
      HandlerRow{Operation::kPutObject, put_object},
      HandlerRow{Operation::kPutObjectAcl, put_object_acl},
      HandlerRow{Operation::kPutObjectTagging, put_object_tagging},
      HandlerRow{Operation::kRenameObject, rename_object},
      HandlerRow{Operation::kRestoreObject, restore_object},
  };
  return kRows;
}

}  // namespace tp::s3
