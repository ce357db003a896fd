#!/usr/bin/python3
"""tokenplane snapshot and volume remove-clone on a real server: taking, listing, comparing, restoring, cloning,
schedules, deleting; what only a deleted snapshot held is freed, and a check finds nothing at any time."""

import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import MIB, ServerTest, main, random_bytes  # noqa: E402

LIMIT_S = 60


class SnapshotCommandTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def cli(self, *arguments, check=True):
        return self.server.cli(*arguments, "--data", self.server.data, check=check)

    def snapshot(self, *arguments, check=True):
        return self.cli("snapshot", *arguments, check=check)

    def refused(self, *arguments):
        status, _, error = self.snapshot(*arguments, check=False)
        self.assertNotEqual(status, 0)
        return error

    def take(self, *names, volume=None):
        for name in names:
            self.snapshot("create", volume or self.name, name)
            self.addCleanup(self.snapshot, "delete", volume or self.name, name, check=False)

    def names(self, volume=None):
        listed = json.loads(self.snapshot("list", volume or self.name, "--json")[1])
        return [entry["name"] for entry in listed]

    def diff(self, *arguments):
        return sorted(self.snapshot("diff", self.name, *arguments)[1].splitlines())

    def put(self, key, body, bucket=None):
        self.s3.put_object(Bucket=bucket or self.name, Key=key, Body=body)

    def get(self, key, bucket=None):
        return self.s3.get_object(Bucket=bucket or self.name, Key=key)["Body"].read()

    def keys(self, bucket=None):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket or self.name)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def metric(self, name):
        text = self.server.admin("/metrics")[1]
        return float(re.search(rf"^tokenplane_{name} ([\d.e+]+)$", text, re.MULTILINE).group(1))

    def wait_until(self, condition, what):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            self.server.admin("/readyz")

    def expect_clean(self):
        self.assertIn("clean", self.cli("check")[1])

    def test_a_snapshot_is_taken_listed_and_deleted(self):
        self.put("a", b"x" * 1000)
        self.take("first", "second")
        listed = json.loads(self.snapshot("list", self.name, "--json")[1])
        self.assertEqual([(s["name"], s["objects"], s["bytes"]) for s in listed],
                         [("first", 1, 1000), ("second", 1, 1000)])
        self.assertIn("second", self.snapshot("list", self.name)[1])
        self.assertIn("first", self.refused("create", self.name, "first"))
        self.assertIn("letters", self.refused("create", self.name, "no/slash"))
        self.refused("create", "no-such-volume-here", "x")
        self.refused("delete", self.name, "third")
        self.snapshot("delete", self.name, "first")
        self.assertEqual(self.names(), ["second"])
        self.snapshot("create", self.name)  # named by the time
        named = self.names()[1]
        self.assertRegex(named, r"^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$")
        self.snapshot("delete", self.name, named, "second")
        self.assertEqual(self.names(), [])

    def test_volumes_are_taken_at_one_instant(self):
        other = self.bucket()
        self.snapshot("create", f"{self.name},{other}", "both")
        self.addCleanup(self.snapshot, "delete", other, "both")
        self.addCleanup(self.snapshot, "delete", self.name, "both")
        sets = [json.loads(self.snapshot("list", volume, "--json")[1])[0]["set"] for volume in (self.name, other)]
        self.assertEqual(sets[0], sets[1])

    def test_what_changed_is_listed(self):
        for key in ("gone", "changed", "same", "moved", "dir/old"):
            self.put(key, key.encode())
        self.take("then")
        self.s3.delete_object(Bucket=self.name, Key="gone")
        self.put("changed", b"other")
        self.put("dir/new", b"n")
        self.put("fresh/deep/new", b"n")
        self.s3.put_object_tagging(Bucket=self.name, Key="moved", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        wanted = ["+ dir/new", "+ fresh/deep/new", "- gone", "M changed", "M moved"]
        self.assertEqual(self.diff("then"), wanted)
        self.take("now")
        self.put("later", b"l")
        self.assertEqual(self.diff("then", "now"), wanted)
        self.assertEqual(self.diff("now"), ["+ later"])
        self.assertIn("older", self.refused("diff", self.name, "now", "then"))

    def test_many_changes_come_in_pages(self):
        self.put("before", b"b")
        self.take("then")
        wanted = [f"new/{number:05}" for number in range(2500)]
        for key in wanted:
            self.put(key, b"")
        self.assertEqual(self.diff("then"), [f"+ {key}" for key in wanted])

    def test_files_trees_and_volumes_are_restored(self):
        large = random_bytes(12 * MIB, 3)
        self.put("a", b"one")
        self.put("dir/large", large)
        self.put("dir/sub/small", b"small")
        self.take("then")
        self.put("a", b"two")
        self.s3.delete_object(Bucket=self.name, Key="dir/large")
        self.put("dir/sub/small", b"changed")
        self.put("dir/extra", b"extra")
        self.put("other", b"other")
        before = self.metric("disk_written_bytes")
        self.snapshot("restore", self.name, "then", "a")
        self.assertEqual((self.get("a"), self.get("dir/sub/small")), (b"one", b"changed"))
        self.snapshot("restore", self.name, "then", "dir/large", "--to", "copy/of/it")
        self.assertEqual(self.get("copy/of/it"), large)
        report = json.loads(self.snapshot("restore", self.name, "then", "dir/", "--json")[1])
        self.assertEqual(report, {"restored": 2, "removed": 1, "unchanged": 0})
        self.assertEqual(self.get("dir/large"), large)
        report = json.loads(self.snapshot("restore", self.name, "then", "/", "--json")[1])
        self.assertEqual(report, {"restored": 0, "removed": 2, "unchanged": 3})
        self.assertEqual(self.keys(), ["a", "dir/large", "dir/sub/small"])
        self.assertEqual(self.metric("disk_written_bytes"), before, "a restore moves no data")
        self.refused("restore", self.name, "then", "nothing/of/that/name")
        self.refused("restore", self.name, "never", "/")
        self.expect_clean()

    def test_what_only_a_deleted_snapshot_held_is_freed(self):
        kept = self.metric("blob_live_bytes")
        self.put("gone", random_bytes(10 * MIB, 1))
        self.put("changed", random_bytes(10 * MIB, 2))
        self.take("old")
        self.s3.delete_object(Bucket=self.name, Key="gone")
        self.put("changed", random_bytes(10 * MIB, 4))
        self.take("new")
        self.assertGreaterEqual(self.metric("blob_live_bytes"), kept + 30 * MIB)
        self.expect_clean()
        self.snapshot("delete", self.name, "old")
        self.wait_until(lambda: self.metric("blob_live_bytes") < kept + 11 * MIB, "not freed")
        self.assertGreaterEqual(self.metric("blob_live_bytes"), kept + 10 * MIB)
        self.expect_clean()
        self.snapshot("delete", self.name, "new")
        self.wait_until(lambda: self.metric("snapshots_being_freed") == 0, "not freed")
        self.expect_clean()

    def test_a_clone_is_a_volume_of_its_own(self):
        clone = self.name + "-c"
        large = random_bytes(9 * MIB, 5)
        self.put("a", b"one")
        self.put("dir/large", large)
        self.take("then")
        self.put("a", b"two")
        self.snapshot("clone", self.name, "then", clone)
        self.assertEqual((self.get("a", clone), self.get("dir/large", clone)), (b"one", large))
        self.put("a", b"three", clone)
        self.put("dir/own", random_bytes(MIB, 6), clone)
        self.s3.delete_object(Bucket=clone, Key="dir/large")
        self.assertEqual(self.keys(clone), ["a", "dir/own"])
        self.assertEqual((self.get("a"), self.keys()), (b"two", ["a", "dir/large"]))
        self.assertIn("clones", self.refused("delete", self.name, "then"))
        self.expect_clean()
        self.server.restart()
        type(self).s3 = self.server.client()
        self.assertEqual((self.get("a", clone), self.get("dir/large")), (b"three", large))
        self.refused("clone", self.name, "then", clone)
        self.cli("volume", "remove-clone", clone)
        with self.fails("NoSuchBucket"):
            self.s3.list_objects_v2(Bucket=clone)
        self.assertNotEqual(self.cli("volume", "remove-clone", self.name, check=False)[0], 0)
        self.snapshot("delete", self.name, "then")
        self.wait_until(lambda: self.metric("clones_being_freed") == 0, "not freed")
        self.expect_clean()

    def test_a_bucket_with_snapshots_is_not_deleted(self):
        self.take("then")
        with self.fails("BucketNotEmpty"):
            self.s3.delete_bucket(Bucket=self.name)
        self.snapshot("delete", self.name, "then")

    def test_a_schedule_takes_snapshots_and_a_wrong_one_is_refused(self):
        self.assertEqual(self.snapshot("schedule", self.name)[1], "none\n")
        self.assertIn("keep", self.refused("schedule", self.name, "every 1h"))
        self.snapshot("schedule", self.name, "every 1h keep 2, daily keep 7")
        self.addCleanup(lambda: [self.snapshot("delete", self.name, name) for name in self.names()])
        self.wait_until(lambda: len(self.names()) == 2, "no snapshot was taken")
        self.assertRegex(" ".join(self.names()), r"^hourly-\S+-00 daily-\S+T00-00$")
        self.assertIn("every 1h keep 2", self.snapshot("schedule", self.name)[1])
        self.snapshot("schedule", self.name, "none")


if __name__ == "__main__":
    main()
