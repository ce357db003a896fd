// The procedures of NFSv3, one function each: reads its arguments, asks the plane, writes its results. kMalformed,
// before anything was done, where the arguments do not parse. Numbers and names: RFC 1813 §3.3; table: nfs_v3.cc.
#pragma once

#include "front/nfs/v3/v3_call.h"

namespace tp::nfs::v3 {

using Procedure = Task<void> (*)(V3Call& call);

Task<void> get_attributes(V3Call& call);   // attributes.cc
Task<void> set_attributes(V3Call& call);
Task<void> access(V3Call& call);
Task<void> look_up(V3Call& call);          // lookup.cc
Task<void> read_link(V3Call& call);
Task<void> read(V3Call& call);             // read.cc
Task<void> write(V3Call& call);            // write.cc
Task<void> commit(V3Call& call);
Task<void> create(V3Call& call);           // create.cc
Task<void> make_directory(V3Call& call);
Task<void> make_link(V3Call& call);        // SYMLINK
Task<void> make_node(V3Call& call);        // MKNOD
Task<void> remove(V3Call& call);           // remove.cc
Task<void> remove_directory(V3Call& call);
Task<void> rename(V3Call& call);           // rename.cc
Task<void> link(V3Call& call);
Task<void> read_directory(V3Call& call);   // read_directory.cc
Task<void> read_directory_plus(V3Call& call);
Task<void> file_system_status(V3Call& call);  // file_system.cc
Task<void> file_system_info(V3Call& call);
Task<void> path_limits(V3Call& call);

}  // namespace tp::nfs::v3
