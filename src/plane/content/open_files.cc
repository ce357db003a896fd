#include "plane/content/open_files.h"

namespace tp::plane {

std::optional<OpenFiles::Live> OpenFiles::live(InodeId) const { return std::nullopt; }
void OpenFiles::outdate(InodeId) {}
void OpenFiles::forget(InodeId) {}

}  // namespace tp::plane
