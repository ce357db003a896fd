#include "rt/task.h"

#include <new>
#include <string>

namespace tp::rt {

Error error_of_current_exception() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Error(Code::kBusy, "out of memory");
  } catch (const std::exception& exception) {
    return Error(Code::kInternal, std::string("exception: ") + exception.what());
  } catch (...) {
    return Error(Code::kInternal, "unknown exception");
  }
}

}  // namespace tp::rt
