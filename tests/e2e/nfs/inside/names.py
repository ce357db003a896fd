"""POSIX on names and attributes, as the kernel's client sees it."""

import errno
import os
import socket
import stat

from cases import case, fails, holds, in_child, put, run, same

LIMIT = 255


@case()
def rename_replaces_a_file_at_once():
    put("a")
    put("b")
    inode = os.stat("a").st_ino
    os.rename("a", "b")
    same(os.stat("b").st_ino, inode, "inode")
    same(os.listdir(), ["b"])
    os.rename("b", "b")
    same(os.stat("b").st_ino, inode, "inode")


@case()
def rename_of_directories_follows_posix():
    os.makedirs("full/below")
    os.makedirs("moved/inside")
    os.mkdir("empty")
    put("file")
    with fails(errno.ENOTEMPTY):
        os.rename("moved", "full")
    with fails(errno.ENOTDIR):
        os.rename("moved", "file")
    with fails(errno.EISDIR):
        os.rename("file", "empty")
    with fails(errno.EINVAL):
        os.rename("moved", "moved/inside/deeper")
    os.rename("moved", "empty")
    same(sorted(os.listdir()), ["empty", "file", "full"])
    same(os.listdir("empty"), ["inside"])
    os.rename("empty", "full/below/here")
    same(os.listdir("full/below/here"), ["inside"])
    holds(os.path.samefile("full/below/here/inside/../..", "full/below"), "the parent of what was moved")


@case()
def directories_count_their_directories():
    os.mkdir("d")
    same(os.stat("d").st_nlink, 2)
    for name in "abc":
        os.mkdir("d/" + name)
    same(os.stat("d").st_nlink, 5)
    with fails(errno.ENOTEMPTY):
        os.rmdir("d")
    for name in "abc":
        os.rmdir("d/" + name)
    same(os.stat("d").st_nlink, 2)
    os.rmdir("d")
    with fails(errno.ENOENT):
        os.stat("d")


@case()
def exclusive_creation_has_one_winner():
    os.close(os.open("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
    same(stat.S_IMODE(os.stat("f").st_mode), 0o640)
    with fails(errno.EEXIST):
        os.open("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    with fails(errno.EEXIST):
        os.mkdir("f")
    with fails(errno.EEXIST):
        os.symlink("x", "f")


@case()
def hard_links_are_one_file():
    put("a")
    os.mkdir("d")
    os.link("a", "b")
    os.link("a", "d/c")
    same({os.stat(name).st_ino for name in ("a", "b", "d/c")}, {os.stat("a").st_ino})
    same(os.stat("b").st_nlink, 3)
    os.chmod("d/c", 0o600)
    same(stat.S_IMODE(os.stat("a").st_mode), 0o600)
    os.unlink("a")
    same(os.stat("b").st_nlink, 2)
    os.rename("b", "d/c")  # two names of one file: nothing happens
    same(os.stat("d/c").st_nlink, 2)
    with fails(errno.EEXIST):
        os.link("b", "d/c")


@case()
def symbolic_links_hold_any_target():
    for number, target in enumerate(("nowhere", "/absolute/path", "x" * 1000, "../up", "\udcff\udcfe")):
        os.symlink(target, f"link-{number}")
        same(os.readlink(f"link-{number}"), target)
        same(os.lstat(f"link-{number}").st_size, len(os.fsencode(target)))
    put("file")
    os.symlink("file", "good")
    holds(stat.S_ISREG(os.stat("good").st_mode) and stat.S_ISLNK(os.lstat("good").st_mode), "types")
    os.rename("good", "better")
    same(os.readlink("better"), "file")
    os.utime("better", ns=(5, 123_456_789_123), follow_symlinks=False)
    same(os.lstat("better").st_mtime_ns, 123_456_789_123)
    holds(os.stat("file").st_mtime_ns != 123_456_789_123, "the link's own time")


@case()
def names_are_any_bytes_up_to_a_limit():
    names = [b"n" * LIMIT, b"\xff\xfe\x01", "ü – ü".encode() * 10, b"back\\slash", b" ", b"...", b"%2F%", b"new\nline",
             b"-rf", b"*"]
    for name in names:
        put(name)
    same(sorted(os.listdir(b".")), sorted(names))
    for name in names:
        holds(stat.S_ISREG(os.stat(name).st_mode), name)
    with fails(errno.ENAMETOOLONG):
        put(b"n" * (LIMIT + 1))
    for name in names:
        os.unlink(name)
    same(os.listdir(), [])


@case()
def special_files_have_their_types():
    os.mkfifo("fifo", 0o644)
    os.mknod("device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        holds(stat.S_ISSOCK(os.stat("socket").st_mode), "socket")
    holds(stat.S_ISFIFO(os.stat("fifo").st_mode), "fifo")
    device = os.stat("device")
    holds(stat.S_ISCHR(device.st_mode), "device")
    same(device.st_rdev, os.makedev(1, 3))


@case()
def times_are_kept_to_the_nanosecond():
    put("f")
    os.utime("f", ns=(1_234_567_890_123_456_789, 987_654_321_987_654_321))
    status = os.stat("f")
    same((status.st_atime_ns, status.st_mtime_ns), (1_234_567_890_123_456_789, 987_654_321_987_654_321))
    before = status.st_ctime_ns
    os.chmod("f", 0o600)
    status = os.stat("f")
    holds(status.st_ctime_ns > before, "a change of mode moves ctime")
    same(status.st_mtime_ns, 987_654_321_987_654_321, "and not mtime")
    os.utime("f")
    holds(abs(os.stat("f").st_mtime - status.st_ctime) < 60, "now")
    folder = os.stat(".").st_mtime_ns
    put("g")
    holds(os.stat(".").st_mtime_ns > folder, "a new entry moves its directory's mtime")


@case()
def a_setgid_directory_hands_its_group_down():
    os.mkdir("shared")
    os.chown("shared", 0, 1234)
    os.chmod("shared", 0o2775)
    put("shared/f")
    os.mkdir("shared/d")
    same(os.stat("shared/f").st_gid, 1234)
    same((os.stat("shared/d").st_gid, stat.S_IMODE(os.stat("shared/d").st_mode) & 0o2000), (1234, 0o2000))


@case()
def modes_and_the_sticky_bit_bind_others():
    os.mkdir("all")
    os.chmod("all", 0o1777)
    put("all/mine")
    put("secret")
    os.chmod("secret", 0o600)
    os.chmod(".", 0o755)

    def somebody():
        put("all/theirs", b"")
        for forbidden in (lambda: os.unlink("all/mine"), lambda: os.rename("all/mine", "all/x"),
                          lambda: os.open("secret", os.O_RDONLY), lambda: put("f"), lambda: os.mkdir("d"),
                          lambda: os.chmod("all/mine", 0o777), lambda: os.chown("all/theirs", 0, -1)):
            try:
                forbidden()
            except PermissionError:
                continue
            raise AssertionError("somebody else was allowed")
        os.chmod("all/theirs", 0o604)
        os.unlink("all/theirs")
    in_child(somebody, uid=1000, gid=1000)
    same(os.listdir("all"), ["mine"])


@case()
def a_large_directory_is_read_whole_while_it_changes():
    os.mkdir("d")
    for number in range(1500):
        os.mknod(f"d/{number:04}", stat.S_IFREG | 0o644)
    seen = []
    with os.scandir("d") as entries:
        for entry in entries:
            seen.append(entry.name)
            if len(seen) == 50:
                for number in range(0, 1500, 3):
                    os.unlink(f"d/{number:04}")
                for number in range(100):
                    os.mknod(f"d/new-{number}", stat.S_IFREG | 0o644)
    same(len(seen), len(set(seen)), "names given twice")
    steady = {f"{number:04}" for number in range(1500) if number % 3}
    same(steady - set(seen), set(), "names left out")
    same(len(os.listdir("d")), 1100)


@case()
def the_file_system_says_how_large_it_is():
    space = os.statvfs(".")
    holds(space.f_blocks * space.f_frsize > 1 << 30 and space.f_bavail <= space.f_bfree <= space.f_blocks, space)
    holds(space.f_namemax == LIMIT, space)


@case(since="4.2")
def extended_attributes_are_kept():
    put("f")
    os.setxattr("f", "user.colour", b"blue")
    os.setxattr("f", "user.large", bytes(range(256)) * 16)
    same(os.getxattr("f", "user.colour"), b"blue")
    same(os.getxattr("f", "user.large"), bytes(range(256)) * 16)
    same(sorted(os.listxattr("f")), ["user.colour", "user.large"])
    with fails(errno.EEXIST):
        os.setxattr("f", "user.colour", b"red", os.XATTR_CREATE)
    with fails(errno.ENODATA):
        os.setxattr("f", "user.size", b"red", os.XATTR_REPLACE)
    os.setxattr("f", "user.colour", b"red", os.XATTR_REPLACE)
    same(os.getxattr("f", "user.colour"), b"red")
    os.removexattr("f", "user.colour")
    with fails(errno.ENODATA):
        os.getxattr("f", "user.colour")
    os.mkdir("d")
    os.setxattr("d", "user.of-a-directory", b"1")
    same(os.listxattr("d"), ["user.of-a-directory"])


if __name__ == "__main__":
    run()
