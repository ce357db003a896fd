"""Client: what an inference engine asks of the cache: how much of a prefix is there, its blocks, new blocks."""

import threading
import urllib.parse

from . import wire

_GETS_A_WINDOW = 64
_BYTES_A_WINDOW = 16 << 20


class BufferTooSmall(wire.CacheError):
    """A value is larger than the buffer that was given for it: `key`, `size`. The other values of the call were
    received; `sizes` is what get_many would have returned, with the real sizes of those that did not fit."""

    def __init__(self, key, size):
        super().__init__(f"{key!r} has {size} bytes, more than its buffer")
        self.key, self.size, self.sizes = key, size, []


class Client:
    """A connection to one cache volume under one identity. Threads may share it: calls go one after the other.

    A connection that broke is opened anew by the next call; the call that saw it break is tried once more, since
    everything here may be done twice. After `timeout_s` without a byte of the answer, a call fails and is not repeated.
    """

    def __init__(self, host="127.0.0.1", port=6379, *, user=None, password=None, volume=None, identity=None,
                 timeout_s=30.0, tls=False, ca_file=None):
        """`identity`: fields over those that the volume declares, e.g. {"rank": 3}; another identity finds nothing of
        this one. `user` and `password` as AUTH takes them."""
        self._address = (host, port, timeout_s, tls, ca_file)
        self._user, self._password, self._volume = user, password, volume
        self._identity = dict(identity or {})
        self._lock = threading.RLock()
        self._connection = None
        with self._lock:
            self._connect()

    @classmethod
    def from_url(cls, url, **options):
        """redis://USER:PASSWORD@HOST:PORT/VOLUME, or rediss:// for TLS; user and password percent-encoded."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("redis", "rediss"):
            raise ValueError(f"not a redis:// or rediss:// address: {url}")
        unquote = urllib.parse.unquote
        return cls(parts.hostname or "127.0.0.1", parts.port or 6379,
                   user=unquote(parts.username) if parts.username else None,
                   password=unquote(parts.password) if parts.password else None,
                   volume=unquote(parts.path.lstrip("/")) or None, tls=parts.scheme == "rediss", **options)

    def close(self):
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def lookup_prefix(self, keys, *, lease_ms=None, total_tokens=None):
        """How many leading keys of the chain are there, whole; leases them for `lease_ms`. With `total_tokens` (of the
        request), what is not there counts as missed in the ledger."""
        if not keys:
            return 0
        arguments = ["TP.PREFIX"]
        if lease_ms is not None:
            arguments += ["LEASE", lease_ms]
        if total_tokens is not None:
            arguments += ["TOKENS", total_tokens]
        there = self._number(*arguments, "KEYS", *keys)
        if not 0 <= there <= len(keys):
            raise self._nonsense(f"{there} of {len(keys)} keys")
        return there

    def get_many(self, keys, buffers):
        """Receives each value into its buffer (bytes-like and writable, or a list of such, filled in order): a list of
        sizes, None where the key is not there. Buffers of misses keep what they held. BufferTooSmall."""
        if len(keys) != len(buffers):
            raise ValueError("as many buffers as keys are needed")
        views = [wire.as_views(buffer) for buffer in buffers]
        if any(view.readonly for parts in views for view in parts):
            raise ValueError("a buffer cannot be written to")
        return self._twice(lambda: self._get_windows(keys, views))

    def put_many(self, keys, values, *, parent=None, chain=True, tokens=None, ttl_ms=None):
        """Stores each value (bytes-like, or a list of such that are one value). `chain`: each key follows the one
        before it, the first follows `parent`. `tokens`: of each value, or a list. Returns a list of bools; a value that
        the server refused (quota, no room) is False, and `last_error` says why."""
        if len(keys) != len(values):
            raise ValueError("as many values as keys are needed")
        return self._twice(lambda: self._put_windows(keys, values, parent, chain, tokens, ttl_ms))

    def get(self, key):
        value = self.call("TP.GET", key)
        if value is not None and not isinstance(value, bytes):
            raise self._nonsense(value)
        return value

    def exists(self, key):
        return self._number("EXISTS", key) == 1

    def delete(self, *keys):
        return self._number("DEL", *keys)

    def pin(self, *keys):
        return self._number("TP.PIN", *keys)

    def unpin(self, *keys):
        return self._number("TP.UNPIN", *keys)

    def clear(self):
        """Every entry of this identity and tenant goes."""
        self.call("TP.CLEAR")

    def scan(self, match=None):
        """Every key, once or more."""
        cursor = b"0"
        while True:
            arguments = ["SCAN", cursor, "COUNT", 1000] + (["MATCH", match] if match else [])
            page = self.call(*arguments)
            if not isinstance(page, list) or len(page) != 2 or not isinstance(page[1], list):
                raise self._nonsense(page)
            cursor, keys = page
            yield from keys
            if cursor == b"0":
                return

    def stat(self):
        """TP.STAT as a dict of str, int and float: the ledger of the own tenant, and figures of the volume."""
        flat = self.call("TP.STAT")
        if not isinstance(flat, list) or len(flat) % 2 or not all(isinstance(name, bytes) for name in flat[::2]):
            raise self._nonsense(flat)
        result = {}
        for name, value in zip(flat[::2], flat[1::2]):
            text = value.decode(errors="replace") if isinstance(value, bytes) else value
            result[name.decode(errors="replace")] = float(text) if name.startswith(b"saved_") else text
        return result

    last_error = None  # of a value that put_many could not store

    def call(self, *arguments):
        """Any command that may be done twice; raises a ServerError."""
        def once():
            self._connection.send(wire.request(*arguments))
            return self._connection.reply()
        result = self._twice(once)
        if isinstance(result, wire.ServerError):
            raise result
        return result

    def _number(self, *arguments):
        result = self.call(*arguments)
        if not isinstance(result, int):
            raise self._nonsense(result)
        return result

    def _nonsense(self, reply):
        """For a reply that the command cannot have: whatever speaks there, it is not asked further."""
        self.close()
        return wire.CacheError(f"not an answer to that: {repr(reply)[:80]}")

    # Below: with the lock held.

    def _twice(self, work):
        with self._lock:
            if self._connection is not None:
                try:
                    return self._once(work)
                except wire.ConnectionLost:
                    pass
            self._connect()
            return self._once(work)

    def _once(self, work):
        """Whatever ends the work before its last reply was read, the connection is of no use after it."""
        try:
            return work()
        except (BufferTooSmall, wire.ServerError):
            raise
        except BaseException:
            self.close()
            raise

    def _connect(self):
        connection = wire.Connection(*self._address)
        try:
            if self._password is not None:
                user = self._user
                if user is not None and self._volume is not None:
                    user = f"{user}@{self._volume}"
                self._greet(connection, *["AUTH", *([user] if user is not None else []), self._password])
            if self._volume is not None and (self._identity or self._user is None or self._password is None):
                fields = [f"{name}={value}" for name, value in self._identity.items()]
                self._greet(connection, "TP.BIND", self._volume, *fields)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    @staticmethod
    def _greet(connection, *arguments):
        connection.send(wire.request(*arguments))
        answer = connection.reply()
        if isinstance(answer, wire.ServerError):
            raise answer
        if answer != "OK":
            raise wire.CacheError(f"not a greeting: {repr(answer)[:80]}")

    def _get_windows(self, keys, views):
        sizes = []
        failure = None
        for first in range(0, len(keys), _GETS_A_WINDOW):
            window = keys[first:first + _GETS_A_WINDOW]
            self._connection.send([piece for key in window for piece in wire.request("TP.GET", key)])
            for key, into in zip(window, views[first:]):
                size = self._connection.reply(into)
                if isinstance(size, wire.TooLarge):
                    size = size.size
                    failure = failure or BufferTooSmall(key, size)
                elif isinstance(size, wire.ServerError):
                    failure = failure or size
                sizes.append(size)
        if failure is not None:
            failure.sizes = sizes
            raise failure
        return sizes

    def _put_windows(self, keys, values, parent, chain, tokens, ttl_ms):
        results = []
        pieces, pieces_bytes, waiting = [], 0, 0
        for number, (key, value) in enumerate(zip(keys, values)):
            arguments = ["TP.SET", key, value]
            if parent is not None:
                arguments += ["PARENT", parent]
            count = tokens[number] if isinstance(tokens, (list, tuple)) else tokens
            if count is not None:
                arguments += ["TOKENS", count]
            if ttl_ms is not None:
                arguments += ["PX", ttl_ms]
            request = wire.request(*arguments)
            pieces += request
            pieces_bytes += sum(len(piece) for piece in request)
            waiting += 1
            parent = key if chain else parent
            if pieces_bytes >= _BYTES_A_WINDOW or waiting == 256:
                self._put_window(pieces, waiting, results)
                pieces, pieces_bytes, waiting = [], 0, 0
        if waiting:
            self._put_window(pieces, waiting, results)
        return results

    def _put_window(self, pieces, waiting, results):
        self._connection.send(pieces)
        for _ in range(waiting):
            answer = self._connection.reply()
            if isinstance(answer, wire.ServerError):
                self.last_error = answer
            elif answer != "OK":
                raise self._nonsense(answer)
            results.append(answer == "OK")
