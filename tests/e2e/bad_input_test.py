"""Peers that break the protocol, lie, stall or attack: a clear error, bounded memory, and nothing stored changes."""

import base64
import hashlib
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from botocore.exceptions import ClientError

from harness import BINARY, KIB, MIB, Server, ServerTest, main, random_bytes
from signing import UNSIGNED, Signer, exchange, form, post_policy, send

WITNESS = random_bytes(200 * KIB, 99)
DOCTYPE_BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "lol">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)) + b"]>"


class Raw:
    """A socket to the S3 port that sends what it is told."""

    def __init__(self, server, timeout_s=10):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout_s)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """False once the server has closed."""
        try:
            self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
            return True
        except OSError:
            return False

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def status(self):
        """The status of the first answer; 0 where the server closes without one."""
        got = b""
        try:
            while b"\r\n" not in got:
                more = self.socket.recv(65536)
                if not more:
                    break
                got += more
        except ConnectionError:
            pass
        return int(got.split()[1]) if got.startswith(b"HTTP/1.1 ") else 0


class BadInputTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3.create_bucket(Bucket="witness-bucket")
        cls.s3.put_object(Bucket="witness-bucket", Key="k", Body=WITNESS)

    def setUp(self):
        self.name = self.bucket()
        self.start_kib = self.server.status_kib("VmRSS")

    def tearDown(self):
        """Whatever happened, the server serves, what was stored is as it was, and memory has not run away."""
        self.assertTrue(self.server.alive(), self.server.log_tail())
        self.assertEqual(self.s3.get_object(Bucket="witness-bucket", Key="k")["Body"].read(), WITNESS)
        self.assertEqual(self.server.admin("/healthz")[0], 200)
        self.assertLess(self.server.status_kib("VmRSS") - self.start_kib, 300 * KIB)

    def head(self, method="GET", path=None, headers=None, payload=UNSIGNED):
        """A signed request head as text."""
        path = path or f"/{self.name}/k"
        signed = Signer().authorize(method, path, [], {"host": f"127.0.0.1:{self.server.port}"}, payload)
        lines = {**signed, **(headers or {})}
        return f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    def answer_to(self, data, half_close=True):
        with Raw(self.server) as raw:
            raw.send(data)
            if half_close:
                raw.half_close()
            return raw.status()

    def missing(self, key="k"):
        self.assertEqual(send(self.server, "HEAD", f"/{self.name}/{key}").status, 404)

    def test_malformed_requests(self):
        host = "Host: x\r\n"
        lines = ["GET", "GET /", "GET / HTTP/9.9", "G\0T / HTTP/1.1", "GET / HTTP/1.1 ", "GET  / HTTP/1.1",
                 "GET /a b HTTP/1.1", "GET /%zz HTTP/1.1", "GET /% HTTP/1.1", "GET nowhere HTTP/1.1",
                 f"GET /{'a' * 200_000} HTTP/1.1"]
        headers = [host + host, host + "no colon\r\n", host + " folded: x\r\n", host + "a b: c\r\n",
                   host + "a: b\0c\r\n", host + "a: b\r\n" * 20_000, host + f"a: {'b' * 500_000}\r\n", ""]
        cases = [f"{line}\r\n{host}\r\n" for line in lines] + [f"GET / HTTP/1.1\r\n{more}\r\n" for more in headers]
        cases += ["\r\n\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                  "\0" * 1000, "A" * 100_000]
        for case in cases:
            status = self.answer_to(case)
            self.assertTrue(status == 0 or 400 <= status < 500 or status in (501, 505), (case[:60], status))

    def test_lies_about_the_length(self):
        put = self.head("PUT")
        cases = {"negative": "Content-Length: -1\r\n\r\nx", "words": "Content-Length: ten\r\n\r\nx",
                 "plus": "Content-Length: +1\r\n\r\nx", "hex": "Content-Length: 0x1\r\n\r\nx",
                 "overflow": "Content-Length: 99999999999999999999999\r\n\r\nx",
                 "two": "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "list": "Content-Length: 1, 2\r\n\r\nxx",
                 "both": "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
                 "gzip": "Transfer-Encoding: gzip\r\n\r\nx",
                 "odd order": "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
                 "chunk size": "Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n",
                 "chunk overflow": "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
                 "chunk end": "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
                 "endless extension": "Transfer-Encoding: chunked\r\n\r\n1;" + "e" * 100_000 + "\r\nx\r\n0\r\n\r\n",
                 "6 TB": "Content-Length: 6000000000000\r\n\r\nx"}
        for what, rest in cases.items():
            status = self.answer_to(put + rest)
            self.assertTrue(status == 0 or 400 <= status < 500 or status == 501, (what, status))
            self.missing()

    def test_a_body_that_ends_early_stores_nothing(self):
        for declared, sent in ((1000, 10), (64 * MIB, 9 * MIB), (5, 0)):
            for half_close in (True, False):
                with Raw(self.server) as raw:
                    raw.send(self.head("PUT") + f"Content-Length: {declared}\r\n\r\n")
                    raw.send(b"x" * sent)
                    if half_close:
                        raw.half_close()
                        self.assertIn(raw.status(), (0, 400))
                self.missing()

    def test_a_request_without_a_length_is_refused(self):
        self.assertEqual(self.answer_to(self.head("PUT") + "\r\n", half_close=False), 411)

    def test_bytes_beyond_the_length_are_no_request(self):
        with Raw(self.server) as raw:
            raw.send(self.head("PUT") + "Content-Length: 3\r\n\r\nabcGARBAGE\r\n\r\n")
            self.assertEqual(raw.status(), 200)
            raw.half_close()
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="k")["Body"].read(), b"abc")

    def test_a_smuggled_request_is_not_carried_out(self):
        inner = self.head("DELETE", "/witness-bucket/k") + "\r\n"
        outer = self.head("PUT") + f"Content-Length: {len(inner)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"
        self.assertIn(self.answer_to(outer), (0, 400))
        self.assertEqual(self.s3.head_object(Bucket="witness-bucket", Key="k")["ContentLength"], len(WITNESS))

    def test_endless_headers_end(self):
        line = b"x-flood: " + b"f" * 4000 + b"\r\n"
        with Raw(self.server, timeout_s=20) as raw:
            raw.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
            sent = 0
            while sent < 256 * MIB and raw.send(line * 16):
                sent += len(line) * 16
        self.assertLess(sent, 64 * MIB, "the server kept reading headers")

    def test_an_endless_chunked_body_of_a_small_request_ends(self):
        """XML bodies are read whole, so their size is limited however they are sent."""
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        signed = Signer().authorize("POST", f"/{self.name}", [("delete", "")], {"host": "x"}, UNSIGNED)
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        with Raw(self.server, timeout_s=20) as raw:
            raw.send(f"POST /{self.name}?delete= HTTP/1.1\r\n{lines}Transfer-Encoding: chunked\r\n\r\n")
            sent = 0
            while sent < 512 * MIB and raw.send(chunk):
                sent += len(chunk)
                if select.select([raw.socket], [], [], 0)[0]:
                    break
        self.assertLess(sent, 128 * MIB, "the server kept reading")

    def test_slow_and_silent_peers_do_not_stop_others(self):
        raws = [Raw(self.server) for _ in range(300)]
        try:
            for number, raw in enumerate(raws):
                kind = number % 4
                if kind == 1:
                    raw.send("GET / HT")
                elif kind == 2:
                    raw.send(self.head("PUT") + "Content-Length: 100000\r\n\r\nslow")
                elif kind == 3:
                    raw.send(self.head("GET", "/witness-bucket/k") + "\r\n")  # and never reads the answer
            begun = time.monotonic()
            for number in range(50):
                self.s3.put_object(Bucket=self.name, Key=f"fast{number}", Body=b"x")
            self.assertLess(time.monotonic() - begun, 20)
        finally:
            for raw in raws:
                raw.close()
        self.missing()

    def test_half_closed_peers_get_their_answer(self):
        self.assertEqual(self.answer_to(self.head("GET", "/witness-bucket/k") + "\r\n"), 200)
        self.assertEqual(self.answer_to(self.head("PUT") + "Content-Length: 3\r\n\r\nabc"), 200)

    def test_connections_that_vanish(self):
        for number in range(200):
            with Raw(self.server) as raw:
                raw.send(self.head("GET", "/witness-bucket/k") + "\r\n" if number % 2 else self.head("PUT")
                         + "Content-Length: 500000\r\n\r\n" + "x" * 1000)
                raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.missing()

    def xml_bodies(self):
        name = b"<Delete><Object><Key>&a9;</Key></Object></Delete>"
        return {"billion laughs": DOCTYPE_BOMB + name,
                "external entity": b'<!DOCTYPE a [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>' + name,
                "deep": b"<a>" * 200_000, "deep closed": b"<a>" * 50_000 + b"</a>" * 50_000,
                "wide": b"<Delete>" + b"<Object/>" * 50_000 + b"</Delete>", "long name": b"<" + b"a" * MIB + b"/>",
                "attributes": b"<a " + b" ".join(b'b%d="1"' % n for n in range(50_000)) + b"/>",
                "unclosed": b"<Delete><Object><Key>k", "no root": b"", "text": b"hello", "NUL": b"<a>\0</a>",
                "bad UTF-8": b"<Delete><Object><Key>\xff\xfe</Key></Object></Delete>",
                "UTF-16": "<Delete/>".encode("utf-16"),
                "comment": b"<!--" + b"-" * MIB, "10 MiB": b"<Delete>" + b" " * (10 * MIB) + b"</Delete>"}

    def test_bad_xml_in_every_place(self):
        self.s3.put_object(Bucket=self.name, Key="k", Body=b"x")
        upload = self.s3.create_multipart_upload(Bucket=self.name, Key="k")["UploadId"]
        places = [("POST", f"/{self.name}", [("delete", "")]), ("PUT", f"/{self.name}", [("tagging", "")]),
                  ("PUT", f"/{self.name}", [("cors", "")]), ("PUT", f"/{self.name}", [("acl", "")]),
                  ("PUT", f"/{self.name}/k", [("tagging", "")]), ("PUT", "/bad-new-bucket", []),
                  ("POST", f"/{self.name}/k", [("uploadId", upload)])]
        for what, body in self.xml_bodies().items():
            md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
            for method, path, pairs in places:
                if what == "no root" and (path == "/bad-new-bucket" or pairs == [("acl", "")]):
                    continue  # an empty body is legal there
                try:
                    answer = send(self.server, method, path, pairs, {"content-md5": md5}, body)
                except (ConnectionError, BrokenPipeError):
                    continue  # refused while it was still being sent
                self.assertTrue(400 <= answer.status < 500, (what, path, pairs, answer))
                self.assertNotIn(b"root:", answer.body)
        self.assertEqual(send(self.server, "GET", f"/{self.name}/k").body, b"x")

    def test_names_never_leave_the_store(self):
        scratch = self.server.scratch
        before = set(os.listdir(scratch))
        evil = ["../../etc/passwd", "..", "../x", "a/../../../x", "/etc/passwd", "%2e%2e/%2e%2e/x", "..%2f..%2fx",
                "..\\..\\x", "./././x", "con\u0000nul"]
        for key in evil:
            path = f"/{self.name}/{key}"
            answer = send(self.server, "PUT", path, body=b"evil")
            self.assertIn(answer.status, (200, 400), (key, answer))
            if answer.status == 200:
                self.assertEqual(send(self.server, "GET", path).body, b"evil", key)
        for source in (f"{self.name}/../witness-bucket/k", f"/{self.name}/../../witness-bucket/k", "../../etc/passwd",
                       f"{self.name}/%2e%2e/k"):
            answer = send(self.server, "PUT", f"/{self.name}/copied", headers={"x-amz-copy-source": source})
            self.assertTrue(400 <= answer.status < 500, (source, answer))
        body = b"<Delete><Object><Key>../witness-bucket/k</Key></Object></Delete>"
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        answer = send(self.server, "POST", f"/{self.name}", [("delete", "")], {"content-md5": md5}, body)
        self.assertEqual(answer.status, 200, answer)
        fields = post_policy({"key": "../../${filename}"}, [{"bucket": self.name}, ["starts-with", "$key", ""]])
        kind, data = form(fields, b"evil", file_name="../../../etc/evil")
        host = {"host": f"127.0.0.1:{self.server.port}", "content-type": kind}
        answer = exchange(self.server, "POST", f"/{self.name}", host, data)
        self.assertIn(answer.status, (204, 400), answer)
        self.assertEqual(set(os.listdir(scratch)), before)
        self.assertFalse(os.path.exists("/etc/evil"))

    def test_bucket_names_never_leave_the_store(self):
        for bucket in ("..", "%2e%2e", ".", "a/..", "con%00"):
            for method in ("PUT", "GET", "DELETE", "HEAD"):
                path = "/" + bucket
                headers = Signer().authorize(method, path, [], {"host": "x"}, UNSIGNED)
                answer = exchange(self.server, method, path, headers)
                self.assertTrue(400 <= answer.status < 500, (method, bucket, answer))

    def test_names_that_are_no_text(self):
        for path in (f"/{self.name}/%ff%fe", f"/{self.name}/%c0%80", f"/{self.name}/%ed%a0%80"):
            headers = Signer().authorize("PUT", path, [], {"host": "x"}, UNSIGNED)
            answer = exchange(self.server, "PUT", path, headers, b"x")
            self.assertEqual(answer.status, 400, (path, answer))

    def test_odd_queries(self):
        for query in ("?" + "a=b&" * 5000, "?uploads&uploadId=x&tagging&acl", "?list-type=3",
                      "?list-type=2&list-type=1", "?max-keys=1e9", "?partNumber=1", "?%00=%00", "?=&=&==",
                      "?prefix=" + "p" * 5000, "?versionId=abc"):
            answer = exchange(self.server, "GET", f"/{self.name}{query}", {"host": "x"})
            self.assertTrue(400 <= answer.status < 600 and answer.status != 500, (query[:40], answer))


class StartTest(unittest.TestCase):
    """What a person is told when the server cannot start."""

    def refused(self, server, *words):
        try:
            server.spawn()
            status = server.process.wait(20)
            self.assertNotEqual(status, 0)
            self.assertGreater(status, 0, "it crashed")
            said = server.log_text()
            for word in words:
                self.assertIn(word, said)
        finally:
            server.remove()

    def test_a_second_server_on_the_same_directory(self):
        first = Server().start()
        try:
            self.refused(Server(data=first.data), first.data)
            self.assertEqual(first.admin("/readyz")[0], 200)
            first.client().list_buckets()
        finally:
            first.remove()

    def test_a_data_directory_that_cannot_be(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "file"), "w", encoding="utf-8"):
                pass
            self.refused(NoDirectory(data=os.path.join(folder, "file", "data")), "file")

    def test_missing_and_weak_credentials(self):
        none = {"TOKENPLANE_ACCESS_KEY": "", "TOKENPLANE_SECRET_KEY": ""}
        self.refused(Server(environment=none), "TOKENPLANE_ACCESS_KEY")
        weak = {"TOKENPLANE_ACCESS_KEY": "minioadmin", "TOKENPLANE_SECRET_KEY": "minioadmin"}
        self.refused(Server(environment=weak, listen="0.0.0.0"), "secret")

    def test_a_bad_configuration_names_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bad.toml")
            for text, words in (('region = "x"\nno_such = 1\n', ("line 2", "no_such")), ("= = =\n", ("line 1",)),
                                ('cores = "many"\n', ("line 1", "cores")),
                                ('nfs = "yes"\n', ("line 1", "nfs")),
                                ('nfs_networks = ["10.0.0.0/99"]\n', ("nfs_networks", "10.0.0.0/99"))):
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(text)
                self.refused(Server(arguments=["--config", path]), *words)
            self.refused(Server(arguments=["--config", path + ".none"]), "none")

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refused(Server(s3_port=port), str(port))
            self.refused(Server(fixed_nfs_port=port), str(port), "--no-nfs")


class NoDirectory(Server):
    """A server whose data directory the harness does not make."""

    def spawn(self):
        command = [BINARY, "serve", "--data", self.data]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self.environment})
        return self


class SmallDisk:
    """A 300 MiB ext4 in a file, mounted through a loop device; None where this machine does not allow it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tokenplane-disk-")
        self.image, self.mount = os.path.join(self.folder, "image"), os.path.join(self.folder, "mount")
        self.problem = None
        os.mkdir(self.mount)
        with open(self.image, "wb") as handle:
            handle.truncate(300 * MIB)
        for command in (["mkfs.ext4", "-q", "-F", self.image], ["mount", "-o", "loop", self.image, self.mount]):
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except FileNotFoundError as error:
                self.problem = str(error)
                break
            if done.returncode != 0:
                self.problem = f"{command[0]}: {done.stderr.strip()}"
                break

    def remove(self):
        subprocess.run(["umount", "-l", self.mount], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class FullDiskTest(unittest.TestCase):
    def setUp(self):
        disk = SmallDisk()
        self.addCleanup(disk.remove)
        if disk.problem:
            print(f"skipped: no small file system can be mounted here: {disk.problem}", flush=True)
            self.skipTest(disk.problem)
        config = os.path.join(disk.folder, "config.toml")
        with open(config, "w", encoding="utf-8") as handle:
            handle.write('segment_size = "64MiB"\nmin_free = "8MiB"\n')
        self.server = Server(data=os.path.join(disk.mount, "data"), arguments=["--config", config])
        self.addCleanup(self.server.remove)
        self.server.start()

    def fill(self, client, size):
        """Puts until the disk is full; what was acknowledged."""
        stored = {}
        for number in range(2000):
            key, body = f"{size}/{number}", random_bytes(size, number)
            try:
                client.put_object(Bucket="full-bucket", Key=key, Body=body)
                stored[key] = body
            except ClientError as error:
                answer = error.response
                self.assertGreaterEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 500, answer)
                self.assertNotIn(answer["Error"]["Code"], ("InternalError", "500"), answer)
                return stored
        self.fail("the disk did not fill")

    def verify(self, client, stored):
        for key, body in stored.items():
            self.assertEqual(client.get_object(Bucket="full-bucket", Key=key)["Body"].read(), body, key)

    def test_a_full_disk_refuses_writes_and_serves_reads(self):
        client = self.server.client()
        client.create_bucket(Bucket="full-bucket")
        stored = self.fill(client, 3 * MIB)
        self.assertGreater(len(stored), 30)
        stored.update(self.fill(client, 20 * KIB))
        self.verify(client, stored)
        self.assertEqual(self.server.admin("/healthz")[0], 200)
        self.server.restart()
        client = self.server.client()
        self.verify(client, stored)
        for key in [key for key in stored if key.startswith(str(3 * MIB))][:20]:
            client.delete_object(Bucket="full-bucket", Key=key)
            del stored[key]
        deadline = time.monotonic() + 60
        while True:  # space comes back by hole punching, in the background
            try:
                client.put_object(Bucket="full-bucket", Key="again", Body=random_bytes(3 * MIB, 7))
                break
            except ClientError:
                self.assertLess(time.monotonic(), deadline, "freed space did not come back")
        self.verify(client, stored)
        self.assertEqual(self.server.stop(), 0)

    def test_a_directory_that_goes_away_does_not_take_the_server_down(self):
        client = self.server.client()
        client.create_bucket(Bucket="full-bucket")
        client.put_object(Bucket="full-bucket", Key="k", Body=b"x" * 100_000)
        shutil.rmtree(self.server.data)
        for number in range(20):
            try:
                client.put_object(Bucket="full-bucket", Key=f"n{number}", Body=b"y" * 300_000)
                client.get_object(Bucket="full-bucket", Key="k")["Body"].read()
            except ClientError as error:
                self.assertGreaterEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        self.assertTrue(self.server.alive(), self.server.log_tail())


if __name__ == "__main__":
    main()
