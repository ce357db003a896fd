#include "plane/content/resize.h"

#include "plane/content/parts/extent_editor.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {
namespace {

Result<void> resize_small(Namespace& names, ExtentEditor& editor, InodeId inode, const meta::InodeRecord& record,
                          uint64_t new_size_bytes) {
  Bytes data;
  if (record.place == meta::DataPlace::kSmall) {
    TP_TRY(data, load_small_data(names.txn(), inode));
  }
  data.resize(new_size_bytes);
  return editor.put_small(data);
}

}  // namespace

Result<void> resize(Namespace& names, InodeId inode, meta::InodeRecord& record, uint64_t new_size_bytes) {
  if (record.size_bytes == new_size_bytes) return ok;
  if (new_size_bytes > kMaxFileBytes) {
    return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
  }
  ExtentEditor editor(names, inode, record);
  const bool fits = new_size_bytes <= kSmallDataBytes;
  if (record.place != meta::DataPlace::kExtents && fits) {
    TP_TRY_VOID(resize_small(names, editor, inode, record, new_size_bytes));
  } else if (record.place == meta::DataPlace::kSmall) {
    return fail(Code::kConflict, "the file's small data would outgrow its place");
  } else if (new_size_bytes < record.size_bytes) {
    TP_TRY_VOID(editor.truncate(new_size_bytes));
  } else {
    TP_TRY_VOID(editor.put_hole(record.size_bytes, new_size_bytes));
  }
  editor.end();
  return ok;
}

}  // namespace tp::plane
