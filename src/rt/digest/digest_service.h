// DigestService: threads that hash for the loops. All MD5 pieces that wait at one moment advance together, one SIMD
// lane each (base/hash/md5_lanes.h): one stream gets 0.6 GB/s, eight together several GB/s of one core.
// Invariant: a piece belongs to the service from update() until its Task yields; the caller touches neither hash nor
// bytes meanwhile, and a started update cannot be cancelled. Owner: the server; it outlives every stream.
//
// Going through a thread costs two wake-ups. A caller with a small piece (16 KiB, say) does better to hash it in place.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "rt/completion.h"
#include "rt/task.h"

namespace tp::rt {

class DigestService {
 public:
  explicit DigestService(unsigned threads = 1);
  ~DigestService();
  DigestService(const DigestService&) = delete;
  DigestService& operator=(const DigestService&) = delete;

  /// Hashes `bytes` into `md5` or `hasher` on a service thread and resumes on the caller's loop. Hash and bytes stay
  /// valid until the task ends; one update per hash at a time. kUnavailable after stop(): nothing was hashed.
  Task<void> update(Md5& md5, BytesView bytes);
  Task<void> update(Hasher& hasher, BytesView bytes);

  /// Refuses new pieces, finishes the accepted ones and joins the threads. Any thread but a service thread; the loops
  /// still run.
  void stop();

 private:
  struct Piece {
    Md5* md5;        // null: a piece for `hasher`
    Hasher* hasher;
    BytesView rest;  // not yet hashed
    Completion<void>* done;
    Piece* next = nullptr;
  };
  struct PieceQueue {
    Piece* head = nullptr;
    Piece* tail = nullptr;
    size_t size = 0;
    void push(Piece* piece) noexcept;
    Piece* pop() noexcept;
  };
  struct Worker;

  Task<void> submit(Md5* md5, Hasher* hasher, BytesView bytes);
  void work();
  /// Takes the worker's share of what waits, first sleeping if the worker has nothing; false when all is done.
  bool take_pieces(Worker& worker);

  std::mutex mutex_;
  std::condition_variable ready_;
  PieceQueue md5_waiting_;
  PieceQueue hasher_waiting_;
  bool stopping_ = false;
  const unsigned thread_count_;
  std::vector<std::thread> threads_;
};

}  // namespace tp::rt
