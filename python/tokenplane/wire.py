"""RESP2 over a socket, for large values: requests are gathered from the caller's buffers, bulk replies are received
into them. One connection, one thread at a time."""

import re
import socket
import ssl

_CHUNK = 1 << 16
_MAX_BULK_BYTES = 512 << 20  # the largest value there is
_DEEPEST = 16                # arrays in arrays; no command of ours answers more than three
_NUMBER = re.compile(rb"-?[0-9]{1,19}")
_PIECES_A_CALL = 512  # of sendmsg, below every IOV_MAX


class CacheError(Exception):
    """What goes wrong between this client and the server."""


class ServerError(CacheError):
    """An error reply; `code` is its first word, as in `NOAUTH`."""

    def __init__(self, text):
        super().__init__(text)
        self.code = text.split(" ", 1)[0]


class ConnectionLost(CacheError):
    """The connection could not be made, broke or was closed: the call may be tried anew over another."""


class TooLarge:
    """In place of a bulk reply that did not fit the buffers: how many bytes it had."""

    def __init__(self, size):
        self.size = size


def as_views(value):
    """The byte views of a bytes-like object or of a list of them, which are one value together."""
    parts = value if isinstance(value, (list, tuple)) else (value,)
    return [memoryview(part).cast("B") for part in parts]


def _encode(argument):
    if isinstance(argument, str):
        return argument.encode()
    if isinstance(argument, int):
        return b"%d" % argument
    return argument


def request(*arguments):
    """The pieces of one command. An argument is str, int, bytes-like, or a list of such: one argument in parts."""
    pieces = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        views = as_views(_encode(argument))
        pieces.append(b"$%d\r\n" % sum(len(view) for view in views))
        pieces.extend(views)
        pieces.append(b"\r\n")
    return pieces


class Connection:
    """One connection. Every failure closes it: what was on its way is not known any more."""

    def __init__(self, host, port, timeout_s, tls=False, ca_file=None):
        self._socket = None
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                context = ssl.create_default_context(cafile=ca_file)
                self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except OSError as error:
            self.close()
            raise ConnectionLost(f"no connection to {host}:{port}: {error}") from error
        self._tls = tls
        self._buffer = bytearray(_CHUNK)
        self._begin = self._end = 0

    def close(self):
        if self._socket is not None:
            self._socket.close()

    def _failed(self, error):
        """What to raise for an OSError of the socket. Who did not answer in time is not asked again."""
        self.close()
        kind = CacheError if isinstance(error, socket.timeout) else ConnectionLost
        return kind(f"the connection broke: {error}")

    def _malformed(self, what):
        self.close()
        return CacheError(f"a reply that is none: {what}")

    def send(self, pieces):
        """Sends the pieces of one or more requests."""
        try:
            if self._tls:
                for piece in pieces:
                    self._socket.sendall(piece)
                return
            pieces = [memoryview(piece) for piece in pieces if len(piece)]
            at = 0
            while at < len(pieces):
                sent = self._socket.sendmsg(pieces[at:at + _PIECES_A_CALL])
                while sent:
                    if sent >= len(pieces[at]):
                        sent -= len(pieces[at])
                        at += 1
                    else:
                        pieces[at] = pieces[at][sent:]
                        sent = 0
        except OSError as error:
            raise self._failed(error) from error

    def reply(self, into=None, depth=0):
        """The next reply: str, int, bytes, None, a list, or a ServerError (returned, not raised). With `into` (a list
        of views) it must be a bulk or an error: a bulk goes there and its size is returned; TooLarge if it does not
        fit."""
        line = self._line()
        kind, text = line[:1], line[1:]
        if kind == b"-":
            return ServerError(text.decode(errors="replace"))
        if kind == b"+" and into is None:
            return text.decode(errors="replace")
        if kind not in (b":", b"$", b"*") or not _NUMBER.fullmatch(text) or (into is not None and kind != b"$"):
            raise self._malformed(repr(line[:80]))
        number = int(text)
        if kind == b":":
            return number
        if number == -1:
            return None
        if number < 0 or depth == _DEEPEST or (kind == b"$" and number > _MAX_BULK_BYTES):
            raise self._malformed(repr(line[:80]))
        if kind == b"*":
            return [self.reply(depth=depth + 1) for _ in range(number)]
        return self._bulk(number, into)

    def _bulk(self, size, into):
        if into is None:
            result = self._value(size)
        elif size > sum(len(view) for view in into):
            self._skip(size)
            result = TooLarge(size)
        else:
            left = size
            for view in into:
                part = view[:left]
                self._receive(part)
                left -= len(part)
            result = size
        end = bytearray(2)
        self._receive(memoryview(end))
        if end != b"\r\n":
            raise self._malformed("a bulk without its end")
        return result

    def _value(self, size):
        """Grows with what really comes: a size alone takes no memory."""
        value = bytearray()
        while len(value) < size:
            at = len(value)
            value += bytes(min(size - at, max(at, _CHUNK)))
            self._receive(memoryview(value)[at:])
        return bytes(value)

    def _receive(self, view):
        at = min(len(view), self._end - self._begin)
        view[:at] = self._buffer[self._begin:self._begin + at]
        self._begin += at
        while at < len(view):
            at += self._read_into(view[at:])

    def _skip(self, size):
        while size:
            if self._begin == self._end:
                self._fill()
            step = min(size, self._end - self._begin)
            self._begin += step
            size -= step

    def _line(self):
        while True:
            end = self._buffer.find(b"\r\n", self._begin, self._end)
            if end >= 0:
                line = bytes(self._buffer[self._begin:end])
                self._begin = end + 2
                return line
            if self._end - self._begin > _CHUNK // 2:
                raise self._malformed("a line without an end")
            self._fill()

    def _fill(self):
        if self._begin:
            rest = self._buffer[self._begin:self._end]
            self._buffer[:len(rest)] = rest
            self._begin, self._end = 0, len(rest)
        self._end += self._read_into(memoryview(self._buffer)[self._end:])

    def _read_into(self, view):
        try:
            size = self._socket.recv_into(view)
        except OSError as error:
            raise self._failed(error) from error
        if size == 0:
            self.close()
            raise ConnectionLost("the server closed the connection")
        return size
