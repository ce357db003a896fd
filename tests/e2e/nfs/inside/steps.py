"""Parts that play together with the host: each step is a file in the folder shared with it."""

import errno
import fcntl
import os
import select
import sys
import time

from cases import fails, got, holds, same

SHARED = "/run/guest"
LIMIT_S = 120


def tell(step):
    with open(f"{SHARED}/{step}.new", "wb"):
        pass
    os.rename(f"{SHARED}/{step}.new", f"{SHARED}/{step}")


def wait_for(step):
    end = time.monotonic() + LIMIT_S
    while not os.path.exists(f"{SHARED}/{step}"):
        holds(time.monotonic() < end, f"the host never came to {step}")
        select.select([], [], [], 0.02)  # nothing tells a guest of a file that the host makes


def past_the_cache(handle, size):
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    return os.pread(handle, size, 0)


def replaced_over_s3():
    """A file that is open keeps its bytes though S3 puts another in its place, which who opens the name then gets,
    whatever the kernel remembers of the name."""
    handle = os.open("replaced", os.O_RDONLY)
    same(os.pread(handle, 3, 0), b"old")
    tell("open")
    wait_for("replaced")
    same(past_the_cache(handle, 1 << 20), b"old" * 100_000)
    same(got("replaced"), b"new" * 50_000)
    same(os.stat("replaced").st_size, 150_000, "size")
    same(past_the_cache(handle, 1 << 20), b"old" * 100_000)
    os.close(handle)
    same(got("replaced"), b"new" * 50_000)


def record(number):
    return b"%015d\n" % number


def through_a_restart():
    """Writes, syncs and holds a lock while the server dies and comes back."""
    handle = os.open("journal", os.O_CREAT | os.O_RDWR)
    fcntl.lockf(handle, fcntl.LOCK_EX, 16, 1 << 30)
    loose = os.open("loose", os.O_CREAT | os.O_RDWR)
    number, end = 0, None
    while end is None or time.monotonic() < end:
        os.pwrite(handle, record(number), 16 * number)
        os.pwrite(loose, record(number) * 256, 4096 * number)  # the cache sends these when it likes
        if number % 8 == 0:
            os.fsync(handle)
        number += 1
        if number == 50:
            tell("writing")
        if end is None and os.path.exists(f"{SHARED}/restarted"):
            end = time.monotonic() + 3
    os.fsync(handle)
    os.fsync(loose)
    for file, size, repeat in ((handle, 16 * number, 1), (loose, 4096 * number, 256)):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        same(os.fstat(file).st_size, size, "size")
        for at in range(number):
            same(os.pread(file, 16 * repeat, 16 * repeat * at), record(at) * repeat, f"record {at} of {number}")
    tell("written")
    wait_for("tried")
    os.close(handle)
    os.close(loose)
    tell("unlocked")
    print(f"{number} records", flush=True)


def another_client():
    """A second machine: it gets no lock that the first one holds, also after the restart."""
    wait_for("try")
    handle = os.open("journal", os.O_RDWR)
    with fails(errno.EAGAIN):
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 16, 1 << 30)
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 16, 1 << 31)
    tell("tried")
    wait_for("unlocked")
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 16, 1 << 30)
    os.close(handle)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
