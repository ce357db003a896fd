#include "cache/spaces/state_file.h"

#include <nlohmann/json.hpp>

#include "base/hash/crc.h"

namespace tp::cache {
namespace {

constexpr std::string_view kMagic = "TPCSTATE";
constexpr size_t kHeadBytes = 32;  // magic, number, text bytes, checksum of number, bytes and text, zeros
constexpr uint64_t kMostTextBytes = 256 << 20;

struct CountField {
  const char* name;
  uint64_t LedgerCounts::*member;
};
constexpr CountField kCounts[] = {
    {"lookups", &LedgerCounts::lookups},
    {"hits_dram", &LedgerCounts::hits_dram},
    {"hits_flash", &LedgerCounts::hits_flash},
    {"misses", &LedgerCounts::misses},
    {"hit_tokens_dram", &LedgerCounts::hit_tokens_dram},
    {"hit_tokens_flash", &LedgerCounts::hit_tokens_flash},
    {"miss_tokens", &LedgerCounts::miss_tokens},
    {"hit_bytes_dram", &LedgerCounts::hit_bytes_dram},
    {"hit_bytes_flash", &LedgerCounts::hit_bytes_flash},
    {"writes", &LedgerCounts::writes},
    {"written_bytes", &LedgerCounts::written_bytes},
    {"written_tokens", &LedgerCounts::written_tokens},
    {"evictions", &LedgerCounts::evictions},
    {"evicted_bytes", &LedgerCounts::evicted_bytes},
    {"evicted_tokens", &LedgerCounts::evicted_tokens},
    {"expired", &LedgerCounts::expired},
    {"corrupt", &LedgerCounts::corrupt},
    {"refused", &LedgerCounts::refused},
};

std::string head_of(uint64_t number, const std::string& text) {
  std::string head(kMagic);
  append_be<uint64_t>(head, number);
  append_be<uint64_t>(head, text.size());
  append_be<uint32_t>(head, crc32c(crc32c(0, BytesView(head).substr(kMagic.size())), text));
  head.resize(kHeadBytes, '\0');
  return head;
}

}  // namespace

std::string state_text(const VolumeState& state) {
  // Names may be any bytes: they are written as hexadecimal.
  nlohmann::json spaces = nlohmann::json::array();
  for (const auto& [identity, tenant] : state.spaces) spaces.push_back({to_hex(identity), to_hex(tenant)});
  nlohmann::json ledger = nlohmann::json::object();
  for (const auto& [tenant, counts] : state.ledger) {
    nlohmann::json one = nlohmann::json::object();
    for (const CountField& field : kCounts) one[field.name] = counts.*field.member;
    one["saved_seconds"] = counts.saved_seconds;
    one["saved_dollars"] = counts.saved_dollars;
    ledger[to_hex(tenant)] = std::move(one);
  }
  nlohmann::json all = nlohmann::json::object();
  all["spaces"] = std::move(spaces);
  all["ledger"] = std::move(ledger);
  return all.dump();
}

Result<VolumeState> parse_state(const std::string& text) {
  const auto unhex = [](const nlohmann::json& json) {
    const auto& hex = json.get_ref<const std::string&>();
    std::string bytes(hex.size() / 2, '\0');
    if (!from_hex(hex, bytes)) throw nlohmann::json::other_error::create(501, "not hexadecimal", &json);
    return bytes;
  };
  try {
    const nlohmann::json all = nlohmann::json::parse(text);
    VolumeState state;
    for (const auto& space : all.at("spaces")) state.spaces.emplace_back(unhex(space.at(0)), unhex(space.at(1)));
    for (const auto& [tenant, one] : all.at("ledger").items()) {
      LedgerCounts counts;
      for (const CountField& field : kCounts) counts.*field.member = one.at(field.name).get<uint64_t>();
      counts.saved_seconds = one.at("saved_seconds").get<double>();
      counts.saved_dollars = one.at("saved_dollars").get<double>();
      state.ledger[unhex(nlohmann::json(tenant))] = counts;
    }
    return state;
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::kCorruption, std::string("cache volume state: ") + error.what());
  }
}

Task<StateFile::Slot> StateFile::read(uint64_t slot) {
  TP_CO_TRY(const auto file, co_await files_->open(path(slot), io::OpenMode::kRead, io::Caching::kBuffered));
  char head[kHeadBytes];
  TP_CO_TRY_VOID(co_await file->read_at(0, head));
  Slot found;
  found.number = get_be<uint64_t>(head + 8);
  const auto bytes = get_be<uint64_t>(head + 16);
  TP_CO_TRY(const uint64_t size, file->size());
  if (bytes > kMostTextBytes || bytes + kHeadBytes > size) co_return fail(Code::kCorruption, "state: bad length");
  found.text.resize(bytes);
  TP_CO_TRY_VOID(co_await file->read_at(kHeadBytes, found.text));
  if (BytesView(head, kHeadBytes) != head_of(found.number, found.text)) {
    co_return fail(Code::kCorruption, "state: wrong checksum");
  }
  co_return found;
}

Task<VolumeState> StateFile::load() {
  VolumeState state;
  for (uint64_t slot = 0; slot < 2; ++slot) {
    const auto found = co_await read(slot);
    if (!found || found->number <= number_) continue;
    auto parsed = parse_state(found->text);
    if (!parsed) continue;
    state = std::move(*parsed);
    number_ = found->number;
    saved_ = found->text;
  }
  co_return state;
}

Task<void> StateFile::save(VolumeState state) {
  std::string text = state_text(state);
  if (text == saved_) co_return ok;
  const std::string name = path(number_ + 1);
  auto file = co_await files_->open(name, io::OpenMode::kReadWrite, io::Caching::kBuffered);
  const bool made = !file;
  if (made) file = co_await files_->open(name, io::OpenMode::kCreate, io::Caching::kBuffered);
  if (!file) co_return fail(std::move(file).error());
  const std::string bytes = head_of(number_ + 1, text) + text;
  TP_CO_TRY_VOID(co_await (*file)->write_at(0, bytes));
  TP_CO_TRY_VOID(co_await (*file)->sync());
  if (made) TP_CO_TRY_VOID(co_await files_->sync_directory(directory_));
  ++number_;
  saved_ = std::move(text);
  co_return ok;
}

}  // namespace tp::cache
