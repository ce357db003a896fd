"""A server whose archive tier is a container of Azure Blob Storage (Azurite): objects go there and come back, kills
leave nothing behind, and a provider that is away is told from one that lost something."""

import json
import os
import random
import signal
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402 (found through the line above)
from harness import KIB, MIB, Server, main  # noqa: E402
from services import Azurite  # noqa: E402

LIMIT_S = 120
CONFIG = """
[tiers.far]
number = 9
kind = "archive"
store = "azure"
endpoint = "{endpoint}"
container = "{container}"
account = "{account}"
prefix = "some/where"
credentials = "{root}/credentials"
key_file = "{root}/key"

[storage_classes.GLACIER_IR]
tier = "far"
"""


def write_secret(path, data):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(data)


class AzureTierTest(unittest.TestCase):
    def setUp(self):
        self.azurite = Azurite()
        self.addCleanup(self.azurite.stop)
        self.azurite.start().create_container()
        self.server = Server()
        self.addCleanup(self.server.remove)
        root = self.server.scratch
        write_secret(f"{root}/credentials", self.azurite.key.encode() + b"\n")
        write_secret(f"{root}/key", os.urandom(32))
        with open(f"{root}/tokenplane.toml", "w", encoding="utf-8") as handle:
            handle.write(CONFIG.format(root=root, endpoint=self.azurite.endpoint(), account=self.azurite.account,
                                       container=self.azurite.container))
        self.server.arguments = ["--config", f"{root}/tokenplane.toml"]
        self.server.start()
        self.server.client().create_bucket(Bucket="data")
        self.bodies = {}

    def put(self, count, seed):
        chance = random.Random(seed)
        for number in range(count):
            body = chance.randbytes(chance.choice((100 * KIB, 700 * KIB, 9 * MIB)))
            self.bodies[f"{seed}/{number}"] = body
            self.server.client().put_object(Bucket="data", Key=f"{seed}/{number}", Body=body, StorageClass="GLACIER_IR")

    def live_bytes(self):
        said = json.loads(self.server.cli("tier", "status", "--json", "--data", self.server.data)[1])
        return next(tier for tier in said["tiers"] if tier["name"] == "far")["live_bytes"]

    def until(self, what, condition):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}\n{self.server.log_tail()}")
            self.azurite.wait_a_moment()

    def until_moved(self):
        total = sum(map(len, self.bodies.values()))
        self.until("not everything came to the archive", lambda: self.live_bytes() >= total)

    def assert_all_there(self):
        for key, body in self.bodies.items():
            self.assertTrue(self.server.client().get_object(Bucket="data", Key=key)["Body"].read() == body, key)

    def assert_nothing_is_left(self):
        for key in self.bodies:
            self.server.client().delete_object(Bucket="data", Key=key)
        self.until("the container keeps what nobody needs", lambda: not self.azurite.names())
        status, out, _ = self.server.cli("check", "--data", self.server.data, check=False)
        self.assertEqual(status, 0, out[-2000:])
        self.assertEqual(self.server.stop(), 0)
        self.assertNotIn(self.azurite.key, self.server.log_text())

    def test_objects_go_there_and_come_back(self):
        self.put(12, "there")
        self.until_moved()
        names = self.azurite.names()
        self.assertTrue(names)
        for name in names:
            self.assertRegex(name, r"^some/where/[0-9a-f]{16}/9/pack-[0-9a-f]{16}$")
        self.assert_all_there()
        key, body = max(self.bodies.items(), key=lambda item: len(item[1]))
        for first, last in ((0, 0), (300_000, 700_123), (len(body) - 5, len(body) - 1)):
            part = self.server.client().get_object(Bucket="data", Key=key, Range=f"bytes={first}-{last}")["Body"].read()
            self.assertTrue(part == body[first:last + 1])
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assert_all_there()
        self.assert_nothing_is_left()

    def test_kills_while_moving_leave_nothing_behind(self):
        for round_number in range(4):
            self.put(5, f"round{round_number}")
            self.azurite.wait_a_moment()
            self.server.kill()
            self.server.start()
        self.until_moved()
        self.assert_all_there()
        self.assert_nothing_is_left()

    def test_a_provider_that_is_away_is_waited_for(self):
        self.put(3, "away")
        self.until_moved()
        self.assertEqual(self.server.stop(), 0)
        self.azurite.stop(keep=True)
        self.server.start()  # without its archive
        key = next(iter(self.bodies))
        with self.assertRaises((ClientError, BotoCoreError)) as refused:
            self.server.client().get_object(Bucket="data", Key=key)["Body"].read()
        if isinstance(refused.exception, ClientError):
            self.assertGreaterEqual(refused.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        self.server.client().put_object(Bucket="data", Key="hot", Body=b"x")
        self.assertEqual(self.server.client().get_object(Bucket="data", Key="hot")["Body"].read(), b"x")
        self.azurite.start()
        self.assert_all_there()
        self.assert_nothing_is_left()

    def test_a_provider_that_hangs_does_not_keep_the_server_from_stopping(self):
        self.put(2, "before")
        self.until_moved()
        self.azurite.process.send_signal(signal.SIGSTOP)
        self.put(2, "while")
        self.azurite.wait_a_moment()
        begun = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 15)
        self.azurite.process.send_signal(signal.SIGCONT)
        self.server.start()
        self.until_moved()
        self.assert_all_there()
        self.assert_nothing_is_left()


if __name__ == "__main__":
    main()
