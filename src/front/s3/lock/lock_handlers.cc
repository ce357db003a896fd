#include "front/s3/lock/lock_handlers.h"

#include <array>

namespace tp::s3 {

std::span<const HandlerRow> lock_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{Operation::kGetObjectLegalHold, get_object_legal_hold},
      HandlerRow{Operation::kGetObjectLockConfiguration, get_object_lock_configuration},
      HandlerRow{Operation::kGetObjectRetention, get_object_retention},
      HandlerRow{Operation::kPutObjectLegalHold, put_object_legal_hold},
      HandlerRow{Operation::kPutObjectLockConfiguration, put_object_lock_configuration},
      HandlerRow{Operation::kPutObjectRetention, put_object_retention},
  };
  return kRows;
}

}  // namespace tp::s3
