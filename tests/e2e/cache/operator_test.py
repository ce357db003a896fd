#!/usr/bin/python3
"""Cache volumes as an operator meets them: made by command and over S3, used by redis clients, read over S3 and NFS."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import (KIB, MIB, ROOT_KEYS, Scratch, Server, ServerTest, extra_headers, main, random_bytes,  # noqa: E402
                     run_tool)

try:
    import redis
except ImportError:
    redis = None

PROFILE = """
name = "tiny"
bytes_per_token = 10
gpu_dollars_per_hour = 36
gpus = 2
prefill_seconds = [[1000, 1.0]]
[identity]
model = "tiny-1"
engine = "test"
"""
LIMIT_S = 60
NOBODY = 65534


def eventually(condition, what, limit_s=LIMIT_S):
    """Asks until it is so; every question is a request to the server, so there is no need to sleep."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s} s: {what}")


@unittest.skipUnless(redis and shutil.which("redis-cli"), "python3-redis or redis-tools is not installed")
class CacheTest(ServerTest):
    def volume(self, name, *options, profile=PROFILE):
        """A cache volume that goes after the test."""
        with Scratch() as folder:
            model = ["--model", folder_write(folder, "profile.toml", profile)] if profile else []
            self.server.cache("create", name, "--capacity", "64MiB", "--dram", "32MiB", *model, *options)
        self.addCleanup(lambda: self.server.cache("remove", name, check=False))
        return self.server.redis(name)

    def ledger(self, name, tenant="root"):
        return self.server.cache("stat", name, "--json")["ledger"]["tenants"][tenant]

    def redis_cli(self, *arguments, keys=None, volume=None, check=True):
        options = ["--user", f"{keys[0]}@{volume}", "--pass", keys[1], "--no-auth-warning"] if keys else []
        return run_tool(["redis-cli", "-p", str(self.server.redis_port), *options, *arguments], check=check,
                        timeout_s=LIMIT_S).stdout.strip()


def folder_write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    return path


class LifeTest(CacheTest):
    def test_a_volume_is_made_shown_changed_and_removed(self):
        self.volume("kv-life", "--policy", "lru")
        shown = self.server.cache("show", "kv-life", "--json")
        self.assertTrue(shown["available"])
        self.assertEqual(shown["settings"]["capacity_bytes"], 64 * MIB)
        self.assertEqual(shown["settings"]["dram_bytes"], 32 * MIB)
        self.assertEqual((shown["settings"]["policy"], shown["stats"]["policy"]), ("lru", "lru"))
        self.assertEqual((shown["model"], shown["owner_name"]), ("tiny", "root"))
        self.assertIn("model=tiny-1", shown["identity"])
        self.server.cache("set", "kv-life", "--dram", "48MiB")
        self.assertEqual(self.server.cache("show", "kv-life", "--json")["settings"]["dram_bytes"], 48 * MIB)
        self.assertIn("kv-life", self.server.cache("list")[1])
        self.server.cache("share", "kv-life", "alice", "--reserve", "10MiB", "--quota", "20MiB")
        self.server.cache("share", "kv-life", "alice", "--quota", "none")
        self.assertEqual(self.server.cache("show", "kv-life", "--json")["settings"]["shares"],
                         [{"tenant": "alice", "reserved_bytes": 10 * MIB, "quota_bytes": 0}])
        self.server.cache("remove", "kv-life")
        self.assertNotEqual(self.server.cache("show", "kv-life", check=False)[0], 0)
        with self.assertRaises(redis.exceptions.RedisError):
            self.server.redis("kv-life").get("k")
        self.assertNotIn("kv-life", [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]])

    def test_what_cannot_be_is_refused_in_words(self):
        for options, said in ((("--capacity", "lots"), "size"), (("--policy", "none-such"), "policy"),
                              (("--model", "no-such-model"), "llama-3-70b"), (("--dram", "1KiB"), "dram"),
                              (("--owner", "nobody-here"), "user")):
            status, _, error = self.server.cache("create", "kv-wrong", *options, check=False)
            self.assertNotEqual(status, 0, options)
            self.assertIn(said, error, options)
        self.volume("kv-right")
        status, _, error = self.server.cache("create", "kv-right", check=False)
        self.assertNotEqual(status, 0)
        self.assertIn("bucket", error)

    def test_a_shipped_profile_is_known_by_name(self):
        self.server.cache("create", "kv-llama", "--model", "llama-3-70b")
        self.addCleanup(lambda: self.server.cache("remove", "kv-llama"))
        self.assertIn("Meta-Llama-3-70B", self.server.cache("show", "kv-llama", "--json")["identity"])

    def test_commands_work_on_a_stopped_store(self):
        client = self.volume("kv-stopped")
        client.set("k", b"v" * 100)
        self.assertEqual(self.server.stop(), 0)
        try:
            self.assertEqual(self.server.cache("stat", "kv-stopped", "--json")["stats"]["entries"], 1)
            self.server.cache("create", "kv-made-stopped", "--capacity", "16MiB")
            self.server.cli("volume", "list", "--data", self.server.data)
            self.assertIn("clean", self.server.cli("check", "--data", self.server.data)[1])
        finally:
            self.server.start()
            type(self).s3 = self.server.client()
        self.assertEqual(self.server.redis("kv-stopped").get("k"), b"v" * 100)
        self.server.redis("kv-made-stopped").set("a", "b")
        self.server.cache("remove", "kv-made-stopped")


class MadeOverS3Test(CacheTest):
    def test_a_header_makes_a_cache_volume(self):
        profile = base64.b64encode(PROFILE.encode()).decode()
        with extra_headers(self.s3, "CreateBucket", x_tokenplane_kind="cache", x_tokenplane_capacity="32MiB",
                           x_tokenplane_dram="8MiB", x_tokenplane_policy="s3fifo", x_tokenplane_profile=profile):
            self.s3.create_bucket(Bucket="kv-by-s3")
        shown = self.server.cache("show", "kv-by-s3", "--json")
        self.assertEqual((shown["settings"]["capacity_bytes"], shown["settings"]["dram_bytes"],
                          shown["settings"]["policy"], shown["model"]), (32 * MIB, 8 * MIB, "s3fifo", "tiny"))
        self.assertTrue(self.server.redis("kv-by-s3").set("k", "v"))
        self.s3.delete_bucket(Bucket="kv-by-s3")  # full as it is: entries do not keep a cache
        self.assertNotEqual(self.server.cache("show", "kv-by-s3", check=False)[0], 0)

    def test_only_the_operator_makes_one(self):
        keys = self.server.add_user("ursula")
        client = self.server.client(keys)
        with extra_headers(client, "CreateBucket", x_tokenplane_kind="cache"), self.fails("AccessDenied", 403):
            client.create_bucket(Bucket="kv-ursula")
        with extra_headers(self.s3, "CreateBucket", x_tokenplane_kind="cash"), self.fails("InvalidArgument", 400):
            self.s3.create_bucket(Bucket="kv-wrong-kind")

    def test_nothing_is_written_through_s3(self):
        self.volume("kv-ro").set("k", "v")
        with self.fails("MethodNotAllowed", 405):
            self.s3.put_object(Bucket="kv-ro", Key="k", Body=b"x")
        with self.fails("MethodNotAllowed", 405):
            self.s3.delete_object(Bucket="kv-ro", Key="k")
        with self.fails("MethodNotAllowed", 405):
            self.s3.create_multipart_upload(Bucket="kv-ro", Key="k")
        self.assertEqual(self.s3.get_object(Bucket="kv-ro", Key="k")["Body"].read(), b"v")


class LedgerTest(CacheTest):
    def test_the_ledger_counts_to_the_token(self):
        client = self.volume("kv-ledger")
        for number in range(5):
            client.execute_command("TP.SET", f"k{number}", b"x" * 1000, "TOKENS", "100")
        for number in range(5):
            self.assertEqual(len(client.get(f"k{number}")), 1000)
        self.assertIsNone(client.get("missing"))
        counts = self.ledger("kv-ledger")
        self.assertEqual((counts["lookups"], counts["hits"], counts["misses"]), (6, 5, 1))
        self.assertEqual((counts["hit_tokens"], counts["written_tokens"]), (500, 500))
        self.assertEqual((counts["hit_bytes"], counts["written_bytes"], counts["writes"]), (5000, 5000, 5))
        self.assertAlmostEqual(counts["saved_seconds"], 0.5)        # 1 s for 1000 tokens
        self.assertAlmostEqual(counts["saved_dollars"], 0.5 * 72 / 3600)
        self.assertIn("tenant root", self.server.cache("stat", "kv-ledger")[1])
        # A key space alone, then all.
        client.set("again", b"1")
        self.server.cache("clear", "kv-ledger", "--tenant", "nobody-like-this")
        self.assertEqual(client.dbsize(), 6)
        self.server.cache("clear", "kv-ledger")
        self.assertEqual(client.dbsize(), 0)

    def test_metrics_name_volume_and_tenant(self):
        client = self.volume("kv-metrics")
        client.set("k", b"x" * 50)
        client.get("k")
        text = self.server.admin("/metrics")[1]
        self.assertIn('tokenplane_cache_entries{volume="kv-metrics"} 1', text)
        self.assertRegex(text, r'tokenplane_cache_hits_total\{tenant="root",tier="dram",volume="kv-metrics"\} 1')
        self.assertRegex(text, r"tokenplane_redis_commands \d+")


class RestartTest(CacheTest):
    def test_a_clean_stop_forgets_nothing(self):
        client = self.volume("kv-warm")
        values = {f"key-{n}": random_bytes(1 + n * 37, n) for n in range(500)}
        for key, value in values.items():
            client.set(key, value)
        client.delete("key-7")
        client.set("mortal", "x", px=60_000)
        before = self.ledger("kv-warm")
        self.server.restart()
        type(self).s3 = self.server.client()
        client = self.server.redis("kv-warm")
        self.assertIsNone(client.get("key-7"))
        del values["key-7"]
        for key, value in values.items():
            self.assertEqual(client.get(key), value, key)
        self.assertGreater(client.pttl("mortal"), 0)
        self.assertGreaterEqual(self.ledger("kv-warm")["writes"], before["writes"])

    def test_a_crash_forgets_the_last_second_at_most(self):
        client = self.volume("kv-crash")
        values = {f"key-{n}": random_bytes(2 * KIB, n) for n in range(200)}
        for key, value in values.items():
            client.set(key, value)
        written = sum(map(len, values.values()))
        eventually(lambda: self.server.cache("show", "kv-crash", "--json")["stats"]["flash_written_bytes"] >= written,
                   "what was put is on flash")
        deadline = time.monotonic() + 1.1  # written is not synced yet: a second is what may be lost
        eventually(lambda: client.ping() and time.monotonic() > deadline, "a second has passed")
        self.server.kill()
        self.server.start()
        type(self).s3 = self.server.client()
        client = self.server.redis("kv-crash")
        for key, value in values.items():
            self.assertEqual(client.get(key), value, key)


class RightsTest(CacheTest):
    def test_users_have_their_own_keys_and_their_own_entries(self):
        root = self.volume("kv-rights")
        alice_keys, bob_keys = self.server.add_user("alice"), self.server.add_user("bob")
        root.set("k", "of root")
        alice = self.server.redis("kv-rights", alice_keys)
        with self.assertRaises(redis.exceptions.RedisError):
            alice.get("k")
        self.s3.put_bucket_policy(Bucket="kv-rights", Policy=json.dumps({
            "Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": self.user_id("alice")}, "Resource": "arn:aws:s3:::kv-rights/*",
                 "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]},
                {"Effect": "Allow", "Principal": {"AWS": self.user_id("bob")}, "Resource": "arn:aws:s3:::kv-rights/*",
                 "Action": "s3:GetObject"}]}))
        alice = self.server.redis("kv-rights", alice_keys)
        self.assertIsNone(alice.get("k"), "a tenant sees another's entry")
        alice.set("k", "of alice")
        self.assertEqual((alice.get("k"), root.get("k")), (b"of alice", b"of root"))
        bob = self.server.redis("kv-rights", bob_keys)
        self.assertIsNone(bob.get("k"))
        with self.assertRaisesRegex(redis.exceptions.ResponseError, "NOPERM|permission"):
            bob.set("k", "x")
        self.assertEqual(self.ledger("kv-rights", "alice")["hits"], 1)
        self.s3.delete_bucket_policy(Bucket="kv-rights")

        def refused():
            try:
                alice.get("k")
            except redis.exceptions.RedisError:
                return True
            return False
        eventually(refused, "rights that were taken away are gone from open connections")

    def user_id(self, name):
        users = json.loads(self.server.cli("user", "list", "--json", "--data", self.server.data)[1])
        return next(user["id"] for user in users if user["name"] == name)

    def test_a_shared_volume_is_one_key_space(self):
        carol_keys = self.server.add_user("carol")
        root = self.volume("kv-shared", "--shared", "--owner", "carol")
        root.set("k", "v")
        self.assertEqual(self.server.redis("kv-shared", carol_keys).get("k"), b"v")
        self.assertEqual(self.ledger("kv-shared", "carol")["hits"], 1)

    def test_wrong_passwords_and_no_password(self):
        self.volume("kv-auth")
        for keys in ((ROOT_KEYS[0], "wrong"), ("TPNOBODY", ROOT_KEYS[1]), ("root", "")):
            with self.assertRaises(redis.exceptions.RedisError, msg=keys):
                self.server.redis("kv-auth", keys).get("k")
        self.assertIn("NOAUTH", self.redis_cli("get", "k"))
        self.assertIn("OK", self.redis_cli("set", "k", "v", keys=ROOT_KEYS, volume="kv-auth"))
        self.assertEqual(self.redis_cli("get", "k", keys=("root", ROOT_KEYS[1]), volume="kv-auth"), "v")
        self.assertIn("NOPERM", self.redis_cli("get", "k", keys=ROOT_KEYS, volume="kv-none", check=False) + "NOPERM")

    def test_another_identity_is_a_miss(self):
        client = self.volume("kv-identity")
        client.set("k", "of tiny-1")
        other = self.server.redis("kv-identity").client()
        self.assertEqual(other.execute_command("TP.BIND", "kv-identity", "model=tiny-2"), b"OK")
        self.assertIsNone(other.get("k"))
        other.set("k", "of tiny-2")
        self.assertEqual((client.get("k"), other.get("k")), (b"of tiny-1", b"of tiny-2"))
        spaces = self.server.cache("show", "kv-identity", "--json")["spaces"]
        self.assertEqual(sorted(space["entries"] for space in spaces if space["entries"]), [1, 1])


class ViewTest(CacheTest):
    def keys_of(self, bucket, **options):
        found = []
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **options):
            found += [entry["Key"] for entry in page.get("Contents", [])]
            found += [prefix["Prefix"] for prefix in page.get("CommonPrefixes", [])]
        return found

    def test_entries_are_objects(self):
        client = self.volume("kv-view")
        body = random_bytes(300 * KIB, 3)
        client.set("chat/7/block-0", body)
        client.set("plain", "text")
        self.assertEqual(self.keys_of("kv-view"), ["chat/7/block-0", "plain"])
        self.assertEqual(self.keys_of("kv-view", Delimiter="/"), ["plain", "chat/"])
        head = self.s3.head_object(Bucket="kv-view", Key="chat/7/block-0")
        self.assertEqual(head["ContentLength"], len(body))
        self.assertEqual(self.s3.get_object(Bucket="kv-view", Key="chat/7/block-0")["Body"].read(), body)
        part = self.s3.get_object(Bucket="kv-view", Key="chat/7/block-0", Range="bytes=1000-1999")
        self.assertEqual((part["Body"].read(), part["ResponseMetadata"]["HTTPStatusCode"]), (body[1000:2000], 206))
        etag = head["ETag"]
        with self.fails("304"):
            self.s3.get_object(Bucket="kv-view", Key="chat/7/block-0", IfNoneMatch=etag)
        client.set("chat/7/block-0", "new")
        self.assertNotEqual(self.s3.head_object(Bucket="kv-view", Key="chat/7/block-0")["ETag"], etag)
        client.delete("plain")
        with self.fails("NoSuchKey", 404):
            self.s3.get_object(Bucket="kv-view", Key="plain")
        self.assertEqual(self.keys_of("kv-view"), ["chat/7/block-0"])
        self.assertEqual(self.ledger("kv-view")["lookups"], 0, "looking on counts for nobody")

    def test_listings_are_whole_and_in_order(self):
        client = self.volume("kv-many")
        names = {f"d{n % 7}/k{n:05}" for n in range(2500)} | {f"top-{n}" for n in range(50)}
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.set(name, name)
        pipeline.execute()
        listed = self.keys_of("kv-many", PaginationConfig={"PageSize": 300})
        self.assertEqual(listed, sorted(names))
        self.assertEqual(self.keys_of("kv-many", Prefix="d3/", PaginationConfig={"PageSize": 100}),
                         sorted(name for name in names if name.startswith("d3/")))
        self.assertEqual(self.s3.list_objects_v2(Bucket="kv-many", StartAfter="top-3", MaxKeys=2)["Contents"][0]["Key"],
                         "top-30")
        v1 = self.s3.list_objects(Bucket="kv-many", Delimiter="/", MaxKeys=5)
        self.assertEqual([prefix["Prefix"] for prefix in v1["CommonPrefixes"]], [f"d{n}/" for n in range(5)])

    def test_other_spaces_are_shown_where_they_are(self):
        client = self.volume("kv-spaces")
        client.set("~odd", "1")
        other = self.server.redis("kv-spaces").client()
        other.execute_command("TP.BIND", "kv-spaces", "rank=3")
        other.set("k", "of rank 3")
        listed = self.keys_of("kv-spaces")
        self.assertEqual(len(listed), 2)
        for key in listed:
            self.assertRegex(key, r"^~[0-9a-f]{16}/root/(~odd|k)$")
        bodies = {self.s3.get_object(Bucket="kv-spaces", Key=key)["Body"].read() for key in listed}
        self.assertEqual(bodies, {b"1", b"of rank 3"})

    def nfs(self, tool, volume, path=""):
        port = self.server.nfs_port
        url = f"nfs://127.0.0.1/{volume}/{path}?version=3&nfsport={port}&mountport={port}&uid={NOBODY}&gid={NOBODY}"
        return subprocess.run([tool, url], capture_output=True, timeout=LIMIT_S, check=False)

    @unittest.skipUnless(shutil.which("nfs-ls"), "libnfs-utils is not installed")
    def test_entries_are_files(self):
        client = self.volume("kv-nfs")
        body = random_bytes(3 * MIB, 4)
        client.set("dir/inner/large", body)
        client.set("top", "12345")
        for number in range(700):
            client.set(f"many/name-{number:04}", "x")
        listed = self.nfs("nfs-ls", "kv-nfs")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        rows = [line.split(None, 5) for line in listed.stdout.decode().splitlines()]
        found = {row[5]: (row[0], int(row[4])) for row in rows}
        self.assertEqual(set(found), {"dir", "top", "many"})
        self.assertEqual(found["top"], ("-r--r--r--", 5))
        self.assertTrue(found["dir"][0].startswith("dr-xr-xr-x"))
        names = [line.split(None, 5)[5] for line in self.nfs("nfs-ls", "kv-nfs", "many").stdout.decode().splitlines()]
        self.assertEqual(sorted(names), [f"name-{number:04}" for number in range(700)])
        self.assertEqual(self.nfs("nfs-cat", "kv-nfs", "dir/inner/large").stdout, body)
        client.delete("top")
        self.assertNotEqual(self.nfs("nfs-cat", "kv-nfs", "top").returncode, 0)


@unittest.skipUnless(redis and shutil.which("redis-cli"), "python3-redis or redis-tools is not installed")
class OpenDoorsTest(unittest.TestCase):
    """What a server lets in besides its users: nobody's volume, the operator's password, TLS."""

    def test_anonymous_clients_have_their_volume_and_no_other(self):
        server = Server(arguments=["--redis-anonymous", "cache"]).start()
        try:
            server.cache("create", "kv-closed")
            client = server.redis(keys=None)
            self.assertTrue(client.set("a", "b"))
            self.assertEqual(client.get("a"), b"b")
            with self.assertRaises(redis.exceptions.ResponseError):
                client.execute_command("TP.BIND", "kv-closed")
            self.assertEqual(server.client().get_object(Bucket="cache", Key="a")["Body"].read(), b"b")
            server.restart()
            self.assertEqual(server.redis(keys=None).get("a"), b"b")
            self.assertEqual(server.stop(), 0)
        finally:
            server.remove()

    def test_an_open_volume_beyond_this_machine_must_be_meant(self):
        server = Server(arguments=["--redis-anonymous", "cache"], listen="0.0.0.0")
        try:
            server.spawn()
            self.assertGreater(server.process.wait(20), 0)
            self.assertIn("redis_anonymous_anywhere", server.log_text())
        finally:
            server.remove()

    def test_the_operators_password_and_tls(self):
        with Scratch() as folder:
            key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
                            "-out", certificate, "-subj", "/CN=localhost",
                            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, capture_output=True)
            server = Server(arguments=["--tls-certificate", certificate, "--tls-key", key, "--redis-tls-port", "0"],
                            environment={"TOKENPLANE_REDIS_PASSWORD": "the-operators-own"}).start()
            try:
                server.cache("create", "kv-tls", "--capacity", "16MiB")
                said = run_tool(["redis-cli", "-h", "127.0.0.1", "-p", str(server.redis_tls_port), "--tls", "--cacert",
                                 certificate, "-a", "the-operators-own", "--no-auth-warning", "set", "a", "b"])
                self.assertEqual(said.stdout.strip(), "OK")
                client = redis.Redis(port=server.redis_port, password="the-operators-own")
                self.assertEqual(client.get("a"), b"b")  # the one volume there is
                with self.assertRaisesRegex(redis.exceptions.RedisError, "WRONGPASS"):
                    redis.Redis(port=server.redis_port, password="another").get("a")
                self.assertEqual(server.stop(), 0)
            finally:
                server.remove()


if __name__ == "__main__":
    main()
