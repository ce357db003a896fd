#!/usr/bin/env python3
"""A real Linux kernel mounts a volume over the version of NFS named on the command line (3, 4.1, 4.2): POSIX as
programs see it, stock programs, and the same bytes over S3. The cases themselves are in inside/."""

import contextlib
import io
import os
import random
import shutil
import socket
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import harness  # noqa: E402
from guest import Guest, why_not  # noqa: E402
from harness import KIB, MIB, SKIPPED, Server, ServerTest, random_bytes, sha256_of  # noqa: E402

VERSION = "4.2"
VOLUME = "kernel-volume"
PARTS = 12


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def inside(script, *words):
    """A command of the guest that runs a script of inside/ in a new folder of its name."""
    name = os.path.splitext(script)[0]
    return (f"mkdir -p {name} && cd {name} && NFS_VERSION={VERSION} "
            f"exec /usr/bin/python3 /run/guest/inside/{script} {' '.join(words)}")


def make_source(path):
    """A source tarball: a dozen C files, a Makefile, and a script that builds the same where there is no compiler."""
    files = {"Makefile": "program: $(patsubst %.c,%.o,$(wildcard *.c))\n\tgcc -o $@ $^\n"
                         "%.o: %.c all.h\n\tgcc -c $<\n",
             "all.h": "".join(f"int part_{n}(void);\n" for n in range(1, PARTS + 1)),
             "build.sh": "{ echo '#!/bin/sh'; echo sum=0; cat parts/*; echo 'echo all parts are here: $sum'; } "
                         ">script\nchmod 755 script\n"}
    for number in range(1, PARTS + 1):
        files[f"part{number}.c"] = f'#include "all.h"\nint part_{number}(void) {{ return {number}; }}\n'
        files[f"parts/{number}"] = f"sum=$((sum + {number}))\n"
    calls = " + ".join(f"part_{n}()" for n in range(1, PARTS + 1))
    files["main.c"] = ('#include <stdio.h>\n#include "all.h"\n'
                       f'int main(void) {{ printf("all parts are here: %d\\n", {calls}); return 0; }}\n')
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo("source/" + name)
            member.size, member.mode, member.mtime = len(text), 0o644, 1_700_000_000
            archive.addfile(member, io.BytesIO(text.encode()))


def make_repository(path):
    git = ["git", "-C", path, "-c", "user.name=a", "-c", "user.email=a@b"]
    os.mkdir(path)
    subprocess.run([*git, "init", "-q"], check=True)
    for turn in range(5):
        for number in range(20):
            with open(os.path.join(path, f"file-{number}.txt"), "a", encoding="ascii") as handle:
                handle.write(f"line {turn} of {number}\n" * 50)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", f"change {turn}"], check=True)


def make_tree(path):
    """What rsync finds hard: links of both kinds, modes, times, a sparse file, odd names."""
    path, chance = os.fsencode(path), random.Random(6)
    names = [b"plain", b"n" * 255, b"\xff\xfe not utf-8", "ümläut".encode(), b"sp ace", b"new\nline", b"%41", b"empty"]
    for folder in (b"", b"d", b"d/deep/er", "d/ö".encode()):
        os.makedirs(os.path.join(path, folder), exist_ok=True)
        for number, name in enumerate(names):
            file = os.path.join(path, folder, name)
            with open(file, "wb") as handle:
                handle.write(b"" if name == b"empty" else chance.randbytes(chance.choice((10, 5000, 70_000, 300_000))))
            os.chmod(file, (0o644, 0o600, 0o755, 0o4755, 0o444, 0o640, 0o777, 0o2711)[number])
            os.utime(file, ns=(10 ** 18 + number, 10 ** 18 + 123_456_789 * number))
    with open(path + b"/sparse", "wb") as handle:
        handle.write(b"start")
        handle.seek(20 * MIB)
        handle.write(b"end")
    os.link(path + b"/plain", path + b"/d/deep/linked")
    os.link(path + b"/plain", path + b"/linked too")
    os.symlink(b"plain", path + b"/relative")
    os.symlink(b"/nowhere/" + b"x" * 300, path + b"/d/dangling")
    os.makedirs(path + b"/nothing inside")
    os.chmod(path + b"/nothing inside", 0o2770)
    os.chown(path + b"/sp ace", 1000, 2000)


class KernelTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(fixed_nfs_port=free_port(),
                            arguments=["--nfs-lease-seconds", "5", "--nfs-grace-seconds", "10"]).start()
        cls.s3 = cls.server.client()
        cls.s3.create_bucket(Bucket=VOLUME)
        cls.server.cli("volume", "set", VOLUME, "--nfs-squash", "none", "--nfs-modes", "0666:0777", "--data",
                       cls.server.data)

    @contextlib.contextmanager
    def guest(self, **options):
        guest = Guest(VERSION, self.server.nfs_port, "/" + VOLUME, **options)
        try:
            # The guest has a /tmp, /run, /mnt of its own, which may be where this repository lies.
            shutil.copytree(os.path.join(HERE, "inside"), guest.path("inside"))
            yield guest
        finally:
            guest.close()

    def finish(self, guest, timeout_s=600):
        """The guest's command did well, and its kernel found nothing to complain of."""
        status = guest.finish(timeout_s)
        console = guest.console()
        self.assertTrue(self.server.alive(), self.server.log_tail())
        self.assertEqual(status, 0, f"\n{console[-6000:]}\n{guest.kernel_log()}")
        self.assertNotIn("FAILED", console)
        self.assertNotIn("reclaim failed", guest.kernel_log())
        self.assertNotIn("Call Trace", guest.kernel_log())
        print(console, flush=True)
        return console

    def run_cases(self, script):
        with self.guest() as guest:
            self.assertIn(f"vers={VERSION}", self.finish(guest.start(inside(script))))

    def test_names(self):
        self.run_cases("names.py")

    def test_contents(self):
        self.run_cases("contents.py")

    def test_programs_and_the_same_bytes_over_s3(self):
        with self.guest() as guest:
            make_source(guest.path("source.tar.gz"))
            make_repository(guest.path("repository"))
            make_tree(guest.path("tree"))
            self.finish(guest.start(inside("programs.py")))
            self.compare_with_s3(os.fsencode(guest.path("tree")), "programs/rsync_carries_a_tree_there_and_back/there/")
        database = "programs/sqlite_keeps_a_million_rows_under_random_updates/data.db"
        self.assertEqual(self.s3.get_object(Bucket=VOLUME, Key=database)["Body"].read(16), b"SQLite format 3\0")

    def compare_with_s3(self, tree, prefix):
        """Every file whose name S3 can say is the object of that key, with its bytes and size."""
        listed = {entry["Key"]: entry for page in self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=VOLUME, Prefix=prefix) for entry in page.get("Contents", [])}
        compared = 0
        for folder, _, names in os.walk(tree):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    key = prefix + os.path.relpath(path, tree).decode()
                except UnicodeDecodeError:
                    continue
                if os.path.islink(path):
                    continue
                self.assertIn(key, listed)
                self.assertEqual(listed[key]["Size"], os.path.getsize(path), key)
                got = self.s3.get_object(Bucket=VOLUME, Key=key)
                self.assertEqual(got["ETag"], listed[key]["ETag"], key)
                scratch = path + b".s3" if len(name) < 200 else os.path.join(folder, b"s3")
                with open(scratch, "wb") as handle:
                    handle.write(got["Body"].read())
                self.assertEqual(sha256_of(scratch), sha256_of(path), key)
                os.unlink(scratch)
                compared += 1
        self.assertGreater(compared, 20)

    def test_what_s3_put_is_read_and_an_open_file_outlives_its_replacement(self):
        data = {"s3/small": b"x" * 100, "s3/large": random_bytes(9 * MIB, 1), "s3/block": random_bytes(64 * KIB, 2)}
        for key, body in data.items():
            self.s3.put_object(Bucket=VOLUME, Key=key, Body=body)
        self.s3.put_object(Bucket=VOLUME, Key="steps/replaced", Body=b"old" * 100_000)
        with self.guest() as guest:
            guest.start("cp -r s3 /run/guest/copied && " + inside("steps.py", "replaced_over_s3"))
            self.wait_for(guest, "open")
            self.s3.put_object(Bucket=VOLUME, Key="steps/replaced", Body=b"new" * 50_000)
            guest.write("replaced", "")
            self.finish(guest)
            for key, body in data.items():
                with open(guest.path(key.replace("s3/", "copied/")), "rb") as handle:
                    self.assertEqual(handle.read(), body, key)

    def test_snapshots_are_directories(self):
        for key, body in (("a", b"one"), ("gone", b"soon"), ("large", b"x" * 4 * MIB)):
            self.s3.put_object(Bucket=VOLUME, Key="tree/" + key, Body=body)
        self.server.take_snapshot(VOLUME, "first")
        self.s3.put_object(Bucket=VOLUME, Key="tree/a", Body=b"two")
        self.s3.put_object(Bucket=VOLUME, Key="tree/new", Body=b"new")
        self.s3.delete_object(Bucket=VOLUME, Key="tree/gone")
        with self.guest() as guest:
            guest.start(inside("snapshots.py"))
            self.wait_for(guest, "ready")
            self.server.take_snapshot(VOLUME, "second")
            guest.write("taken", "")
            self.wait_for(guest, "seen")
            self.server.delete_snapshot(VOLUME, "second")
            guest.write("deleted", "")
            self.finish(guest)
        self.assertEqual(self.s3.get_object(Bucket=VOLUME + ".snapshot.first", Key="tree/a")["Body"].read(), b"one")

    def wait_for(self, guest, step, timeout_s=120):
        end = time.monotonic() + timeout_s
        while not os.path.exists(guest.path(step)):
            if time.monotonic() > end or guest.process.poll() is not None:
                self.fail(f"the guest never came to {step}\n{guest.console()}\n{guest.kernel_log()}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                guest.process.wait(0.05)

    def test_a_server_that_dies_keeps_what_was_synced_and_gives_locks_back(self):
        with self.guest() as guest, self.guest() as other:
            guest.start(inside("steps.py", "through_a_restart"))
            self.wait_for(guest, "writing")
            self.server.kill()
            self.server.start()
            type(self).s3 = self.server.client()
            guest.write("restarted", "")
            self.wait_for(guest, "written", 180)
            if VERSION != "3":  # locks of version 3 are the client's own here
                other.start(inside("steps.py", "another_client"))
                other.write("try", "")
                self.wait_for(other, "tried")
            guest.write("tried", "")
            records = int(self.finish(guest, 180).split(" records")[0].split()[-1])
            if VERSION != "3":
                other.write("unlocked", "")
                self.finish(other, 120)
        body = self.s3.get_object(Bucket=VOLUME, Key="steps/journal")["Body"].read()
        self.assertEqual(body, b"".join(b"%015d\n" % number for number in range(records)))


def main():
    global VERSION
    if len(sys.argv) > 1 and sys.argv[1][0].isdigit():
        VERSION = sys.argv.pop(1)
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    harness.main()


if __name__ == "__main__":
    main()
