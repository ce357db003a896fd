"""Signature Version 4 by hand, for requests that no SDK would send: the S3 API pages "Signature Calculations for the
Authorization Header" and "Transferring Payload in Multiple Chunks". Independent of the server's own code by intent."""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import urllib.parse

from harness import REGION, ROOT_KEYS

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def quote(text, safe="-_.~"):
    return urllib.parse.quote(text, safe=safe)


def canonical_query(pairs):
    return "&".join(f"{name}={value}" for name, value in sorted((quote(name), quote(value)) for name, value in pairs))


class Signer:
    """Signs with one key pair at one moment."""

    def __init__(self, keys=ROOT_KEYS, now=None, region=REGION, service="s3"):
        self.access, self.secret = keys
        now = now or datetime.datetime.now(datetime.timezone.utc)
        self.time = now.strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.time[:8]}/{region}/{service}/aws4_request"
        key = b"AWS4" + self.secret.encode()
        for part in self.scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        self.key = key
        self.last = ""  # the signature that the next chunk continues

    def sign_text(self, text):
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def signature(self, method, path, pairs, headers, payload_hash):
        """(signature, signed header names) of a request."""
        canonical = {name.lower(): " ".join(str(value).split()) for name, value in headers.items()}
        names = ";".join(sorted(canonical))
        lines = "".join(f"{name}:{canonical[name]}\n" for name in sorted(canonical))
        request = "\n".join([method, path, canonical_query(pairs), lines, names, payload_hash])
        digest = hashlib.sha256(request.encode()).hexdigest()
        self.last = self.sign_text("\n".join(["AWS4-HMAC-SHA256", self.time, self.scope, digest]))
        return self.last, names

    def authorize(self, method, path, pairs, headers, payload_hash):
        """The headers, with date, payload hash and Authorization added. `path` is already encoded."""
        headers = {**headers, "x-amz-date": self.time, "x-amz-content-sha256": payload_hash}
        signature, names = self.signature(method, path, pairs, headers, payload_hash)
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access}/{self.scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        return headers

    def presign(self, method, host, path, expires_s=300, pairs=()):
        """The query string of a presigned request that signs only Host."""
        pairs = [*pairs, ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{self.access}/{self.scope}"),
                 ("X-Amz-Date", self.time), ("X-Amz-Expires", str(expires_s)), ("X-Amz-SignedHeaders", "host")]
        signature, _ = self.signature(method, path, pairs, {"host": host}, UNSIGNED)
        return canonical_query(pairs) + "&X-Amz-Signature=" + signature

    def chunk(self, data):
        """One signed aws-chunk; the empty one ends the body."""
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", self.time, self.scope, self.last, EMPTY_SHA256,
                          hashlib.sha256(data).hexdigest()])
        self.last = self.sign_text(text)
        end = b"\r\n" if data else b""
        return b"%x;chunk-signature=%s\r\n" % (len(data), self.last.encode()) + data + end

    def trailer(self, lines):
        """The signed trailer block: `lines` are `name:value` without line ends."""
        block = "".join(line + "\n" for line in lines)
        self.last = self.sign_text("\n".join(["AWS4-HMAC-SHA256-TRAILER", self.time, self.scope, self.last,
                                              hashlib.sha256(block.encode()).hexdigest()]))
        return "".join(line + "\r\n" for line in lines).encode() + \
            f"x-amz-trailer-signature:{self.last}\r\n\r\n".encode()

    def chunked(self, data, size, trailer=None):
        """A whole signed aws-chunked body."""
        parts = [data[start:start + size] for start in range(0, len(data), size)]
        body = b"".join(self.chunk(part) for part in parts) + self.chunk(b"")
        return body + (self.trailer(trailer) if trailer else b"\r\n")


class Answer:
    """A whole answer: status, headers in lower case, body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def code(self):
        """The <Code> of an S3 error body."""
        start = self.body.find(b"<Code>")
        return self.body[start + 6:self.body.find(b"</Code>")].decode() if start >= 0 else ""

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:600]!r}"


def connect(server, timeout_s=60):
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout_s)


def send(server, method, path, pairs=(), headers=None, body=b"", keys=ROOT_KEYS, payload_hash=None, signer=None,
         connection=None, host=None):
    """One signed request (unsigned where keys is None); the Answer. `path` is the path as a person writes it."""
    encoded = quote(path, safe="-_.~/")
    headers = {"host": host or f"127.0.0.1:{server.port}", **(headers or {})}
    if keys is not None or signer is not None:
        signer = signer or Signer(keys)
        digest = payload_hash or hashlib.sha256(body).hexdigest()
        headers = signer.authorize(method, encoded, list(pairs), headers, digest)
        if digest in (STREAMING, STREAMING_TRAILER):
            raise ValueError("a signed stream needs the signature first: use send_chunked")
    query = canonical_query(pairs)
    return exchange(server, method, encoded + ("?" + query if query else ""), headers, body, connection)


def exchange(server, method, target, headers, body=b"", connection=None):
    """Sends exactly this and reads the answer."""
    own = connection is None
    connection = connection or connect(server)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        names = {name.lower() for name in headers}
        if "content-length" not in names and "transfer-encoding" not in names and (body or method in ("PUT", "POST")):
            connection.putheader("Content-Length", str(len(body)))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return Answer(connection.getresponse())
    finally:
        if own:
            connection.close()


def send_chunked(server, path, data, size=64 << 10, trailer=None, headers=None, spoil=None, signer=None):
    """A PUT with a signed aws-chunked body; `spoil` may change the body before it is sent."""
    signer = signer or Signer()
    kind = STREAMING_TRAILER if trailer else STREAMING
    headers = {"host": f"127.0.0.1:{server.port}", "content-encoding": "aws-chunked",
               "x-amz-decoded-content-length": str(len(data)), **(headers or {})}
    if trailer:
        headers["x-amz-trailer"] = ",".join(line.split(":", 1)[0] for line in trailer)
    encoded = quote(path, safe="-_.~/")
    headers = signer.authorize("PUT", encoded, [], headers, kind)
    body = signer.chunked(data, size, trailer)
    if spoil:
        body = spoil(body)
    return exchange(server, "PUT", encoded, headers, body)


def post_policy(fields, conditions, signer=None, expires_s=300):
    """The form fields of a browser upload, signed."""
    signer = signer or Signer()
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=expires_s)
    fields = {**fields, "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": signer.time,
              "x-amz-credential": f"{signer.access}/{signer.scope}"}
    signed = ("x-amz-algorithm", "x-amz-date", "x-amz-credential")
    conditions = [*conditions, *({name: fields[name]} for name in signed)]
    policy = base64.b64encode(json.dumps({"expiration": until.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                                          "conditions": conditions}).encode()).decode()
    return {**fields, "policy": policy, "x-amz-signature": signer.sign_text(policy)}


def form(fields, data, file_name="upload.bin", content_type="application/octet-stream"):
    """(content type, body) of a multipart/form-data upload with the file last."""
    boundary = "tokenplane7MA4YWxkTrZu0gW"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]
    head = "".join(parts) + (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
                             f"Content-Type: {content_type}\r\n\r\n")
    return f"multipart/form-data; boundary={boundary}", head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
