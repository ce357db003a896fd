#!/usr/bin/python3
"""Snapshots as stock S3 clients and libnfs's programs see them: buckets BUCKET@NAME and BUCKET.snapshot.NAME,
directories .snapshot/NAME."""

import os
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from botocore.exceptions import ParamValidationError  # noqa: E402
from botocore.handlers import validate_bucket_name  # noqa: E402
from harness import MIB, Scratch, ServerTest, aws, main, random_bytes  # noqa: E402

NOBODY = 65534
LIMIT_S = 120


class SnapshotTest(ServerTest):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)
        self.name = self.bucket()
        self.large = random_bytes(9 * MIB, 7)
        self.put("a", b"one")
        self.put("d/large", self.large)
        self.put("d/e/deep", b"deep")
        self.put("gone", b"soon")
        self.take("then")
        self.put("a", b"two")
        self.put("new", b"new")
        self.put("d/large", b"small now")
        self.s3.delete_object(Bucket=self.name, Key="gone")
        self.alias = self.name + ".snapshot.then"

    def put(self, key, body):
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def get(self, bucket, key, **options):
        return self.s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()

    def take(self, name):
        self.server.take_snapshot(self.name, name)
        self.addCleanup(self.server.delete_snapshot, self.name, name)

    def keys(self, bucket, client=None, **options):
        pages = (client or self.s3).get_paginator("list_objects_v2").paginate(Bucket=bucket, **options)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


class Boto3Test(SnapshotTest):
    def test_a_snapshot_is_read_like_a_bucket(self):
        self.assertEqual(self.get(self.alias, "a"), b"one")
        self.assertEqual(self.get(self.alias, "gone"), b"soon")
        self.assertEqual(self.get(self.alias, "d/large"), self.large)
        self.assertEqual(self.get(self.alias, "d/large", Range="bytes=5000000-5000099"), self.large[5000000:5000100])
        self.assertEqual(self.get(self.name, "a"), b"two")
        head = self.s3.head_object(Bucket=self.alias, Key="d/large")
        self.assertEqual(head["ContentLength"], len(self.large))
        with self.fails("NoSuchKey", 404):
            self.get(self.alias, "new")
        self.s3.head_bucket(Bucket=self.alias)
        self.s3.download_file(self.alias, "d/large", self.scratch.path("large"))
        with open(self.scratch.path("large"), "rb") as handle:
            self.assertEqual(handle.read(), self.large)

    def test_listings_are_those_of_that_time(self):
        self.assertEqual(self.keys(self.alias), ["a", "d/e/deep", "d/large", "gone"])
        self.assertEqual(self.keys(self.alias, PaginationConfig={"PageSize": 1}), ["a", "d/e/deep", "d/large", "gone"])
        self.assertEqual(self.keys(self.name), ["a", "d/e/deep", "d/large", "new"])
        page = self.s3.list_objects_v2(Bucket=self.alias, Delimiter="/")
        self.assertEqual([entry["Prefix"] for entry in page["CommonPrefixes"]], ["d/"])
        self.assertEqual(self.keys(self.alias, Prefix="d/"), ["d/e/deep", "d/large"])
        self.assertNotIn(self.alias, [entry["Name"] for entry in self.s3.list_buckets()["Buckets"]])

    def test_nothing_is_written(self):
        refused = [
            lambda: self.s3.put_object(Bucket=self.alias, Key="a", Body=b"no"),
            lambda: self.s3.delete_object(Bucket=self.alias, Key="a"),
            lambda: self.s3.copy_object(Bucket=self.alias, Key="b", CopySource={"Bucket": self.name, "Key": "a"}),
            lambda: self.s3.create_multipart_upload(Bucket=self.alias, Key="a"),
            lambda: self.s3.put_object_tagging(Bucket=self.alias, Key="a",
                                               Tagging={"TagSet": [{"Key": "k", "Value": "v"}]}),
            lambda: self.s3.put_bucket_acl(Bucket=self.alias, ACL="private"),
            lambda: self.s3.delete_bucket(Bucket=self.alias),
        ]
        for call in refused:
            with self.fails("MethodNotAllowed", 405) as caught:
                call()
            self.assertIn("snapshot", str(caught.exception))
        errors = self.s3.delete_objects(Bucket=self.alias, Delete={"Objects": [{"Key": "a"}]})["Errors"]
        self.assertEqual([error["Code"] for error in errors], ["MethodNotAllowed"])
        with self.fails("BucketAlreadyExists", 409):
            self.s3.create_bucket(Bucket=self.alias)
        self.assertEqual(self.get(self.alias, "a"), b"one")

    def test_objects_are_copied_back(self):
        for key, body in (("gone", b"soon"), ("d/large", self.large)):
            self.s3.copy_object(Bucket=self.name, Key=key, CopySource={"Bucket": self.alias, "Key": key})
            self.assertEqual(self.get(self.name, key), body)
        upload = self.s3.create_multipart_upload(Bucket=self.name, Key="joined")["UploadId"]
        parts = []
        for number, span in enumerate(("0-5242879", "5242880-9437183"), 1):
            copied = self.s3.upload_part_copy(Bucket=self.name, Key="joined", UploadId=upload, PartNumber=number,
                                              CopySource={"Bucket": self.alias, "Key": "d/large"},
                                              CopySourceRange=f"bytes={span}")
            parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
        self.s3.complete_multipart_upload(Bucket=self.name, Key="joined", UploadId=upload,
                                          MultipartUpload={"Parts": parts})
        self.assertEqual(self.get(self.name, "joined"), self.large)

    def test_the_name_with_an_at_sign(self):
        bucket = self.name + "@then"
        with self.assertRaises(ParamValidationError):  # why there is another name
            self.get(bucket, "a")
        client = self.server.client()
        client.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
        self.assertEqual(client.get_object(Bucket=bucket, Key="a")["Body"].read(), b"one")
        self.assertEqual(self.keys(bucket, client), ["a", "d/e/deep", "d/large", "gone"])
        self.s3.copy_object(Bucket=self.name, Key="gone", CopySource={"Bucket": bucket, "Key": "gone"})
        url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertEqual(answer.read(), b"one")
        url = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(url, b"no", method="PUT"), timeout=10)
        self.assertEqual(caught.exception.code, 405)

    def test_it_is_there_after_a_restart_and_gone_when_deleted(self):
        self.take("later")
        self.server.restart()
        type(self).s3 = self.server.client()
        self.assertEqual(self.get(self.alias, "a"), b"one")
        self.assertEqual(self.get(self.name + ".snapshot.later", "a"), b"two")
        self.s3.delete_object(Bucket=self.name, Key="a")
        self.assertEqual(self.get(self.alias, "a"), b"one")
        self.server.take_snapshot(self.name, "short")
        self.server.delete_snapshot(self.name, "short")
        with self.fails("NoSuchBucket", 404):
            self.get(self.name + ".snapshot.short", "a")
        self.assertEqual(self.keys(self.alias), ["a", "d/e/deep", "d/large", "gone"])


class AwsCliTest(SnapshotTest):
    def aws(self, *arguments, **options):
        return aws(self.server, self.scratch, *arguments, **options)

    def test_list_copy_and_sync(self):
        listed = self.aws("s3", "ls", "--recursive", f"s3://{self.alias}").stdout
        self.assertEqual([line.split()[3] for line in listed.splitlines()], ["a", "d/e/deep", "d/large", "gone"])
        self.assertEqual(self.aws("s3", "cp", f"s3://{self.alias}/a", "-").stdout, "one")
        self.aws("s3", "sync", f"s3://{self.alias}/", self.scratch.path("then"))
        with open(self.scratch.path("then", "d", "large"), "rb") as handle:
            self.assertEqual(handle.read(), self.large)
        self.assertTrue(os.path.exists(self.scratch.path("then", "gone")))
        self.aws("s3", "sync", "--delete", "--exact-timestamps", f"s3://{self.alias}/", f"s3://{self.name}/")
        self.assertEqual(self.keys(self.name), ["a", "d/e/deep", "d/large", "gone"])
        self.assertEqual(self.get(self.name, "d/large"), self.large)

    def test_writing_is_refused_in_words(self):
        self.scratch.write("file", b"no")
        for command in (["cp", self.scratch.path("file"), f"s3://{self.alias}/new"], ["rm", f"s3://{self.alias}/a"],
                        ["mv", f"s3://{self.alias}/a", f"s3://{self.name}/moved"], ["rb", f"s3://{self.alias}"]):
            done = self.aws("s3", *command, check=False)
            self.assertNotEqual(done.returncode, 0, command)
            self.assertIn("it can be read, not changed", done.stdout + done.stderr)
        self.assertEqual(self.get(self.alias, "a"), b"one")


class LibnfsTest(SnapshotTest):
    def url(self, path, **options):
        port = self.server.nfs_port
        settings = {"version": 3, "nfsport": port, "mountport": port, "uid": NOBODY, "gid": NOBODY, **options}
        query = "&".join(f"{key}={value}" for key, value in settings.items())
        return f"nfs://127.0.0.1/{path}?{query}"

    def nfs(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr.decode()}\n{self.server.log_tail()}")
        return done

    def listed(self, path):
        return sorted(line.split(None, 5)[5] for line in
                      self.nfs("nfs-ls", self.url(path)).stdout.decode().splitlines())

    def test_dot_snapshot_is_in_every_directory(self):
        self.assertEqual(self.listed(f"{self.name}/"), ["a", "d", "new"])
        self.assertEqual(self.listed(f"{self.name}/.snapshot"), ["then"])
        self.assertEqual(self.listed(f"{self.name}/.snapshot/then"), ["a", "d", "gone"])
        self.assertEqual(self.listed(f"{self.name}/d/.snapshot/then"), ["e", "large"])
        self.assertEqual(self.listed(f"{self.name}/d/e/.snapshot/then/"), ["deep"])
        self.assertEqual(self.listed(f"{self.name}@then"), ["a", "d", "gone"])

    def test_bytes_are_those_of_that_time(self):
        self.assertEqual(self.nfs("nfs-cat", self.url(f"{self.name}/.snapshot/then/a")).stdout, b"one")
        self.assertEqual(self.nfs("nfs-cat", self.url(f"{self.name}/d/.snapshot/then/large")).stdout, self.large)
        self.assertEqual(self.nfs("nfs-cat", self.url(f"{self.name}/a")).stdout, b"two")

    def test_nothing_is_written(self):
        path = self.scratch.write("file", b"no")
        for target in (f"{self.name}/.snapshot/then/new", f"{self.name}/.snapshot/new", f"{self.name}@then/new"):
            done = self.nfs("nfs-cp", path, self.url(target), check=False)
            self.assertIn(b"ROFS", done.stdout + done.stderr)
        self.assertEqual(self.listed(f"{self.name}/.snapshot/then"), ["a", "d", "gone"])


if __name__ == "__main__":
    main()
