"""POSIX on bytes, as the kernel's client sees it."""

import ctypes
import errno
import fcntl
import mmap
import os
import random
import select

from cases import case, fails, got, holds, in_child, put, run, same

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
FICLONE = 0x40049409
PUNCH, KEEP_SIZE = 2, 1


def allocate(handle, mode, offset, size):
    """fallocate with a mode, which python does not have."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if libc.fallocate(handle, mode, offset, size) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def fresh(path):
    """The bytes as the server has them: past the client's cache."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        return got(path)
    finally:
        os.close(handle)


@case()
def what_is_written_is_read():
    chance = random.Random(1)
    for size in (0, 1, 4095, 4096, 65535, 65536, 65537, 300_000, 9 * MIB + 5):
        data = chance.randbytes(size)
        put("f", data)
        same(os.stat("f").st_size, size)
        holds(fresh("f") == data, f"other bytes of {size}")


@case()
def random_writes_end_up_in_their_places():
    chance = random.Random(2)
    model = bytearray(2 * MIB)
    handle = os.open("f", os.O_CREAT | os.O_RDWR)
    os.ftruncate(handle, len(model))
    for turn in range(600):
        data = chance.randbytes(chance.choice((1, 100, 4096, 5000, 70_000)))
        at = chance.randrange(len(model) - len(data))
        os.pwrite(handle, data, at)
        model[at:at + len(data)] = data
        if turn % 100 == 0:
            os.fsync(handle)
    os.close(handle)
    holds(fresh("f") == bytes(model), "other bytes")


@case()
def truncation_works_both_ways():
    put("f", b"x" * 100_000)
    os.truncate("f", 10)
    same(fresh("f"), b"x" * 10)
    os.truncate("f", 70_000)
    holds(fresh("f") == b"x" * 10 + bytes(69_990), "zeros after the old end")
    with open("f", "r+b") as handle:
        handle.truncate(0)
        handle.write(b"new")
    same(fresh("f"), b"new")
    put("f", b"shorter")
    same(fresh("f"), b"shorter")


@case()
def appends_go_to_the_end():
    one = os.open("f", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    two = os.open("f", os.O_WRONLY | os.O_APPEND)
    for number in range(20):
        os.write(one if number % 2 else two, b"%04d" % number)
    os.close(one)
    os.close(two)
    same(fresh("f"), b"".join(b"%04d" % number for number in range(20)))


@case()
def an_open_file_outlives_its_name():
    put("f", b"a" * 200_000)
    handle = os.open("f", os.O_RDWR)
    os.unlink("f")
    os.pwrite(handle, b"b", 5)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    same(os.pread(handle, 10, 0), b"aaaaabaaaa")
    same(os.fstat(handle).st_size, 200_000)
    with fails(errno.ENOENT):
        os.stat("f")
    os.close(handle)
    # Version 3 hides such a file under another name, which goes a moment after the last close.
    for _ in range(200):
        if os.listdir():
            select.select([], [], [], 0.02)
    same(os.listdir(), [])


@case()
def a_replaced_file_keeps_its_bytes_for_who_has_it_open():
    put("f", b"old")
    handle = os.open("f", os.O_RDONLY)
    put("g", b"new")
    os.rename("g", "f")
    same(os.pread(handle, 10, 0), b"old")
    same(got("f"), b"new")
    os.close(handle)


@case()
def files_may_be_sparse_and_large():
    handle = os.open("f", os.O_CREAT | os.O_RDWR)
    os.pwrite(handle, b"start", 0)
    os.pwrite(handle, b"end", 5 * 1024 * GIB)
    os.fsync(handle)
    status = os.fstat(handle)
    same(status.st_size, 5 * 1024 * GIB + 3)
    holds(status.st_blocks * 512 < 10 * MIB, f"{status.st_blocks} blocks in use")
    same(os.pread(handle, 100, 5 * 1024 * GIB - 50), bytes(50) + b"end")
    os.close(handle)


@case()
def memory_maps_reach_the_file():
    put("f", bytes(100_000))
    with open("f", "r+b") as handle, mmap.mmap(handle.fileno(), 0) as view:
        view[50_000:50_005] = b"hello"
        view.flush()
    same(fresh("f")[49_999:50_006], b"\0hello\0")


@case()
def locks_bind_another_process():
    put("f", b"x" * 100)
    handle = os.open("f", os.O_RDWR)
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 0)

    def other():
        mine = os.open("f", os.O_RDWR)
        with fails(errno.EAGAIN):
            fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5)
        with fails(errno.EAGAIN):
            fcntl.lockf(mine, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 0)
        fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 10)
    in_child(other)
    fcntl.lockf(handle, fcntl.LOCK_UN, 5, 0)
    in_child(lambda: fcntl.lockf(os.open("f", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 0))
    os.close(handle)
    whole = os.open("f", os.O_RDWR)
    fcntl.flock(whole, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def refused():
        with fails(errno.EAGAIN):
            fcntl.flock(os.open("f", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)
    in_child(refused)
    os.close(whole)
    in_child(lambda: fcntl.flock(os.open("f", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB))


@case()
def direct_io_is_served():
    handle = os.open("f", os.O_CREAT | os.O_RDWR | os.O_DIRECT)
    page = mmap.mmap(-1, 64 * KIB)
    page[:] = bytes(range(256)) * 256
    for number in range(4):
        os.pwrite(handle, page, number * 64 * KIB)
    page[:] = bytes(64 * KIB)
    same(os.preadv(handle, [page], 3 * 64 * KIB), 64 * KIB)
    same(page[:], bytes(range(256)) * 256)
    os.close(handle)


@case(since="4.2")
def holes_are_punched_and_found():
    data = random.Random(3).randbytes(8 * MIB)
    put("f", data)
    handle = os.open("f", os.O_RDWR)
    allocate(handle, PUNCH | KEEP_SIZE, 2 * MIB, 3 * MIB)
    holds(fresh("f") == data[:2 * MIB] + bytes(3 * MIB) + data[5 * MIB:], "other bytes")
    same(os.lseek(handle, 0, os.SEEK_HOLE), 2 * MIB, "hole")
    same(os.lseek(handle, 2 * MIB, os.SEEK_DATA), 5 * MIB, "data")
    same(os.lseek(handle, 5 * MIB, os.SEEK_HOLE), 8 * MIB, "the hole at the end")
    holds(os.fstat(handle).st_blocks * 512 < 6 * MIB, "the hole takes no room")
    allocate(handle, 0, 0, 12 * MIB)
    same(os.fstat(handle).st_size, 12 * MIB)
    holds(fresh("f")[8 * MIB:] == bytes(4 * MIB), "zeros")
    os.close(handle)


@case(since="4.2")
def copies_and_clones_are_the_servers_work():
    data = random.Random(4).randbytes(9 * MIB + 123)
    put("f", data)
    source = os.open("f", os.O_RDONLY)
    clone = os.open("clone", os.O_CREAT | os.O_RDWR)
    fcntl.ioctl(clone, FICLONE, source)
    os.pwrite(clone, b"changed", 4 * MIB)
    os.close(clone)
    copy = os.open("copy", os.O_CREAT | os.O_RDWR)
    done = 0
    while done < len(data):
        done += os.copy_file_range(source, copy, len(data) - done, done, done)
    os.close(copy)
    os.close(source)
    holds(fresh("clone") == data[:4 * MIB] + b"changed" + data[4 * MIB + 7:], "the clone")
    holds(fresh("copy") == data, "the copy")
    holds(fresh("f") == data, "the source")


if __name__ == "__main__":
    run()
