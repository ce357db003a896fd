"""Other people's object stores as processes on loopback: Azurite and s3rver, out of services/node_modules.

Each has keys of its own made for the test, a temporary directory, and is stopped by its process.
"""

import base64
import hashlib
import hmac
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree
from email.utils import formatdate

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import die_with_parent  # noqa: E402 (found through the line above)

READY_LIMIT_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder, *names):
    """A certificate for localhost (and other names) that signs itself; (certificate file, key file)."""
    files = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=" + ",".join(["IP:127.0.0.1", "DNS:localhost",
                                                             *[f"DNS:{name}" for name in names]]),
                    "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True)
    return files


class Service:
    """A server of services/node_modules; `tls`: with a certificate for localhost."""

    module = main = None

    def __init__(self, tls=False):
        self.folder = tempfile.mkdtemp(prefix="tokenplane-service-")
        self.port = free_port()
        self.tls = certificate(self.folder) if tls else None
        self.log = os.path.join(self.folder, "log")
        self.process = None

    @property
    def host(self):
        return "localhost" if self.tls else "127.0.0.1"

    def endpoint(self):
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def arguments(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self):
        script = os.path.join(HERE, "services", "node_modules", self.module, self.main)
        if not os.path.exists(script):
            raise RuntimeError("run `npm ci` in tests/e2e/archive/services first")
        node = shutil.which("node") or self.missing("node is not installed (packages.txt, section test)")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([node, script, *self.arguments()], stdout=log, stderr=log, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
                                            env={"PATH": os.environ["PATH"], "HOME": self.folder, **self.environment()})
        deadline = time.monotonic() + READY_LIMIT_S
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.log, encoding="utf-8", errors="replace") as handle:
                    raise RuntimeError(f"{self.module} did not start\n{handle.read()[-3000:]}")
            self.wait_a_moment()
        return self

    @staticmethod
    def missing(text):
        raise RuntimeError(text)

    def wait_a_moment(self):
        try:
            self.process.wait(0.05)
        except subprocess.TimeoutExpired:
            pass

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, keep=False):
        """`keep`: what it stored, for a later start()."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class Azurite(Service):
    """One account with one container."""

    module, main = "azurite", "dist/src/blob/main.js"
    account, container = "tokenplanetest", "archive-packs"

    def __init__(self, tls=False):
        super().__init__(tls)
        self.key = base64.b64encode(secrets.token_bytes(64)).decode()

    def arguments(self):
        extra = ["--cert", self.tls[0], "--key", self.tls[1]] if self.tls else []
        return ["--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--location", self.folder, "--silent",
                "--disableTelemetry", "--disableProductStyleUrl", *extra]

    def environment(self):
        return {"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"}

    def endpoint(self):
        return f"{super().endpoint()}/{self.account}"

    def sign(self, text):
        return base64.b64encode(hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()).decode()

    def call(self, method, parameters):
        """A request about the container, signed here by other code than the one under test; the answer's body."""
        path = f"/{self.account}/{self.container}"
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
        lines = [method, *[""] * 11, *[f"{name}:{value}" for name, value in sorted(headers.items())],
                 f"/{self.account}{path}", *[f"{name}:{value}" for name, value in sorted(parameters.items())]]
        headers["Authorization"] = f"SharedKey {self.account}:{self.sign(chr(10).join(lines))}"
        trusted = ssl.create_default_context(cafile=self.tls[0]) if self.tls else None
        request = urllib.request.Request(f"{super().endpoint()}{path}?{urllib.parse.urlencode(parameters)}",
                                         method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:
            return answer.read()

    def create_container(self):
        self.call("PUT", {"restype": "container"})

    def names(self):
        """Of all that is in the container."""
        text = self.call("GET", {"restype": "container", "comp": "list"}).decode("utf-8-sig")
        return [name.text for name in xml.etree.ElementTree.fromstring(text).iter("Name")]

    def sas_token(self, permissions="rwdl"):
        """A service SAS for the container, for one hour."""
        version, starts, ends = "2020-12-06", "", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        lines = [permissions, starts, ends, f"/blob/{self.account}/{self.container}", "", "", "", version, "c", "", "",
                 "", "", "", "", ""]
        return urllib.parse.urlencode({"sv": version, "se": ends, "sr": "c", "sp": permissions,
                                       "sig": self.sign("\n".join(lines))})


class S3rver(Service):
    """One bucket; the keys are its own."""

    module, main = "s3rver", "bin/s3rver.js"
    bucket, keys = "archive-packs", ("S3RVER", "S3RVER")

    def environment(self):
        return {"NODE_OPTIONS": "--openssl-legacy-provider"}  # its continuation tokens are sealed with DES

    def arguments(self):
        extra = ["--cert", self.tls[0], "--key", self.tls[1]] if self.tls else []
        return ["--directory", os.path.join(self.folder, "data"), "--address", "127.0.0.1", "--port", str(self.port),
                "--silent", "--configure-bucket", self.bucket, "--service-endpoint", "localhost", *extra]
