"""Peers and limits of the S3 benchmark: each starts on loopback in a directory of its own and is stopped by its pid."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("TOKENPLANE_BIN", ROOT / "build" / "release" / "tokenplane"))
ACCESS_KEY = "benchbenchbench"
SECRET_KEY = "bench-secret-for-loopback-only"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the process behind {url} ended with status {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer in {seconds} s")


def write_report(path, report):
    """The report of a run as JSON, with the commit it was made of."""
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    pathlib.Path(path).write_text(json.dumps({"commit": commit.stdout.strip(), **report}, indent=2) + "\n")


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class TokenPlane:
    """Our server on a fresh store."""

    def __init__(self, directory, flags=()):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.admin_port = free_port()
        self.nfs_port = free_port()
        environment = dict(os.environ, TOKENPLANE_ACCESS_KEY=ACCESS_KEY, TOKENPLANE_SECRET_KEY=SECRET_KEY)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log = open(self.directory / "bench-server.log", "wb")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", self.directory, "--listen", "127.0.0.1", "--s3-port", str(self.port),
             "--admin-port", str(self.admin_port), "--nfs-port", str(self.nfs_port), *flags],
            env=environment, stderr=self.log, stdout=self.log)
        wait_for(f"http://127.0.0.1:{self.admin_port}/readyz", self.process)

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return int(fields["VmRSS"].split()[0]) * 1024, int(fields["RssShmem"].split()[0]) * 1024

    def stop(self):
        stop(self.process)


class Nginx:
    """nginx serving files from a directory: what a web server that does nothing else can do."""

    def __init__(self, directory, files):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        configuration = directory / "nginx.conf"
        configuration.write_text(f"""
worker_processes 2;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 600; keepalive_requests 100000000; default_type application/octet-stream;
  open_file_cache max=20000 inactive=600s; open_file_cache_valid 600s;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{ listen 127.0.0.1:{self.port} backlog=4096; root {files}; }}
}}
user root;
""")
        self.process = subprocess.Popen(["nginx", "-p", directory, "-c", configuration], stderr=subprocess.DEVNULL)
        wait_for(f"http://127.0.0.1:{self.port}/", self.process)

    def stop(self):
        stop(self.process)


class Radosgw:
    """Ceph radosgw on a single-machine cluster: bench/ceph_cluster.sh."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.script = ROOT / "bench" / "ceph_cluster.sh"
        self.port_base = 16800
        done = subprocess.run([self.script, "up", self.directory, str(self.port_base)], capture_output=True, text=True)
        if done.returncode != 0:
            self.stop()
            raise RuntimeError("the Ceph cluster did not start: " + done.stderr[-2000:])
        self.port = self.port_base + 90
        self.access_key, self.secret_key = "test", "testtest"

    def stop(self):
        subprocess.run([self.script, "down", self.directory], capture_output=True)


def load(port, directory, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **options):
    """Runs `tokenplane bench s3` and returns its JSON report. Options are the command's, with _ for -."""
    report = pathlib.Path(directory) / "report.json"
    command = [BINARY, "bench", "s3", "--endpoint", f"http://127.0.0.1:{port}", "--quiet", "--json", report]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            command.append(flag)
        elif value is not False:
            command += [flag, str(value)]
    environment = dict(os.environ, TOKENPLANE_ACCESS_KEY=access_key, TOKENPLANE_SECRET_KEY=secret_key)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return json.loads(report.read_text())


def fio(directory, **options):
    """Runs fio and returns its write (bytes/s, operations/s)."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    command = ["fio", "--name=limit", f"--directory={directory}", "--output-format=json"]
    command += [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    job = json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
    shutil.rmtree(directory)
    return job["write"]["bw_bytes"], job["write"]["iops"]
