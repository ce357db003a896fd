"""Cases that run in the guest, each in an empty folder of its own on the mount: a line of output each, and the exit
status says whether all held."""

import contextlib
import os
import sys
import time
import traceback

VERSION = os.environ.get("NFS_VERSION", "4.2")
CASES = []


def case(since="3"):
    """Marks a case; it runs for this version of NFS and later ones."""
    def mark(function):
        if float(VERSION) >= float(since):
            CASES.append(function)
        return function
    return mark


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r:.300}, expected {want!r:.300}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


@contextlib.contextmanager
def fails(error_number):
    """The block must end in this errno."""
    try:
        yield
    except OSError as error:
        same(error.errno, error_number, "errno")
    else:
        raise AssertionError(f"it succeeded, expected errno {error_number}")


def put(path, data=b""):
    with open(path, "wb") as handle:
        handle.write(data)


def got(path):
    with open(path, "rb") as handle:
        return handle.read()


def in_child(function, uid=None, gid=None):
    """Runs the function in another process, as somebody else if asked; its exception is this one's."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if gid is not None:
                os.setgroups([])
                os.setresgid(gid, gid, gid)
            if uid is not None:
                os.setresuid(uid, uid, uid)
            function()
        except BaseException:  # pylint: disable=broad-except
            os.write(into, traceback.format_exc().encode()[-3000:])
        os._exit(0)
    os.close(into)
    said = b""
    while piece := os.read(out, 4096):
        said += piece
    os.close(out)
    os.waitpid(child, 0)
    if said:
        raise AssertionError("in the other process: " + said.decode())


def run():
    """All cases, or those named on the command line."""
    home, bad = os.getcwd(), 0
    for function in CASES:
        if sys.argv[1:] and function.__name__ not in sys.argv[1:]:
            continue
        folder = os.path.join(home, function.__name__)
        os.mkdir(folder)
        os.chdir(folder)
        start = time.monotonic()
        try:
            function()
            print(f"ok {function.__name__} {time.monotonic() - start:.2f} s", flush=True)
        except BaseException:  # pylint: disable=broad-except
            bad += 1
            print(f"FAILED {function.__name__}\n{traceback.format_exc()[-2000:]}", flush=True)
        os.chdir(home)
    sys.exit(1 if bad or not CASES else 0)
