#include "front/redis/commands/command_table.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace tp::redis {

namespace {

constexpr size_t kSlots = 1024;  // many times the commands: most are alone in their slot
constexpr size_t kLongestName = 24;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Over the lower-case form, which is also what is compared.
size_t slot_of(BytesView name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(lower(c))) * 16777619u;
  return (hash ^ hash >> 15) % kSlots;
}

bool same_name(BytesView name, std::string_view lower_name) {
  if (name.size() != lower_name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (lower(name[i]) != lower_name[i]) return false;
  }
  return true;
}

struct Table {
  std::array<const Command*, kSlots> slots{};
  std::vector<const Command*> sorted;

  Table() {
    for (const auto commands : {string_commands(), hash_commands(), key_commands(), session_commands(),
                                server_commands(), token_commands()}) {
      for (const Command& command : commands) add(&command);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Command* a, const Command* b) { return a->name < b->name; });
  }
  void add(const Command* command) {
    TP_CHECK(command->name.size() <= kLongestName && sorted.size() < kSlots / 2);
    size_t slot = slot_of(command->name);
    while (slots[slot] != nullptr) slot = (slot + 1) % kSlots;
    slots[slot] = command;
    sorted.push_back(command);
  }
};

const Table& table() {
  static const Table made;
  return made;
}

}  // namespace

const Command* find_command(BytesView name) noexcept {
  if (name.size() > kLongestName) return nullptr;
  const Table& commands = table();
  for (size_t slot = slot_of(name); commands.slots[slot] != nullptr; slot = (slot + 1) % kSlots) {
    if (same_name(name, commands.slots[slot]->name)) return commands.slots[slot];
  }
  return nullptr;
}

const std::vector<const Command*>& all_commands() {
  return table().sorted;
}

}  // namespace tp::redis
