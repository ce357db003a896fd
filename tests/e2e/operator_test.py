"""What an operator sees: the admin port, stat, check, users, TLS, logs, a clean stop, and configuration."""

import json
import os
import shutil
import ssl
import subprocess
import threading
import unittest
import urllib.request

from harness import MIB, Scratch, Server, ServerTest, main, random_bytes
from signing import Signer, connect, send


class AdminTest(ServerTest):
    def test_health_and_readiness(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.server.admin(path)[0], 200)
        self.assertEqual(self.server.admin("/nothing")[0], 404)

    def test_metrics_count_requests_and_bytes(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="k", Body=b"x" * 12345)
        self.s3.get_object(Bucket=name, Key="k")["Body"].read()
        status, text = self.server.admin("/metrics")
        self.assertEqual(status, 200)
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        for line in lines:
            self.assertRegex(line, r"^[a-zA-Z_:][\w:]*(\{.*\})? [-+.\deInfNa]+$")
        for wanted in ("tokenplane_", "PutObject", "GetObject", "_bucket{"):
            self.assertTrue(any(wanted in line for line in lines), wanted)

    def test_stat_shows_volumes_with_counts_and_bytes(self):
        name = self.bucket()
        for number in range(7):
            self.s3.put_object(Bucket=name, Key=f"k{number}", Body=b"x" * 1000)
        self.s3.put_object(Bucket=name, Key="k0", Body=b"x" * 500)
        self.s3.delete_object(Bucket=name, Key="k6")
        volumes = json.loads(self.server.cli("stat", "--json", "--data", self.server.data)[1])
        mine = [volume for volume in volumes if volume["name"] == name]
        self.assertEqual([(volume["objects"], volume["bytes"]) for volume in mine], [(6, 5500)])
        self.assertIn(name, self.server.cli("stat", "--admin", self.server.admin_url)[1])

    def test_check_finds_nothing_in_a_good_store(self):
        name = self.bucket()
        for size in (0, 100, 100_000, 3 * MIB):
            self.s3.put_object(Bucket=name, Key=f"k{size}", Body=random_bytes(size))
        self.assertIn("clean", self.server.cli("check", "--data", self.server.data)[1])

    def test_users_are_managed_while_the_server_runs_and_while_it_does_not(self):
        self.server.cli("user", "add", "dora", "--data", self.server.data, "--id", "dora-id",
                        "--email", "d@example.com")
        listed = json.loads(self.server.cli("user", "list", "--json", "--data", self.server.data)[1])
        self.assertIn(("dora", "dora-id", "d@example.com"), [(u["name"], u["id"], u["email"]) for u in listed])
        self.assertNotEqual(self.server.cli("user", "add", "dora", "--data", self.server.data, check=False)[0], 0)
        self.server.stop()
        self.server.cli("user", "add", "emil", "--data", self.server.data)
        self.server.cli("user", "remove", "dora", "--data", self.server.data)
        listed = json.loads(self.server.cli("user", "list", "--json", "--data", self.server.data)[1])
        self.assertEqual(["emil"], [user["name"] for user in listed if user["name"] in ("dora", "emil")])
        self.assertIn("clean", self.server.cli("check", "--data", self.server.data)[1])
        self.server.start()
        type(self).s3 = self.server.client()

    def test_logs_carry_the_request_id(self):
        log = os.path.join(self.server.scratch, "access.log")
        server = Server(arguments=["--access-log", log]).start()
        try:
            request_id = send(server, "GET", "/no-such-bucket-xyz/k").headers["x-amz-request-id"]
            self.assertEqual(server.stop(), 0)
            with open(log, encoding="utf-8") as handle:
                line = [line for line in handle if request_id in line]
            self.assertEqual(len(line), 1)
            self.assertIn("404", line[0])
            self.assertNotIn("Signature=", line[0])
        finally:
            server.remove()

    def test_help_and_wrong_options(self):
        for command in ([], ["serve"], ["user", "add"], ["stat"], ["check"], ["bench", "s3"]):
            self.assertIn("--help", self.server.cli(*command, "--help")[1])
        status, _, said = self.server.cli("serve", "--no-such-option", check=False)
        self.assertNotEqual(status, 0)
        self.assertIn("--no-such-option", said)


class DamageTest(unittest.TestCase):
    """Bit rot in a segment file: an error for the reader, a name in the report, and everything else still served."""

    def test_rot_is_detected_named_and_contained(self):
        server = Server().start()
        try:
            client = server.client()
            client.create_bucket(Bucket="rot-bucket")
            bodies = {f"k{n}": random_bytes(MIB, n) for n in range(8)}
            for key, body in bodies.items():
                client.put_object(Bucket="rot-bucket", Key=key, Body=body)
            self.assertEqual(server.stop(), 0)
            self.assertTrue(self.flip_a_byte(server.data, bodies["k3"][500_000:500_064]), "the body is not on the disk")
            status, said, _ = server.cli("check", "--data", server.data, check=False)
            self.assertEqual(status, 3, said)
            server.start()
            client = server.client()
            for key, body in bodies.items():
                if key != "k3":
                    self.assertEqual(client.get_object(Bucket="rot-bucket", Key=key)["Body"].read(), body)
            got = b""
            try:
                got = client.get_object(Bucket="rot-bucket", Key="k3")["Body"].read()
            except Exception as error:  # a refused answer or a connection cut short: both are errors to the client
                print(f"as it should be: {error}")
            self.assertNotEqual(len(got), MIB, "damaged bytes were served as a whole object")
            status, said, _ = server.cli("check", "--data", server.data, check=False)
            self.assertEqual(status, 3, said)
            self.assertEqual(server.stop(), 0)
        finally:
            server.remove()

    @staticmethod
    def flip_a_byte(data, needle):
        for folder, _, names in os.walk(data):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as handle:
                    at = handle.read().find(needle)
                if at >= 0:
                    with open(path, "r+b") as handle:
                        handle.seek(at)
                        handle.write(bytes([needle[0] ^ 0x10]))
                    return True
        return False


class StopTest(unittest.TestCase):
    def test_sigterm_lets_a_request_finish(self):
        server = Server().start()
        try:
            server.client().create_bucket(Bucket="drain-bucket")
            body = random_bytes(4 * MIB, 1)
            connection = connect(server)
            headers = Signer().authorize("PUT", "/drain-bucket/k", [], {"host": f"127.0.0.1:{server.port}"},
                                         "UNSIGNED-PAYLOAD")
            connection.putrequest("PUT", "/drain-bucket/k", skip_host=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body[:MIB])
            self.wait_until_seen(server)
            server.process.terminate()
            finish = threading.Thread(target=connection.send, args=(body[MIB:],))
            finish.start()
            self.assertEqual(connection.getresponse().status, 200)
            finish.join()
            self.assertEqual(server.process.wait(30), 0)
            server.start()
            self.assertEqual(server.client().get_object(Bucket="drain-bucket", Key="k")["Body"].read(), body)
            self.assertEqual(server.stop(), 0)
        finally:
            server.remove()

    @staticmethod
    def wait_until_seen(server):
        """Other requests that are answered show that the first one's head has been read by now."""
        for _ in range(20):
            server.client().list_buckets()

    def test_stopping_and_starting_is_quick(self):
        server = Server().start()
        try:
            client = server.client()
            client.create_bucket(Bucket="quick-bucket")
            for number in range(200):
                client.put_object(Bucket="quick-bucket", Key=str(number), Body=b"x")
            for _ in range(3):
                server.restart()
            self.assertEqual(server.client().list_objects_v2(Bucket="quick-bucket")["KeyCount"], 200)
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.exists(os.path.join(server.data, "server.json")))
        finally:
            server.remove()


class TlsTest(unittest.TestCase):
    def test_the_s3_port_speaks_tls(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        with Scratch() as folder:
            key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
                            "-out", certificate, "-subj", "/CN=localhost",
                            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, capture_output=True)
            server = Server(arguments=["--tls-certificate", certificate, "--tls-key", key]).start()
            try:
                self.assertTrue(server.s3_url.startswith("https://"), server.s3_url)
                client = server.client(verify=certificate)
                client.create_bucket(Bucket="tls-bucket")
                body = random_bytes(9 * MIB, 3)
                client.put_object(Bucket="tls-bucket", Key="k", Body=body)
                self.assertEqual(client.get_object(Bucket="tls-bucket", Key="k")["Body"].read(), body)
                link = client.generate_presigned_url("get_object", {"Bucket": "tls-bucket", "Key": "k"})
                context = ssl.create_default_context(cafile=certificate)
                with urllib.request.urlopen(link, context=context, timeout=30) as answer:
                    self.assertEqual(answer.read(), body)
                self.assertEqual(server.stop(), 0)
            finally:
                server.remove()

    def test_a_certificate_that_is_none_is_refused(self):
        with Scratch() as folder:
            path = os.path.join(folder, "nonsense.pem")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write("nonsense")
            server = Server(arguments=["--tls-certificate", path, "--tls-key", path])
            try:
                server.spawn()
                self.assertGreater(server.process.wait(20), 0)
                self.assertIn("nonsense.pem", server.log_text())
            finally:
                server.remove()


if __name__ == "__main__":
    main()
