"""kill -9 under eight writing clients: after a restart every acknowledged change is there, whole, none torn."""

import hashlib
import os
import random
import threading

from botocore.exceptions import BotoCoreError, ClientError

from harness import KIB, MIB, ServerTest, main

ROUNDS = int(os.environ.get("TP_E2E_CRASH_ROUNDS", "4"))
CLIENTS = 8
BUCKET = "crash-bucket"
PART = 5 * MIB
GONE = "gone"


def body_for(key, version):
    """A body that names itself: its size and bytes follow from key and version."""
    chance = random.Random(f"{key}/{version}")
    size = chance.choice((0, 100, 4 * KIB, 60 * KIB, 70 * KIB, 300 * KIB, MIB + 17))
    return f"{key}/{version}/".encode() + chance.randbytes(size)


class Writer(threading.Thread):
    """One client that overwrites and deletes its own keys and remembers, for each, what was acknowledged and what was
    under way when the server died: the state after the crash must be one of the two."""

    def __init__(self, server, number, keys, seed):
        super().__init__()
        self.client = server.client(read_timeout=20)
        self.number, self.keys = number, keys
        self.chance = random.Random(seed)
        self.acknowledged, self.under_way = {}, {}
        self.operations = 0
        self.failure = None

    def run(self):
        version = 0
        try:
            while True:
                version += 1
                key = f"w{self.number}/{self.chance.randrange(self.keys)}"
                self.step(key, f"{os.getpid()}-{self.operations}-{version}-{self.chance.random()}")
                self.operations += 1
        except (BotoCoreError, ClientError, OSError) as error:
            self.failure = error

    def step(self, key, version):
        roll = self.chance.random()
        self.under_way[key] = GONE if roll < 0.15 else version
        if roll < 0.15:
            self.client.delete_object(Bucket=BUCKET, Key=key)
        elif roll < 0.20:
            self.multipart(key, version)
        elif roll < 0.30:
            temporary = f"{key}.tmp"
            self.client.put_object(Bucket=BUCKET, Key=temporary, Body=body_for(key, version))
            self.client.copy_object(Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/{temporary}")
        else:
            self.client.put_object(Bucket=BUCKET, Key=key, Body=body_for(key, version))
        self.acknowledged[key] = self.under_way.pop(key)

    def multipart(self, key, version):
        """Two parts whose sum is the body of this version, padded to a legal first part."""
        body = multipart_body(key, version)
        upload = self.client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        self.under_way[key] = self.under_way[key] + "+m"
        parts = [{"PartNumber": n, "ETag": self.client.upload_part(
            Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=n, Body=part)["ETag"]}
            for n, part in ((1, body[:PART]), (2, body[PART:]))]
        self.client.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})


def multipart_body(key, version):
    """A legal first part (5 MiB) that names key and version, then the body of this version."""
    return hashlib.sha256(f"{key}/{version}".encode()).digest() * (PART // 32) + body_for(key, version)


def expected(key, version):
    return multipart_body(key, version[:-2]) if version.endswith("+m") else body_for(key, version)


class CrashTest(ServerTest):
    def test_nothing_acknowledged_is_lost(self):
        self.s3.create_bucket(Bucket=BUCKET)
        state = {}
        for round_number in range(ROUNDS):
            writers = [Writer(self.server, n, 40, f"{round_number}/{n}") for n in range(CLIENTS)]
            killer = threading.Timer(random.Random(round_number).uniform(2.0, 4.0), self.server.process.kill)
            for writer in writers:
                writer.start()
            killer.start()
            for writer in writers:
                writer.join(120)
                self.assertFalse(writer.is_alive(), "a client hangs after the server died")
            killer.join()
            self.server.process.wait()
            operations = sum(writer.operations for writer in writers)
            self.assertGreater(operations, CLIENTS, [writer.failure for writer in writers])
            print(f"round {round_number}: {operations} operations acknowledged before the crash", flush=True)
            self.server.start()
            type(self).s3 = self.server.client()
            for writer in writers:
                self.verify(writer, state)
            self.check_store()

    def verify(self, writer, state):
        """Every key of this writer holds its last acknowledged version, or the one that was under way."""
        state.update(writer.acknowledged)
        for key in {key for key in state if key.startswith(f"w{writer.number}/")} | set(writer.under_way):
            try:
                body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            except ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "NoSuchKey", key)
                body = None
            allowed = [state.get(key, GONE)] + ([writer.under_way[key]] if key in writer.under_way else [])
            for version in allowed:
                if (None if version == GONE else expected(key, version)) == body:
                    state[key] = version
                    break
            else:
                self.fail(f"{key}: {'nothing' if body is None else len(body)} there, wanted one of {allowed}")

    def check_store(self):
        listed = {entry["Key"] for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
                  for entry in page.get("Contents", [])}
        for key in listed:
            head = self.s3.head_object(Bucket=BUCKET, Key=key)
            self.assertGreaterEqual(head["ContentLength"], 0)
        self.server.cli("check", "--data", self.server.data, timeout_s=300)

    def test_a_server_that_was_killed_while_idle_starts_again(self):
        self.s3.create_bucket(Bucket="idle-bucket")
        self.s3.put_object(Bucket="idle-bucket", Key="k", Body=b"x")
        for _ in range(5):
            self.server.kill()
            self.server.start()
        type(self).s3 = self.server.client()
        self.assertEqual(self.s3.get_object(Bucket="idle-bucket", Key="k")["Body"].read(), b"x")


if __name__ == "__main__":
    main()
