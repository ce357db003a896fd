"""XDR, RPC and the few NFSv3 calls that raw tests make: what stock clients would never send."""

import os
import socket
import struct

NFS, MOUNT = 100003, 100005
GETATTR, LOOKUP, READ, COMPOUND = 1, 3, 6, 1
LAST_FRAGMENT = 0x80000000
ANSWERED_HEAD = struct.pack(">IIIII", 1, 0, 0, 0, 0)  # a reply, accepted, no verifier, success


def words(*values):
    return b"".join(struct.pack(">I", value) for value in values)


def opaque(data):
    return words(len(data)) + data + b"\0" * (-len(data) % 4)


def auth_sys(uid=0, gid=0):
    return words(1) + opaque(words(1) + opaque(b"raw") + words(uid, gid, 0)) + words(0, 0)


def call(xid, program, version, procedure, arguments=b"", credential=None):
    """A whole record."""
    body = words(xid, 0, 2, program, version, procedure) + (credential or auth_sys()) + arguments
    return words(len(body) | LAST_FRAGMENT) + body


class NfsWire:
    """One connection to the NFS port, from a port of the client's if it matters which."""

    def __init__(self, server, timeout_s=20, port=0):
        self.socket = socket.socket()
        self.socket.settimeout(timeout_s)
        if port:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(("127.0.0.1", port))
        self.socket.connect(("127.0.0.1", server.nfs_port))
        self.received = bytearray()
        self.xid = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """False once the server has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def records(self):
        """Every record that comes, until the server closes."""
        while True:
            while len(self.received) >= 4:
                size = 4 + (struct.unpack_from(">I", self.received)[0] & ~LAST_FRAGMENT)
                if len(self.received) < size:
                    break
                record = bytes(self.received[4:size])
                del self.received[:size]
                yield record
            try:
                more = self.socket.recv(1 << 18)
            except ConnectionError:
                return
            if not more:
                return
            self.received += more

    def record(self):
        """The next one; None where the server closes instead."""
        return next(self.records(), None)

    def results(self, program, version, procedure, arguments=b"", credential=None):
        """The results of a call that the RPC layer must accept."""
        self.xid += 1
        self.send(call(self.xid, program, version, procedure, arguments, credential))
        record = self.record()
        if record is None:
            raise ConnectionError("the server closed")
        if record[:24] != words(self.xid) + ANSWERED_HEAD:
            raise AssertionError(f"not an answer to call {self.xid}: {record[:24].hex()}")
        return record[24:]

    def mount(self, path):
        """The handle of an export."""
        results = self.results(MOUNT, 3, 1, opaque(path.encode()))
        status, size = struct.unpack_from(">II", results)
        if status != 0:
            raise AssertionError(f"mount of {path}: status {status}")
        return results[8:8 + size]

    def lookup(self, directory, name):
        """(status, handle)."""
        results = self.results(NFS, 3, LOOKUP, opaque(directory) + opaque(name.encode()))
        status, = struct.unpack_from(">I", results)
        size = struct.unpack_from(">I", results, 4)[0] if status == 0 else 0
        return status, results[8:8 + size]

    def status_of(self, procedure, arguments):
        return struct.unpack_from(">I", self.results(NFS, 3, procedure, arguments))[0]

    def is_served(self):
        """Whether a call is answered at all."""
        return self.results(NFS, 3, 0) == b""


def descriptor_limit():
    """Raises the limit of open descriptors as far as it goes; gives it."""
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def seeds():
    """The fuzzer's seeds: streams of records, in a fixed order."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folder = os.path.join(root, "fuzz", "corpus", "nfs_call")
    found = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as handle:
            found.append(handle.read())
    return found


def split(stream):
    """The messages of a stream of records of one fragment each, without their marks."""
    found = []
    while len(stream) >= 4:
        size = struct.unpack_from(">I", stream)[0] & ~LAST_FRAGMENT
        found.append(stream[4:4 + size])
        stream = stream[4 + size:]
    return found
