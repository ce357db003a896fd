"""Starts the real server for the end-to-end tests, and the stock clients against it.

A test names what it wants to know; where the server runs, its keys, and cleaning up are here. Needs Debian's
python3-boto3, and TOKENPLANE_BIN (ctest sets it; by hand, build/release/tokenplane is taken).
"""

import base64
import contextlib
import ctypes
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("TOKENPLANE_BIN", os.path.join(ROOT, "build", "release", "tokenplane"))
REGION = "us-east-1"
ROOT_KEYS = ("TPROOT0123456789", "root-secret-0123456789-abcdefghij")
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
READY_LIMIT_S, STOP_LIMIT_S = 30, 30
SKIPPED = 77  # the exit status that ctest reports as "skipped"


def die_with_parent():
    """In the child before exec: a server never outlives the test that started it."""
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)


class Server:
    """One server process on free loopback ports over a data directory that survives restarts."""

    def __init__(self, data=None, arguments=(), environment=None, listen="127.0.0.1", s3_port=0,
                 fixed_nfs_port=0):
        self.scratch = None
        if data is None:
            self.scratch = tempfile.mkdtemp(prefix="tokenplane-e2e-")
            data = os.path.join(self.scratch, "data")
        self.data = data
        self.arguments = list(arguments)
        self.environment = {"TOKENPLANE_ACCESS_KEY": ROOT_KEYS[0], "TOKENPLANE_SECRET_KEY": ROOT_KEYS[1],
                            **(environment or {})}
        self.listen, self.s3_port, self.fixed_nfs_port = listen, s3_port, fixed_nfs_port
        self.fixed_redis_port = 0  # a test that starts the server anew on its old port sets it
        self.process = None
        self.log_path = os.path.join(self.scratch or tempfile.gettempdir(), f"server-{os.getpid()}-{id(self)}.log")
        self.s3_url = self.admin_url = self.nfs_port = self.redis_port = self.redis_tls_port = None

    def spawn(self):
        """Starts the process and does not wait."""
        os.makedirs(self.data, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.data, "server.json"))
        command = [BINARY, "serve", "--data", self.data, "--listen", self.listen, "--s3-port", str(self.s3_port),
                   "--admin-port", "0", "--nfs-port", str(self.fixed_nfs_port), "--redis-port",
                   str(self.fixed_redis_port), *self.arguments]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **self.environment}, preexec_fn=die_with_parent)
        return self

    def start(self):
        """Starts and waits until /readyz says yes."""
        self.spawn()
        deadline = time.monotonic() + READY_LIMIT_S
        while not self.is_ready():
            try:
                status = self.process.wait(0.02)
            except subprocess.TimeoutExpired:
                status = None
            if status is not None:
                raise RuntimeError(f"the server left with status {status} before it was ready\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server was not ready in {READY_LIMIT_S} s\n{self.log_tail()}")
        return self

    def is_ready(self):
        try:
            with open(os.path.join(self.data, "server.json"), encoding="utf-8") as handle:
                said = json.load(handle)
        except (FileNotFoundError, ValueError):
            return False
        if said.get("pid") != self.process.pid:
            return False
        self.s3_url, self.admin_url = (at if "://" in at else f"http://{at}" for at in (said["s3"], said["admin"]))
        self.nfs_port, self.redis_port, self.redis_tls_port = (
            int(said[name].rsplit(":", 1)[1]) if name in said else None for name in ("nfs", "redis", "redis_tls"))
        try:
            return self.admin("/readyz")[0] == 200
        except OSError:
            return False

    def admin(self, path):
        """(status, body) of a GET on the admin port."""
        try:
            with urllib.request.urlopen(self.admin_url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def operate(self, method, path, body=None):
        """A call of the operator's on the admin port, which must succeed; its answer, parsed."""
        keys = base64.b64encode(":".join(ROOT_KEYS).encode()).decode()
        request = urllib.request.Request(self.admin_url + path, json.dumps(body).encode() if body else None,
                                         {"Authorization": "Basic " + keys}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def take_snapshot(self, volume, name):
        return self.operate("POST", "/v1/snapshots", {"volumes": [volume], "name": name})

    def delete_snapshot(self, volume, name):
        return self.operate("DELETE", f"/v1/volumes/{volume}/snapshots/{name}")

    @property
    def port(self):
        return int(self.s3_url.rsplit(":", 1)[1].rstrip("/"))

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM; the exit status."""
        if not self.process:
            return 0
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"SIGTERM did not stop the server in {STOP_LIMIT_S} s\n{self.log_tail()}") from None

    def kill(self):
        """kill -9, as a crash of the process."""
        if self.alive():
            self.process.kill()
        self.process.wait()

    def restart(self):
        status = self.stop()
        if status != 0:
            raise RuntimeError(f"the server stopped with status {status}\n{self.log_tail()}")
        return self.start()

    def remove(self):
        """Ends the process if it still runs, and removes what it made."""
        if self.alive():
            self.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def status_kib(self, field):
        """A field of /proc/PID/status in KiB: VmRSS, VmHWM, RssAnon."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as handle:
            for line in handle:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise KeyError(field)

    def log_text(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as handle:
                return handle.read()
        except FileNotFoundError:
            return ""

    def log_tail(self, lines=30):
        return "\n".join(self.log_text().splitlines()[-lines:])

    def cli(self, *arguments, check=True, timeout_s=120):
        """Runs the binary with a subcommand; (status, stdout, stderr)."""
        done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False,
                              env={**os.environ, **self.environment})
        if check and done.returncode != 0:
            raise RuntimeError(f"tokenplane {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
        return done.returncode, done.stdout, done.stderr

    def cache(self, *arguments, check=True):
        """`tokenplane cache` on this server; what --json prints, parsed, else (status, stdout, stderr)."""
        done = self.cli("cache", *arguments, "--data", self.data, check=check)
        return json.loads(done[1]) if "--json" in arguments and done[0] == 0 else done

    def redis(self, volume=None, keys=ROOT_KEYS, **options):
        """A python3-redis client bound to a cache volume, as a user; without keys it does not say AUTH."""
        import redis
        if keys:
            options.update(username=f"{keys[0]}@{volume}" if volume else keys[0], password=keys[1])
        return redis.Redis(host="127.0.0.1", port=self.redis_port, socket_timeout=30, **options)

    def add_user(self, name, user_id=None):
        """A user besides root; its key pair."""
        access, secret = f"TP{name.upper()}0123456789", f"{name}-secret-0123456789-abcdefghij"
        extra = ["--id", user_id] if user_id else []
        self.cli("user", "add", name, "--data", self.data, "--access-key", access, "--secret-key", secret, *extra)
        return access, secret

    def client(self, keys=ROOT_KEYS, **options):
        """A boto3 S3 client. Options are botocore Config's; `s3` and `retries` have fitting defaults."""
        options.setdefault("s3", {"addressing_style": "path"})
        options.setdefault("retries", {"max_attempts": 0})
        options.setdefault("connect_timeout", 10)
        options.setdefault("read_timeout", 120)
        options.setdefault("max_pool_connections", 16)
        access, secret = keys or (None, None)
        if keys is None:
            from botocore import UNSIGNED
            options["signature_version"] = UNSIGNED
        else:
            options.setdefault("signature_version", "s3v4")
        return boto3.session.Session().client("s3", endpoint_url=self.s3_url, region_name=REGION,
                                              aws_access_key_id=access, aws_secret_access_key=secret,
                                              verify=options.pop("verify", None), config=Config(**options))


class ServerTest(unittest.TestCase):
    """A test class with one server for all its tests, which must stop cleanly at the end."""

    arguments = ()
    environment = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(arguments=cls.arguments, environment=cls.environment)
        try:
            cls.server.start()
        except BaseException:
            cls.server.remove()
            raise
        cls.s3 = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        try:
            if not cls.server.alive():
                raise AssertionError(f"the server died during the tests\n{cls.server.log_tail(60)}")
            status = cls.server.stop()
            if status != 0:
                raise AssertionError(f"SIGTERM: exit status {status}\n{cls.server.log_tail()}")
        finally:
            cls.server.remove()

    def bucket(self, client=None, **options):
        """A fresh bucket that is emptied and removed after the test."""
        name = f"{type(self).__name__.lower().replace('_', '-')[:24]}-{random.randrange(1 << 40):010x}"
        (client or self.s3).create_bucket(Bucket=name, **options)
        # By the client of that time: a test may start the server anew.
        self.addCleanup(lambda: empty_and_delete(client or self.s3, name))
        return name

    @contextlib.contextmanager
    def fails(self, code, status=None):
        """The block must fail with this S3 error code (and HTTP status)."""
        with self.assertRaises(ClientError) as caught:
            yield caught
        got = caught.exception.response
        got_status = got["ResponseMetadata"]["HTTPStatusCode"]
        self.assertEqual(got["Error"]["Code"], code, f"{got['Error']} {got_status}")
        if status is not None:
            self.assertEqual(got_status, status)


def empty_and_delete(client, bucket):
    with contextlib.suppress(ClientError):
        for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
        client.delete_bucket(Bucket=bucket)


@contextlib.contextmanager
def extra_headers(client, operation, **headers):
    """Adds headers (underscores become hyphens) to an operation: for what Debian's botocore does not know yet."""
    def add(request, **_):
        for name, value in headers.items():
            request.headers[name.replace("_", "-")] = value
    event = f"before-sign.s3.{operation}"
    client.meta.events.register(event, add)
    try:
        yield client
    finally:
        client.meta.events.unregister(event, add)


class Scratch(tempfile.TemporaryDirectory):
    """A temporary directory with the helpers that client tests want."""

    def __init__(self):
        super().__init__(prefix="tokenplane-client-")

    def path(self, *parts):
        return os.path.join(self.name, *parts)

    def write(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as handle:
            handle.write(data if isinstance(data, bytes) else data.encode())
        return path


def run_tool(command, environment=None, timeout_s=1200, check=True, stdin=b""):
    """Runs a client with a clean environment; the finished process, its output as text."""
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent",
             "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    done = subprocess.run(command, env=clean, capture_output=True, timeout=timeout_s, check=False, input=stdin)
    done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n"
                             f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done


def aws_environment(server, scratch, keys=ROOT_KEYS):
    return {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": scratch.path("aws-config"), "AWS_SHARED_CREDENTIALS_FILE": scratch.path("aws-none"),
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "HOME": scratch.name, "AWS_MAX_ATTEMPTS": "1"}


def aws(server, scratch, *arguments, **options):
    """Debian's awscli."""
    keys = options.pop("keys", ROOT_KEYS)
    return run_tool(["/usr/bin/aws", "--endpoint-url", server.s3_url, "--cli-connect-timeout", "10", *arguments],
                    aws_environment(server, scratch, keys), **options)


def s3cmd(server, scratch, *arguments, **options):
    """s3cmd with a configuration of its own."""
    at = server.s3_url.split("://", 1)[1]
    config = scratch.write("s3cfg", "\n".join([
        "[default]", f"access_key = {ROOT_KEYS[0]}", f"secret_key = {ROOT_KEYS[1]}", f"host_base = {at}",
        f"host_bucket = {at}", "use_https = False", "bucket_location = us-east-1", "signature_v2 = False",
        "human_readable_sizes = False", "max_retries = 1", ""]))
    return run_tool(["/usr/bin/s3cmd", "-c", config, "--no-progress", *arguments], {"HOME": scratch.name}, **options)


def rclone(server, scratch, *arguments, **options):
    """rclone with a remote called `tp`."""
    config = scratch.write("rclone.conf", "\n".join([
        "[tp]", "type = s3", "provider = Other", f"access_key_id = {ROOT_KEYS[0]}",
        f"secret_access_key = {ROOT_KEYS[1]}", f"endpoint = {server.s3_url}", f"region = {REGION}",
        "force_path_style = true", ""]))
    return run_tool(["/usr/bin/rclone", "--config", config, "--retries", "1", "--low-level-retries", "1", *arguments],
                    {"HOME": scratch.name}, **options)


def random_bytes(size, seed=0):
    """The same bytes for the same seed."""
    return random.Random(seed).randbytes(size)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(MIB), b""):
            digest.update(block)
    return digest.hexdigest()


def tree_digests(root):
    """Relative path -> SHA-256 of every regular file below root."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = sha256_of(path)
    return found


def main():
    """Runs the tests of the calling script; a run in which every test was skipped is a skip, not a pass."""
    if not os.access(BINARY, os.X_OK):
        print(f"no server binary at {BINARY}", file=sys.stderr)
        sys.exit(2)
    program = unittest.main(module="__main__", exit=False, verbosity=2, warnings="ignore")
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun and len(result.skipped) == result.testsRun:
        sys.exit(SKIPPED)
    sys.exit(0 if result.testsRun else 1)
