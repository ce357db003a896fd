#include "plane/check/passes/volume_pass.h"

#include <unordered_set>

#include "meta/journal.h"
#include "meta/keys.h"
#include "meta/user_record.h"

namespace tp::plane {

Result<bool> VolumePass::step() {
  if (journal_ == nullptr) {
    TP_TRY_VOID(check_volumes());
    TP_TRY_VOID(check_users());
    journal_ = view_.iterate(kv::Space::kJournal, Bytes(), Bytes());
    journal_->seek({});
    return true;
  }
  for (size_t done = 0; done < kRecordsPerStep; ++done) {
    if (!journal_->valid()) {
      TP_TRY_VOID(journal_->status());
      return false;
    }
    findings_.count_record();
    if (const auto change = meta::decode_change(journal_->value()); !change) {
      findings_.add("corrupt-journal", "journal " + to_hex(journal_->key()), change.error().message);
    }
    journal_->next();
  }
  return true;
}

Result<void> VolumePass::check_volumes() {
  std::unordered_set<VolumeId> ids;
  const auto visit = [&](BytesView key, BytesView value) {
    findings_.count_record();
    const std::string name = printable(key.substr(1));
    const auto volume = meta::decode_volume(value);
    if (!volume) {
      findings_.add("corrupt-volume", name, volume.error().message);
    } else if (meta::volume_key(volume->name) != key) {
      findings_.add("corrupt-volume", name, "the record is that of " + printable(volume->name));
    } else if (!ids.insert(volume->id).second || (!volume->base_at && findings_.volumes().contains(volume->root))) {
      findings_.add("corrupt-volume", name, "another volume has the same id or root");
    } else if (!volume->base_at) {  // a clone has the root of its base
      findings_.know_volume(*volume);
    }
    return true;
  };
  return view_.scan(kv::Space::kMeta, meta::volumes_begin(), meta::volumes_end(), visit);
}

Result<void> VolumePass::check_users() {
  const auto visit = [&](BytesView key, BytesView value) {
    findings_.count_record();
    const auto user = meta::decode_user(value);
    if (!user) {
      findings_.add("corrupt-user", "user " + printable(key.substr(1)), user.error().message);
    } else if (meta::user_key(user->id) != key) {
      findings_.add("corrupt-user", "user " + printable(key.substr(1)), "the record is another user's");
    }
    return true;
  };
  return view_.scan(kv::Space::kMeta, meta::users_begin(), meta::users_end(), visit);
}

}  // namespace tp::plane
