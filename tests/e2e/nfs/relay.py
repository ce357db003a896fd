"""Carries TCP connections from an address inside a network namespace to a port of loopback outside it."""

import contextlib
import ctypes
import os
import socket
import threading

CLONE_NEWNET = 0x40000000
PIECE = 1 << 20


def listen_in(namespace, address, port):
    """A listening socket that lives in the named network namespace. Only a thread of its own ever enters it."""
    made = []

    def enter():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/var/run/netns/{namespace}", "rb") as handle:
            if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
                return
        made.append(socket.create_server((address, port), backlog=64))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if not made:
        raise OSError(f"cannot listen on {address}:{port} in {namespace}")
    return made[0]


class Relay:
    """From ADDRESS:PORT in the namespace to 127.0.0.1:PORT here, until close(). A server that is away ends the
    connections, as it would without a relay."""

    def __init__(self, namespace, address, port):
        self.port = port
        self.listener = listen_in(namespace, address, port)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.port), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def carry(source, sink):
        """One direction, by pipe and without copies, until either end is gone."""
        out, into = os.pipe()
        with contextlib.suppress(OSError):
            while size := os.splice(source.fileno(), into, PIECE):
                while size:
                    size -= os.splice(out, sink.fileno(), size)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        os.close(out)
        os.close(into)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
