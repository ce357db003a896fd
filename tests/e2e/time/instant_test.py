#!/usr/bin/python3
"""A snapshot is of one instant, of several buckets too, and shows the same for ever: while clients write, through
kill -9, while its neighbours are deleted."""

import contextlib
import hashlib
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402
from harness import KIB, ServerTest, main, random_bytes  # noqa: E402

KEYS = 60
SIZES = (0, 100, 5000, 64 * KIB, 64 * KIB + 1, 300 * KIB)


class Background:
    """A thread that repeats a step until it is told to stop; what a step raises is raised when it is."""

    def __init__(self, step):
        self.step, self.error, self.done = step, None, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.done.is_set():
                self.step()
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.done.set()
        self.thread.join()
        if self.error and kind is None:
            raise self.error


class InstantTest(ServerTest):
    def number(self, bucket, key):
        return int(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def test_two_buckets_at_one_instant(self):
        """One client counts in turns in both: whoever looks at an instant sees no gap."""
        buckets = [self.bucket(), self.bucket()]
        client, count = self.server.client(), 0

        def step():
            nonlocal count
            count += 1
            for bucket in buckets:
                client.put_object(Bucket=bucket, Key="d/count", Body=b"%d" % count)

        step()
        seen = []
        with Background(step):
            for turn in range(30):
                self.server.operate("POST", "/v1/snapshots", {"volumes": buckets, "name": f"s{turn}"})
                pair = [self.number(f"{bucket}.snapshot.s{turn}", "d/count") for bucket in buckets]
                self.assertIn(pair[0] - pair[1], (0, 1), pair)
                seen.append(pair)
        self.assertGreater(len(set(map(tuple, seen))), 3)  # it went on meanwhile
        self.assertEqual(seen, sorted(seen))
        for turn, pair in enumerate(seen):
            self.assertEqual([self.number(f"{bucket}.snapshot.s{turn}", "d/count") for bucket in buckets], pair)
        for bucket in buckets:
            for turn in range(30):
                self.server.delete_snapshot(bucket, f"s{turn}")

    def state(self, bucket):
        """key -> (size, etag, digest of the bytes) of all that a listing shows."""
        found = {}
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket,
                                                                      PaginationConfig={"PageSize": 7}):
            for entry in page.get("Contents", []):
                body = self.s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                found[entry["Key"]] = (entry["Size"], entry["ETag"], hashlib.sha256(body).hexdigest())
        return found

    def test_what_a_snapshot_shows_stays_through_kills_and_deletions(self):
        bucket = self.bucket()
        chance, writer_chance = random.Random(11), random.Random(12)
        bodies = [random_bytes(size, number) for number, size in enumerate(SIZES)]
        client = self.server.client()

        def step():
            key = f"d{writer_chance.randrange(4)}/{writer_chance.randrange(KEYS)}"
            with contextlib.suppress(BotoCoreError, ClientError):  # the server may go in the middle of a call
                if writer_chance.random() < 0.3:
                    client.delete_object(Bucket=bucket, Key=key)
                else:
                    client.put_object(Bucket=bucket, Key=key, Body=writer_chance.choice(bodies))

        for _ in range(KEYS):
            step()
        kept = {}
        for turn in range(6):
            with Background(step):
                for number in range(3):
                    name = f"t{turn}-{number}"
                    self.server.take_snapshot(bucket, name)
                    kept[name] = self.state(f"{bucket}.snapshot.{name}")
                self.server.kill()
            self.server.start()
            type(self).s3, client = self.server.client(), self.server.client()
            for name in chance.sample(sorted(kept), 2):
                self.server.delete_snapshot(bucket, name)
                del kept[name]
            for name, state in kept.items():
                self.assertEqual(self.state(f"{bucket}.snapshot.{name}"), state, name)
            self.assertTrue(all(kept.values()))
        self.server.stop()
        checked = self.server.cli("check", "--data", self.server.data, check=False)
        self.server.start()
        type(self).s3 = self.server.client()
        self.assertEqual(checked[0], 0, checked[1] + checked[2])
        for name in kept:
            self.server.delete_snapshot(bucket, name)


if __name__ == "__main__":
    main()
