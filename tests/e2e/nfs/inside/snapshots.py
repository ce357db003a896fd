"""Snapshots as a kernel sees them: .snapshot in every directory. The host takes "first", then at a step of ours
"second"."""

import contextlib
import errno
import functools
import os
import stat
import subprocess

from cases import case, fails, got, holds, put, run, same
from steps import tell, wait_for

HOME = "/mnt/nfs"
THEN = f"{HOME}/.snapshot/first"


@contextlib.contextmanager
def fails_with(*numbers):
    """The block must end in one of these: which one depends on what the kernel asks first."""
    try:
        yield
    except OSError as error:
        holds(error.errno in numbers, f"errno {error.errno}")
    else:
        raise AssertionError("it succeeded")


refused = functools.partial(fails_with, errno.EROFS, errno.EACCES)


@case()
def the_past_is_read_and_the_present_is_not_touched():
    same(got(f"{THEN}/tree/a"), b"one", "then")
    same(got(f"{HOME}/tree/a"), b"two", "now")
    same(got(f"{HOME}/tree/.snapshot/first/a"), b"one", "from within")
    same(sorted(os.listdir(f"{THEN}/tree")), ["a", "gone", "large"], "names then")
    same(sorted(os.listdir(f"{HOME}/tree")), ["a", "large", "new"], "names now")
    with open(f"{THEN}/tree/large", "rb") as handle:
        same(os.pread(handle.fileno(), 5, 3_000_000), b"xxxxx", "large")


@case()
def listings_do_not_show_it():
    same([name for name in os.listdir(HOME) if name == ".snapshot"], [], "root")
    found = subprocess.run(["find", f"{HOME}/tree", "-name", ".snapshot"], capture_output=True, check=True).stdout
    same(found, b"", "find")
    holds(os.path.isdir(f"{HOME}/tree/.snapshot"), "it is there")


@case()
def numbers_tell_them_apart():
    live, dots, then = (os.stat(path) for path in (f"{HOME}/tree", f"{HOME}/tree/.snapshot", f"{THEN}/tree"))
    holds((live.st_dev, live.st_ino) != (dots.st_dev, dots.st_ino), ".snapshot is not its directory")
    holds(live.st_dev != then.st_dev, "a snapshot is a file system")
    same(live.st_ino, then.st_ino, "the same directory")
    same(stat.S_IMODE(dots.st_mode) & 0o222, 0, "mode")
    # No loop, no complaint: find goes through the whole of it.
    found = subprocess.run(["find", HOME + "/.snapshot", "-name", "large"], capture_output=True, check=False)
    same(found.stderr, b"", "find's complaints")
    same(found.stdout.count(b"\n"), len(os.listdir(HOME + "/.snapshot")), "one in each")


@case()
def the_way_up_leads_back():
    os.chdir(f"{HOME}/tree/.snapshot/first")
    same(sorted(os.listdir("..")), sorted(os.listdir(f"{HOME}/tree/.snapshot")), "..")
    same(sorted(os.listdir("../..")), sorted(os.listdir(f"{HOME}/tree")), "../..")
    same(os.getcwd(), f"{HOME}/tree/.snapshot/first", "getcwd")


@case()
def nothing_is_changed():
    for path in (f"{THEN}/tree/new", f"{HOME}/.snapshot/new"):
        with refused():
            put(path)
        with refused():
            os.mkdir(path)
    for change in (lambda: os.unlink(f"{THEN}/tree/a"), lambda: os.truncate(f"{THEN}/tree/a", 0),
                   lambda: os.chmod(f"{THEN}/tree/a", 0o600), lambda: os.rename(f"{THEN}/tree/a", f"{THEN}/tree/b"),
                   lambda: open(f"{THEN}/tree/a", "r+b").close()):
        with refused():
            change()
    with fails(errno.EEXIST):
        os.mkdir(f"{HOME}/tree/.snapshot")
    holds(not os.access(f"{THEN}/tree/a", os.W_OK), "access")
    same(got(f"{THEN}/tree/a"), b"one", "bytes")


@case()
def files_are_copied_back():
    subprocess.run(["cp", "-a", f"{THEN}/tree", "back"], check=True)
    same(sorted(os.listdir("back")), ["a", "gone", "large"], "names")
    same(got("back/gone"), b"soon", "bytes")
    holds(subprocess.run(["cmp", f"{THEN}/tree/large", "back/large"], check=False).returncode == 0, "large")
    subprocess.run(["rm", "-rf", "back"], check=True)


@case()
def one_that_is_taken_meanwhile_shows_up():
    put("mine", b"before")
    handle = os.open("mine", os.O_RDWR)
    same(os.listdir(".snapshot"), [], "this directory is new")
    tell("ready")
    wait_for("taken")
    os.pwrite(handle, b"after!", 0)
    os.fsync(handle)
    os.close(handle)
    same(got(".snapshot/second/mine"), b"before", "then")
    same(got("mine"), b"after!", "now")
    tell("seen")
    wait_for("deleted")
    with fails_with(errno.ENOENT, errno.ESTALE):
        # A name that the kernel has never asked for.
        os.stat(".snapshot/second/other")
    holds(os.path.exists(f"{HOME}/.snapshot/first"), "the other stays")


if __name__ == "__main__":
    run()
