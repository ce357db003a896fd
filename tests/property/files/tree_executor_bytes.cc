#include "property/executor.h"
#include "property/files/tree_executor.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

constexpr uint64_t kPlaces[] = {0, 1, 4095, 4096, 65'535, 65'536, 100'000, 131'072, 300'000, 1 << 20};

plane::FileCaller super_user() {
  plane::FileCaller caller;
  caller.uid = caller.gid = 0;
  caller.super_user = true;
  return caller;
}
uint64_t pick_place(rt::Rng& rng) {
  return kPlaces[rng.below(std::size(kPlaces))] + (rng.below(2) == 0 ? 0 : rng.below(5000));
}
}  // namespace

Task<void> TreeExecutor::bytes_step(rt::Rng rng, TreeStepKind kind) {
  using enum TreeStepKind;
  ModelFilePtr file;
  if (kind == kReadOpen || kind == kWriteOpen) {
    if (opens_.empty()) co_return ok;
    file = opens_[rng.below(opens_.size())].file;
  } else {
    file = pick_file(rng, true).second;
    if (!file) co_return ok;
  }
  switch (kind) {
    case kWrite:
    case kWriteOpen: co_return co_await write(rng, file, false);
    case kWriteStable: co_return co_await write(rng, file, true);
    case kCommit: co_return co_await commit(file);
    case kTruncate: co_return co_await truncate(rng, file);
    case kRead:
    case kReadOpen: co_return co_await read(rng, file);
    case kSeek: co_return co_await seek(rng, file);
    case kAllocate: co_return co_await allocate(rng, file, false);
    case kDeallocate: co_return co_await allocate(rng, file, true);
    case kCopyRange: co_return co_await copy_range(rng, file, false);
    case kCloneRange: co_return co_await copy_range(rng, file, true);
    default: co_return fail(Code::kInternal, "a step that is none");
  }
}

Task<void> TreeExecutor::write(rt::Rng rng, ModelFilePtr file, bool stable) {
  static constexpr size_t kWriteSizes[] = {1, 100, 4096, 5000, 65'536, 70'000, 300'000};
  const uint64_t offset = pick_place(rng);
  const auto data =
      std::make_shared<const Bytes>(make_data(rng.next(), kWriteSizes[rng.below(std::size(kWriteSizes))]));
  say(std::string(stable ? "write stable" : "write") + " at " + std::to_string(offset) + ", " +
      std::to_string(data->size()) + " bytes");
  plane::Payload payload;
  payload.bytes = *data;
  payload.owner = data;
  const auto asked = stable ? plane::Stability::kFileSync : plane::Stability::kUnstable;
  const auto result = co_await files().write(super_user(), file->id, offset, std::move(payload), asked,
                                             plane::AccessCheck::kOpened);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "write"));
  TP_CO_TRY_VOID(expect(result->stability >= asked, "the write is less stable than asked for"));
  if (result->stability == plane::Stability::kUnstable) {
    file->write_loose(offset, *data);
  } else {
    file->write_stable(offset, *data);
  }
  TP_CO_TRY_VOID(expect(result->file.after.size_bytes == file->newest.size(), "the write gives another size"));
  TP_CO_TRY_VOID(expect(result->file.after.changed > result->file.before.changed, "the change time has not moved"));
  co_return co_await compare_as_file(file);
}

Task<void> TreeExecutor::commit(ModelFilePtr file) {
  say("commit");
  const auto result = co_await files().commit(file->id);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "commit"));
  file->commit();
  co_return co_await compare_as_file(file);
}

Task<void> TreeExecutor::truncate(rt::Rng rng, ModelFilePtr file) {
  plane::SetAttributes set;
  set.size_bytes = rng.below(4) == 0 ? file->newest.size() / 2 : pick_place(rng);
  const uint64_t size = *set.size_bytes;
  say("truncate from " + std::to_string(file->newest.size()) + " to " + std::to_string(size));
  const auto result = co_await files().set_attributes(super_user(), file->id, std::move(set), std::nullopt,
                                                      plane::AccessCheck::kOpened);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "truncate"));
  file->resize(size);
  TP_CO_TRY_VOID(expect(result->after.size_bytes == size, "truncate gives another size"));
  co_return co_await compare_as_file(file);
}

Task<void> TreeExecutor::read(rt::Rng rng, ModelFilePtr file) {
  const uint64_t offset = pick_place(rng);
  const auto size = static_cast<uint32_t>(1 + rng.below(200'000));
  say("read at " + std::to_string(offset));
  const auto got = co_await read_file(file->id, offset, size);
  TP_CO_TRY_VOID(expect_code(got, std::nullopt, "read"));
  const Bytes want = offset >= file->newest.size() ? Bytes() : file->newest.substr(offset, size);
  co_return expect(*got == want, "a read has other bytes: " + std::to_string(got->size()) + " for " +
                                     std::to_string(want.size()));
}

Task<void> TreeExecutor::seek(rt::Rng rng, ModelFilePtr file) {
  const uint64_t offset = pick_place(rng);
  const bool data = rng.below(2) == 0;
  say("seek " + std::string(data ? "data" : "a hole") + " from " + std::to_string(offset));
  const auto found = co_await files().seek(file->id, offset, data);
  if (offset >= file->newest.size()) co_return expect_code(found, Code::kOutOfRange, "seek");
  TP_CO_TRY_VOID(expect_code(found, std::nullopt, "seek"));
  const uint64_t end = data && found->end_of_file ? file->newest.size() : found->offset;
  TP_CO_TRY_VOID(expect(end >= offset && end <= file->newest.size(), "seek goes astray"));
  if (data) {
    co_return expect(file->newest.find_first_not_of('\0', offset) >= end, "seek leaves data out");
  }
  co_return ok;  // where data is kept, zeros may be data
}

Task<void> TreeExecutor::allocate(rt::Rng rng, ModelFilePtr file, bool hole) {
  const uint64_t offset = pick_place(rng), size = 1 + pick_place(rng);
  say(std::string(hole ? "deallocate " : "allocate ") + std::to_string(offset) + " + " + std::to_string(size));
  const auto result =
      hole ? co_await files().deallocate(super_user(), file->id, offset, size, plane::AccessCheck::kOpened)
           : co_await files().allocate(super_user(), file->id, offset, size, plane::AccessCheck::kOpened);
  TP_CO_TRY_VOID(expect_code(result, std::nullopt, "allocate"));
  if (!hole) {
    // What is loose stays so; a size that this sets is not.
    if (offset + size > file->newest.size()) {
      file->newest.resize(offset + size, '\0');
      file->stable.resize(offset + size, '\0');
    }
  } else if (offset < file->newest.size()) {
    const uint64_t cut = std::min<uint64_t>(size, file->newest.size() - offset);
    if (offset + cut <= file->stable.size()) {
      file->write_stable(offset, Bytes(cut, '\0'));
    } else {
      file->write_loose(offset, Bytes(cut, '\0'));
    }
  }
  co_return co_await compare_as_file(file);
}

Task<void> TreeExecutor::copy_range(rt::Rng rng, ModelFilePtr source, bool clone) {
  const ModelFilePtr target = pick_file(rng, true).second;
  if (target == source || source->newest.empty()) co_return ok;
  const uint64_t from = rng.below(2) == 0 ? 0 : rng.below(source->newest.size()), to = pick_place(rng);
  const uint64_t size = rng.below(2) == 0 ? source->newest.size() - from : 1 + rng.below(source->newest.size() - from);
  say(std::string(clone ? "clone " : "copy ") + std::to_string(from) + " + " + std::to_string(size) + " to " +
      std::to_string(to));
  uint64_t copied = size;
  if (clone) {
    const auto done = co_await files().clone_range(super_user(), source->id, from, target->id, to, size,
                                                   plane::AccessCheck::kOpened);
    TP_CO_TRY_VOID(expect_code(done, std::nullopt, "clone"));
  } else {
    const auto done = co_await files().copy_range(super_user(), source->id, from, target->id, to, size,
                                                  plane::AccessCheck::kOpened);
    TP_CO_TRY_VOID(expect_code(done, std::nullopt, "copy"));
    copied = *done;
    TP_CO_TRY_VOID(expect(copied > 0 && copied <= size, "copy says that it copied more, or nothing"));
  }
  target->write_stable(to, source->newest.substr(from, copied));
  co_return co_await compare_as_file(target);
}

}  // namespace tp::test
