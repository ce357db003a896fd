// Call: one run of a command: its words, the section over its keys, its reply. A command looks at its entries, says
// what it needs that lies on flash, and only then changes anything: where something is missing it returns, and runs
// again from its beginning when that has been loaded. Spec: docs/protocols/redis.md#how-a-command-runs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "cache/cache_volume.h"
#include "front/redis/core/client.h"
#include "front/redis/core/reply.h"

namespace tp::redis {

/// An entry as the section sees it, with its bytes where they were in memory or have been loaded.
struct Found {
  cache::EntryView seen;
  cache::Value value;
  bool loaded = false;
  BytesView bytes() const { return value.view(); }
};

/// Values that were loaded from flash for a command or a transaction, by key; used while the version is the same.
class LoadedValues {
 public:
  void add(Bytes key, cache::EntryView seen, cache::Value value) {
    entries_.insert_or_assign(std::move(key), Entry{std::move(seen), std::move(value)});
  }
  struct Entry {
    cache::EntryView seen;
    cache::Value value;
  };
  const Entry* find(BytesView key) const {
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &at->second;
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(BytesView key) const { return std::hash<BytesView>()(key); }
  };
  std::unordered_map<Bytes, Entry, Hash, std::equal_to<>> entries_;
};

class Call {
 public:
  Call(Client& client_in, const Command& command_in, const Arguments& arguments, Reply& reply_in)
      : client(client_in), command(command_in), reply(reply_in), arguments_(arguments) {}

  Client& client;
  const Command& command;
  Reply& reply;

  size_t count() const { return arguments_.views.size(); }
  BytesView operator[](size_t index) const { return arguments_.views[index]; }
  /// An argument as a value: without a copy where it came as one.
  cache::Value value_of(size_t index) const;
  const Arguments& arguments() const { return arguments_; }
  /// The command's keys, by the table.
  void keys(std::vector<BytesView>* out) const;

  int64_t now_ms() const { return client.core.wall_ms(); }
  cache::CacheVolume& volume() const { return client.volume(); }
  cache::Space& space() const { return *client.space(); }
  bool in_section() const { return section_ != nullptr; }

  // Looking.
  std::optional<Found> find(BytesView key);
  /// Whether its bytes are here. If not they are asked for: return, and the command runs again.
  bool have(BytesView key, const Found& found);
  /// find(), type and have() in one: false if there is nothing to do now (WRONGTYPE is answered, or bytes are missing).
  bool look(BytesView key, cache::ValueType type, std::optional<Found>* found);
  /// Answers WRONGTYPE unless it is of that type.
  bool is_type(const Found& found, cache::ValueType type);
  void hit(BytesView key, const Found& found);
  void miss(BytesView key) { section_->count_miss(key); }

  // Changing. False: return; an error has been answered or the command runs again.
  bool has_room(uint64_t bytes);
  bool put(BytesView key, cache::Value value, const cache::PutOptions& options);
  /// Over a present entry: keeps its expiry and what is known of it.
  bool replace(BytesView key, cache::Value value, const Found& old);
  bool erase(BytesView key) { return section_->erase(key); }
  bool set_expiry(BytesView key, int64_t expires_ms) { return section_->set_expiry(key, expires_ms); }
  bool set_pinned(BytesView key, bool pinned) { return section_->set_pinned(key, pinned); }

  /// The command's run_slow() does it.
  void go_slow() { slow_ = true; }

  // Errors that many commands answer.
  void wrong_arity();
  void syntax_error() { reply.error("ERR syntax error"); }
  void engine_error(const Error& error);

  // What the runner looks at.
  struct Wanted {
    Bytes key;
    cache::EntryView seen;
  };
  void enter(cache::CacheVolume::Section* section, const LoadedValues* loaded, bool in_transaction) {
    section_ = section;
    loaded_ = loaded;
    in_transaction_ = in_transaction;
  }
  bool complete() const { return !slow_ && wanted_.empty() && room_bytes_ == 0; }
  bool slow() const { return slow_; }
  uint64_t room_bytes() const { return room_bytes_; }
  std::vector<Wanted> take_wanted() { return std::exchange(wanted_, {}); }
  void again() {
    slow_ = false;
    room_bytes_ = 0;
    wanted_.clear();
  }

 private:
  const Arguments& arguments_;
  cache::CacheVolume::Section* section_ = nullptr;
  const LoadedValues* loaded_ = nullptr;
  bool in_transaction_ = false;  // under EXEC's section: what is missing now cannot be waited for
  bool slow_ = false;
  uint64_t room_bytes_ = 0;
  std::vector<Wanted> wanted_;
};

/// The keys of a command's words, by the table.
void keys_of(const Command& command, const Arguments& arguments, std::vector<BytesView>* out);

}  // namespace tp::redis
