// SlotTable: the slots of one session: what makes a request run exactly once. A slot remembers the sequence number of
// its last request, a fingerprint of it and, where the client asked for it, its reply. Numbers wrap around. No lock of
// its own. Spec: RFC 8881 §2.10.6.1, §18.46.3.
#pragma once

#include <vector>

#include "base/check.h"
#include "front/nfs/state/state_types.h"

namespace tp::nfs::state {

class SlotTable {
 public:
  enum class Verdict : uint8_t { kNew, kReplay, kUncached, kRunning, kMisordered, kFalseRetry };

  /// `last`: the number that each slot takes to be its last request's; a new session begins at 0.
  explicit SlotTable(uint32_t slots, uint32_t last = 0) : slots_(slots, Slot{.sequence = last}) {}
  uint32_t size() const { return static_cast<uint32_t>(slots_.size()); }
  uint32_t running() const { return running_; }

  /// Precondition: slot < size(). After kNew the request runs: finish() must follow.
  Verdict begin(uint32_t slot, uint32_t sequence, uint64_t fingerprint) {
    Slot& it = slots_[slot];
    if (sequence == it.sequence) {
      if (!it.used) return Verdict::kMisordered;
      if (fingerprint != it.fingerprint) return Verdict::kFalseRetry;
      if (it.running) return Verdict::kRunning;
      return it.cached ? Verdict::kReplay : Verdict::kUncached;
    }
    if (sequence != it.sequence + 1 || it.running) return Verdict::kMisordered;
    it = Slot{.reply = {}, .fingerprint = fingerprint, .sequence = sequence, .used = true, .running = true};
    ++running_;
    return Verdict::kNew;
  }

  /// Null: nothing is kept of the reply.
  void finish(uint32_t slot, const BytesView* reply) {
    Slot& it = slots_[slot];
    TP_CHECK(it.running);
    it.running = false;
    --running_;
    it.cached = reply != nullptr;
    if (reply != nullptr) it.reply = Bytes(*reply);
  }

  /// After kReplay.
  const Bytes& reply(uint32_t slot) const { return slots_[slot].reply; }

 private:
  struct Slot {
    Bytes reply;
    uint64_t fingerprint = 0;
    uint32_t sequence = 0;
    bool used = false, running = false, cached = false;
  };
  std::vector<Slot> slots_;
  uint32_t running_ = 0;
};

}  // namespace tp::nfs::state
