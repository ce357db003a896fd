#include "plane/tree/files_impl.h"
#include "plane/tree/names/make_entry.h"

namespace tp::plane {

Task<Created> FilesImpl::make_directory(FileCaller caller, FileId directory, Bytes name, SetAttributes set) {
  MakeEntry wish;
  wish.caller = std::move(caller);
  wish.directory = directory;
  wish.name = std::move(name);
  wish.type = meta::InodeType::kDirectory;
  wish.default_mode = 0755;
  wish.set = std::move(set);
  return make_entry(core_, std::move(wish));
}

}  // namespace tp::plane
