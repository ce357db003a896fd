"""s3cmd: the usual round of a person with files, and what it does differently from the SDKs."""

import os
import re

from harness import MIB, Scratch, ServerTest, main, random_bytes, s3cmd, sha256_of, tree_digests


class S3cmdTest(ServerTest):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)
        self.name = self.bucket()
        self.url = f"s3://{self.name}"

    def run_it(self, *arguments, **options):
        return s3cmd(self.server, self.scratch, *arguments, **options)

    def test_buckets_are_made_listed_and_removed(self):
        self.run_it("mb", "s3://s3cmd-made")
        self.assertIn("s3://s3cmd-made", self.run_it("ls").stdout)
        self.run_it("rb", "s3://s3cmd-made")
        self.assertNotIn("s3://s3cmd-made", self.run_it("ls").stdout)

    def test_a_file_goes_up_and_comes_back(self):
        path = self.scratch.write("file name+ü.bin", random_bytes(300000, 1))
        self.run_it("put", path, f"{self.url}/dir/")
        listing = self.run_it("ls", "--recursive", self.url).stdout
        self.assertRegex(listing, r"300000\s+" + re.escape(f"{self.url}/dir/file name+ü.bin"))
        self.run_it("get", f"{self.url}/dir/file name+ü.bin", self.scratch.path("back"))
        self.assertEqual(sha256_of(self.scratch.path("back")), sha256_of(path))
        self.run_it("cp", f"{self.url}/dir/file name+ü.bin", f"{self.url}/copy")
        self.run_it("mv", f"{self.url}/copy", f"{self.url}/moved")
        self.assertIn("300000", self.run_it("du", f"{self.url}/moved").stdout)
        self.assertIn("300000", self.run_it("info", f"{self.url}/moved").stdout)
        self.run_it("del", f"{self.url}/moved")
        self.assertNotIn("moved", self.run_it("ls", self.url).stdout)

    def test_a_large_file_goes_up_in_parts(self):
        path = self.scratch.write("big", random_bytes(32 * MIB + 5, 2))
        self.run_it("put", "--multipart-chunk-size-mb=5", path, f"{self.url}/big")
        self.run_it("get", f"{self.url}/big", self.scratch.path("back"))
        self.assertEqual(sha256_of(self.scratch.path("back")), sha256_of(path))

    def test_a_tree_is_synced_both_ways(self):
        for number in range(300):
            self.scratch.write(f"up/{number % 7}/d {number % 3}/f{number}", random_bytes(number * 37, number))
        here, there = self.scratch.path("up") + "/", self.scratch.path("down") + "/"
        self.run_it("sync", here, f"{self.url}/t/")
        os.makedirs(there)
        self.run_it("sync", f"{self.url}/t/", there)
        self.assertEqual(tree_digests(there), tree_digests(here))
        os.unlink(here + "0/d 0/f0")
        self.scratch.write("up/1/changed", b"new")
        self.run_it("sync", "--delete-removed", here, f"{self.url}/t/")
        self.run_it("sync", "--delete-removed", f"{self.url}/t/", there)
        self.assertEqual(tree_digests(there), tree_digests(here))
        self.run_it("del", "--recursive", "--force", f"{self.url}/t/")
        self.assertEqual(self.run_it("ls", "--recursive", self.url).stdout, "")

    def test_acls_and_metadata(self):
        path = self.scratch.write("f", b"x")
        self.run_it("put", "--mime-type=text/odd", "--add-header=x-amz-meta-one:1", path, f"{self.url}/f")
        head = self.s3.head_object(Bucket=self.name, Key="f")
        self.assertEqual(head["ContentType"].split(";")[0], "text/odd")
        self.assertEqual(head["Metadata"]["one"], "1")
        self.assertIn("ACL:", self.run_it("info", self.url).stdout)

    def test_errors_reach_the_person(self):
        done = self.run_it("get", f"{self.url}/none", self.scratch.path("x"), check=False)
        self.assertNotEqual(done.returncode, 0)
        done = self.run_it("ls", "s3://no-such-bucket-xyz", check=False)
        self.assertIn("NoSuchBucket", done.stderr)


if __name__ == "__main__":
    main()
