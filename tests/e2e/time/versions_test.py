#!/usr/bin/python3
"""Versions of objects by boto3 and awscli, and what file clients do to them (libnfs, NFSv3)."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import MIB, Scratch, ServerTest, aws, main, random_bytes  # noqa: E402
from nfs_calls import LIBRARY, NfsMount  # noqa: E402
from signing import send  # noqa: E402


class VersionTest(ServerTest):
    def setUp(self):
        self.name = self.versioned()

    def versioned(self):
        name = self.bucket()
        self.addCleanup(lambda: self.remove_all(name))
        self.set_versioning("Enabled", name)
        return name

    def set_versioning(self, status, name=None):
        self.s3.put_bucket_versioning(Bucket=name or self.name, VersioningConfiguration={"Status": status})

    def remove_all(self, name):
        listing = self.s3.list_object_versions(Bucket=name)
        for version in listing.get("Versions", []) + listing.get("DeleteMarkers", []):
            self.s3.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])

    def put(self, key="k", body=b"text", **options):
        return self.s3.put_object(Bucket=self.name, Key=key, Body=body, **options)["VersionId"]

    def get(self, key="k", **options):
        return self.s3.get_object(Bucket=self.name, Key=key, **options)["Body"].read()

    def delete(self, key="k", **options):
        return self.s3.delete_object(Bucket=self.name, Key=key, **options)

    def listed(self, **options):
        """(key, id, latest, marker) in the order of the listing, which boto3 takes apart: markers after versions."""
        listing = self.s3.list_object_versions(Bucket=self.name, **options)
        return ([(each["Key"], each["VersionId"], each["IsLatest"], False) for each in listing.get("Versions", [])] +
                [(each["Key"], each["VersionId"], each["IsLatest"], True) for each in listing.get("DeleteMarkers", [])])


class SettingTest(VersionTest):
    def test_a_bucket_says_nothing_until_it_is_enabled(self):
        name = self.bucket()
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=name))
        self.set_versioning("Enabled", name)
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=name)["Status"], "Enabled")
        self.set_versioning("Suspended", name)
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=name)["Status"], "Suspended")

    def test_mfa_delete_is_refused_in_words(self):
        with self.fails("NotImplemented", 501) as caught:
            self.s3.put_bucket_versioning(Bucket=self.name, MFA="device 123456",
                                          VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
        self.assertIn("MFA delete", caught.exception.response["Error"]["Message"])

    def test_a_bucket_with_versions_is_not_empty(self):
        first = self.put()
        marker = self.delete()["VersionId"]
        for left in (first, marker):
            with self.fails("BucketNotEmpty", 409):
                self.s3.delete_bucket(Bucket=self.name)
            self.delete(VersionId=left)


class ReadTest(VersionTest):
    def test_every_version_is_read_by_its_id(self):
        bodies = [random_bytes(size, size) for size in (0, 1, 100, 70_000, 9 * MIB + 1)]
        ids = [self.put(body=body) for body in bodies]
        self.assertEqual(len(set(ids)), len(ids))
        for version, body in zip(ids, bodies):
            got = self.s3.get_object(Bucket=self.name, Key="k", VersionId=version)
            self.assertEqual((got["VersionId"], got["Body"].read()), (version, body))
            head = self.s3.head_object(Bucket=self.name, Key="k", VersionId=version)
            self.assertEqual((head["VersionId"], head["ContentLength"]), (version, len(body)))
        self.assertEqual(self.get(VersionId=ids[4], Range="bytes=5-1000004"), bodies[4][5:1000005])
        self.assertEqual(self.s3.head_object(Bucket=self.name, Key="k")["VersionId"], ids[4])

    def test_ids_that_are_none_and_versions_that_are_not_there(self):
        version = self.put()
        for wrong in ("abc", version[:-1], version + "0", version.upper() if version != version.upper() else "X" * 32):
            with self.fails("InvalidArgument", 400):
                self.get(VersionId=wrong)
        with self.fails("NoSuchVersion", 404):
            self.get(key="other", VersionId=version)
        self.delete(VersionId=version)
        with self.fails("NoSuchVersion", 404):
            self.get(VersionId=version)
        self.assertEqual(self.delete(VersionId=version)["VersionId"], version)

    def test_versions_survive_a_restart_and_a_kill(self):
        large = random_bytes(3 * MIB, 4)
        first = self.put(body=large)
        second = self.put(body=b"second")
        self.delete()
        self.server.kill()
        self.server.start()
        type(self).s3 = self.server.client()
        self.assertEqual(self.get(VersionId=first), large)
        self.assertEqual(self.get(VersionId=second), b"second")
        with self.fails("NoSuchKey", 404):
            self.get()

    def test_tags_acls_and_attributes_are_of_the_version_that_is_named(self):
        first, second = self.put(body=b"one"), self.put(body=b"second")
        where = {"Bucket": self.name, "Key": "k"}
        self.s3.put_object_tagging(Tagging={"TagSet": [{"Key": "of", "Value": "one"}]}, VersionId=first, **where)
        self.assertEqual(self.s3.get_object_tagging(VersionId=first, **where)["TagSet"],
                         [{"Key": "of", "Value": "one"}])
        self.assertEqual(self.s3.get_object_tagging(**where)["TagSet"], [])
        self.s3.delete_object_tagging(VersionId=first, **where)
        self.assertEqual(self.s3.get_object_tagging(VersionId=first, **where)["TagSet"], [])
        self.s3.put_object_acl(ACL="public-read", VersionId=first, **where)
        self.assertEqual(len(self.s3.get_object_acl(VersionId=first, **where)["Grants"]), 2)
        self.assertEqual(len(self.s3.get_object_acl(VersionId=second, **where)["Grants"]), 1)
        size = self.s3.get_object_attributes(VersionId=first, ObjectAttributes=["ObjectSize"], **where)
        self.assertEqual((size["ObjectSize"], size["VersionId"]), (3, first))


class DeleteTest(VersionTest):
    def test_a_marker_hides_and_its_removal_brings_back(self):
        self.put(body=b"one")
        deleted = self.delete()
        self.assertTrue(deleted["DeleteMarker"])
        with self.fails("NoSuchKey", 404) as caught:
            self.get()
        headers = caught.exception.response["ResponseMetadata"]["HTTPHeaders"]
        self.assertEqual(headers["x-amz-delete-marker"], "true")
        self.assertEqual(headers["x-amz-version-id"], deleted["VersionId"])
        with self.fails("MethodNotAllowed", 405):
            self.get(VersionId=deleted["VersionId"])
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket=self.name))
        again = self.delete(VersionId=deleted["VersionId"])
        self.assertTrue(again["DeleteMarker"])
        self.assertEqual(self.get(), b"one")

    def test_the_newest_that_is_left_is_current(self):
        ids = [self.put(body=b"%d" % number) for number in range(4)]
        self.delete(VersionId=ids[3])
        self.assertEqual(self.get(), b"2")
        self.delete(VersionId=ids[1])
        self.delete(VersionId=ids[2])
        self.assertEqual(self.get(), b"0")
        self.delete(VersionId=ids[0])
        self.assertEqual(self.listed(), [])

    def test_many_at_once(self):
        first, second = self.put("a"), self.put("b")
        answer = self.s3.delete_objects(Bucket=self.name, Delete={"Objects": [
            {"Key": "a", "VersionId": first}, {"Key": "b"}, {"Key": "c"}, {"Key": "d", "VersionId": "nonsense"}]})
        by_key = {each["Key"]: each for each in answer["Deleted"]}
        self.assertEqual(by_key["a"]["VersionId"], first)
        self.assertTrue(by_key["b"]["DeleteMarker"] and by_key["c"]["DeleteMarker"])
        self.assertEqual([each["Code"] for each in answer["Errors"]], ["NoSuchVersion"])
        self.assertEqual(self.get("b", VersionId=second), b"text")
        markers = [{"Key": key, "VersionId": by_key[key]["DeleteMarkerVersionId"]} for key in ("b", "c")]
        self.s3.delete_objects(Bucket=self.name, Delete={"Objects": markers})
        self.assertEqual(self.listed(), [("b", second, True, False)])

    def test_suspended_buckets_have_one_null_version_a_key(self):
        first = self.put(body=b"one")
        self.set_versioning("Suspended")
        self.assertEqual(self.put(body=b"two"), "null")
        self.assertEqual(self.put(body=b"three"), "null")
        self.assertEqual(self.listed(), [("k", "null", True, False), ("k", first, False, False)])
        self.assertEqual(self.delete()["VersionId"], "null")
        self.assertEqual(self.listed(), [("k", first, False, False), ("k", "null", True, True)])
        self.set_versioning("Enabled")
        third = self.put(body=b"four")
        self.assertEqual(self.listed(),
                         [("k", third, True, False), ("k", first, False, False), ("k", "null", False, True)])
        self.delete(VersionId="null")
        self.assertEqual(self.listed(), [("k", third, True, False), ("k", first, False, False)])


class CopyTest(VersionTest):
    def test_an_earlier_version_is_restored_by_a_copy(self):
        large = random_bytes(6 * MIB, 2)
        first = self.put(body=large)
        self.put(body=b"two")
        source = {"Bucket": self.name, "Key": "k", "VersionId": first}
        copied = self.s3.copy_object(Bucket=self.name, Key="k", CopySource=source)
        self.assertEqual(copied["CopySourceVersionId"], first)
        self.assertEqual(self.get(VersionId=copied["VersionId"]), large)
        upload = {"Bucket": self.name, "Key": "parts",
                  "UploadId": self.s3.create_multipart_upload(Bucket=self.name, Key="parts")["UploadId"]}
        part = self.s3.upload_part_copy(PartNumber=1, CopySource=source, **upload)
        self.assertEqual(part["CopySourceVersionId"], first)
        done = self.s3.complete_multipart_upload(MultipartUpload={"Parts": [
            {"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}, **upload)
        self.assertEqual(self.get("parts", VersionId=done["VersionId"]), large)

    def test_a_marker_is_no_source(self):
        self.put()
        marker = self.delete()["VersionId"]
        with self.fails("NoSuchKey", 404):
            self.s3.copy_object(Bucket=self.name, Key="l", CopySource={"Bucket": self.name, "Key": "k"})
        with self.fails("InvalidRequest", 400):
            self.s3.copy_object(Bucket=self.name, Key="l",
                                CopySource={"Bucket": self.name, "Key": "k", "VersionId": marker})


class ListTest(VersionTest):
    def fill(self):
        for number in range(3):
            for key in ("a/1", "a/2", "b", "c/ü d"):
                self.put(key, b"%d" % number)
        self.delete("b")
        self.delete("gone")

    def test_pages_of_any_size_give_the_same(self):
        self.fill()
        whole = self.listed()
        self.assertEqual(len(whole), 14)
        for size in (1, 2, 3, 5, 13, 14):
            pages = self.s3.get_paginator("list_object_versions").paginate(
                Bucket=self.name, PaginationConfig={"PageSize": size})
            found = set()
            for page in pages:
                count = len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))
                self.assertLessEqual(count, size)
                for each in page.get("Versions", []) + page.get("DeleteMarkers", []):
                    self.assertNotIn(each["VersionId"], found)
                    found.add(each["VersionId"])
            self.assertEqual(found, {each[1] for each in whole})

    def test_prefixes_delimiters_and_markers(self):
        self.fill()
        self.assertEqual({each[0] for each in self.listed(Prefix="a/")}, {"a/1", "a/2"})
        listing = self.s3.list_object_versions(Bucket=self.name, Delimiter="/")
        self.assertEqual([each["Prefix"] for each in listing["CommonPrefixes"]], ["a/", "c/"])
        self.assertEqual([each["Key"] for each in listing["DeleteMarkers"]], ["b", "gone"])
        self.assertEqual({each[0] for each in self.listed(KeyMarker="a/2")}, {"b", "c/ü d", "gone"})
        newest = [each[1] for each in self.listed(Prefix="a/2")]
        rest = self.listed(Prefix="a/", KeyMarker="a/2", VersionIdMarker=newest[0])
        self.assertEqual([each[1] for each in rest], newest[1:])
        with self.fails("InvalidArgument", 400):
            self.listed(KeyMarker="a/2", VersionIdMarker="nonsense")
        pairs = [("versions", ""), ("encoding-type", "url"), ("prefix", "c/")]
        raw = send(self.server, "GET", f"/{self.name}", pairs).body
        self.assertIn(b"<Key>c/%C3%BC%20d</Key>", raw)


class AwsCliTest(VersionTest):
    def setUp(self):
        super().setUp()
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)

    def api(self, *arguments):
        out = aws(self.server, self.scratch, "s3api", *arguments, "--bucket", self.name, "--output", "json").stdout
        return json.loads(out) if out.strip() else {}

    def test_the_calls_of_the_command_line(self):
        self.assertEqual(self.api("get-bucket-versioning")["Status"], "Enabled")
        self.scratch.write("f", b"one")
        first = self.api("put-object", "--key", "f", "--body", self.scratch.path("f"))["VersionId"]
        self.scratch.write("f", b"second")
        self.api("put-object", "--key", "f", "--body", self.scratch.path("f"))
        marker = self.api("delete-object", "--key", "f")["VersionId"]
        listing = self.api("list-object-versions")
        self.assertEqual([each["Size"] for each in listing["Versions"]], [6, 3])
        self.assertEqual(listing["DeleteMarkers"][0]["VersionId"], marker)
        self.api("get-object", "--key", "f", "--version-id", first, self.scratch.path("got"))
        with open(self.scratch.path("got"), "rb") as got:
            self.assertEqual(got.read(), b"one")
        self.api("delete-object", "--key", "f", "--version-id", marker)
        self.assertEqual(self.get("f"), b"second")
        self.api("put-bucket-versioning", "--versioning-configuration", "Status=Suspended")
        self.assertEqual(self.api("get-bucket-versioning")["Status"], "Suspended")


@unittest.skipUnless(LIBRARY, "libnfs is not installed")
class FileTest(VersionTest):
    def setUp(self):
        super().setUp()
        self.mount = NfsMount(self.server, self.name)
        self.addCleanup(self.mount.close)

    def test_removals_and_renames_keep_versions(self):
        self.assertEqual(self.mount.create("/f", b"one"), 0)
        self.assertEqual(self.mount.call("unlink", b"/f"), 0)
        kept = self.listed()
        self.assertEqual([(each[0], each[3]) for each in kept], [("f", False), ("f", True)])
        self.assertEqual(self.get("f", VersionId=kept[0][1]), b"one")
        self.assertEqual(self.mount.create("/new", b"second"), 0)
        self.assertEqual(self.mount.create("/old", b"first"), 0)
        self.assertEqual(self.mount.call("rename", b"/new", b"/old"), 0)
        self.assertEqual(self.get("old"), b"second")
        earlier = [each for each in self.listed(Prefix="old") if not each[2]]
        self.assertEqual(self.get("old", VersionId=earlier[0][1]), b"first")
        self.assertEqual(self.mount.read("/old"), b"second")

    def test_what_s3_brings_back_is_a_file_again(self):
        version = self.put("d/f", b"one")
        marker = self.delete("d/f")["VersionId"]
        self.assertLess(self.mount.open("/d/f", 0)[0], 0)
        self.delete("d/f", VersionId=marker)
        self.assertEqual(self.mount.read("/d/f"), b"one")
        self.assertEqual(self.s3.head_object(Bucket=self.name, Key="d/f")["VersionId"], version)


if __name__ == "__main__":
    main()
