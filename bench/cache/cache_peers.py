"""The peers of the cache benchmark: redis-server, memcached with extstore, and fio reading the same disk at random."""

import json
import pathlib
import subprocess

import peers


class Redis:
    """redis-server without persistence."""

    protocol = "resp"

    def __init__(self, directory):
        pathlib.Path(directory).mkdir(parents=True)
        self.port = peers.free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", directory], stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def options(self, volume):
        return {"port": self.port}

    def stop(self):
        peers.stop(self.process)


class Memcached:
    """memcached whose values lie in extstore, but for 64 MiB."""

    protocol = "memcached"

    def __init__(self, directory, flash_mib):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True)
        self.port = peers.free_port()
        self.process = subprocess.Popen(
            ["memcached", "-l", "127.0.0.1", "-p", str(self.port), "-U", "0", "-u", "root", "-m", "64", "-I", "2m",
             "-o",
             f"ext_path={directory}/extstore:{flash_mib * 2}m,ext_item_size=512,ext_item_age=0,ext_wbuf_size=16,"
             "ext_threads=4,slab_automove_freeratio=0.05"],
            stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def options(self, volume):
        return {"port": self.port}

    def stop(self):
        peers.stop(self.process)


def wait_for_port(port, process, seconds=20):
    import socket
    import time
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server on port {port} ended with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


def fio_random_reads(directory, size, depth, seconds, file_mib):
    """Reads a second of `size` bytes at random places of one file, direct, `depth` at a time."""
    done = subprocess.run(
        ["fio", "--name=random", f"--filename={directory}/fio.data", "--rw=randread", f"--bs={size}",
         f"--iodepth={depth}", "--ioengine=io_uring", "--direct=1", f"--size={file_mib}M", f"--runtime={seconds}",
         "--time_based", "--output-format=json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["jobs"][0]["read"]["iops"]
