"""Signature Version 4 in all its forms, browser uploads, and how connections behave around errors."""

import base64
import datetime
import hashlib
import http.client
import socket
import urllib.error
import urllib.request
import zlib

import boto3

from harness import KIB, ROOT_KEYS, ServerTest, main, random_bytes
from signing import (STREAMING, UNSIGNED, UNSIGNED_TRAILER, Answer, Signer, connect, exchange, form, post_policy, quote,
                     send, send_chunked)


class SignatureTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def read(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer)

    def missing(self, key):
        self.assertEqual(send(self.server, "HEAD", f"/{self.name}/{key}").status, 404)

    def test_wrong_keys_and_secrets(self):
        self.refused(send(self.server, "GET", "/", keys=("NOSUCHKEY1234567", "x" * 30)), 403, "InvalidAccessKeyId")
        self.refused(send(self.server, "GET", "/", keys=(ROOT_KEYS[0], "wrong-secret-wrong-secret")), 403,
                     "SignatureDoesNotMatch")
        self.refused(send(self.server, "GET", f"/{self.name}/k", keys=None), 403, "AccessDenied")

    def test_nothing_signed_can_be_changed(self):
        self.s3.put_object(Bucket=self.name, Key="k", Body=b"x")
        host = {"host": f"127.0.0.1:{self.server.port}"}
        path = f"/{self.name}/k"
        sha = hashlib.sha256(b"").hexdigest()

        def signed(**extra):
            return Signer().authorize("GET", path, [], {**host, **extra}, sha)
        self.assertEqual(exchange(self.server, "GET", path, signed()).status, 200)
        changes = {"the path": ("GET", f"/{self.name}/other", signed()), "the method": ("DELETE", path, signed()),
                   "the query": ("GET", path + "?tagging", signed()),
                   "the host": ("GET", path, {**signed(), "host": "other"}),
                   "a signed header": ("GET", path, {**signed(**{"x-amz-meta-a": "1"}), "x-amz-meta-a": "2"}),
                   "the date": ("GET", path, {**signed(), "x-amz-date": "20990101T000000Z"})}
        for what, (method, target, headers) in changes.items():
            answer = exchange(self.server, method, target, headers)
            self.assertIn(answer.status, (403,) if what != "the date" else (400, 403), (what, answer))
        self.assertEqual(self.read("k"), b"x")

    def test_unsigned_amz_headers_are_refused(self):
        path = f"/{self.name}/sneaky"
        headers = Signer().authorize("PUT", path, [], {"host": f"127.0.0.1:{self.server.port}"}, UNSIGNED)
        answer = exchange(self.server, "PUT", path, {**headers, "x-amz-acl": "public-read"}, b"x")
        self.refused(answer, 403, "AccessDenied")
        self.missing("sneaky")

    def test_a_body_must_match_its_hash(self):
        path = f"/{self.name}/k"
        answer = send(self.server, "PUT", path, body=b"other", payload_hash=hashlib.sha256(b"body").hexdigest())
        self.refused(answer, 400, "XAmzContentSHA256Mismatch")
        self.missing("k")
        self.assertEqual(send(self.server, "PUT", path, body=b"any", payload_hash=UNSIGNED).status, 200)
        self.assertEqual(self.read("k"), b"any")
        answer = send(self.server, "PUT", path, body=b"x", payload_hash="not-a-hash")
        self.assertEqual(answer.status, 400, answer)

    def test_clock_skew(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        for minutes in (-20, 20, -60 * 24 * 365):
            signer = Signer(now=now + datetime.timedelta(minutes=minutes))
            self.refused(send(self.server, "GET", "/", signer=signer), 403, "RequestTimeTooSkewed")
        late = Signer(now=now - datetime.timedelta(minutes=10))
        self.assertEqual(send(self.server, "GET", "/", signer=late).status, 200)

    def test_malformed_authorizations(self):
        good = Signer().authorize("GET", "/", [], {"host": f"127.0.0.1:{self.server.port}"}, UNSIGNED)
        right = good["Authorization"]
        for bad in ("", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "Bearer x", "AWS x:y",
                    right.replace("us-east-1", "us-east-1/extra"), right.replace("/s3/", "/ec2/"),
                    right.replace("SignedHeaders=", "SignedHeaders=;;;"), right.replace("aws4_request", "aws5_request"),
                    right + ", " + right, right[:-5], right.split(", SignedHeaders")[0],
                    "AWS4-HMAC-SHA256 " + "a=b," * 500):
            answer = exchange(self.server, "GET", "/", {**good, "Authorization": bad})
            self.assertIn(answer.status, (400, 403), (bad, answer))

    def test_presigned_requests(self):
        body = random_bytes(1000, 1)

        def fetch(url, method="GET", data=None):
            request = urllib.request.Request(url, method=method, data=data)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()
        where = {"Bucket": self.name, "Key": "pre signed/ü"}
        sign = self.s3.generate_presigned_url
        self.assertEqual(fetch(sign("put_object", where), "PUT", body)[0], 200)
        self.assertEqual(fetch(sign("get_object", where)), (200, body))
        self.assertEqual(fetch(sign("head_object", where), "HEAD"), (200, b""))
        typed = sign("get_object", {**where, "ResponseContentType": "text/x"})
        with urllib.request.urlopen(typed, timeout=30) as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/x")
        self.assertEqual(fetch(sign("list_objects_v2", {"Bucket": self.name}))[0], 200)
        self.assertEqual(fetch(sign("get_object", where), "DELETE")[0], 403)
        self.assertEqual(fetch(sign("get_object", where).replace("pre", "pro"))[0], 403)
        self.assertEqual(fetch(sign("get_object", where) + "&x-extra=1")[0], 403)
        self.assertEqual(fetch(sign("delete_object", where), "DELETE")[0], 204)

    def test_presigned_requests_as_stock_clients_still_sign_them(self):
        # Not told otherwise, boto3 presigns with Signature Version 2 for us-east-1.
        client = boto3.client("s3", endpoint_url=self.server.s3_url, region_name="us-east-1",
                              aws_access_key_id=ROOT_KEYS[0], aws_secret_access_key=ROOT_KEYS[1])
        where = {"Bucket": self.name, "Key": "old style/ü"}

        def fetch(url, method="GET", data=None, headers=None):
            request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()
        put = client.generate_presigned_url("put_object", {**where, "ContentType": "text/x", "Metadata": {"k": "v"}})
        self.assertIn("AWSAccessKeyId=", put)
        self.assertEqual(fetch(put, "PUT", b"data", {"Content-Type": "text/other"})[0], 403)
        self.assertEqual(fetch(put, "PUT", b"data", {"Content-Type": "text/x", "x-amz-meta-k": "v"})[0], 200)
        self.assertEqual(self.s3.head_object(**where)["Metadata"], {"k": "v"})
        get = client.generate_presigned_url("get_object", where)
        self.assertEqual(fetch(get), (200, b"data"))
        self.assertEqual(fetch(get, "DELETE")[0], 403)
        self.assertEqual(fetch(get.replace("old", "new"))[0], 403)
        self.assertEqual(fetch(get + "&acl")[0], 403)
        self.assertEqual(fetch(client.generate_presigned_url("get_object", where, ExpiresIn=-5))[0], 403)
        listing = client.generate_presigned_url("list_objects", {"Bucket": self.name})
        self.assertEqual(fetch(listing)[0], 200)
        self.assertEqual(fetch(client.generate_presigned_url("delete_object", where), "DELETE")[0], 204)

    def test_presigned_requests_expire(self):
        path = f"/{self.name}/k"
        self.s3.put_object(Bucket=self.name, Key="k", Body=b"x")
        host = f"127.0.0.1:{self.server.port}"
        now = datetime.datetime.now(datetime.timezone.utc)
        for age_s, expires_s, good in ((0, 60, True), (50, 60, True), (120, 60, False), (-3600, 60, False),
                                       (0, 604800, True), (0, 604801, False), (0, 0, False), (0, -1, False)):
            signer = Signer(now=now - datetime.timedelta(seconds=age_s))
            target = path + "?" + signer.presign("GET", host, path, expires_s)
            answer = exchange(self.server, "GET", target, {"host": host})
            self.assertEqual(answer.status == 200, good, (age_s, expires_s, answer))
            if not good:
                self.assertIn(answer.status, (400, 403), answer)

    def test_signed_chunks(self):
        for size, chunk in ((0, 64 * KIB), (1, 64 * KIB), (64 * KIB, 64 * KIB), (200 * KIB + 7, 8 * KIB)):
            body = random_bytes(size, size)
            answer = send_chunked(self.server, f"/{self.name}/k", body, chunk)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(self.read("k"), body)
        head = self.s3.head_object(Bucket=self.name, Key="k")
        self.assertNotIn("aws-chunked", head.get("ContentEncoding", ""))

    def test_a_content_encoding_beside_aws_chunked_is_kept(self):
        send_chunked(self.server, f"/{self.name}/k", b"x", headers={"content-encoding": "aws-chunked,gzip"})
        self.assertEqual(self.s3.head_object(Bucket=self.name, Key="k")["ContentEncoding"], "gzip")

    def test_spoiled_chunks_store_nothing(self):
        body = random_bytes(200 * KIB, 2)
        flip = 100 * KIB

        def spoil_data(sent):
            return sent[:flip] + bytes([sent[flip] ^ 1]) + sent[flip + 1:]

        def spoil_signature(sent):
            at = sent.index(b"chunk-signature=") + 16
            return sent[:at] + (b"0" if sent[at:at + 1] != b"0" else b"1") + sent[at + 1:]
        cases = {"data": (spoil_data, {403}), "signature": (spoil_signature, {403}),
                 "size": (lambda sent: b"f" + sent[1:], {400, 403}), "no size": (lambda sent: b"zz" + sent[2:], {400}),
                 "endless size": (lambda sent: b"f" * 4000 + sent, {400}),
                 "no final chunk": (lambda sent: sent[:sent.rindex(b"0;chunk")], {400, 403})}
        for what, (spoil, statuses) in cases.items():
            answer = send_chunked(self.server, f"/{self.name}/bad", body, spoil=spoil)
            self.assertIn(answer.status, statuses, (what, answer))
            self.missing("bad")

    def test_a_lie_about_the_decoded_length_stores_nothing(self):
        for length in ("9", "11", "0", "-1", "x", "99999999999999999999"):
            answer = send_chunked(self.server, f"/{self.name}/bad", b"0123456789",
                                  headers={"x-amz-decoded-content-length": length})
            self.assertEqual(answer.status, 400, (length, answer))
            self.missing("bad")

    def test_signed_trailers(self):
        body = random_bytes(100 * KIB, 3)
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        answer = send_chunked(self.server, f"/{self.name}/k", body, trailer=[f"x-amz-checksum-crc32:{crc}"])
        self.assertEqual(answer.status, 200, answer)
        got = self.s3.get_object(Bucket=self.name, Key="k", ChecksumMode="ENABLED")
        self.assertEqual((got["Body"].read(), got["ChecksumCRC32"]), (body, crc))
        wrong = base64.b64encode(b"\1\2\3\4").decode()
        answer = send_chunked(self.server, f"/{self.name}/bad", body, trailer=[f"x-amz-checksum-crc32:{wrong}"])
        self.refused(answer, 400, "BadDigest")

        def spoil(sent):
            return sent.replace(b"x-amz-trailer-signature:", b"x-amz-trailer-signature:0", 1)
        answer = send_chunked(self.server, f"/{self.name}/bad", body, trailer=[f"x-amz-checksum-crc32:{crc}"],
                              spoil=spoil)
        self.assertIn(answer.status, (400, 403), answer)
        self.missing("bad")

    def unsigned_trailer(self, key, body, crc, transfer_chunked):
        """As the JavaScript SDK sends a stream: aws-chunks, optionally each piece in an HTTP chunk of its own."""
        path = f"/{self.name}/{key}"
        headers = {"host": f"127.0.0.1:{self.server.port}", "content-encoding": "aws-chunked",
                   "x-amz-decoded-content-length": str(len(body)), "x-amz-trailer": "x-amz-checksum-crc32"}
        headers = Signer().authorize("PUT", path, [], headers, UNSIGNED_TRAILER)
        pieces = [b"%x\r\n" % len(body), body + b"\r\n", b"0\r\n",
                  b"x-amz-checksum-crc32:" + crc.encode() + b"\r\n", b"\r\n"]
        if not transfer_chunked:
            return exchange(self.server, "PUT", path, headers, b"".join(pieces))
        headers["transfer-encoding"] = "chunked"
        sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        return exchange(self.server, "PUT", path, headers, sent)

    def test_unsigned_trailers(self):
        body = b"hello stream"
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        for chunked in (False, True):
            answer = self.unsigned_trailer("k", body, crc, chunked)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(self.read("k"), body)
            self.refused(self.unsigned_trailer("bad", body, "AAAAAA==", chunked), 400, "BadDigest")
            self.missing("bad")

    def test_a_signed_stream_cannot_be_passed_off_as_plain(self):
        path = f"/{self.name}/bad"
        headers = Signer().authorize("PUT", path, [], {"host": f"127.0.0.1:{self.server.port}"}, STREAMING)
        answer = exchange(self.server, "PUT", path, headers, b"not chunks at all")
        self.assertIn(answer.status, (400, 403, 411), answer)
        self.missing("bad")


class PostUploadTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def post(self, fields, data, **options):
        kind, body = form(fields, data, **options)
        headers = {"host": f"127.0.0.1:{self.server.port}", "content-type": kind}
        return exchange(self.server, "POST", f"/{self.name}", headers, body)

    def fields(self, key="up/${filename}", extra=None, conditions=None, **options):
        rules = [{"bucket": self.name}, ["starts-with", "$key", "up/"], *(conditions or [])]
        return post_policy({"key": key, **(extra or {})}, rules, **options)

    def test_a_form_uploads_a_file(self):
        body = random_bytes(100 * KIB, 5)
        answer = self.post(self.fields(), body, file_name="a b.bin")
        self.assertEqual(answer.status, 204, answer)
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="up/a b.bin")["Body"].read(), body)
        self.assertEqual(answer.headers["etag"], '"%s"' % hashlib.md5(body).hexdigest())

    def test_the_form_chooses_headers_and_answer(self):
        extra = {"Content-Type": "text/p", "x-amz-meta-m": "1", "success_action_status": "201"}
        rules = [{"Content-Type": "text/p"}, {"x-amz-meta-m": "1"}, {"success_action_status": "201"}]
        answer = self.post(self.fields("up/k", extra, rules), b"x")
        self.assertEqual(answer.status, 201, answer)
        self.assertIn(b"<Key>up/k</Key>", answer.body)
        head = self.s3.head_object(Bucket=self.name, Key="up/k")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("text/p", {"m": "1"}))
        extra = {"success_action_redirect": "http://localhost/done"}
        answer = self.post(self.fields("up/k", extra, [["starts-with", "$success_action_redirect", ""]]), b"x")
        self.assertEqual(answer.status, 303, answer)
        self.assertTrue(answer.headers["location"].startswith("http://localhost/done?"), answer)

    def test_the_policy_is_enforced(self):
        small = [["content-length-range", 2, 10]]
        cases = [(self.fields("other/k"), b"x", 403, "AccessDenied"),
                 (self.fields("up/k", expires_s=-60), b"x", 403, "AccessDenied"),
                 (self.fields("up/k", {"x-amz-meta-extra": "1"}), b"x", 403, "AccessDenied"),
                 (self.fields("up/k", conditions=small), b"x" * 11, 400, "EntityTooLarge"),
                 (self.fields("up/k", conditions=small), b"x", 400, "EntityTooSmall"),
                 ({**self.fields("up/k"), "x-amz-signature": "0" * 64}, b"x", 403, "SignatureDoesNotMatch"),
                 ({**self.fields("up/k"), "policy": "bm90IGpzb24="}, b"x", 403, "SignatureDoesNotMatch")]
        for fields, data, status, code in cases:
            answer = self.post(fields, data)
            self.assertEqual((answer.status, answer.code), (status, code), (fields, answer))
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name)["KeyCount"], 0)

    def test_forms_that_are_no_forms(self):
        host = {"host": f"127.0.0.1:{self.server.port}"}
        _, body = form(self.fields("up/k"), b"x")
        kind = "multipart/form-data"
        for kind, data in ((kind + "; boundary=wrong", body), (kind, body), (kind + "; boundary=" + "b" * 500, b""),
                           ("application/x-www-form-urlencoded", b"a=b"),
                           (kind + "; boundary=tokenplane7MA4YWxkTrZu0gW", body[:len(body) // 2])):
            answer = exchange(self.server, "POST", f"/{self.name}", {**host, "content-type": kind}, data)
            self.assertTrue(400 <= answer.status < 500, (kind, answer))
        answer = self.post({key: value for key, value in self.fields("up/k").items() if key != "key"}, b"x")
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name)["KeyCount"], 0)

    def test_an_anonymous_form_needs_a_public_bucket(self):
        answer = self.post({"key": "up/k"}, b"x")
        self.assertEqual(answer.status, 403, answer)


class ConnectionTest(ServerTest):
    arguments = ("--s3-domain", "localhost")

    def setUp(self):
        self.name = self.bucket()

    def test_a_connection_lives_on_after_errors(self):
        connection = connect(self.server)
        connection.connect()
        first = connection.sock
        for method, path, body in (("GET", "none", b""), ("PUT", "k", b"x" * 1000), ("GET", "k", b""),
                                   ("DELETE", "k", b""), ("HEAD", "none", b""), ("GET", "none", b"")):
            send(self.server, method, f"/{self.name}/{path}", body=body, connection=connection)
            self.assertIs(connection.sock, first, (method, path))
        wrong = Signer((ROOT_KEYS[0], "wrong-secret-wrong-secret"))
        answer = send(self.server, "PUT", f"/{self.name}/k", body=b"x" * 1000, signer=wrong, connection=connection)
        self.assertEqual(answer.status, 403)
        self.assertEqual(send(self.server, "GET", f"/{self.name}/none", connection=connection).status, 404)
        connection.close()

    def test_head_never_has_a_body(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as raw:
            host = f"127.0.0.1:{self.server.port}"
            for path in (f"/{self.name}/none", "/no-such-bucket-xyz", f"/{self.name}"):
                headers = Signer().authorize("HEAD", path, [], {"host": host}, UNSIGNED)
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                raw.sendall(f"HEAD {path} HTTP/1.1\r\n{lines}\r\n".encode())
                got = b""
                while b"\r\n\r\n" not in got:
                    got += raw.recv(65536)
                self.assertTrue(got.endswith(b"\r\n\r\n"), got)

    def test_expect_continue_waits_for_a_verdict(self):
        for signer, verdict in ((Signer(), b"HTTP/1.1 100"), (Signer((ROOT_KEYS[0], "wrong" * 6)), b"HTTP/1.1 403")):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as raw:
                path, body = f"/{self.name}/k", b"x" * 70000
                headers = signer.authorize("PUT", path, [], {"host": f"127.0.0.1:{self.server.port}"},
                                           hashlib.sha256(body).hexdigest())
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                raw.sendall(f"PUT {path} HTTP/1.1\r\n{lines}Expect: 100-continue\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n".encode())
                got = raw.recv(65536)
                self.assertTrue(got.startswith(verdict), got)
                if verdict.endswith(b"100"):
                    raw.sendall(body)
                    response = http.client.HTTPResponse(raw)
                    response.begin()
                    self.assertEqual(Answer(response).status, 200)

    def test_expect_continue_never_meets_a_final_answer_on_a_connection_that_stays_open(self):
        """botocore reads the next answer on such a connection as this one. With nothing to send, `100` comes first all
        the same; a refusal closes."""
        for body, keys in ((b"", ROOT_KEYS), (b"", (ROOT_KEYS[0], "wrong" * 6)), (b"x", (ROOT_KEYS[0], "wrong" * 6))):
            path = f"/{self.name}/k"
            headers = Signer(keys).authorize("PUT", path, [], {"host": "x"}, hashlib.sha256(body).hexdigest())
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as raw:
                raw.sendall(f"PUT {path} HTTP/1.1\r\n{lines}Expect: 100-continue\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n".encode())
                got = b""
                while b"\r\n\r\n" not in got:
                    got += raw.recv(65536)
            self.assertTrue(got.startswith(b"HTTP/1.1 100") or b"connection: close" in got.lower(), (body, keys, got))

    def test_virtual_hosted_addressing(self):
        body = b"by host name"
        host = f"{self.name}.localhost:{self.server.port}"
        answer = send(self.server, "PUT", "/dir/k", body=body, host=host)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="dir/k")["Body"].read(), body)
        answer = send(self.server, "GET", "/", [("list-type", "2")], host=host)
        self.assertIn(b"<Key>dir/k</Key>", answer.body)

    def test_pipelined_requests_are_answered_in_order(self):
        for n in range(5):
            self.s3.put_object(Bucket=self.name, Key=f"p{n}", Body=b"%d" % n * 100)
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as raw:
            sent = ""
            for n in range(5):
                path = quote(f"/{self.name}/p{n}", safe="/-")
                headers = Signer().authorize("GET", path, [], {"host": "x"}, UNSIGNED)
                sent += f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
            raw.sendall(sent.encode())
            reader = raw.makefile("rb")
            for n in range(5):
                self.assertIn(b"200", reader.readline())
                length = 0
                for line in iter(reader.readline, b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                self.assertEqual(reader.read(length), b"%d" % n * 100)


if __name__ == "__main__":
    main()
