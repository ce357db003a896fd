#!/usr/bin/python3
"""python/tokenplane against the real server, its adapters with stand-ins of the engines, and servers that misbehave."""

import asyncio
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "..", "python")]
from harness import MIB, ROOT_KEYS, Scratch, Server, ServerTest, main, random_bytes  # noqa: E402
from tokenplane import BufferTooSmall, CacheError, Client, ServerError  # noqa: E402
from tokenplane.lmcache import TokenPlaneConnector  # noqa: E402
from tokenplane.sglang import TokenPlaneStorage, identity_of  # noqa: E402

LIMIT_S = 60
FAKE_TIMEOUT_S = 0.3  # of a client whose server says nothing more
THREADS = 8


def eventually(condition, what, limit_s=LIMIT_S):
    """Asks until it is so; every question is a request, so there is no need to sleep."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s} s: {what}")


def in_threads(work, count=THREADS):
    """work(number) in that many threads; the first failure is raised here."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(error)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class ClientTest(ServerTest):
    volume = "kv-python"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.cache("create", cls.volume, "--capacity", "1GiB", "--dram", "256MiB")

    def setUp(self):
        self.client = self.connect()
        self.client.clear()

    def connect(self, **options):
        client = Client("127.0.0.1", self.server.redis_port, user=ROOT_KEYS[0], password=ROOT_KEYS[1],
                        volume=self.volume, **options)
        self.addCleanup(client.close)
        return client


class BlocksTest(ClientTest):
    def test_a_chain_goes_in_and_comes_back_into_buffers(self):
        keys = [f"block-{number}" for number in range(300)]
        values = [random_bytes(1 + number * 97, number) for number in range(300)]
        self.assertEqual(self.client.lookup_prefix(keys), 0)
        self.assertEqual(self.client.put_many(keys, values, tokens=512), [True] * 300)
        self.assertEqual(self.client.lookup_prefix(keys), 300)
        buffers = [bytearray(len(value)) for value in values]
        self.assertEqual(self.client.get_many(keys, buffers), [len(value) for value in values])
        for key, value, buffer in zip(keys, values, buffers):
            self.assertEqual(bytes(buffer), value, key)
        self.assertEqual(sorted(self.client.scan()), sorted(key.encode() for key in keys))
        self.assertEqual(sorted(self.client.scan(match="block-1?")), [b"block-1%d" % number for number in range(10)])

    def test_the_prefix_ends_at_the_first_hole(self):
        self.client.put_many(["a", "b", "d"], [b"1", b"2", b"4"])
        self.assertEqual(self.client.lookup_prefix(["a", "b", "c", "d"], lease_ms=1000), 2)
        self.assertEqual(self.client.lookup_prefix(["c", "d"]), 0)
        self.assertEqual(self.client.lookup_prefix([]), 0)
        self.assertEqual(self.client.get_many([], []), [])
        self.assertEqual(self.client.put_many([], []), [])

    def test_misses_leave_their_buffers_alone(self):
        self.client.put_many(["a", b"\x00c\xff"], [b"one", b"three"])
        buffers = [bytearray(b"---------") for _ in range(3)]
        self.assertEqual(self.client.get_many(["a", "b", b"\x00c\xff"], buffers), [3, None, 5])
        self.assertEqual(buffers, [b"one------", b"---------", b"three----"])
        self.assertIsNone(self.client.get("b"))
        self.assertEqual(self.client.get("a"), b"one")

    def test_values_in_parts_and_views(self):
        whole = random_bytes(100_000, 1)
        view = memoryview(whole)
        array = (ctypes.c_uint32 * 100)(*range(100))
        self.assertEqual(self.client.put_many(["parts", "array", "empty"], [
            [view[:1], view[1:70_000], b"", view[70_000:]], array, b""]), [True] * 3)
        self.assertEqual(self.client.get("parts"), whole)
        self.assertEqual(self.client.get("empty"), b"")
        pool = bytearray(200_000)
        parts = [memoryview(pool)[100_000:150_000], memoryview(pool)[:50_000]]
        numbers = (ctypes.c_uint32 * 100)()
        self.assertEqual(self.client.get_many(["parts", "array", "empty"], [parts, numbers, bytearray(4)]),
                         [100_000, 400, 0])
        self.assertEqual((pool[100_000:150_000], pool[:50_000]), (whole[:50_000], whole[50_000:]))
        self.assertEqual(list(numbers), list(range(100)))
        self.assertEqual((pool[50_000:100_000], pool[150_000:]), (bytes(50_000), bytes(50_000)))

    def test_a_buffer_too_small_is_said_and_the_connection_goes_on(self):
        values = [random_bytes(size, size) for size in (1000, 200_000, 3000)]
        self.client.put_many(["a", "b", "c"], values)
        buffers = [bytearray(1000), bytearray(199_999), [bytearray(1000), bytearray(2000)]]
        with self.assertRaises(BufferTooSmall) as caught:
            self.client.get_many(["a", "b", "c"], buffers)
        self.assertEqual((caught.exception.key, caught.exception.size), ("b", 200_000))
        self.assertEqual(caught.exception.sizes, [1000, 200_000, 3000])
        self.assertEqual((bytes(buffers[0]), b"".join(buffers[2])), (values[0], values[2]))
        self.assertEqual(buffers[1], bytes(199_999))
        connection = self.client._connection
        self.assertEqual(self.client.get("b"), values[1])
        self.assertIs(self.client._connection, connection, "it was connected anew")

    def test_what_cannot_be_a_buffer_or_a_value_spoils_nothing(self):
        self.client.put_many(["a", "b"], [b"one", b"two"])
        with self.assertRaises(ValueError):
            self.client.get_many(["a", "b"], [bytearray(3), bytes(3)])
        with self.assertRaises(ValueError):
            self.client.get_many(["a", "b"], [bytearray(3)])
        with self.assertRaises(TypeError):
            self.client.get_many(["a"], [object()])
        with self.assertRaises(TypeError):
            self.client.put_many(["a", "b"], [b"eins", object()])
        self.assertEqual((self.client.get("a"), self.client.get("b")), (b"one", b"two"))

    def test_64_mib(self):
        value = random_bytes(64 * MIB, 64)
        self.assertEqual(self.client.put_many(["large"], [[value[:5], memoryview(value)[5:]]]), [True])
        buffer = bytearray(64 * MIB)
        self.assertEqual(self.client.get_many(["large"], [buffer]), [64 * MIB])
        self.assertTrue(buffer == value, "other bytes")
        self.assertTrue(self.client.get("large") == value, "other bytes")

    def test_threads_on_one_client_and_on_their_own(self):
        def work(client, number):
            for step in range(20):
                keys = [f"{number}-{step}-{block}" for block in range(5)]
                values = [random_bytes(1 + (number * 7919 + step * 131 + block) % 9000, block) for block in range(5)]
                self.assertEqual(client.put_many(keys, values), [True] * 5)
                buffers = [bytearray(9001) for _ in keys]
                sizes = client.get_many(keys, buffers)
                self.assertEqual([bytes(buffer[:size]) for buffer, size in zip(buffers, sizes)], values)
        in_threads(lambda number: work(self.client, number))
        self.client.clear()
        in_threads(lambda number: work(self.connect(), number))
        self.assertEqual(self.client.call("DBSIZE"), THREADS * 20 * 5)


class EntriesTest(ClientTest):
    def test_time_to_live(self):
        self.client.put_many(["mortal", "short"], [b"m", b"s"], ttl_ms=60_000)
        self.assertEqual(self.client.put_many(["short"], [b"s"], ttl_ms=200), [True])
        self.assertTrue(0 < self.client.call("PTTL", "mortal") <= 60_000)
        eventually(lambda: self.client.get("short") is None, "what lives 200 ms goes")
        self.assertEqual(self.client.get("mortal"), b"m")
        self.client.put_many(["mortal"], [b"for ever"])
        self.assertEqual(self.client.call("PTTL", "mortal"), -1)

    def test_pins(self):
        self.client.put_many(["a", "b"], [b"1", b"2"])
        self.assertEqual(self.client.pin("a", "b", "none"), 2)
        self.assertEqual(self.client.pin("a"), 0)
        self.assertEqual(self.client.stat()["volume_pinned"], 2)
        self.assertEqual(self.client.unpin("a", "b", "none"), 2)
        self.assertEqual(self.client.unpin("a"), 0)
        self.assertEqual(self.client.stat()["volume_pinned"], 0)

    def test_exists_and_delete(self):
        self.client.put_many(["a", "b"], [b"1", b"2"])
        self.assertEqual((self.client.exists("a"), self.client.exists("c")), (True, False))
        self.assertEqual(self.client.delete("a", "b", "c"), 2)
        self.assertFalse(self.client.exists("a"))

    def test_the_ledger(self):
        before = self.client.stat()
        self.client.put_many(["a", "b"], [b"x" * 100] * 2, tokens=[300, 200])
        self.client.get_many(["a", "b", "c"], [bytearray(100) for _ in range(3)])
        self.assertEqual(self.client.lookup_prefix(["a", "b", "c"], total_tokens=1000), 2)
        after = self.client.stat()
        self.assertEqual((after["volume"], after["tenant"], after["entries"]), (self.volume, "root", 2))
        self.assertIsInstance(after["saved_seconds"], float)
        changed = {name: after[name] - before[name] for name in ("hit_tokens_dram", "written_tokens", "hits_dram",
                                                                 "miss_tokens", "hit_bytes_dram", "writes")}
        self.assertEqual((changed["hit_tokens_dram"], changed["written_tokens"], changed["hits_dram"],
                          changed["hit_bytes_dram"], changed["writes"]), (500, 500, 2, 200, 2))
        self.assertEqual(changed["miss_tokens"], 500)

    def test_refused_values_are_false_and_say_why(self):
        self.assertEqual(self.client.put_many(["a", "k" * 2000, "b"], [b"1"] * 3, chain=False), [True, False, True])
        self.assertIsInstance(self.client.last_error, ServerError)
        self.assertEqual(self.client.get("b"), b"1")

    def test_server_errors_are_raised_and_the_connection_goes_on(self):
        connection = self.client._connection
        with self.assertRaises(ServerError) as caught:
            self.client.call("LPUSH", "a", "b")
        self.assertEqual(caught.exception.code, "ERR")
        self.client.call("HSET", "hash", "f", "v")
        for asks in (lambda: self.client.get("hash"), lambda: self.client.get_many(["hash"], [bytearray(9)])):
            with self.assertRaises(ServerError) as caught:
                asks()
            self.assertEqual(caught.exception.code, "WRONGTYPE")
        self.assertEqual(self.client.call("PING"), "PONG")
        self.assertIs(self.client._connection, connection)

    def test_another_identity_finds_nothing(self):
        first, second = self.connect(identity={"rank": 0}), self.connect(identity={"rank": 1})
        self.addCleanup(first.clear)
        self.addCleanup(second.clear)
        first.put_many(["a", "b"], [b"of 0"] * 2)
        self.assertEqual((second.lookup_prefix(["a", "b"]), second.get("a"), list(second.scan())), (0, None, []))
        second.put_many(["a"], [b"of 1"])
        buffer = bytearray(4)
        self.assertEqual(first.get_many(["a"], [buffer]), [4])
        self.assertEqual((bytes(buffer), second.get("a")), (b"of 0", b"of 1"))
        second.clear()
        self.assertEqual(first.lookup_prefix(["a", "b"]), 2)
        self.assertEqual(self.connect(identity={"rank": 0}).get("b"), b"of 0")
        with self.assertRaises(ServerError):
            self.connect(identity={"colour": "blue"})


class ConnectingTest(ClientTest):
    def test_addresses(self):
        self.client.put_many(["a"], [b"1"])
        address = f"127.0.0.1:{self.server.redis_port}/{self.volume}"
        with Client.from_url(f"redis://{ROOT_KEYS[0]}:{ROOT_KEYS[1]}@{address}", timeout_s=5) as client:
            self.assertEqual(client.get("a"), b"1")
        with Client.from_url(f"redis://root:{ROOT_KEYS[1]}@{address}", identity={"rank": 3}) as client:
            self.assertIsNone(client.get("a"))
        with self.assertRaises(ValueError):
            Client.from_url(f"http://{address}")

    def test_who_may_not_is_told(self):
        options = {"user": ROOT_KEYS[0], "password": "wrong", "volume": self.volume}
        with self.assertRaises(ServerError) as caught:
            Client("127.0.0.1", self.server.redis_port, **options)
        self.assertEqual(caught.exception.code, "WRONGPASS")
        with Client("127.0.0.1", self.server.redis_port) as nobody, self.assertRaises(ServerError) as caught:
            nobody.get("a")
        self.assertEqual(caught.exception.code, "NOAUTH")

    def test_tls(self):
        with Scratch() as folder:
            key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
                            "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                           check=True, capture_output=True)
            server = Server(arguments=["--tls-certificate", certificate, "--tls-key", key, "--redis-tls-port", "0"])
            self.addCleanup(server.remove)
            server.start().cache("create", self.volume, "--capacity", "64MiB", "--dram", "64MiB")
            url = f"rediss://{ROOT_KEYS[0]}:{ROOT_KEYS[1]}@127.0.0.1:{server.redis_tls_port}/{self.volume}"
            with Client.from_url(url, ca_file=certificate) as client:
                value, buffer = random_bytes(5 * MIB, 5), bytearray(5 * MIB)
                self.assertEqual(client.put_many(["a"], [[value[:9], memoryview(value)[9:]]]), [True])
                self.assertEqual(client.get_many(["a"], [buffer]), [5 * MIB])
                self.assertTrue(buffer == value, "other bytes")
            with self.assertRaises(CacheError):
                Client.from_url(url)  # a certificate that nobody vouches for

    def test_the_server_starts_anew(self):
        keys = [f"k{number}" for number in range(20)]
        values = [random_bytes(5000, number) for number in range(20)]
        self.client.put_many(keys, values)
        self.server.fixed_redis_port = self.server.redis_port
        try:
            self.server.restart()
            self.assertEqual(self.client.lookup_prefix(keys), 20)  # the same client, a new connection
            buffers = [bytearray(5000) for _ in keys]
            self.assertEqual(self.client.get_many(keys, buffers), [5000] * 20)
            self.assertEqual([bytes(buffer) for buffer in buffers], values)
            self.assertEqual(self.server.stop(), 0)
            for _ in range(2):
                with self.assertRaises(CacheError):
                    self.client.get("k0")
            self.server.start()
            self.assertEqual(self.client.get("k1"), values[1])
            self.server.kill()
            self.server.start()
            self.assertEqual(self.client.put_many(["again"], [b"here"]), [True])
            self.assertEqual(self.client.get("again"), b"here")
        finally:
            self.server.fixed_redis_port = 0
            type(self).s3 = self.server.client()


class MemoryObject:
    """As LMCache's MemoryObj: bytes, and a count of who holds them."""

    held = 0

    def __init__(self, data):
        self.raw_data = memoryview(bytearray(data))
        MemoryObject.held += 1

    @property
    def byte_array(self):
        return self.raw_data

    def ref_count_down(self):
        MemoryObject.held -= 1


class LmcacheTest(ClientTest):
    chunk = 20_000

    def setUp(self):
        super().setUp()
        MemoryObject.held = 0
        self.connector = TokenPlaneConnector(self.client, lambda: MemoryObject(bytes(self.chunk)))
        names = [f"model@1@0@{number:x}@bfloat16" for number in range(4)]
        self.keys = [types.SimpleNamespace(to_string=lambda name=name: name) for name in names]
        self.values = [random_bytes(size, size) for size in (self.chunk, self.chunk, 700)]

    def test_chunks_by_asyncio(self):
        asyncio.run(self.chunks())

    async def chunks(self):
        connector, keys = self.connector, self.keys
        self.assertFalse(await connector.exists(keys[0]))
        self.assertIsNone(await connector.get(keys[0]))
        self.assertEqual(MemoryObject.held, 0, "a miss keeps memory")
        await connector.put(keys[0], MemoryObject(self.values[0]))
        await connector.batched_put(keys[1:3], [MemoryObject(value) for value in self.values[1:]])
        MemoryObject.held = 0
        self.assertTrue(await connector.exists(keys[0]))
        found = await connector.batched_get(keys)
        self.assertEqual([bytes(each.byte_array) for each in found[:3]], self.values)
        self.assertIsNone(found[3])
        self.assertEqual(MemoryObject.held, 3)
        self.assertEqual(bytes((await connector.get(keys[2])).byte_array), self.values[2])
        self.assertEqual(await connector.batched_async_contains("a request", keys, pin=True), 3)
        self.assertEqual(connector.batched_contains(keys), [True, True, True, False])
        self.assertTrue(connector.remove_sync(keys[0]))
        self.assertFalse(connector.remove_sync(keys[0]))
        self.assertEqual(await connector.batched_async_contains("a request", keys), 0)
        self.assertEqual(connector.batched_contains(keys, stop_after_first_not_exits=False),
                         [False, True, True, False])
        self.assertEqual(sorted(await connector.list()), [key.to_string() for key in keys[1:3]])
        self.assertEqual(await connector.ping(), 0)
        many = await asyncio.gather(*(connector.get(keys[1 + number % 2]) for number in range(20)))
        self.assertEqual([bytes(each.byte_array) for each in many], self.values[1:3] * 10)
        await connector.close()

    def test_no_memory_and_failures_keep_nothing(self):
        self.client.put_many([key.to_string() for key in self.keys], [b"a", b"b", b"c" * (self.chunk + 1), b"d"])
        room = iter([True, False, False, True])
        connector = TokenPlaneConnector(self.client, lambda: MemoryObject(bytes(9)) if next(room) else None)
        found = asyncio.run(connector.batched_get(self.keys))
        self.assertEqual([each and bytes(each.byte_array) for each in found], [b"a", None, None, b"d"])
        MemoryObject.held = 0
        with self.assertRaises(BufferTooSmall):
            asyncio.run(self.connector.batched_get(self.keys))
        self.assertEqual(MemoryObject.held, 0, "a failure keeps memory")


class HostPool:
    """As SGLang's host pool with a K and a V buffer: pages by index, two addresses each."""

    def __init__(self, pages, page_bytes):
        self.page_bytes = page_bytes
        self.buffers = [ctypes.create_string_buffer(pages * page_bytes) for _ in range(2)]

    def get_page_buffer_meta(self, indices):
        addresses = [ctypes.addressof(buffer) + index * self.page_bytes for index in indices for buffer in self.buffers]
        return addresses, [self.page_bytes] * len(addresses)

    def page(self, index):
        first = index * self.page_bytes
        return b"".join(bytes(memoryview(buffer)[first:first + self.page_bytes]) for buffer in self.buffers)

    def fill(self, index, data):
        for number, buffer in enumerate(self.buffers):
            part = data[number * self.page_bytes:(number + 1) * self.page_bytes]
            ctypes.memmove(ctypes.addressof(buffer) + index * self.page_bytes, part, self.page_bytes)


class SglangTest(ClientTest):
    def setUp(self):
        super().setUp()
        self.storage = TokenPlaneStorage(self.client, tokens_per_page=64)
        self.pool = HostPool(16, 6000)
        self.storage.register_mem_pool_host(self.pool)

    def test_pages_of_the_host_pool(self):
        keys = [f"page-{number}" for number in range(6)]
        pages = [random_bytes(12_000, number) for number in range(6)]
        for number, page in enumerate(pages):
            self.pool.fill(number, page)
        self.assertEqual(self.storage.batch_exists(keys), 0)
        self.assertEqual(self.storage.batch_set_v1(keys, list(range(6))), [True] * 6)
        self.assertEqual(self.storage.batch_exists(keys + ["none"]), 6)
        self.assertEqual(self.client.get("page-3"), pages[3])
        self.assertEqual(self.storage.batch_get_v1(keys[:3] + ["none"] + keys[3:4], [15, 9, 11, 12, 13]),
                         [True, True, True, False, True])
        self.assertEqual([self.pool.page(index) for index in (15, 9, 11, 13)],
                         [pages[0], pages[1], pages[2], pages[3]])
        self.assertEqual(self.pool.page(12), bytes(12_000))
        extra = types.SimpleNamespace(prefix_keys=keys)
        self.assertEqual(self.storage.batch_set_v1(["after"], [0], extra), [True])
        self.assertEqual(self.storage.get_stats()["entries"], 7)
        with self.assertRaises(ValueError):
            self.storage.batch_get_v1(keys[:3], [1, 2])

    def test_exists_counts_the_run_from_the_start(self):
        keys = [f"page-{number}" for number in range(5)]
        self.storage.batch_set(keys, [b"x" * 10] * 5)
        self.assertEqual(self.storage.batch_exists(keys), 5)
        self.client.delete("page-2")
        self.assertEqual(self.storage.batch_exists(keys), 2)
        self.assertEqual((self.storage.exists("page-4"), self.storage.exists("page-2")), (True, False))
        self.client.delete("page-0")
        self.assertEqual(self.storage.batch_exists(keys), 0)

    def test_tensors_and_other_sizes(self):
        memory = ctypes.create_string_buffer(b"abcdef", 6)
        tensor = types.SimpleNamespace(data_ptr=lambda: ctypes.addressof(memory), numel=lambda: 3,
                                       element_size=lambda: 2)
        self.assertTrue(self.storage.set("t", tensor))
        self.assertEqual(self.storage.get("t"), b"abcdef")
        target = bytearray(6)
        self.assertIs(self.storage.get("t", target), target)
        self.assertEqual(target, b"abcdef")
        self.assertIsNone(self.storage.get("t", bytearray(7)))
        self.assertIsNone(self.storage.get("t", bytearray(5)))
        self.assertIsNone(self.storage.get("none", bytearray(5)))
        self.client.put_many(["p0", "p1"], [b"y" * 12_001, b"z" * 12_000])
        self.assertEqual(self.storage.batch_get_v1(["p0", "p1"], [0, 1]), [False, True])
        self.storage.clear()
        self.assertFalse(self.storage.exists("t"))

    def test_the_identity_of_a_configuration(self):
        config = types.SimpleNamespace(is_mla_model=False, tp_size=8, tp_rank=3, model_name="m")
        self.assertEqual(identity_of(config), {"tensor_parallel": 8, "rank": 3, "model": "m"})
        config.is_mla_model, config.model_name = True, None
        self.assertEqual(identity_of(config), {"tensor_parallel": 1, "rank": 0})
        self.assertIsNone(self.connect(identity=identity_of(config)).get("t"))


class FakeServer:
    """Says scripted bytes to each connection in turn after its first request, then closes it or falls silent."""

    def __init__(self, *scripts, silent=False):
        self.scripts, self.silent, self.connections = scripts, silent, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.held = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            self.held.append(peer)
            try:
                if peer.recv(1 << 20):
                    peer.sendall(script)
                if not self.silent:
                    peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def close(self):
        for peer in self.held:
            peer.close()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


class MisbehavingServerTest(unittest.TestCase):
    def fake(self, *scripts, silent=False):
        server = FakeServer(*scripts, silent=silent)
        self.addCleanup(server.close)
        client = Client("127.0.0.1", server.port, timeout_s=FAKE_TIMEOUT_S if silent else LIMIT_S)
        self.addCleanup(client.close)
        return server, client

    def fails(self, ask, *scripts, silent=False):
        """The ask must fail with a CacheError that is not the server's, within moments, and so must the next one."""
        _, client = self.fake(*scripts, silent=silent)
        began = time.monotonic()
        for _ in range(2):
            with self.assertRaises(CacheError) as caught:
                ask(client)
            self.assertNotIsInstance(caught.exception, ServerError)
        self.assertLess(time.monotonic() - began, 10)

    def test_replies_that_are_none(self):
        asks = [lambda client: client.get("a"), lambda client: client.get_many(["a"], [bytearray(8)]),
                lambda client: client.lookup_prefix(["a"]), lambda client: client.put_many(["a"], [b"x"]),
                lambda client: client.stat(), lambda client: list(client.scan()),
                lambda client: client.exists("a"), lambda client: client.call("PING")]
        for reply in (b"hello\r\n", b"\r\n", b"$\r\n", b"$abc\r\n", b"$-2\r\n", b"$1_0\r\n", b"$ 5\r\n", b"*-7\r\n",
                      b":1.5\r\n", b":\r\n", b"%1\r\n+a\r\n+b\r\n", b"$99999999999999999999\r\nx", b"$600000000\r\nxx",
                      b"*1\r\n" * 2000, b"x" * 200_000, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK",
                      b"*3\r\n$1\r\na\r\n"):
            for number, ask in enumerate(asks):
                with self.subTest(reply=reply[:30], ask=number):
                    self.fails(ask, reply)

    def test_replies_of_another_kind(self):
        for ask, reply in ((lambda client: client.get("a"), b":1\r\n"),
                           (lambda client: client.get("a"), b"*0\r\n"),
                           (lambda client: client.get_many(["a"], [bytearray(8)]), b":5\r\n"),
                           (lambda client: client.get_many(["a"], [bytearray(8)]), b"+OK\r\n"),
                           (lambda client: client.get_many(["a"], [bytearray(8)]), b"*1\r\n:1\r\n"),
                           (lambda client: client.get_many(["a"], [bytearray(8)]), b"$3\r\nabcXY"),
                           (lambda client: client.get_many(["a"], [bytearray(2)]), b"$3\r\nabcXY"),
                           (lambda client: client.get("a"), b"$3\r\nabcXY"),
                           (lambda client: client.put_many(["a"], [b"x"]), b":1\r\n"),
                           (lambda client: client.put_many(["a"], [b"x"]), b"$-1\r\n"),
                           (lambda client: client.lookup_prefix(["a"]), b"+OK\r\n"),
                           (lambda client: client.lookup_prefix(["a"]), b":2\r\n"),
                           (lambda client: client.lookup_prefix(["a"]), b":-1\r\n"),
                           (lambda client: client.pin("a"), b"$-1\r\n"),
                           (lambda client: client.stat(), b"*1\r\n+a\r\n"),
                           (lambda client: list(client.scan()), b"*2\r\n$1\r\n0\r\n:1\r\n")):
            with self.subTest(reply=reply):
                self.fails(ask, reply)

    def test_half_replies(self):
        half = (b"$10\r\nabc", b"$10\r\n0123456789", b"$10\r\n0123456789\r", b"$10", b"+O", b"*2\r\n+a\r\n", b"")
        for silent in (False, True):
            for reply in half:
                with self.subTest(reply=reply, silent=silent):
                    self.fails(lambda client: client.get("a"), reply, silent=silent)
                    self.fails(lambda client: client.get_many(["a"], [bytearray(64)]), reply, silent=silent)
                    self.fails(lambda client: client.put_many(["a"], [b"x"] * 1), reply, silent=silent)

    def test_the_second_of_two_replies_never_comes(self):
        self.fails(lambda client: client.get_many(["a", "b"], [bytearray(8), bytearray(8)]), b"$1\r\nx\r\n")
        self.fails(lambda client: client.put_many(["a", "b"], [b"1", b"2"]), b"+OK\r\n", silent=True)

    def test_a_connection_that_broke_is_tried_once_more(self):
        server, client = self.fake(b"", b"$2\r\nhi\r\n")
        self.assertEqual(client.get("a"), b"hi")
        self.assertEqual(server.connections, 2)
        server, client = self.fake(b"$2\r\nh", b"$2\r\nhi\r\n")
        buffer = bytearray(2)
        self.assertEqual((client.get_many(["a"], [buffer]), bytes(buffer)), ([2], b"hi"))

    def test_silence_and_nonsense_are_not_asked_again(self):
        for script, silent in ((b"", True), (b"nonsense\r\n", False)):
            server, client = self.fake(script, silent=silent)
            with self.assertRaises(CacheError):
                client.get("a")
            self.assertEqual(server.connections, 1)

    def test_greetings(self):
        for reply, kind in ((b"-WRONGPASS no\r\n", ServerError), (b":1\r\n", CacheError), (b"", CacheError),
                            (b"nonsense\r\n", CacheError)):
            server = FakeServer(reply)
            self.addCleanup(server.close)
            with self.assertRaises(kind):
                Client("127.0.0.1", server.port, user="u", password="p", volume="v", timeout_s=LIMIT_S)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with self.assertRaises(CacheError):
            Client("127.0.0.1", port, timeout_s=FAKE_TIMEOUT_S)


if __name__ == "__main__":
    main()
