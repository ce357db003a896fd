#!/usr/bin/python3
"""Stock Redis clients against the cache: redis-cli, redis-benchmark, python3-redis, and from npm ioredis, redis and
LangChain's Redis cache. Each is skipped where it is not installed."""

import base64
import csv
import os
import shutil
import sys
import threading
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from harness import MIB, ROOT_KEYS, ServerTest, main, random_bytes, run_tool  # noqa: E402

try:
    import redis
except ImportError:
    redis = None

JS = os.path.join(HERE, "..", "js")
LIMIT_S = 60
REQUESTS = 20_000
KEY_SPACE = 1000  # of redis-benchmark's random keys
THREADS, STEPS = 8, 100
MANY = 3000
WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
NOT_INTEGER = "value is not an integer or out of range"


class CacheClientTest(ServerTest):
    volume = "kv-clients"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.cache("create", cls.volume, "--capacity", "512MiB", "--dram", "256MiB")
        cls.user = f"{ROOT_KEYS[0]}@{cls.volume}"


@unittest.skipUnless(shutil.which("redis-cli"), "redis-cli is not installed (redis-tools)")
class RedisCliTest(CacheClientTest):
    def setUp(self):
        self.assertEqual(self.cli("FLUSHDB"), "OK")

    def cli(self, *arguments, stdin=b"", login=True, check=True):
        """What it prints without the last newline; the whole process where that may fail."""
        options = ["--user", self.user, "--pass", ROOT_KEYS[1], "--no-auth-warning"] if login else []
        done = run_tool(["redis-cli", "-p", str(self.server.redis_port), *options, *arguments], stdin=stdin,
                        check=check, timeout_s=LIMIT_S)
        return done.stdout.removesuffix("\n") if check else done

    def test_strings(self):
        for command, said in (("SET a 1", "OK"), ("GET a", "1"), ("GET none", ""), ("SET a 2 NX", ""),
                              ("SET a 3 EX 100", "OK"), ("TTL a", "100"), ("TTL none", "-2"), ("INCRBY a 4", "7"),
                              ("INCRBYFLOAT a 0.5", "7.5"), ("MSET b 1 c 2", "OK"), ("MGET a none c", "7.5\n\n2"),
                              ("EXISTS a b c none", "3"), ("TYPE a", "string"), ("STRLEN a", "3"),
                              ("GETDEL a", "7.5"), ("DEL a b c", "2"), ("DBSIZE", "0")):
            self.assertEqual(self.cli(*command.split()), said, command)

    def test_what_a_terminal_shows(self):
        self.cli("HSET", "h", "f", "1")
        for protocol, command, said in (
                ("-2", "HGETALL h", '1) "f"\n2) "1"'), ("-3", "HGETALL h", '1# "f" => "1"'),
                ("-2", "GET none", "(nil)"), ("-3", "GET none", "(nil)"), ("-3", "EXISTS h", "(integer) 1"),
                ("-3", "GET h", f"(error) {WRONG_TYPE}"), ("-3", "INCR h", f"(error) {WRONG_TYPE}"),
                ("-3", "ACL WHOAMI", '"root"'), ("-3", "PING", "PONG")):
            self.assertEqual(self.cli(protocol, "--no-raw", *command.split()), said, (protocol, command))

    def test_errors(self):
        for command, said in (("LPUSH l x", "ERR unknown command 'LPUSH', with args beginning with: 'l' 'x' "),
                              ("GET", "ERR wrong number of arguments for 'get' command"),
                              ("SELECT 1", "ERR DB index is out of range"), ("EXPIRE a b", f"ERR {NOT_INTEGER}"),
                              ("SET a b PX 0", "ERR invalid expire time in 'set' command"),
                              ("SET a b NX XX", "ERR syntax error"), ("EXEC", "ERR EXEC without MULTI")):
            self.assertEqual(self.cli(*command.split()).rstrip(), said.rstrip(), command)

    def test_scan(self):
        keys = [f"user:{number}" for number in range(MANY)]
        lines = "".join(f"SET {key} {key}\n" for key in keys) + "HSET user:hash f v\nSET other 1\n"
        self.assertEqual(self.cli(stdin=lines.encode()), "OK\n" * MANY + "1\nOK")
        self.assertEqual(sorted(self.cli("--scan", "--pattern", "user:*").splitlines()), sorted([*keys, "user:hash"]))
        self.assertEqual(len(self.cli("--scan").splitlines()), MANY + 2)
        self.assertEqual(self.cli("DBSIZE"), str(MANY + 2))
        said = self.cli("--bigkeys")
        self.assertIn(f"{MANY + 1} strings with", said)
        self.assertIn("1 hashs with 1 fields", said)
        self.assertIn(f"Sampled {MANY + 2} keys in the keyspace!", self.cli("--memkeys"))

    def test_a_large_value_by_standard_input(self):
        value = base64.b64encode(random_bytes(12 * MIB, 1)).decode()  # 16 MiB of text
        self.assertEqual(self.cli("-x", "SET", "large", stdin=value.encode()), "OK")
        self.assertEqual(self.cli("STRLEN", "large"), str(16 * MIB))
        self.assertTrue(self.cli("GET", "large") == value, "other bytes")
        self.assertEqual(self.cli("GETRANGE", "large", "1000000", "1000009"), value[1000000:1000010])

    def test_mass_insertion(self):
        words = [[b"SET", b"k%d" % number, b"\x00\r\n%d" % number] for number in range(MANY)] + [[b"INCR", b"k1"]]
        sent = b"".join(
            b"*%d\r\n" % len(each) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in each)
            for each in words)
        done = self.cli("--pipe", stdin=sent, check=False)
        self.assertIn(f"errors: 1, replies: {MANY + 1}", done.stdout, done.stderr)
        self.assertEqual(self.cli("DBSIZE"), str(MANY))
        self.assertEqual(self.cli("--no-raw", "GET", "k7"), r'"\x00\r\n7"')

    def test_transactions(self):
        lines = b"MULTI\nSET a 1\nINCR a\nHGET a f\nGET a\nEXEC\nMULTI\nSET a 9\nDISCARD\nGET a\n"
        self.assertEqual(self.cli(stdin=lines),
                         f"OK\nQUEUED\nQUEUED\nQUEUED\nQUEUED\nOK\n2\n{WRONG_TYPE}\n\n2\nOK\nQUEUED\nOK\n2")

    def test_who_it_is(self):
        self.assertEqual(self.cli("ACL", "WHOAMI"), "root")
        self.assertIn("redis_version:7.0.15", self.cli("INFO", "server"))
        where = self.cli("-3", "--no-raw", "TP.WHERE")
        self.assertIn(f'"volume" => "{self.volume}"', where)
        done = self.cli("GET", "a", login=False, check=False)
        self.assertEqual(done.stdout.strip(), "NOAUTH Authentication required.")
        done = self.cli("-a", "wrong", "--user", self.user, "GET", "a", login=False, check=False)
        self.assertIn("WRONGPASS", done.stderr)
        self.assertEqual(done.stdout.strip(), "NOAUTH Authentication required.")
        said = self.cli("AUTH", self.user, "wrong", login=False, check=False).stdout.strip()
        self.assertEqual(said, "WRONGPASS invalid username-password pair or user is disabled.")
        self.assertEqual(self.cli("AUTH", self.user, ROOT_KEYS[1], login=False), "OK")
        self.assertEqual(self.cli(stdin=f"AUTH {self.user} {ROOT_KEYS[1]}\nSET a 1\nGET a\n".encode(), login=False),
                         "OK\nOK\n1")
        address = f"redis://{urllib.parse.quote(self.user)}:{ROOT_KEYS[1]}@127.0.0.1:{self.server.redis_port}/0"
        self.assertEqual(self.cli("-u", address, "--no-auth-warning", "GET", "a", login=False), "1")


@unittest.skipUnless(shutil.which("redis-benchmark"), "redis-benchmark is not installed (redis-tools)")
class RedisBenchmarkTest(CacheClientTest):
    tests = ("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET", "MSET (10 keys)")

    def benchmark(self, *options):
        return run_tool(["redis-benchmark", "-p", str(self.server.redis_port), "--user", self.user, "-a", ROOT_KEYS[1],
                         "-t", "ping,set,get,mset,incr,hset", "-n", str(REQUESTS), "-r", str(KEY_SPACE), *options],
                        timeout_s=4 * LIMIT_S)

    def test_every_test_of_the_issue(self):
        done = 0
        for options in (("-P", "1"), ("-P", "16"), ("-P", "16", "--threads", "2"), ("-P", "4", "-3")):
            said = self.benchmark("--csv", *options)
            rows = list(csv.DictReader(said.stdout.splitlines()))
            self.assertEqual([row["test"] for row in rows], list(self.tests), said.stderr)
            for row in rows:
                self.assertGreater(float(row["rps"]), 0, row)
            self.assertNotIn("rror", said.stderr)
            done += REQUESTS
            if redis:
                self.check(done)

    def check(self, done):
        """What it wrote is there to the last request."""
        client = self.server.redis(self.volume)
        counters = list(client.scan_iter("counter:*", 1000))
        self.assertEqual(sum(int(value) for value in client.mget(counters)), done)
        self.assertTrue(all(len(value) == 3 for value in client.mget(client.scan_iter("key:*", 1000))))
        fields = client.hgetall("myhash")
        self.assertTrue(0 < len(fields) <= KEY_SPACE and all(len(value) == 3 for value in fields.values()))

    def test_the_quiet_form(self):
        said = self.benchmark("-q", "-P", "16")
        for name in self.tests:
            self.assertRegex(said.stdout.replace("\r", "\n"), rf"(?m)^{name[:4]}.*: [0-9.]+ requests per second")


@unittest.skipUnless(redis, "python3-redis is not installed")
class PythonRedisTest(CacheClientTest):
    def setUp(self):
        self.client = self.server.redis(self.volume)
        self.assertTrue(self.client.flushdb())

    def test_strings(self):
        client = self.client
        self.assertIsNone(client.get("a"))
        self.assertTrue(client.set("a", b"\x00\xff\r\n", ex=100))
        self.assertIsNone(client.set("a", "x", nx=True))
        self.assertEqual((client.get("a"), client.ttl("a")), (b"\x00\xff\r\n", 100))
        self.assertEqual(client.set("a", "10", keepttl=True, get=True), b"\x00\xff\r\n")
        self.assertTrue(client.persist("a"))
        self.assertEqual((client.incr("a", 5), client.decr("a"), client.incrbyfloat("a", 0.25)), (15, 14, 14.25))
        self.assertTrue(client.mset({"b": "2", "c": "3"}))
        self.assertFalse(client.msetnx({"c": "9", "d": "9"}))
        self.assertEqual(client.mget("a", "d", "b", "c"), [b"14.25", None, b"2", b"3"])
        self.assertEqual((client.append("b", "xyz"), client.getrange("b", 1, 2), client.setrange("b", 6, "!")),
                         (4, b"xy", 7))
        self.assertEqual(client.get("b"), b"2xyz\x00\x00!")
        self.assertEqual((client.getdel("c"), client.exists("a", "b", "c"), client.delete("a", "b")), (b"3", 2, 2))
        for size in (0, 1, 100_000, 20 * MIB):
            value = random_bytes(size, size)
            client.set("size", value)
            self.assertTrue(client.get("size") == value, size)

    def test_hashes(self):
        client = self.client
        self.assertEqual(client.hset("h", mapping={"one": 1, "two": "zwei", b"\xff": b"\x00"}), 3)
        self.assertEqual(client.hgetall("h"), {b"one": b"1", b"two": b"zwei", b"\xff": b"\x00"})
        self.assertEqual((client.hget("h", "none"), client.hmget("h", "two", "none")), (None, [b"zwei", None]))
        self.assertEqual((client.hincrby("h", "one", 41), client.hexists("h", "one"), client.hlen("h")), (42, True, 3))
        self.assertEqual((sorted(client.hkeys("h")), sorted(client.hvals("h"))),
                         ([b"one", b"two", b"\xff"], [b"\x00", b"42", b"zwei"]))
        self.assertEqual((client.hdel("h", "one", "two", b"\xff", "none"), client.exists("h")), (3, 0))

    def test_json_at_the_root(self):
        value = {"text": "é \" \\ \n", "list": [1, -2.5, None, True, {}], "deep": {"a": {"b": []}}}
        self.assertTrue(self.client.json().set("j", ".", value))
        self.assertEqual(self.client.json().get("j"), value)
        self.assertTrue(self.client.json().set("j", "$", [1], xx=True))
        self.assertEqual(self.client.json().get("j", "$"), [[1]])
        self.assertIsNone(self.client.json().set("j", "$", 2, nx=True))
        self.assertIsNone(self.client.json().get("none"))
        with self.assertRaisesRegex(redis.ResponseError, "root"):
            self.client.json().set("j", "$.a", 1)
        with self.assertRaisesRegex(redis.ResponseError, "WRONGTYPE"):
            self.client.get("j")

    def test_pipelines(self):
        pipe = self.client.pipeline(transaction=False)
        for number in range(MANY):
            pipe.set(f"k{number}", number).incr(f"k{number}")
        self.assertEqual(pipe.execute(), [answer for number in range(MANY) for answer in (True, number + 1)])
        pipe = self.client.pipeline()
        pipe.set("a", "x").incr("a").get("a")
        answers = pipe.execute(raise_on_error=False)
        self.assertEqual((answers[0], answers[2]), (True, b"x"))
        self.assertIsInstance(answers[1], redis.ResponseError)
        self.assertIn(NOT_INTEGER, str(answers[1]))
        pipe.set("b", 1).execute_command("LPUSH", "l", "x")
        with self.assertRaises(redis.exceptions.RedisError):
            pipe.execute()
        self.assertIsNone(self.client.get("b"), "a transaction with an unknown command ran")

    def test_watch(self):
        self.client.set("a", 1)
        with self.client.pipeline() as pipe:
            pipe.watch("a")
            self.client.set("a", 2)
            pipe.multi()
            pipe.set("a", 3)
            with self.assertRaises(redis.WatchError):
                pipe.execute()
        self.assertEqual(self.client.get("a"), b"2")
        self.assertEqual(self.client.transaction(lambda pipe: pipe.multi() or pipe.set("a", 4), "a"), [True])
        self.assertEqual(self.client.get("a"), b"4")

    def test_a_counter_of_many_threads(self):
        """Optimistic transactions over a pool of connections lose no step."""
        pool = redis.BlockingConnectionPool(max_connections=THREADS, port=self.server.redis_port, username=self.user,
                                            password=ROOT_KEYS[1], timeout=LIMIT_S)
        client = redis.Redis(connection_pool=pool)
        client.set("watched", 0)
        failures = []

        def add(pipe):
            value = int(pipe.get("watched"))
            pipe.multi()
            pipe.set("watched", value + 1)

        def work(number):
            try:
                for step in range(STEPS):
                    client.incr("counted")
                    client.set(f"own-{number}", b"%d" % step * 100)
                    if client.get(f"own-{number}") != b"%d" % step * 100:
                        raise AssertionError(f"thread {number} read what it did not write")
                for _ in range(STEPS // 10):
                    client.transaction(add, "watched")
            except BaseException as error:  # pylint: disable=broad-except
                failures.append(error)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual((int(client.get("counted")), int(client.get("watched"))),
                         (THREADS * STEPS, THREADS * STEPS // 10))
        pool.disconnect()

    def test_scan(self):
        self.client.mset({f"k:{number}": number for number in range(MANY)})
        self.client.hset("k:hash", "f", "v")
        self.assertEqual({key for key in self.client.scan_iter("k:*", 100)},
                         {b"k:%d" % number for number in range(MANY)} | {b"k:hash"})
        self.assertEqual(list(self.client.scan_iter(_type="HASH")), [b"k:hash"])
        self.assertEqual(list(self.client.scan_iter("none*")), [])
        self.assertEqual(len(self.client.keys("k:1??")), 100)

    def test_expiry(self):
        self.client.set("short", "x", px=150)
        self.client.hset("hash", "f", "v")
        self.assertTrue(self.client.pexpire("hash", 150))
        self.client.setex("long", 1000, "y")
        deadline = time.monotonic() + LIMIT_S
        while self.client.exists("short", "hash"):
            self.assertLess(time.monotonic(), deadline, "what lives 150 ms does not go")
        self.assertEqual((self.client.ttl("short"), self.client.ttl("long"), self.client.hlen("hash")), (-2, 1000, 0))
        self.assertTrue(self.client.expireat("long", int(time.time()) - 10))
        self.assertIsNone(self.client.get("long"))
        self.assertEqual(self.client.dbsize(), 0)

    def test_errors_have_their_types(self):
        self.client.set("s", "text")
        for error, said, ask in (
                (redis.ResponseError, NOT_INTEGER, lambda: self.client.incr("s")),
                (redis.ResponseError, WRONG_TYPE, lambda: self.client.hget("s", "f")),
                (redis.ResponseError, "unknown command", lambda: self.client.sadd("s", "x")),
                (redis.ResponseError, "unknown command", lambda: self.client.eval("return 1", 0)),
                (redis.ResponseError, "1024", lambda: self.client.set("k" * 1025, "x"))):
            with self.assertRaisesRegex(error, said):
                ask()
        with self.assertRaises(redis.AuthenticationError):
            self.server.redis(keys=None).get("s")
        self.assertEqual(self.client.get("s"), b"text")


@unittest.skipUnless(shutil.which("node") and os.path.isdir(os.path.join(JS, "node_modules", "ioredis")),
                     "node or what npm ci installs in tests/e2e/js is not there")
class JavascriptTest(CacheClientTest):
    def node(self, script):
        done = run_tool([shutil.which("node"), "--test", os.path.join(JS, script)],
                        {"TP_REDIS_PORT": str(self.server.redis_port), "TP_REDIS_USER": self.user,
                         "TP_REDIS_PASSWORD": ROOT_KEYS[1]}, check=False, timeout_s=2 * LIMIT_S)
        self.assertEqual(done.returncode, 0, f"{done.stdout[-12000:]}\n{done.stderr[-3000:]}")
        self.assertRegex(done.stdout, r"(?m)^\S+ fail 0$")
        self.assertRegex(done.stdout, r"(?m)^\S+ pass [1-9]")

    def test_ioredis(self):
        self.node("cache_ioredis_test.mjs")

    def test_redis(self):
        self.node("cache_redis_test.mjs")

    def test_langchain(self):
        self.node("cache_langchain_test.mjs")


if __name__ == "__main__":
    main()
