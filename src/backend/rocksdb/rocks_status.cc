#include "backend/rocksdb/rocks_status.h"

namespace tp::rocks {

namespace {

Code code_of(const rocksdb::Status& status) {
  // A full disk is an IOError with a subcode, and once it is the background error, the same with another severity.
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) return Code::kNoSpace;
  switch (status.code()) {
    case rocksdb::Status::kNotFound:
      return Code::kNotFound;
    case rocksdb::Status::kCorruption:
      return Code::kCorruption;
    case rocksdb::Status::kNotSupported:
    case rocksdb::Status::kInvalidArgument:
      return Code::kInvalidArgument;
    case rocksdb::Status::kIOError:
      return Code::kIo;
    case rocksdb::Status::kIncomplete:
      return Code::kWouldBlock;
    case rocksdb::Status::kShutdownInProgress:
      return Code::kUnavailable;
    case rocksdb::Status::kTimedOut:
      return Code::kTimeout;
    case rocksdb::Status::kAborted:
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTryAgain:
      return Code::kBusy;
    default:
      return Code::kInternal;
  }
}

}  // namespace

Error to_error(const rocksdb::Status& status) { return Error(code_of(status), status.ToString()); }

}  // namespace tp::rocks
