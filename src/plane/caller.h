// Caller: who asks, as the front established it. Rights are decided here in the plane from it, nowhere else.
#pragma once

#include <string>

namespace tp::plane {

struct Caller {
  std::string user_id;     // canonical id; empty: anonymous
  std::string name;        // display name
  bool root = false;       // the operator: may do everything
  std::string source_ip;
  bool secure_transport = false;

  bool anonymous() const { return user_id.empty(); }
};

}  // namespace tp::plane
