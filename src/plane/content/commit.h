// How bytes in memory become durable and part of the tree: into blobs, synced, then one transaction; small ones in the
// transaction alone.
#pragma once

#include "plane/content/parts/file_content.h"

namespace tp::plane {

/// All that was written to the file before is committed when this succeeds; calls of one file share commits. If it
/// fails, the bytes stay for the next try, but where no try would help (quota, a file that is gone) they are given up,
/// and the write verifier tells. `coming_size_bytes`: see FilesImpl::flush.
Task<void> commit_file(Core& core, FileStatePtr state, uint64_t coming_size_bytes);
/// The same beside the caller, if it is not under way.
void commit_behind(Core& core, FileStatePtr state);

/// How long nobody must have written to a file for what its client left uncommitted to be written back, and how often
/// that is looked at.
inline constexpr rt::Nanos kWriteBackAge = 30 * rt::kSecond, kWriteBackEvery = 10 * rt::kSecond;
/// Starts to commit such files; a commit that fails is for the next call. On a loop; does not wait.
void write_back(Core& core, rt::Nanos age);

}  // namespace tp::plane
