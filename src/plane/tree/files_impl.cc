#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {

/// Cookies outlive a restart, so their key is the store's own.
HashKey cookie_key(const meta::MetaStore& meta) {
  return {sip_hash({1, 0}, meta.store_id()), sip_hash({2, 0}, meta.store_id())};
}

}  // namespace

FilesImpl::FilesImpl(Core& core)
    : core_(core), cursors_(cookie_key(core.meta)), entries_(core, cookie_key(core.meta)) {}

}  // namespace tp::plane
