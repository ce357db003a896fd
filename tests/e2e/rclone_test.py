"""rclone: copy, check against hashes, sync, multipart with its own chunk sizes, server-side copies, purge."""

import os

from harness import MIB, Scratch, ServerTest, main, random_bytes, rclone, tree_digests


class RcloneTest(ServerTest):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)
        self.name = self.bucket()
        self.remote = f"tp:{self.name}"
        for number in range(400):
            self.scratch.write(f"up/{number % 11}/sub {number % 3}/f{number}+ü", random_bytes(number * 91, number))
        self.scratch.write("up/big", random_bytes(23 * MIB + 1, 7))
        self.scratch.write("up/empty", b"")
        self.here, self.there = self.scratch.path("up"), self.scratch.path("down")

    def run_it(self, *arguments, **options):
        return rclone(self.server, self.scratch, *arguments, **options)

    def test_a_tree_is_copied_checked_and_brought_back(self):
        upload = ("--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "--transfers", "8")
        self.run_it("copy", *upload, self.here, f"{self.remote}/t")
        self.run_it("check", self.here, f"{self.remote}/t")
        self.run_it("check", "--download", self.here, f"{self.remote}/t")
        self.run_it("copy", f"{self.remote}/t", self.there)
        self.assertEqual(tree_digests(self.there), tree_digests(self.here))
        self.assertIn("Total objects: 402 ", self.run_it("size", f"{self.remote}/t").stdout)

    def test_sync_follows_changes_and_keeps_times(self):
        self.run_it("sync", self.here, self.remote)
        os.unlink(os.path.join(self.here, "empty"))
        os.utime(os.path.join(self.here, "big"), (1_000_000_000, 1_000_000_000))
        self.scratch.write("up/new", b"new")
        self.run_it("sync", self.here, self.remote)
        self.run_it("sync", self.remote, self.there)
        self.assertEqual(tree_digests(self.there), tree_digests(self.here))
        self.assertEqual(int(os.path.getmtime(os.path.join(self.there, "big"))), 1_000_000_000)

    def test_server_side_copies_and_moves(self):
        self.run_it("copy", self.here, f"{self.remote}/a")
        self.run_it("copy", f"{self.remote}/a", f"{self.remote}/b")
        self.run_it("moveto", f"{self.remote}/b/big", f"{self.remote}/b/renamed")
        self.run_it("copy", f"{self.remote}/b", self.there)
        wanted = tree_digests(self.here)
        wanted["renamed"] = wanted.pop("big")
        self.assertEqual(tree_digests(self.there), wanted)
        self.run_it("purge", f"{self.remote}/a")
        self.assertEqual(self.run_it("lsf", f"{self.remote}/").stdout, "b/\n")

    def test_a_stream_of_unknown_length(self):
        body = random_bytes(12 * MIB, 5)
        self.run_it("rcat", f"{self.remote}/streamed", stdin=body)
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="streamed")["Body"].read(), body)

    def test_ranges_and_links(self):
        self.run_it("copy", self.here, self.remote)
        out = self.run_it("cat", "--offset", "5000000", "--count", "16", f"{self.remote}/big")
        with open(os.path.join(self.here, "big"), "rb") as handle:
            handle.seek(5_000_000)
            self.assertEqual(out.stdout, handle.read(16).decode("utf-8", "replace"))
        self.assertIn(self.name, self.run_it("link", f"{self.remote}/big").stdout)


if __name__ == "__main__":
    main()
