#!/usr/bin/python3
"""What lifecycle rules do to real objects, made by boto3 and over NFS, on a server whose lifecycle clock runs ahead."""

import ctypes
import datetime
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import KIB, ServerTest, main, random_bytes  # noqa: E402
from nfs_calls import LIBRARY, NfsMount  # noqa: E402

OFFSET = "TOKENPLANE_TEST_LIFECYCLE_OFFSET_SECONDS"
DAY_S = 86400
SETTLE_LIMIT_S = 60
UTC = datetime.timezone.utc


def rule(name, prefix="", **parts):
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **parts}


class LifecycleCase(ServerTest):
    offset_days = 0
    environment = {OFFSET: "0"}

    def setUp(self):
        self.addCleanup(self.at_day, 0)

    def set_rules(self, name, *rules):
        self.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": list(rules)})

    def at_day(self, days, settle=True):
        """The server anew, its lifecycle so many days ahead, when it has done what is due."""
        cls = type(self)
        if cls.offset_days != days or not self.server.alive():
            cls.offset_days = days
            self.server.environment[OFFSET] = str(days * DAY_S)
            if self.server.alive():
                self.server.restart()
            else:
                self.server.start()
            cls.s3 = self.server.client()
        if settle:
            self.settle()

    def status(self):
        return self.server.operate("GET", "/v1/lifecycle")

    def settle(self):
        """Waits until the engine has followed everything and nothing is due."""
        deadline = time.monotonic() + SETTLE_LIMIT_S
        first, calm = self.status()["ticks"], False
        while not calm:
            status = self.status()
            self.assertEqual(status["trouble"], "", status)
            due = status["next_due"] and datetime.datetime.fromisoformat(status["next_due"].replace("Z", "+00:00"))
            shifted = datetime.datetime.now(UTC) + datetime.timedelta(days=self.offset_days)
            quiet = status["journal_behind"] == 0 and not status["walks"] and (not due or due > shifted)
            if not quiet:
                first = status["ticks"]
            # A tick that had begun before may have missed what was done since, and the next one follows what it did.
            calm = status["ticks"] >= first + 3
            self.assertLess(time.monotonic(), deadline, f"lifecycle does not come to rest: {status}")
            self.server.process.poll()
            wait_a_little()

    def keys(self, name):
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=name).get("Contents", [])]

    def classes(self, name):
        return {entry["Key"]: entry["StorageClass"]
                for entry in self.s3.list_objects_v2(Bucket=name).get("Contents", [])}

    def versions(self, name, key):
        page = self.s3.list_object_versions(Bucket=name, Prefix=key)
        return [entry["VersionId"] for entry in page.get("Versions", [])], len(page.get("DeleteMarkers", []))

    def versioned_bucket(self):
        name = self.bucket()
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.addCleanup(self.empty_versions, name)
        return name

    def empty_versions(self, name):
        page = self.s3.list_object_versions(Bucket=name)
        for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
            self.s3.delete_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])


def wait_a_little():
    """Between two questions to the engine, which ticks ten times a second here."""
    import select
    select.select([], [], [], 0.05)


class ExpirationTest(LifecycleCase):
    def test_objects_expire_on_their_day_and_not_before(self):
        name = self.bucket()
        self.set_rules(name, rule("logs", "logs/", Expiration={"Days": 3}),
                       {"ID": "tagged", "Status": "Enabled",
                        "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "temp", "Value": "yes"}]}},
                        "Expiration": {"Days": 1}})
        for key in ("logs/a", "logs/deep/er/b", "keep", "logsnot"):
            self.s3.put_object(Bucket=name, Key=key, Body=b"x")
        self.s3.put_object(Bucket=name, Key="tagged", Body=b"x", Tagging="temp=yes&other=1")
        self.s3.put_object(Bucket=name, Key="tagged-later", Body=b"x")
        self.s3.put_object_tagging(Bucket=name, Key="tagged-later",
                                   Tagging={"TagSet": [{"Key": "temp", "Value": "yes"}]})
        self.s3.put_object(Bucket=name, Key="other-tag", Body=b"x", Tagging="temp=no")
        self.settle()
        self.assertEqual(len(self.keys(name)), 7)
        self.at_day(2)
        self.assertEqual(self.keys(name), ["keep", "logs/a", "logs/deep/er/b", "logsnot", "other-tag"])
        self.s3.put_object(Bucket=name, Key="logs/new", Body=b"x")
        self.at_day(4)
        self.assertEqual(self.keys(name), ["keep", "logsnot", "other-tag"])

    def test_rules_set_later_reach_what_is_there_and_rules_taken_away_do_nothing(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="a/1", Body=b"x")
        self.s3.put_object(Bucket=name, Key="b/1", Body=b"x")
        self.at_day(10)
        self.assertEqual(self.keys(name), ["a/1", "b/1"])
        self.set_rules(name, rule("b", "b/", Expiration={"Days": 400}))
        self.settle()
        self.s3.delete_bucket_lifecycle(Bucket=name)
        self.at_day(500)
        self.assertEqual(self.keys(name), ["a/1", "b/1"])
        self.set_rules(name, rule("a", "a/", Expiration={"Date": datetime.datetime(2020, 1, 1, tzinfo=UTC)}))
        self.settle()
        self.assertEqual(self.keys(name), ["b/1"])

    def test_a_copy_follows_the_rules_of_its_own_name(self):
        name = self.bucket()
        self.set_rules(name, rule("tmp", "tmp/", Expiration={"Days": 1}))
        for key in ("tmp/1", "tmp/2"):
            self.s3.put_object(Bucket=name, Key=key, Body=b"x")
        self.s3.copy_object(Bucket=name, Key="kept", CopySource={"Bucket": name, "Key": "tmp/1"})
        self.settle()
        self.at_day(3)
        self.assertEqual(self.keys(name), ["kept"])

    def test_an_incomplete_upload_is_aborted(self):
        name = self.bucket()
        self.set_rules(name, rule("uploads", "u/", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
        for key in ("u/1", "u/2", "other"):
            upload = self.s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
            self.s3.upload_part(Bucket=name, Key=key, UploadId=upload, PartNumber=1, Body=b"x" * KIB)
        self.at_day(1)
        self.assertEqual(len(self.s3.list_multipart_uploads(Bucket=name)["Uploads"]), 3)
        self.at_day(3)
        left = self.s3.list_multipart_uploads(Bucket=name)["Uploads"]
        self.assertEqual([entry["Key"] for entry in left], ["other"])

    def test_a_killed_server_goes_on_where_it_was(self):
        name = self.bucket()
        self.set_rules(name, rule("all", "x/", Expiration={"Days": 1}))
        for i in range(300):
            self.s3.put_object(Bucket=name, Key=f"x/{i:03}", Body=b"x")
        self.s3.put_object(Bucket=name, Key="stays", Body=b"x")
        self.server.kill()
        self.at_day(5, settle=False)
        for _ in range(3):
            self.server.kill()
            self.at_day(5, settle=False)
        self.settle()
        self.assertEqual(self.keys(name), ["stays"])
        self.server.stop()
        checked = self.server.cli("check", "--data", self.server.data)
        self.assertIn("clean", checked[1] + checked[2])
        self.at_day(0)

    def test_the_operator_sees_what_it_did(self):
        name = self.bucket()
        self.set_rules(name, rule("all", "", Expiration={"Days": 1}))
        self.s3.put_object(Bucket=name, Key="x", Body=b"x")
        self.at_day(5)
        page = self.server.admin("/metrics")[1]
        self.assertIn("tokenplane_lifecycle_expired_total 1", page)
        self.assertIn("tokenplane_lifecycle_volumes 1", page)
        shown = self.server.cli("lifecycle", "status", "--data", self.server.data)[1]
        self.assertIn("expired             1 objects", shown)
        parsed = json.loads(self.server.cli("lifecycle", "status", "--json", "--data", self.server.data)[1])
        self.assertEqual((parsed["expired"], parsed["volumes"]), (1, 1))
        self.server.stop()
        status, _, text = self.server.cli("lifecycle", "status", "--data", self.server.data, check=False)
        self.assertNotEqual(status, 0)
        self.assertIn("start it", text)
        self.at_day(0, settle=False)


class VersionsTest(LifecycleCase):
    def test_earlier_versions_go_but_for_the_newest_so_many(self):
        name = self.versioned_bucket()
        self.set_rules(name, rule("keep-two", "", NoncurrentVersionExpiration={"NoncurrentDays": 1,
                                                                              "NewerNoncurrentVersions": 2}))
        for body in (b"1", b"2", b"3", b"4", b"5"):
            self.s3.put_object(Bucket=name, Key="k", Body=body)
        before, _ = self.versions(name, "k")
        self.settle()
        self.assertEqual(len(before), 5)
        self.at_day(3)
        self.assertEqual(self.versions(name, "k")[0], before[:3])
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k")["Body"].read(), b"5")
        got = self.s3.get_object(Bucket=name, Key="k", VersionId=before[2])
        self.assertEqual(got["Body"].read(), b"3")

    def test_an_expired_object_leaves_a_marker_and_in_the_end_nothing(self):
        name = self.versioned_bucket()
        self.set_rules(name, rule("current", "m/", Expiration={"Days": 5}),
                       rule("current too", "c/", Expiration={"Days": 5}),
                       rule("earlier", "c/", NoncurrentVersionExpiration={"NoncurrentDays": 1}))
        self.s3.put_object(Bucket=name, Key="m/1", Body=b"x")
        self.s3.put_object(Bucket=name, Key="c/1", Body=b"x")
        self.at_day(3)
        self.assertEqual(self.keys(name), ["c/1", "m/1"])
        self.at_day(8)
        self.assertEqual(self.keys(name), [])
        self.assertEqual([len(self.versions(name, "m/1")[0]), self.versions(name, "m/1")[1]], [1, 1])
        # Its marker was the only thing left of it, and as old as the rule asks by this clock.
        self.assertEqual(self.versions(name, "c/1"), ([], 0))

    def test_a_marker_that_hides_nothing_goes(self):
        name = self.versioned_bucket()
        self.set_rules(name, rule("markers", "", Expiration={"ExpiredObjectDeleteMarker": True}))
        self.s3.delete_object(Bucket=name, Key="alone")
        self.s3.put_object(Bucket=name, Key="hides", Body=b"x")
        self.s3.delete_object(Bucket=name, Key="hides")
        self.at_day(2)
        self.assertEqual(self.versions(name, "alone"), ([], 0))
        self.assertEqual(self.versions(name, "hides")[1], 1)

    def test_a_locked_version_stays(self):
        name = self.bucket(ObjectLockEnabledForBucket=True)
        self.addCleanup(self.empty_locked, name)
        self.set_rules(name, rule("earlier", "", NoncurrentVersionExpiration={"NoncurrentDays": 1}))
        locked = self.s3.put_object(Bucket=name, Key="k", Body=b"1")["VersionId"]
        self.s3.put_object_legal_hold(Bucket=name, Key="k", VersionId=locked, LegalHold={"Status": "ON"})
        free = self.s3.put_object(Bucket=name, Key="k", Body=b"2")["VersionId"]
        current = self.s3.put_object(Bucket=name, Key="k", Body=b"3")["VersionId"]
        self.at_day(3)
        self.assertEqual(self.versions(name, "k")[0], [current, locked])
        self.assertNotIn(free, self.versions(name, "k")[0])
        self.assertGreaterEqual(self.status()["put_off"], 1)

    def empty_locked(self, name):
        for entry in self.s3.list_object_versions(Bucket=name).get("Versions", []):
            self.s3.put_object_legal_hold(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"],
                                          LegalHold={"Status": "OFF"})
        self.empty_versions(name)


class TransitionTest(LifecycleCase):
    def test_objects_grow_colder(self):
        name = self.bucket()
        self.set_rules(name, rule("colder", "", Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"},
                                                             {"Days": 90, "StorageClass": "GLACIER_IR"}]),
                       {"ID": "small", "Status": "Enabled",
                        "Filter": {"And": {"Prefix": "tiny/", "ObjectSizeLessThan": 100}},
                        "Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]})
        body = random_bytes(200 * KIB)
        self.s3.put_object(Bucket=name, Key="large", Body=body)
        self.s3.put_object(Bucket=name, Key="small", Body=b"x")
        self.s3.put_object(Bucket=name, Key="tiny/1", Body=b"x")
        self.at_day(29)
        self.assertEqual(self.classes(name), {"large": "STANDARD", "small": "STANDARD", "tiny/1": "GLACIER_IR"})
        self.at_day(31)
        self.assertEqual(self.classes(name)["large"], "STANDARD_IA")
        self.assertEqual(self.s3.head_object(Bucket=name, Key="large")["StorageClass"], "STANDARD_IA")
        self.at_day(91)
        # What is below 128 KiB moves only by a rule that names sizes.
        self.assertEqual(self.classes(name), {"large": "GLACIER_IR", "small": "STANDARD", "tiny/1": "GLACIER_IR"})
        self.assertEqual(self.s3.get_object(Bucket=name, Key="large")["Body"].read(), body)

    def test_earlier_versions_grow_colder_too(self):
        name = self.versioned_bucket()
        self.set_rules(name, rule("earlier", "", NoncurrentVersionTransitions=[
            {"NoncurrentDays": 30, "StorageClass": "STANDARD_IA"}]))
        body = random_bytes(150 * KIB)
        first = self.s3.put_object(Bucket=name, Key="k", Body=body)["VersionId"]
        self.s3.put_object(Bucket=name, Key="k", Body=body[::-1])
        self.at_day(32)
        got = self.s3.get_object(Bucket=name, Key="k", VersionId=first)
        self.assertEqual((got["StorageClass"], got["Body"].read()), ("STANDARD_IA", body))
        self.assertNotIn("StorageClass", self.s3.head_object(Bucket=name, Key="k"))
        listed = {entry["VersionId"]: entry["StorageClass"]
                  for entry in self.s3.list_object_versions(Bucket=name)["Versions"]}
        self.assertEqual(listed[first], "STANDARD_IA")


class Stat(ctypes.Structure):
    """libnfs's struct nfs_stat_64."""
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "blksize", "blocks", "atime", "mtime", "ctime",
        "atime_nsec", "mtime_nsec", "ctime_nsec", "used")]


class TimeValue(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]


@unittest.skipUnless(LIBRARY, "libnfs is not installed")
class FileTest(LifecycleCase):
    def mount(self, name):
        self.server.cli("volume", "set", name, "--data", self.server.data, "--nfs-squash", "none")
        mount = NfsMount(self.server, name)
        self.addCleanup(mount.close)
        return mount

    def make_older(self, nfs, path, days):
        at = int(time.time()) - days * DAY_S
        times = (TimeValue * 2)(TimeValue(at, 0), TimeValue(at, 0))
        self.assertEqual(nfs.call("utimes", path.encode(), times), 0)

    def test_files_made_over_nfs_follow_the_rules_of_objects(self):
        name = self.bucket()
        self.set_rules(name, rule("expire", "old/", Expiration={"Days": 3}),
                       rule("move", "big/", Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}]))
        nfs = self.mount(name)
        body = random_bytes(200 * KIB)
        for folder in ("/old", "/big", "/old/deep"):
            self.assertEqual(nfs.mkdir(folder), 0)
        self.assertEqual(nfs.create("/old/deep/file", b"x"), 0)
        self.assertEqual(nfs.create("/old/renamed-away", b"x"), 0)
        self.assertEqual(nfs.create("/big/file", body), 0)
        self.assertEqual(nfs.create("/elsewhere", b"x"), 0)
        self.assertEqual(nfs.rename("/old/renamed-away", "/kept"), 0)
        # A directory that is renamed takes all below it under other rules.
        self.assertEqual(nfs.mkdir("/fresh"), 0)
        self.assertEqual(nfs.create("/fresh/below", b"x"), 0)
        self.settle()
        self.assertEqual(nfs.rename("/fresh", "/old/moved-in"), 0)
        nfs.close()
        self._cleanups = [each for each in self._cleanups if each[0] != nfs.close]
        self.at_day(2)
        self.assertIn("old/deep/file", self.keys(name))
        self.at_day(4)
        left = [key for key in self.keys(name) if not key.endswith("/")]
        self.assertEqual(left, ["big/file", "elsewhere", "kept"])
        self.at_day(31)
        self.assertEqual(self.classes(name)["big/file"], "STANDARD_IA")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="big/file")["Body"].read(), body)
        again = self.mount(name)
        self.assertEqual(again.read("/big/file", 200 * KIB), body)
        self.assertLess(again.open("/old/deep/file", os.O_RDONLY)[0], 0)

    def test_transitions_by_last_access(self):
        name = self.bucket()
        self.set_rules(name, rule("far", "", Expiration={"Days": 3650}))  # from now on reads are noted
        nfs = self.mount(name)
        body = random_bytes(200 * KIB)
        for path in ("/by-s3", "/by-nfs", "/by-nobody"):
            self.assertEqual(nfs.create(path, body), 0)
            self.make_older(nfs, path, 60)
        deadline = time.monotonic() + SETTLE_LIMIT_S
        while not all(self.accessed_lately(nfs, path) for path in ("/by-s3", "/by-nfs")):
            self.assertEqual(self.s3.get_object(Bucket=name, Key="by-s3")["Body"].read(), body)
            self.assertEqual(nfs.read("/by-nfs", 200 * KIB), body)
            self.assertLess(time.monotonic(), deadline, "no access was noted")
            wait_a_little()
        self.set_access_rule(name, 30)
        self.settle()
        self.assertEqual(self.classes(name), {"by-s3": "STANDARD", "by-nfs": "STANDARD", "by-nobody": "STANDARD_IA"})
        nfs.close()
        self._cleanups = [each for each in self._cleanups if each[0] != nfs.close]
        self.at_day(32)
        self.assertEqual(set(self.classes(name).values()), {"STANDARD_IA"})

    def accessed_lately(self, nfs, path):
        stat = Stat()
        self.assertEqual(nfs.call("stat64", path.encode(), ctypes.byref(stat)), 0)
        return stat.atime > time.time() - DAY_S

    def set_access_rule(self, name, days):
        """boto3 does not know <DaysSinceLastAccess>: it is put into the body before that is signed."""
        def change(params, **_):
            body = params["body"].replace(b"<Days>77</Days>", b"<DaysSinceLastAccess>%d</DaysSinceLastAccess>" % days)
            self.assertNotEqual(body, params["body"])
            params["body"] = body
            params["headers"].pop("Content-MD5", None)
        event = "before-call.s3.PutBucketLifecycleConfiguration"
        self.s3.meta.events.register_last(event, change)
        try:
            self.set_rules(name, rule("access", "", Transitions=[{"Days": 77, "StorageClass": "STANDARD_IA"}]))
        finally:
            self.s3.meta.events.unregister(event, change)


if __name__ == "__main__":
    main()
