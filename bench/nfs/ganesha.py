"""nfs-ganesha as a peer: its own file system below a directory, NFSv3 and NFSv4 over TCP on free ports of loopback.

NFSv3 registers with rpcbind and needs one that answers, so both run in a process and mount namespace of their own with
an empty /run. rpcbind's port 111 is the network namespace's: run this in one of its own (run_nfs.sh does).
"""

import pathlib
import shutil
import socket
import subprocess
import time

import peers

CONFIGURATION = """
NFS_CORE_PARAM {{
  NFS_Port = {port}; MNT_Port = {mount_port}; NLM_Port = {lock_port}; Rquota_Port = {quota_port};
  Bind_addr = 127.0.0.1; Protocols = 3, 4; mount_path_pseudo = true;
  Enable_UDP = false; Enable_NLM = false; Enable_RQUOTA = false;
}}
NFSV4 {{
  RecoveryBackend = fs; RecoveryRoot = {directory}/recovery; Graceless = true; Lease_Lifetime = 30;
  Only_Numeric_Owners = true; Minor_Versions = 1, 2;
}}
EXPORT {{
  Export_Id = 7; Path = {files}; Pseudo = {export}; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  Protocols = 3, 4; Transports = TCP; FSAL {{ Name = VFS; }}
}}
LOG {{ Default_Log_Level = WARN; }}
"""
PROGRAMS = ("ganesha.nfsd", "rpcbind", "unshare")
START_LIMIT_S = 30


def missing_programs():
    return [name for name in PROGRAMS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]


class Ganesha:
    """FSAL_VFS over DIRECTORY/files, exported as /bench, without root squash."""

    export = "/bench"

    def __init__(self, directory):
        directory = pathlib.Path(directory)
        files = directory / "files"
        for folder in (files, directory / "recovery"):
            folder.mkdir(parents=True, exist_ok=True)
        self.port, self.mount_port, lock_port, quota_port = (peers.free_port() for _ in range(4))
        self.log_path = directory / "ganesha.log"
        configuration = directory / "ganesha.conf"
        configuration.write_text(CONFIGURATION.format(
            port=self.port, mount_port=self.mount_port, lock_port=lock_port, quota_port=quota_port,
            directory=directory, files=files, export=self.export))
        script = (f"mount -t tmpfs none /run && mkdir -p /run/rpcbind && rpcbind || exit 1; "
                  f"exec ganesha.nfsd -F -L {self.log_path} -f {configuration} -p {directory}/ganesha.pid -N NIV_WARN")
        self.start_log = directory / "start.log"
        with open(self.start_log, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", script],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait()

    def wait(self):
        """Until both ports take connections."""
        end = time.monotonic() + START_LIMIT_S
        for port in (self.port, self.mount_port):
            while True:
                if self.process.poll() is not None or time.monotonic() > end:
                    log = "".join(path.read_text() for path in (self.start_log, self.log_path) if path.exists())
                    self.stop()
                    raise RuntimeError("nfs-ganesha did not start: " + log[-2000:])
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)

    def stop(self):
        """At once: everything in its process namespace goes with its first process."""
        self.process.kill()
        self.process.wait()
