// NfsRig: the whole NFS front over a plane in memory, with a volume, a few files, a session and an open file, made by
// calls as any client would make them. Input is records with their marks; places in it that stand for handles, a
// session or an open file are filled in with real ones, which no fuzzer could guess. One rig an input, so that a
// failure can be repeated.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "front/nfs/core/nfs_front.h"
#include "support/memory_plane.h"

namespace tp::fuzz {

class NfsRig {
 public:
  NfsRig();
  ~NfsRig();
  NfsRig(const NfsRig&) = delete;
  NfsRig& operator=(const NfsRig&) = delete;

  /// Answers one record, patched first, and checks what must hold of any answer. False: the front closes the
  /// connection.
  bool answer(Bytes record);
  /// Whether the store is whole after all that.
  void check_store();

 private:
  static constexpr size_t kSessionSlots = 4;

  void make_files();
  void make_session();
  void open_file();
  Bytes handle_from(uint32_t procedure, BytesView arguments);
  /// The results of a call that must succeed, behind the RPC head.
  Bytes results_of(uint32_t program, uint32_t version, uint32_t procedure, BytesView arguments);
  Result<Bytes> exchange(Bytes record);
  void patch(Bytes& record);
  void patch_sequence(char* session);
  void note_sequence(BytesView reply);

  test::MemoryPlane store_;
  std::unique_ptr<nfs::NfsFront> front_;
  std::shared_ptr<net::RpcPeer> peer_;
  std::vector<Bytes> handles_;
  Bytes session_;  // 16 bytes
  std::array<uint32_t, kSessionSlots> next_sequence_{};
  size_t patched_slot_ = kSessionSlots;  // of the call under way
  uint64_t client_ = 0;
  Bytes open_state_;  // 16 bytes
};

}  // namespace tp::fuzz
