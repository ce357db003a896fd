// All operations. Each stands at its arguments in `compound.in`, and writes what follows its status. An error is the
// status that status4_of() makes of it.
#pragma once

#include "front/nfs/v4/compound.h"

namespace tp::nfs::v4::ops {

// handles/
Status put_fh(Compound& compound);
Status put_root_fh(Compound& compound);
Status save_fh(Compound& compound);
Status restore_fh(Compound& compound);
Status get_fh(Compound& compound);
Task<Status> access(Compound& compound);
Task<Status> get_attr(Compound& compound);
Task<Status> set_attr(Compound& compound);
Task<Status> verify(Compound& compound);
Task<Status> nverify(Compound& compound);
Task<Status> sec_info(Compound& compound);
Task<Status> sec_info_no_name(Compound& compound);
Task<Status> get_xattr(Compound& compound);
Task<Status> set_xattr(Compound& compound);
Task<Status> list_xattrs(Compound& compound);
Task<Status> remove_xattr(Compound& compound);

// session/
Status sequence(Compound& compound);
Status exchange_id(Compound& compound);
Status create_session(Compound& compound);
Status destroy_session(Compound& compound);
Status bind_conn_to_session(Compound& compound);
Status backchannel_ctl(Compound& compound);
Status destroy_client_id(Compound& compound);
Task<Status> reclaim_complete(Compound& compound);
Status test_stateid(Compound& compound);
Status free_stateid(Compound& compound);

// names/
Task<Status> lookup(Compound& compound);
Task<Status> lookup_parent(Compound& compound);
Task<Status> create(Compound& compound);
Task<Status> link(Compound& compound);
Task<Status> remove(Compound& compound);
Task<Status> rename(Compound& compound);
Task<Status> read_dir(Compound& compound);
Task<Status> read_link(Compound& compound);

// opens/
Task<Status> open(Compound& compound);
Task<Status> close(Compound& compound);
Status open_downgrade(Compound& compound);
Task<Status> lock(Compound& compound);
Task<Status> test_lock(Compound& compound);
Status unlock(Compound& compound);

// content/
Task<Status> read(Compound& compound);
Task<Status> write(Compound& compound);
Task<Status> commit(Compound& compound);
Task<Status> allocate(Compound& compound);
Task<Status> deallocate(Compound& compound);
Task<Status> seek(Compound& compound);
Task<Status> copy(Compound& compound);
Task<Status> clone(Compound& compound);
Status io_advise(Compound& compound);

}  // namespace tp::nfs::v4::ops
