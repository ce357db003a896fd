#!/usr/bin/env python3
"""Files without a name: kept for who reads them, and gone when nobody can come back for them."""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness import KIB, Server, main, random_bytes  # noqa: E402
from nfs_wire import NfsWire, opaque, words  # noqa: E402

READ, REMOVE = 6, 12
SIZE = 300 * KIB


class OrphansTest(unittest.TestCase):
    def setUp(self):
        self.server = Server(arguments=["--nfs-grace-seconds", "1"]).start()
        self.addCleanup(self.server.remove)
        self.server.client().create_bucket(Bucket="volume")
        self.server.client().put_object(Bucket="volume", Key="f", Body=random_bytes(SIZE))

    def used(self):
        said = self.server.cli("volume", "show", "volume", "--json", "--data", self.server.data)[1]
        return json.loads(said)["bytes"]

    def orphan(self):
        """A file that was read a moment ago by a client without opens, and then lost its name."""
        with NfsWire(self.server) as wire:
            root = wire.mount("/volume")
            _, handle = wire.lookup(root, "f")
            read = opaque(handle) + words(0, 0, 100)
            self.assertEqual(wire.status_of(READ, read), 0)
            self.server.cli("volume", "set", "volume", "--nfs-modes", "0666:0777", "--data", self.server.data)
            self.assertEqual(wire.status_of(REMOVE, opaque(root) + opaque(b"f")), 0)
            self.assertEqual(wire.status_of(READ, read), 0)
        self.assertEqual(self.used(), SIZE)
        self.server.kill()

    def is_freed(self):
        end = time.monotonic() + 60
        while self.used() != 0:
            self.assertLess(time.monotonic(), end, "the file is still there")
        self.server.cli("check", "--data", self.server.data)

    def test_a_start_without_nfs_frees_them(self):
        self.orphan()
        self.server.arguments = ["--no-nfs"]
        self.server.start()
        self.assertEqual(self.used(), 0)
        self.is_freed()

    def test_a_start_with_nfs_frees_them_after_the_grace_period(self):
        self.orphan()
        self.server.start()
        self.is_freed()


if __name__ == "__main__":
    main()
