#include "front/redis/commands/tokens/tokens.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

void run_tp_stat(Call& call) {
  cache::CacheVolume& volume = call.volume();
  const cache::LedgerCounts ledger = volume.ledger()[call.client.binding().tenant];
  const cache::CacheVolume::Stats stats = volume.stats();
  const cache::CacheSettings settings = volume.settings();
  const std::pair<std::string_view, uint64_t> counts[] = {
      {"lookups", ledger.lookups},
      {"hits_dram", ledger.hits_dram},
      {"hits_flash", ledger.hits_flash},
      {"misses", ledger.misses},
      {"hit_tokens_dram", ledger.hit_tokens_dram},
      {"hit_tokens_flash", ledger.hit_tokens_flash},
      {"miss_tokens", ledger.miss_tokens},
      {"hit_bytes_dram", ledger.hit_bytes_dram},
      {"hit_bytes_flash", ledger.hit_bytes_flash},
      {"writes", ledger.writes},
      {"written_bytes", ledger.written_bytes},
      {"written_tokens", ledger.written_tokens},
      {"evictions", ledger.evictions},
      {"evicted_bytes", ledger.evicted_bytes},
      {"evicted_tokens", ledger.evicted_tokens},
      {"expired", ledger.expired},
      {"corrupt", ledger.corrupt},
      {"refused", ledger.refused},
      {"entries", volume.size(call.space())},
      {"capacity_bytes", settings.capacity_bytes != 0 ? settings.capacity_bytes : settings.dram_bytes},
      {"volume_entries", stats.entries},
      {"volume_dram_bytes", stats.dram_bytes},
      {"volume_flash_bytes", stats.flash_bytes},
      {"volume_pinned", stats.pinned},
      {"volume_leases", stats.leases},
  };
  call.reply.map(std::size(counts) + 5);
  call.reply.bulk("volume");
  call.reply.bulk(volume.name());
  call.reply.bulk("identity");
  call.reply.bulk(call.client.identity().text());
  call.reply.bulk("tenant");
  call.reply.bulk(call.client.binding().tenant);
  for (const auto& [name, value] : counts) {
    call.reply.bulk(name);
    call.reply.integer(static_cast<int64_t>(value));
  }
  call.reply.bulk("saved_seconds");
  call.reply.real(ledger.saved_seconds);
  call.reply.bulk("saved_dollars");
  call.reply.real(ledger.saved_dollars);
}

}  // namespace tp::redis
