#!/usr/bin/env python3
"""The same random commands to redis-server and to ours: the raw replies must be equal.

usage: redis_differential.py [--seed N] [--rounds N] [--steps N] [--ours HOST:PORT]

Among them commands with wrong arity, wrong types, odd numbers, expired keys, transactions, both protocol versions.
Times to live may differ by what passes between two servers; what has no order (KEYS) is compared without one. A failing
seed is printed with the commands that led there. Without --ours it starts the real server (TOKENPLANE_BIN).
"""

import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

SKIPPED = 77
KEYS = [b"k%d" % i for i in range(8)]
FIELDS = [b"f%d" % i for i in range(6)]
INTEGERS = [b"0", b"1", b"-1", b"7", b"100", b"-100", b"9223372036854775807", b"-9223372036854775808",
            b"9223372036854775808", b"01", b"-0", b"+1", b" 1", b"", b"abc", b"1.5", b"1e3", b"2147483648"]
FLOATS = [b"1.5", b"-0.1", b"3", b"1e3", b"0", b"-0", b"abc", b"", b"1.0000000001", b"inf", b"nan", b"1e400",
          b"123456789.123456789", b" 1", b"0x10"]
VALUES = [b"", b"a", b"hello world", b"10", b"-5", b"3.25", b"\x00\xff\r\n", b"x" * 70, b"9223372036854775807"]
TIME_REPLIES = {b"ttl", b"pttl", b"expiretime", b"pexpiretime"}
UNORDERED = {b"keys"}


class Connection:
    """One RESP connection that gives replies as they come over the wire."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=20)
        self.reader = self.socket.makefile("rb")

    def ask(self, words):
        self.send(words)
        return self.reply()

    def send(self, words):
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def reply(self):
        line = self.reader.readline()
        kind, number = line[:1], line[1:-2]
        if kind in b"$=" and int(number) >= 0:
            return line + self.reader.read(int(number) + 2)
        if kind in b"*~" and int(number) >= 0:
            return line + b"".join(self.reply() for _ in range(int(number)))
        if kind == b"%":
            return line + b"".join(self.reply() for _ in range(2 * int(number)))
        return line

    def raw(self, sent):
        """Bytes that may be no request: all that comes until the server closes or says no more."""
        self.socket.sendall(sent)
        self.socket.shutdown(socket.SHUT_WR)
        return self.reader.read()


class Generator:
    """Random commands of those that both sides have."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def key(self):
        return self.random.choice(KEYS)

    def field(self):
        return self.random.choice(FIELDS)

    def value(self):
        return self.random.choice(VALUES)

    def integer(self):
        return self.random.choice(INTEGERS) if self.random.random() < 0.5 else b"%d" % self.random.randint(-20, 20)

    def time(self):
        return self.random.choice([b"100", b"1000", b"100000", b"0", b"-1", b"abc", b"9223372036854775807",
                                   b"9223372036854775"])

    def some(self, make, most=4):
        return [make() for _ in range(self.random.randint(1, most))]

    def options(self, *choices):
        """A few of the options, in any order, each as words."""
        taken = []
        for choice in self.random.sample(choices, self.random.choice([0, 0, 1, 1, 2, 3])
                                         if len(choices) >= 3 else self.random.randint(0, len(choices))):
            taken += choice() if callable(choice) else [choice]
        return taken

    def expiry(self):
        name = self.random.choice([b"EX", b"PX", b"EXAT", b"PXAT", b"ex"])
        value = self.time()
        if name.endswith(b"AT") and value in (b"100", b"1000", b"100000"):
            value = b"%d" % ((2_000_000_000 + int(value)) * (1 if name == b"EXAT" else 1000))
        elif value in (b"100", b"1000") and name in (b"PX",):
            value += b"000"
        return [name, value] if self.random.random() < 0.95 else [name]

    def string_command(self):
        key, value = self.key(), self.value()
        return self.random.choice([
            lambda: [b"GET", key], lambda: [b"GET", key], lambda: [b"SET", key, value],
            lambda: [b"SET", key, value] + self.options(b"NX", b"XX", b"GET", b"KEEPTTL", self.expiry),
            lambda: [b"SETNX", key, value], lambda: [b"SETEX", key, self.time(), value],
            lambda: [b"PSETEX", key, self.random.choice([b"100000", b"0", b"-1", b"x"]), value],
            lambda: [b"MGET"] + self.some(self.key), lambda: [b"MSET"] + self.some(self.key, 5),
            lambda: [b"MSET", key, value, self.key(), self.value()], lambda: [b"MSETNX"] + self.some(self.key, 6),
            lambda: [b"GETEX", key] + self.options(b"PERSIST", self.expiry, b"WHAT"), lambda: [b"GETDEL", key],
            lambda: [b"GETSET", key, value], lambda: [b"STRLEN", key],
            lambda: [b"GETRANGE", key, self.integer(), self.integer()],
            lambda: [b"SUBSTR", key, self.integer(), self.integer()],
            lambda: [b"SETRANGE", key, self.random.choice([b"0", b"3", b"20", b"-1", b"abc", b"536870912"]), value],
            lambda: [b"APPEND", key, value], lambda: [b"INCR", key], lambda: [b"DECR", key],
            lambda: [b"INCRBY", key, self.integer()], lambda: [b"DECRBY", key, self.integer()],
            lambda: [b"INCRBYFLOAT", key, self.random.choice(FLOATS)],
        ])()

    def hash_command(self):
        key, field = self.key(), self.field()
        return self.random.choice([
            lambda: [b"HSET", key, field, self.value()], lambda: [b"HSET", key] + self.some(self.field, 7),
            lambda: [b"HSET", key, field, self.integer(), self.field(), self.value()],
            lambda: [b"HMSET", key] + self.some(self.field, 5), lambda: [b"HSETNX", key, field, self.value()],
            lambda: [b"HGET", key, field], lambda: [b"HMGET", key] + self.some(self.field),
            lambda: [b"HGETALL", key], lambda: [b"HKEYS", key], lambda: [b"HVALS", key],
            lambda: [b"HDEL", key] + self.some(self.field), lambda: [b"HEXISTS", key, field], lambda: [b"HLEN", key],
            lambda: [b"HSTRLEN", key, field], lambda: [b"HINCRBY", key, field, self.integer()],
            lambda: [b"HINCRBYFLOAT", key, field, self.random.choice(FLOATS)],
            lambda: [b"HSCAN", key, self.random.choice([b"0", b"0", b"abc"])] +
            self.options(lambda: [b"MATCH", b"f[0-3]"], lambda: [b"COUNT", self.random.choice([b"10", b"0", b"x"])],
                         b"NOPE"),
            lambda: [b"HRANDFIELD", b"nothing"] + self.options(lambda: [self.integer()]),
        ])()

    def key_command(self):
        key = self.key()
        expire = self.random.choice([b"EXPIRE", b"PEXPIRE"])
        conditions = (b"NX", b"XX", b"GT", b"LT", b"ZZ")
        return self.random.choice([
            lambda: [b"EXISTS"] + self.some(self.key), lambda: [b"DEL"] + self.some(self.key, 2),
            lambda: [b"UNLINK", key], lambda: [b"TOUCH"] + self.some(self.key), lambda: [b"TYPE", key],
            lambda: [expire, key, self.random.choice([b"100000", b"500000", b"-1", b"0", b"x",
                                                      b"9223372036854775807"])] + self.options(*conditions),
            lambda: [b"EXPIREAT", key, self.random.choice([b"2000000000", b"1", b"0", b"-5", b"x"])] +
            self.options(*conditions),
            lambda: [b"PEXPIREAT", key, self.random.choice([b"2000000000000", b"1", b"0", b"-5"])],
            lambda: [b"TTL", key], lambda: [b"PTTL", key], lambda: [b"EXPIRETIME", key],
            lambda: [b"PEXPIRETIME", key], lambda: [b"PERSIST", key], lambda: [b"RENAME", key, self.key()],
            lambda: [b"RENAMENX", key, self.key()],
            lambda: [b"COPY", key, self.key()] + self.options(b"REPLACE", lambda: [b"DB", b"0"],
                                                              lambda: [b"DB", b"77"], b"X"),
            lambda: [b"KEYS", self.random.choice([b"*", b"k[0-4]", b"k?", b"*7", b"\\k1", b"[^k]*", b"k[3-1]"])],
            lambda: [b"DBSIZE"], lambda: [b"SCAN", b"0", b"COUNT", self.random.choice([b"0", b"x", b"-1"])],
            lambda: [b"SCAN", b"abc"], lambda: [b"FLUSHDB", b"NEVER"],
        ])()

    def session_command(self):
        return self.random.choice([
            lambda: [b"PING"], lambda: [b"PING", self.value()], lambda: [b"ECHO", self.value()],
            lambda: [b"SELECT", self.random.choice([b"0", b"1", b"-1", b"x", b"99999999999"])],
            lambda: [b"CLIENT", b"SETNAME", self.random.choice([b"me", b"a b", b""])],
            lambda: [b"CLIENT", b"GETNAME"], lambda: [b"CLIENT", b"NOSUCH"], lambda: [b"CLIENT"],
            lambda: [b"CLIENT", b"NO-EVICT", self.random.choice([b"on", b"off", b"maybe"])],
            lambda: [b"MULTI"], lambda: [b"EXEC"], lambda: [b"DISCARD"], lambda: [b"WATCH"] + self.some(self.key),
            lambda: [b"UNWATCH"], lambda: [b"NOSUCH"] + self.some(self.value), lambda: [b"nosuch\r\ncommand", b"x"],
            lambda: [b"ACL", b"WHOAMI"],
            lambda: [b"CONFIG", b"GET", b"appendonly"], lambda: [b"CONFIG", b"NOSUCH"],
            lambda: [b"COMMAND", b"GETKEYS", b"MSET", b"a", b"1", b"b", b"2"], lambda: [b"MEMORY", b"USAGE", b"none"],
            lambda: [b"MODULE", b"LIST"],
        ])()

    def command(self):
        kind = self.random.random()
        words = (self.string_command() if kind < 0.4 else self.hash_command() if kind < 0.65 else
                 self.key_command() if kind < 0.92 else self.session_command())
        if self.random.random() < 0.04:  # wrong arity
            words = words[:-1] if self.random.random() < 0.5 and len(words) > 1 else words + [self.value()]
        if self.random.random() < 0.1:
            words[0] = words[0].lower()
        return words


def bulk_strings(reply):
    return sorted(re.findall(rb"\$\d+\r\n([^\r]*)\r\n", reply))


def same(words, wanted, got):
    if wanted == got:
        return True
    name = words[0].lower()
    if name in UNORDERED and wanted[:1] in b"*" and wanted.split(b"\r\n")[0] == got.split(b"\r\n")[0]:
        return bulk_strings(wanted) == bulk_strings(got)
    # Within EXEC the replies of both kinds stand among others.
    numbers = rb":(\d+)\r\n"
    if name in TIME_REPLIES or name == b"exec":
        if re.sub(numbers, b":N", wanted) != re.sub(numbers, b":N", got):
            return bulk_strings(wanted) == bulk_strings(got) and name == b"exec"
        pairs = zip(re.findall(numbers, wanted), re.findall(numbers, got))
        slack = 2 if name in (b"ttl", b"expiretime") else 5000
        return all(abs(int(a) - int(b)) <= slack for a, b in pairs)
    return False


def show(words):
    return " ".join(repr(word)[1:] for word in words)


def run_round(seed, steps, theirs, ours):
    generator = Generator(seed)
    pairs = [(Connection(theirs), Connection(ours)) for _ in range(2)]
    for redis, mine in pairs[:1]:
        redis.ask([b"FLUSHALL"])
        mine.ask([b"FLUSHALL"])
    if seed % 3 == 2:
        for pair in pairs:
            for side in pair:
                side.ask([b"HELLO", b"3"])
    history = []
    for _ in range(steps):
        number = 0 if generator.random.random() < 0.8 else 1
        redis, mine = pairs[number]
        words = generator.command()
        history.append(f"{number}> {show(words)}")
        wanted, got = redis.ask(words), mine.ask(words)
        if not same(words, wanted, got):
            print(f"seed {seed}: replies differ\n" + "\n".join(history[-25:]))
            print(f"  redis: {wanted!r}\n  ours:  {got!r}")
            return False
    return True


MALFORMED = [b"*1\r\n!4\r\nPING\r\n", b"*abc\r\n", b"*1\r\n$-1\r\n", b"*1\r\n$99999999999\r\n", b"*-5\r\nPING\r\n",
             b"\r\n\r\nPING\r\n", b"PING \"unbalanced\r\n", b"SET a 'x y'\r\nGET a\r\n", b"*2\r\n$3\r\nGET\r\nx\r\n",
             b"*0\r\nPING\r\n", b"x" * 70000, b"*" + b"1" * 70000, b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
             b"ping\nping\n", b"*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n", b"SET a \"\\x41\\n\\q\"\r\nGET a\r\n"]


def run_malformed(theirs, ours):
    good = True
    for sent in MALFORMED:
        wanted, got = Connection(theirs).raw(sent), Connection(ours).raw(sent)
        if wanted != got:
            print(f"malformed {sent[:60]!r}: replies differ\n  redis: {wanted!r}\n  ours:  {got!r}")
            good = False
    return good


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_redis(directory):
    port = free_port()
    process = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                "--appendonly", "no", "--databases", "1", "--hash-max-listpack-value", "512", "--dir",
                                directory],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while True:
        try:
            Connection(("127.0.0.1", port)).ask([b"PING"])
            return process, ("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                process.kill()
                raise
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError("redis-server did not start") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--ours", help="HOST:PORT of a server that serves whoever comes")
    arguments = parser.parse_args()
    if shutil.which("redis-server") is None:
        print("skipped: redis-server is not installed")
        return SKIPPED
    server = None
    with tempfile.TemporaryDirectory(prefix="tokenplane-redis-") as directory:
        redis, theirs = start_redis(directory)
        try:
            if arguments.ours:
                host, port = arguments.ours.rsplit(":", 1)
                ours = (host, int(port))
            else:
                from harness import Server  # pylint: disable=import-outside-toplevel
                server = Server(arguments=["--redis-anonymous", "cache"]).start()
                ours = ("127.0.0.1", server.redis_port)
            good = run_malformed(theirs, ours)
            for seed in range(arguments.seed, arguments.seed + arguments.rounds):
                good &= run_round(seed, arguments.steps, theirs, ours)
        finally:
            redis.kill()
            redis.wait()
            if server:
                server.stop()
    print("the replies are equal" if good else "the replies differ")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
