#!/usr/bin/env python3
"""A real Linux kernel as an NFS client: Debian's user-mode-linux, its root file system the machine's own (so a command
can do there what it could do here), in a network namespace of its own, with a relay to a server on loopback.

by hand: guest.py --vers 3|4.1|4.2 --port PORT --export /NAME 'command'      (status 77: it cannot run here)
"""

import argparse
import glob
import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

from relay import Relay

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = {"linux.uml": "user-mode-linux", "mount.nfs": "nfs-common", "busybox": "busybox-static", "ip": "iproute2"}
HOST_ADDRESS, GUEST_ADDRESS = "10.0.2.2", "10.0.2.15"
SKIPPED = 77
counter = itertools.count()


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, env={"PATH": PATH})


def modules_of(*wanted):
    """The files of the guest kernel's modules, each after those it needs."""
    folder = sorted(glob.glob("/usr/lib/uml/modules/*"))[-1]
    files = []
    with open(os.path.join(folder, "modules.dep"), encoding="utf-8") as handle:
        for line in handle:
            module, _, needs = line.partition(":")
            if os.path.basename(module).split(".ko")[0] in wanted:
                files += [*reversed(needs.split()), module]
    return [os.path.join(folder, name) for name in dict.fromkeys(files)]


def why_not():
    """Why no guest can run here; None if one can."""
    for program, package in PROGRAMS.items():
        if shutil.which(program, path=PATH) is None:
            return f"there is no {program} (Debian package {package})"
    if not glob.glob("/usr/lib/uml/modules/*/modules.dep"):
        return "the modules of user-mode-linux are missing"
    if os.geteuid() != 0:
        return "it takes root to make a network namespace"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    name = f"tp-probe-{os.getpid()}"
    try:
        ip("netns", "add", name)
        ip("netns", "delete", name)
    except subprocess.CalledProcessError as error:
        return "no network namespace can be made here: " + error.stderr.decode().strip()
    return None


class Guest:
    """One boot. `folder` is shared: /run/guest in the guest."""

    def __init__(self, version, port, export, options="", memory="768M"):
        self.name = f"tp-{os.getpid()}-{next(counter)}"
        self.folder = tempfile.mkdtemp(prefix="tokenplane-guest-")
        self.memory = memory
        self.process = self.relay = None
        mount_options = f"vers={version},port={port},proto=tcp,timeo=100,retrans=3"
        if version.startswith("3"):
            mount_options += f",mountport={port},mountproto=tcp,nolock"
        settings = {"host_name": self.name, "address": GUEST_ADDRESS + "/24", "server": HOST_ADDRESS, "export": export,
                    "options": mount_options + (f",{options}" if options else ""),
                    "modules": " ".join(modules_of("nfsv3", "nfsv4"))}
        self.write("settings", "".join(f"{key}={shlex.quote(value)}\n" for key, value in settings.items()))
        ip("netns", "add", self.name)
        try:
            ip("-n", self.name, "link", "set", "lo", "up")
            ip("netns", "exec", self.name, "ip", "tuntap", "add", "dev", "tap0", "mode", "tap")
            ip("-n", self.name, "address", "add", HOST_ADDRESS + "/24", "dev", "tap0")
            ip("-n", self.name, "link", "set", "tap0", "up")
            self.relay = Relay(self.name, HOST_ADDRESS, port)
        except BaseException:
            self.close()
            raise

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name) + ".new", "w", encoding="utf-8") as handle:
            handle.write(text)
        os.rename(self.path(name) + ".new", self.path(name))

    def start(self, command):
        """Boots, mounts and begins the command, a line of bash run in the mount."""
        self.write("command", command + "\n")
        self.output = open(self.path("console.log"), "wb")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.name, "linux.uml", f"mem={self.memory}", "root=/dev/root", "rootfstype=hostfs",
             "rootflags=/", "rw", f"init={HERE}/guest_init.sh", f"GUEST={self.folder}", "quiet", "loglevel=2",
             "vec0:transport=tap,ifname=tap0,depth=64,gro=1", "con=null", "con0=null,fd:1", "con1=null,fd:1"],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, start_new_session=True,
            env={"PATH": PATH, "HOME": "/root", "TMPDIR": "/dev/shm"})
        return self

    def console(self):
        with open(self.path("console.log"), encoding="utf-8", errors="replace") as handle:
            return handle.read().replace("\r", "")

    def kernel_log(self):
        """What the guest's kernel said of NFS, RPC and of trouble, until its end."""
        try:
            with open(self.path("kernel.log"), encoding="utf-8", errors="replace") as handle:
                return handle.read()
        except FileNotFoundError:
            return ""

    def finish(self, timeout_s=600):
        """Waits for the end; the command's exit status, or None if there is none."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        try:
            with open(self.path("status"), encoding="ascii") as handle:
                return int(handle.read())
        except (FileNotFoundError, ValueError):
            return None

    def close(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.relay:
            self.relay.close()
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True, env={"PATH": PATH})
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vers", default="4.2")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--export", required=True)
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("command")
    wanted = parser.parse_args()
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    guest = Guest(wanted.vers, wanted.port, wanted.export)
    try:
        status = guest.start(wanted.command).finish(wanted.timeout)
        print(guest.console(), guest.kernel_log(), sep="", end="")
        return 98 if status is None else status
    finally:
        guest.close()


if __name__ == "__main__":
    sys.exit(main())
