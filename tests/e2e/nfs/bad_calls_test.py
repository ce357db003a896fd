#!/usr/bin/env python3
"""Clients that break RPC and NFS, forge handles, stall, or are ten thousand: protocol errors, bounded memory, and what
is stored stays as it was."""

import os
import random
import socket
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness import KIB, MIB, ServerTest, main, random_bytes  # noqa: E402
from nfs_wire import (COMPOUND, GETATTR, LAST_FRAGMENT, MOUNT, NFS, NfsWire, call, descriptor_limit,  # noqa: E402
                      opaque, seeds, split, words)

WITNESS = random_bytes(200 * KIB, 5)
BAD_HANDLE, STALE, ACCESS_DENIED, NO_ENTRY = 10001, 70, 13, 2
SETATTR, READ, WRITE, CREATE, REMOVE = 2, 6, 7, 8, 12
CALLS = int(os.environ.get("TOKENPLANE_BAD_CALLS", "1000000"))
CONNECTIONS, BATCH = 4, 500
HEAD_WORDS = 16  # of a seed's message up to its arguments


class NfsServed(ServerTest):
    """A server with a witness that must come through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3.create_bucket(Bucket="witness-bucket")
        cls.s3.put_object(Bucket="witness-bucket", Key="folder/k", Body=WITNESS)
        # Its owner is nobody who calls here (uid 0 is squashed): handles of it are good, for reading only.
        cls.server.cli("volume", "set", "witness-bucket", "--nfs-owner", "1000:1000", "--nfs-modes", "0644:0755",
                       "--data", cls.server.data)
        cls.s3.create_bucket(Bucket="volume")

    def setUp(self):
        self.start_kib = self.server.status_kib("VmRSS")

    def tearDown(self):
        """Whatever happened, the server serves both protocols, what was stored is there, memory has not run away."""
        self.assertTrue(self.server.alive(), self.server.log_tail())
        self.assertEqual(self.s3.get_object(Bucket="witness-bucket", Key="folder/k")["Body"].read(), WITNESS)
        with NfsWire(self.server) as wire:
            status, _ = wire.lookup(wire.mount("/witness-bucket/folder"), "k")
            self.assertEqual(status, 0)
        self.assertLess(self.server.status_kib("VmRSS") - self.start_kib, 400 * KIB)


class BadCallsTest(NfsServed):
    def closes(self, data):
        """The server ends the connection over `data` without an answer."""
        with NfsWire(self.server) as wire:
            wire.send(data)
            self.assertIsNone(wire.record(), data[:40])

    def test_what_is_no_call_ends_the_connection(self):
        message = call(1, NFS, 3, 0)[4:]
        reply = words(1) + words(1, 0, 0, 0, 0)
        for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 30,
                     words(LAST_FRAGMENT), words(0x7fffffff), words(0xffffffff), words(0) * 1000,
                     words(len(reply) | LAST_FRAGMENT) + reply, words(36 | LAST_FRAGMENT) + message[:36],
                     words(1 | LAST_FRAGMENT) + b"x", words(2 * MIB | LAST_FRAGMENT) + b"x" * 100):
            self.closes(data)

    def test_a_record_in_any_fragments(self):
        message = call(7, NFS, 3, 0)[4:]
        for size in (1, 3, 20, len(message) - 1):
            pieces = [message[at:at + size] for at in range(0, len(message), size)]
            marked = [words(len(piece) | (LAST_FRAGMENT if at == len(pieces) - 1 else 0)) + piece
                      for at, piece in enumerate(pieces)]
            with NfsWire(self.server) as wire:
                wire.send(b"".join(marked))
                self.assertEqual(wire.record()[:12], words(7, 1, 0))

    def test_programs_versions_and_credentials_that_are_not_served(self):
        with NfsWire(self.server) as wire:
            def answer(*arguments, **options):
                wire.send(call(9, *arguments, **options))
                return wire.record()[4:]
            accepted = words(1, 0, 0, 0)
            self.assertEqual(answer(100000, 2, 0), accepted + words(1))
            self.assertEqual(answer(NFS, 2, 0), accepted + words(2, 3, 4))
            self.assertEqual(answer(MOUNT, 1, 0)[:20], accepted + words(2))
            self.assertEqual(answer(NFS, 3, 22), accepted + words(3))
            self.assertEqual(answer(NFS, 3, GETATTR, b""), accepted + words(4))
            self.assertEqual(answer(NFS, 3, 0, credential=words(6) + opaque(b"gss") + words(0, 0)), words(1, 1, 1, 5))
            self.assertEqual(answer(NFS, 3, 0, credential=words(1) + opaque(b"cut") + words(0, 0)), words(1, 1, 1, 1))
            wire.send(words(24 | LAST_FRAGMENT) + words(9, 0, 3, NFS, 3, 0))
            self.assertEqual(wire.record(), words(9, 1, 1, 0, 2, 2))
            minor_0 = opaque(b"") + words(0, 1, 24)
            self.assertEqual(answer(NFS, 4, COMPOUND, minor_0)[20:24], words(10021))

    def test_forged_handles(self):
        with NfsWire(self.server) as wire:
            handle = wire.mount("/witness-bucket")
            self.assertEqual(wire.status_of(GETATTR, opaque(handle)), 0)
            for bit in range(len(handle) * 8):
                forged = bytearray(handle)
                forged[bit // 8] ^= 1 << bit % 8
                self.assertIn(wire.status_of(GETATTR, opaque(bytes(forged))), (BAD_HANDLE, STALE), bit)
            for size in range(64):
                if size != len(handle):
                    self.assertIn(wire.status_of(GETATTR, opaque((handle * 2)[:size])), (BAD_HANDLE, STALE), size)

    def test_a_call_that_comes_again_over_a_new_connection_runs_once(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with NfsWire(self.server, port=port) as wire:
            root = wire.mount("/volume")
            make, remove = opaque(root) + opaque(b"once") + words(1, 0, 0, 0, 0, 0, 0), opaque(root) + opaque(b"once")
            self.assertEqual(wire.status_of(CREATE, make), 0)
            again = call(77, NFS, 3, REMOVE, remove)
            wire.send(again)
            first = wire.record()
            self.assertEqual(first[24:28], words(0))
            # The connection breaks: no time is waited on its port.
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with NfsWire(self.server, port=port) as wire:
            wire.send(again)
            self.assertEqual(wire.record(), first)
            self.assertEqual(wire.status_of(REMOVE, remove), NO_ENTRY)

    def test_the_exports_name_their_networks(self):
        with NfsWire(self.server) as wire:
            said = wire.results(MOUNT, 3, 5)
            self.assertIn(words(1) + opaque(b"/volume") + words(1) + opaque(b"127.0.0.0/8") + words(1) +
                          opaque(b"::1/128") + words(0), said)

    def test_ten_thousand_idle_connections(self):
        count = min(10_000, descriptor_limit() - 200)
        idle = [socket.create_connection(("127.0.0.1", self.server.nfs_port)) for _ in range(count)]
        try:
            for at, held in enumerate(idle):
                if at % 3 == 1:
                    held.sendall(call(1, NFS, 3, 0)[:20])  # half a record
            self.assertLess(self.server.status_kib("VmRSS") - self.start_kib, 150 * KIB)
            with NfsWire(self.server) as wire:
                begin = time.monotonic()
                for _ in range(100):
                    self.assertTrue(wire.is_served())
                self.assertLess(time.monotonic() - begin, 5)
        finally:
            for held in idle:
                held.close()

    def test_large_records_that_never_end_shut_nobody_out(self):
        count = min(3000, descriptor_limit() - 200)
        mark = words(MIB | LAST_FRAGMENT) + b"x" * 1000
        held = []
        try:
            for _ in range(count):
                held.append(socket.create_connection(("127.0.0.1", self.server.nfs_port)))
                held[-1].sendall(mark)
            with NfsWire(self.server) as wire:
                self.assertTrue(wire.is_served())
            self.assertLess(self.server.status_kib("VmRSS") - self.start_kib, 200 * KIB)
        finally:
            for one in held:
                one.close()

    def test_a_client_that_asks_and_does_not_read(self):
        with NfsWire(self.server) as wire:
            directory = wire.mount("/witness-bucket/folder")
            _, handle = wire.lookup(directory, "k")
            read = call(3, NFS, 3, 6, opaque(handle) + struct.pack(">QI", 0, MIB))
            wire.socket.settimeout(2)
            sent = 0
            while sent < 20_000 and wire.send(read * 100):
                sent += 100
            self.assertLess(self.server.status_kib("VmRSS") - self.start_kib, 250 * KIB)
            with NfsWire(self.server) as other:
                self.assertTrue(other.is_served())


class MangledCallsTest(NfsServed):
    """Calls that were right once, with bytes changed behind their heads. They reach what their handles and their
    caller's rights reach: `volume`, where they may do anything, and a witness that they may only read."""

    def materials(self):
        with NfsWire(self.server) as wire:
            handles = [wire.mount("/volume"), wire.mount("/witness-bucket"), wire.mount("/witness-bucket/folder")]
            handles.append(wire.lookup(handles[2], "k")[1])
        messages = [message for stream in seeds() for message in split(stream) if len(message) >= 4 * HEAD_WORDS]
        return handles, messages

    def test_the_witness_may_be_read_and_not_changed(self):
        handles, _ = self.materials()
        folder, file = opaque(handles[2]), opaque(handles[3])
        size_10 = words(0, 0, 0, 1, 0, 10, 0, 0)  # sattr3
        with NfsWire(self.server) as wire:
            self.assertEqual(wire.status_of(READ, file + words(0, 0, 10)), 0)
            self.assertEqual(wire.status_of(SETATTR, file + size_10 + words(0)), ACCESS_DENIED)
            self.assertEqual(wire.status_of(WRITE, file + words(0, 0, 4, 2) + opaque(b"evil")), ACCESS_DENIED)
            self.assertEqual(wire.status_of(CREATE, folder + opaque(b"new") + words(1, 0, 0, 0, 0, 0, 0)),
                             ACCESS_DENIED)
            self.assertEqual(wire.status_of(REMOVE, folder + opaque(b"k")), ACCESS_DENIED)

    @staticmethod
    def mangle(chance, message, handles):
        made = bytearray(message)
        begin = 4 * HEAD_WORDS
        for at in range(begin, len(made) - 35, 4):
            if made[at:at + 4] == b"\0\0\0\x20" and chance.random() < 0.9:
                made[at + 4:at + 36] = chance.choice(handles[:1] if chance.random() < 0.5 else handles)
        for _ in range(chance.choice((0, 1, 1, 2, 4))):
            if len(made) <= begin + 4:
                break
            at = chance.randrange(begin, len(made))
            kind = chance.randrange(8)
            if kind < 5:
                made[at] = chance.randrange(256)
            elif kind == 5:
                del made[at & ~3:(at & ~3) + 4]
            elif kind == 6:
                made[at & ~3:at & ~3] = words(chance.choice((0, 1, 3, 1 << 31, (1 << 32) - 1, chance.randrange(100))))
            else:
                made[at & ~3:] = b""
        return words(len(made) | LAST_FRAGMENT) + bytes(made)

    def attack(self, seed, calls, handles, messages, counts):
        chance = random.Random(seed)
        pool = [self.mangle(chance, chance.choice(messages), handles) for _ in range(4000)]
        while calls > 0:
            batch = chance.choices(pool, k=min(BATCH, calls))
            calls -= len(batch)
            with NfsWire(self.server, timeout_s=120) as wire:
                sender = threading.Thread(target=wire.send, args=(b"".join(batch),))
                sender.start()
                answered = 0
                for record in wire.records():
                    answered += 1
                    if len(record) < 12 or record[4:8] != words(1) or len(record) > 2 * MIB:
                        counts["wrong"] += 1
                    if answered == len(batch):
                        break
                sender.join()
            counts["answered"] += answered
            counts["sent"] += len(batch)

    def test_mangled_calls(self):
        handles, messages = self.materials()
        counts = [dict(answered=0, sent=0, wrong=0) for _ in range(CONNECTIONS)]
        each = CALLS // CONNECTIONS
        threads = [threading.Thread(target=self.attack, args=(seed, each, handles, messages, counts[seed]))
                   for seed in range(CONNECTIONS)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = {name: sum(count[name] for count in counts) for name in counts[0]}
        print(f"{total['sent']} calls, {total['answered']} answered, {time.monotonic() - begin:.0f} s", flush=True)
        self.assertEqual(total["wrong"], 0)
        self.assertEqual(total["sent"], each * CONNECTIONS)
        # The heads were right, so there is an answer to each, whatever it says.
        self.assertEqual(total["answered"], total["sent"])
        # Some of them still did what their seeds do, and left a store in which all is well.
        self.assertGreater(self.s3.list_objects_v2(Bucket="volume")["KeyCount"], 2)
        self.server.cli("check", "--data", self.server.data)


if __name__ == "__main__":
    main()
