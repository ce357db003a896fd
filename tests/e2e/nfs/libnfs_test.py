#!/usr/bin/python3
"""libnfs's own programs over NFSv3 against the real server, and the same bytes through S3, both ways."""

import hashlib
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import BINARY, MIB, SKIPPED, Scratch, ServerTest, main, random_bytes, sha256_of  # noqa: E402

CLIENT = os.path.join(os.path.dirname(BINARY), "tests", "e2e", "libnfs_client")  # built where libnfs-dev is
NOBODY = 65534
LIMIT_S = 120


def digest(data):
    return hashlib.sha256(data).hexdigest()


class LibnfsTest(ServerTest):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)
        self.name = self.bucket()

    def url(self, path="", **options):
        port = self.server.nfs_port
        settings = {"version": 3, "nfsport": port, "mountport": port, "uid": NOBODY, "gid": NOBODY, **options}
        query = "&".join(f"{key}={value}" for key, value in settings.items())
        return f"nfs://127.0.0.1/{self.name}/{path}?{query}"

    def run_nfs(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr.decode()}\n{self.server.log_tail()}")
        return done

    def listed(self, path="", *options):
        """name -> (type and mode, size)"""
        found = {}
        for line in self.run_nfs("nfs-ls", *options, self.url(path)).stdout.decode().splitlines():
            mode, _links, _uid, _gid, size, name = line.split(None, 5)
            found[name] = (mode, int(size))
        return found

    def run_client(self, what):
        if not os.access(CLIENT, os.X_OK):
            self.skipTest("libnfs_client is not built (package libnfs-dev)")
        self.run_nfs(CLIENT, self.url(), what)

    def get(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()


class NamesTest(LibnfsTest):
    def test_what_s3_put_is_listed_as_files(self):
        self.s3.put_object(Bucket=self.name, Key="top.txt", Body=b"12345")
        self.s3.put_object(Bucket=self.name, Key="dir/inner", Body=b"1")
        listing = self.listed()
        self.assertEqual(set(listing), {"top.txt", "dir"})
        self.assertEqual(listing["top.txt"], ("-rw-r--r--", 5))
        self.assertTrue(listing["dir"][0].startswith("d"))
        self.assertEqual(set(self.listed("dir")), {"inner"})

    def test_what_is_not_there_cannot_be_mounted(self):
        self.assertNotEqual(self.run_nfs("nfs-ls", self.url("none"), check=False).returncode, 0)

    def test_names_links_modes_and_times_are_posix(self):
        self.run_client("names")

    def test_ten_thousand_files_are_made_and_listed(self):
        self.run_client("many")

    def test_large_directories_are_listed_whole(self):
        for i in range(600):
            self.s3.put_object(Bucket=self.name, Key=f"many/name-{i:04}", Body=b"")
        self.assertEqual(set(self.listed("many")), {f"name-{i:04}" for i in range(600)})


class BytesTest(LibnfsTest):
    def test_a_file_copied_in_is_an_object(self):
        for size in (0, 5, 65537, 9 * MIB + 3):
            path = self.scratch.write(f"in-{size}", random_bytes(size, size))
            self.run_nfs("nfs-cp", path, self.url(f"in-{size}"))
            self.assertEqual(digest(self.get(f"in-{size}")), sha256_of(path), size)
            head = self.s3.head_object(Bucket=self.name, Key=f"in-{size}")
            self.assertEqual(head["ContentLength"], size)

    def test_an_object_is_copied_out_as_a_file(self):
        for size in (0, 5, 65537, 9 * MIB + 3):
            body = random_bytes(size, size + 1)
            self.s3.put_object(Bucket=self.name, Key=f"dir/out-{size}", Body=body)
            path = self.scratch.path(f"out-{size}")
            self.run_nfs("nfs-cp", self.url(f"dir/out-{size}"), path)
            self.assertEqual(sha256_of(path), digest(body), size)
            self.assertEqual(self.run_nfs("nfs-cat", self.url(f"dir/out-{size}")).stdout, body)

    def test_holes_and_cuts_are_what_s3_reads(self):
        self.run_client("bytes")
        body = self.get("f")
        self.assertEqual(len(body), 200)
        self.assertEqual(body[50:60], b"0123456789")
        self.assertEqual(body[100:], bytes(100))

    def test_each_side_sees_what_the_other_wrote_last(self):
        path = self.scratch.write("file", b"from nfs")
        self.run_nfs("nfs-cp", path, self.url("shared"))
        first = self.s3.head_object(Bucket=self.name, Key="shared")["ETag"]
        self.s3.put_object(Bucket=self.name, Key="shared", Body=b"from s3, longer")
        self.assertEqual(self.run_nfs("nfs-cat", self.url("shared")).stdout, b"from s3, longer")
        # nfs-cp only makes new files.
        self.s3.delete_object(Bucket=self.name, Key="shared")
        path = self.scratch.write("file", b"again")
        self.run_nfs("nfs-cp", path, self.url("shared"))
        self.assertEqual(self.get("shared"), b"again")
        self.assertNotEqual(self.s3.head_object(Bucket=self.name, Key="shared")["ETag"], first)
        listing = self.s3.list_objects_v2(Bucket=self.name)["Contents"]
        self.assertEqual([(entry["Key"], entry["Size"]) for entry in listing], [("shared", 5)])

    def test_a_files_bytes_outlive_a_crash_of_the_server(self):
        path = self.scratch.write("file", random_bytes(3 * MIB, 9))
        self.run_nfs("nfs-cp", path, self.url("kept"))
        self.server.kill()
        self.server.start()
        type(self).s3 = self.server.client()
        self.assertEqual(digest(self.get("kept")), sha256_of(path))


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in ("nfs-ls", "nfs-cp", "nfs-cat")):
        print("skipped: the libnfs programs are not installed (package libnfs-utils)")
        sys.exit(SKIPPED)
    main()
