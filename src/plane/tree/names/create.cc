#include "plane/tree/files_impl.h"
#include "plane/tree/names/open_by_name.h"

namespace tp::plane {

Task<Created> FilesImpl::create(FileCaller caller, FileId directory, Bytes name, CreateRequest request) {
  OpenByName wish;
  wish.caller = std::move(caller);
  wish.directory = directory;
  wish.name = std::move(name);
  wish.create = std::move(request);
  return run_open(core_, *this, std::move(wish));
}

}  // namespace tp::plane
