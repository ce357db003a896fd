#include "front/nfs/state/client_records.h"

#include <utility>

namespace tp::nfs::state {

namespace {

constexpr std::string_view kPrefix = "nfs4/client/";
constexpr char kVersion = 1;  // first byte of a record, the owner behind it

}  // namespace

Task<void> ClientRecords::load(plane::Files& files, NfsStateOptions* options) {
  TP_CO_TRY(const auto records, co_await files.notes(std::string(kPrefix)));
  for (const auto& [name, value] : records) {
    // One of a later version is nobody whom this one could know again.
    if (!value.empty() && value[0] == kVersion) options->reclaimers.push_back(value.substr(1));
    options->old_records.push_back(name);
  }
  co_return ok;
}

Task<void> ClientRecords::settle(ClientId client) {
  const NfsState::RecordWork work = state_.record_work(client);
  // Removals first: what another may have had since must not be reclaimed by who lost it.
  for (const std::string& name : work.remove) {
    TP_CO_TRY_VOID(co_await files_.set_note(name, std::nullopt));
  }
  if (!work.write.empty()) {
    Bytes value(1, kVersion);
    value += work.owner;
    TP_CO_TRY_VOID(co_await files_.set_note(work.write, std::optional<Bytes>(std::move(value))));
  }
  state_.record_done(client, work);
  co_return ok;
}

}  // namespace tp::nfs::state
