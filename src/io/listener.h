// Listener: accepts streams on one address and hands each to a handler on one of the runtime's loops.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/stream.h"
#include "rt/task.h"

namespace tp::io {

class Listener {
 public:
  /// Called on the stream's own loop; the task is joined by stop().
  using Handler = std::function<Task<void>(std::unique_ptr<Stream>)>;

  virtual ~Listener() = default;
  /// The port in use (the kernel's choice where 0 was asked for).
  virtual uint16_t port() const = 0;
  /// Closes the listening socket at once, lets handlers finish for `drain`, then closes their streams and joins them
  /// all.
  virtual Task<void> stop(rt::Nanos drain) = 0;
};

}  // namespace tp::io
