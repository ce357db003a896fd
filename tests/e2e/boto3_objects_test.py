"""Objects through boto3: put, get, copy, delete, conditions, checksums, tags, append and rename."""

import base64
import datetime
import hashlib
import threading
import zlib
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError

from harness import KIB, MIB, ServerTest, extra_headers, main, random_bytes
from signing import send

ODD_KEYS = ["plain", "a", "a/b", "a/b/c", "dir/", "//", "/lead", "a//b", "space in name", "plus+and&amp;", "per%41cent",
            "question?mark", "hash#tag", "semi;colon", "quote\"'", "<tag>", "ünïcödé", "日本語", "emoji-🦀",
            "tab\tkey", "trail ", ".", "..", "./x", "../x", "a/../b", "a/./b", "back\\slash", "~tilde", "*star*",
            "=eq=", "x" * 255, "x" * 256, "y" * 1024]


class RoundTripTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def put(self, key, body=b"", **options):
        return self.s3.put_object(Bucket=self.name, Key=key, Body=body, **options)

    def get(self, key, **options):
        return self.s3.get_object(Bucket=self.name, Key=key, **options)

    def test_what_was_put_is_what_is_got(self):
        for size in (0, 1, 100, 4 * KIB, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB, 9 * MIB + 7):
            body = random_bytes(size, size)
            etag = self.put("k", body)["ETag"]
            self.assertEqual(etag, '"%s"' % hashlib.md5(body).hexdigest())
            got = self.get("k")
            self.assertEqual(got["Body"].read(), body)
            self.assertEqual((got["ContentLength"], got["ETag"]), (size, etag))
            head = self.s3.head_object(Bucket=self.name, Key="k")
            self.assertEqual((head["ContentLength"], head["ETag"]), (size, etag))
            self.assertEqual(head["AcceptRanges"], "bytes")

    def test_every_legal_key_is_kept_as_it_is(self):
        for number, key in enumerate(ODD_KEYS):
            answer = send(self.server, "PUT", f"/{self.name}/{key}", body=b"%d" % number)
            self.assertEqual(answer.status, 200, (key, answer))
        for number, key in enumerate(ODD_KEYS):
            answer = send(self.server, "GET", f"/{self.name}/{key}")
            self.assertEqual((answer.status, answer.body), (200, b"%d" % number), key)
        listed = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.name)["Contents"]]
        self.assertEqual(listed, sorted(ODD_KEYS, key=str.encode))
        answer = self.s3.delete_objects(Bucket=self.name, Delete={"Objects": [{"Key": key} for key in ODD_KEYS]})
        self.assertEqual(sorted(entry["Key"] for entry in answer["Deleted"]), sorted(ODD_KEYS))
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name)["KeyCount"], 0)

    def test_a_key_over_1024_bytes_is_refused(self):
        for key in ("z" * 1025, "ü" * 513):
            with self.fails("KeyTooLongError", 400):
                self.put(key)

    def test_headers_and_metadata_come_back(self):
        expires = datetime.datetime(2031, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        self.put("k", b"x", CacheControl="max-age=5", ContentDisposition='attachment; filename="ä"'.replace("ä", "a"),
                 ContentEncoding="gzip", ContentLanguage="de", ContentType="text/plain; charset=utf-8",
                 Expires=expires, Metadata={"one": "1", "two": "b c"}, StorageClass="STANDARD_IA",
                 WebsiteRedirectLocation="/there")
        for got in (self.get("k"), self.s3.head_object(Bucket=self.name, Key="k")):
            self.assertEqual(got["CacheControl"], "max-age=5")
            self.assertEqual(got["ContentDisposition"], 'attachment; filename="a"')
            self.assertEqual(got["ContentEncoding"], "gzip")
            self.assertEqual(got["ContentLanguage"], "de")
            self.assertEqual(got["ContentType"], "text/plain; charset=utf-8")
            self.assertEqual(got["Expires"], expires)
            self.assertEqual(got["Metadata"], {"one": "1", "two": "b c"})
            self.assertEqual(got["StorageClass"], "STANDARD_IA")
            self.assertEqual(got["WebsiteRedirectLocation"], "/there")
        self.put("plain", b"x")
        head = self.s3.head_object(Bucket=self.name, Key="plain")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("binary/octet-stream", {}))
        self.assertNotIn("StorageClass", head)

    def test_too_much_metadata_is_refused(self):
        with self.fails("MetadataTooLarge", 400):
            self.put("k", b"x", Metadata={"big": "x" * 2100})
        with self.fails("InvalidStorageClass", 400):
            self.put("k", b"x", StorageClass="SHOEBOX")

    def test_ranges(self):
        body = random_bytes(300 * KIB, 3)
        self.put("k", body)
        size = len(body)
        for text, start, end in (("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=65530-65545", 65530, 65546),
                                 (f"bytes={size - 1}-", size - 1, size), ("bytes=-7", size - 7, size),
                                 (f"bytes=-{size * 2}", 0, size), (f"bytes=10-{size * 2}", 10, size)):
            got = self.get("k", Range=text)
            self.assertEqual(got["Body"].read(), body[start:end], text)
            self.assertEqual(got["ContentRange"], f"bytes {start}-{end - 1}/{size}")
            self.assertEqual(got["ResponseMetadata"]["HTTPStatusCode"], 206)
            self.assertEqual(self.s3.head_object(Bucket=self.name, Key="k", Range=text)["ContentLength"], end - start)
        for text in (f"bytes={size}-", f"bytes={size}-{size + 5}", "bytes=-0"):
            with self.fails("InvalidRange", 416):
                self.get("k", Range=text)
        for text in ("bytes=9-5", "lines=1-2", "bytes=a-b", "bytes=0-1,5-6"):
            got = self.get("k", Range=text)
            self.assertEqual((got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()), (200, body), text)

    def test_conditional_reads(self):
        etag = self.put("k", b"x")["ETag"]
        moment = self.s3.head_object(Bucket=self.name, Key="k")["LastModified"]
        before, after = moment - datetime.timedelta(seconds=10), moment + datetime.timedelta(seconds=10)
        for good in ({"IfMatch": etag}, {"IfMatch": "*"}, {"IfMatch": f'"no", {etag}'}, {"IfNoneMatch": '"other"'},
                     {"IfModifiedSince": before}, {"IfUnmodifiedSince": after},
                     {"IfMatch": etag, "IfUnmodifiedSince": before},          # If-Match decides
                     {"IfNoneMatch": '"other"', "IfModifiedSince": after}):   # If-None-Match decides
            self.assertEqual(self.get("k", **good)["Body"].read(), b"x", good)
        for bad, code, status in (({"IfMatch": '"other"'}, "PreconditionFailed", 412),
                                  ({"IfUnmodifiedSince": before}, "PreconditionFailed", 412),
                                  ({"IfNoneMatch": etag}, "304", 304), ({"IfNoneMatch": "*"}, "304", 304),
                                  ({"IfModifiedSince": moment}, "304", 304),
                                  ({"IfMatch": '"other"', "IfNoneMatch": etag}, "PreconditionFailed", 412)):
            with self.fails(code, status):
                self.get("k", **bad)

    def test_response_overrides(self):
        self.put("k", b"x", ContentType="text/plain")
        got = self.get("k", ResponseContentType="image/png", ResponseCacheControl="no-store",
                       ResponseContentLanguage="fr", ResponseContentDisposition="inline", ResponseContentEncoding="br")
        self.assertEqual((got["ContentType"], got["CacheControl"], got["ContentLanguage"], got["ContentDisposition"],
                          got["ContentEncoding"]), ("image/png", "no-store", "fr", "inline", "br"))
        self.assertEqual(self.get("k")["ContentType"], "text/plain")

    def test_what_is_missing_is_named(self):
        with self.fails("NoSuchKey", 404):
            self.get("none")
        with self.fails("404", 404):
            self.s3.head_object(Bucket=self.name, Key="none")
        for call in (lambda: self.s3.get_object(Bucket="no-such-bucket-xyz", Key="k"),
                     lambda: self.s3.put_object(Bucket="no-such-bucket-xyz", Key="k", Body=b""),
                     lambda: self.s3.list_objects_v2(Bucket="no-such-bucket-xyz")):
            with self.fails("NoSuchBucket", 404):
                call()
        self.assertEqual(self.s3.delete_object(Bucket=self.name, Key="none")["ResponseMetadata"]["HTTPStatusCode"], 204)

    def test_the_error_body_names_resource_and_request(self):
        answer = send(self.server, "GET", f"/{self.name}/none")
        self.assertEqual((answer.status, answer.code), (404, "NoSuchKey"))
        for tag in (b"<Message>", b"<RequestId>", b"<Key>none</Key>"):
            self.assertIn(tag, answer.body)
        self.assertIn("xml", answer.headers["content-type"])
        self.assertIn(answer.headers["x-amz-request-id"].encode(), answer.body)

    def test_overwriting_replaces_everything(self):
        self.put("k", random_bytes(2 * MIB, 1), Metadata={"old": "1"}, ContentType="text/old")
        self.put("k", b"new")
        got = self.get("k")
        self.assertEqual((got["Body"].read(), got["Metadata"], got["ContentType"]), (b"new", {}, "binary/octet-stream"))

    def test_batch_delete(self):
        for n in range(5):
            self.put(f"k{n}", b"x")
        answer = self.s3.delete_objects(Bucket=self.name, Delete={"Objects": [{"Key": "k0"}, {"Key": "none"}]})
        self.assertEqual([entry["Key"] for entry in answer["Deleted"]], ["k0", "none"])
        answer = self.s3.delete_objects(Bucket=self.name, Delete={"Quiet": True, "Objects": [{"Key": "k1"}]})
        self.assertNotIn("Deleted", answer)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name)["KeyCount"], 3)
        with self.fails("MalformedXML", 400):
            self.s3.delete_objects(Bucket=self.name, Delete={"Objects": [{"Key": f"n{n}"} for n in range(1001)]})
        etag = self.s3.head_object(Bucket=self.name, Key="k2")["ETag"]
        body = ("<Delete>" + "".join(f"<Object><Key>{key}</Key><ETag>{escape(tag)}</ETag></Object>"
                                     for key, tag in (("k2", etag), ("k3", '"other"'))) + "</Delete>").encode()
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        answer = send(self.server, "POST", f"/{self.name}", [("delete", "")], {"content-md5": md5}, body)
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(b"<Deleted><Key>k2</Key>", answer.body)
        self.assertIn(b"PreconditionFailed", answer.body)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name)["KeyCount"], 2)

    def test_tags(self):
        self.put("k", b"x", Tagging="a=1&b=two%20words")
        tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
        self.assertEqual(self.s3.get_object_tagging(Bucket=self.name, Key="k")["TagSet"], tags)
        self.assertEqual(self.get("k")["TagCount"], 2)
        self.s3.put_object_tagging(Bucket=self.name, Key="k", Tagging={"TagSet": tags[:1]})
        self.assertEqual(self.s3.get_object_tagging(Bucket=self.name, Key="k")["TagSet"], tags[:1])
        self.s3.delete_object_tagging(Bucket=self.name, Key="k")
        self.assertEqual(self.s3.get_object_tagging(Bucket=self.name, Key="k")["TagSet"], [])
        for bad in ([{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}], [{"Key": "k" * 129, "Value": ""}],
                    [{"Key": "k", "Value": "v" * 257}]):
            with self.fails("InvalidTag", 400):
                self.s3.put_object_tagging(Bucket=self.name, Key="k", Tagging={"TagSet": bad})
        with self.fails("BadRequest", 400):
            many = [{"Key": f"k{n}", "Value": ""} for n in range(11)]
            self.s3.put_object_tagging(Bucket=self.name, Key="k", Tagging={"TagSet": many})
        with self.fails("NoSuchKey", 404):
            self.s3.get_object_tagging(Bucket=self.name, Key="none")

    def test_attributes(self):
        body = random_bytes(1000, 5)
        self.put("k", body, ChecksumAlgorithm="SHA256")
        got = self.s3.get_object_attributes(
            Bucket=self.name, Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectSize", "StorageClass"])
        self.assertEqual(got["ETag"], hashlib.md5(body).hexdigest())
        self.assertEqual((got["ObjectSize"], got["StorageClass"]), (1000, "STANDARD"))
        self.assertEqual(got["Checksum"]["ChecksumSHA256"], base64.b64encode(hashlib.sha256(body).digest()).decode())
        only = self.s3.get_object_attributes(Bucket=self.name, Key="k", ObjectAttributes=["ObjectSize"])
        self.assertNotIn("ETag", only)


class CopyTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()
        self.body = random_bytes(200 * KIB, 9)
        self.etag = self.s3.put_object(Bucket=self.name, Key="src", Body=self.body, Metadata={"m": "1"},
                                       ContentType="text/x", Tagging="t=1")["ETag"]

    def copy(self, key, source="src", **options):
        return self.s3.copy_object(Bucket=self.name, Key=key, CopySource={"Bucket": self.name, "Key": source},
                                   **options)

    def test_a_copy_keeps_metadata_and_tags(self):
        self.assertEqual(self.copy("dst")["CopyObjectResult"]["ETag"], self.etag)
        got = self.s3.get_object(Bucket=self.name, Key="dst")
        self.assertEqual((got["Body"].read(), got["Metadata"], got["ContentType"], got["TagCount"]),
                         (self.body, {"m": "1"}, "text/x", 1))

    def test_directives_replace(self):
        self.copy("dst", MetadataDirective="REPLACE", Metadata={"n": "2"}, ContentType="text/y")
        got = self.s3.head_object(Bucket=self.name, Key="dst")
        self.assertEqual((got["Metadata"], got["ContentType"]), ({"n": "2"}, "text/y"))
        self.copy("dst", TaggingDirective="REPLACE", Tagging="z=26")
        tags = self.s3.get_object_tagging(Bucket=self.name, Key="dst")["TagSet"]
        self.assertEqual(tags, [{"Key": "z", "Value": "26"}])

    def test_onto_itself_only_with_a_change(self):
        with self.fails("InvalidRequest", 400):
            self.copy("src")
        self.copy("src", MetadataDirective="REPLACE", Metadata={"new": "1"})
        got = self.s3.get_object(Bucket=self.name, Key="src")
        self.assertEqual((got["Body"].read(), got["Metadata"]), (self.body, {"new": "1"}))

    def test_a_copy_lives_on_without_its_source(self):
        other = self.bucket()
        self.s3.copy_object(Bucket=other, Key="far", CopySource=f"{self.name}/src")
        self.s3.delete_object(Bucket=self.name, Key="src")
        self.assertEqual(self.s3.get_object(Bucket=other, Key="far")["Body"].read(), self.body)

    def test_conditions_on_the_source(self):
        self.copy("d", CopySourceIfMatch=self.etag)
        self.copy("d", CopySourceIfNoneMatch='"other"')
        for bad in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": self.etag},
                    {"CopySourceIfUnmodifiedSince": datetime.datetime(2001, 1, 1)}):
            with self.fails("PreconditionFailed", 412):
                self.copy("d2", **bad)

    def test_conditions_on_the_destination(self):
        self.copy("there")
        with extra_headers(self.s3, "CopyObject", If_None_Match="*"):
            with self.fails("PreconditionFailed", 412):
                self.copy("there")
            self.copy("new")
        with extra_headers(self.s3, "CopyObject", If_Match='"other"'):
            with self.fails("PreconditionFailed", 412):
                self.copy("there")

    def test_sources_that_are_not_there(self):
        with self.fails("NoSuchKey", 404):
            self.copy("d", "none")
        with self.fails("NoSuchBucket", 404):
            self.s3.copy_object(Bucket=self.name, Key="d", CopySource="no-such-bucket-xyz/k")
        for bad in ("", "nobucket", "/", "//", "../" + self.name + "/src"):
            answer = send(self.server, "PUT", f"/{self.name}/d", headers={"x-amz-copy-source": bad or "/x"})
            self.assertGreaterEqual(answer.status, 400, (bad, answer))
            self.assertLess(answer.status, 500, (bad, answer))

    def test_odd_source_names(self):
        for key in ("a b+c", "ü/ö", "per%41cent", "q?x=1"):
            self.s3.put_object(Bucket=self.name, Key=key, Body=key.encode())
            self.copy("d", key)
            self.assertEqual(self.s3.get_object(Bucket=self.name, Key="d")["Body"].read(), key.encode())


class ConditionalWriteTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def put(self, body, client=None, key="k", **headers):
        with extra_headers(client or self.s3, "PutObject", **headers):
            return (client or self.s3).put_object(Bucket=self.name, Key=key, Body=body)

    def test_if_none_match_creates_once(self):
        self.put(b"1", If_None_Match="*")
        with self.fails("PreconditionFailed", 412):
            self.put(b"2", If_None_Match="*")
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="k")["Body"].read(), b"1")

    def test_if_match_replaces_what_was_seen(self):
        with self.fails("NoSuchKey", 404):
            self.put(b"1", If_Match='"d41d8cd98f00b204e9800998ecf8427e"')
        first = self.put(b"1")["ETag"]
        second = self.put(b"2", If_Match=first)["ETag"]
        with self.fails("PreconditionFailed", 412):
            self.put(b"3", If_Match=first)
        with extra_headers(self.s3, "DeleteObject", If_Match=first), self.fails("PreconditionFailed", 412):
            self.s3.delete_object(Bucket=self.name, Key="k")
        with extra_headers(self.s3, "DeleteObject", If_Match=second):
            self.s3.delete_object(Bucket=self.name, Key="k")
        with self.fails("NoSuchKey", 404):
            self.s3.get_object(Bucket=self.name, Key="k")

    def run_threads(self, count, work):
        outcomes, lock = [], threading.Lock()
        start = threading.Barrier(count)

        def one(number):
            client = self.server.client()
            start.wait()
            result = work(client, number)
            with lock:
                outcomes.append(result)
        threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(outcomes), count)
        return outcomes

    def test_one_of_many_creators_wins(self):
        for size in (100, 200 * KIB):
            def create(client, number, size=size):
                try:
                    with extra_headers(client, "PutObject", If_None_Match="*"):
                        client.put_object(Bucket=self.name, Key=f"race{size}", Body=bytes([number]) * size)
                    return number
                except ClientError as error:
                    self.assertIn(error.response["ResponseMetadata"]["HTTPStatusCode"], (409, 412))
                    return None
            winners = [n for n in self.run_threads(12, create) if n is not None]
            self.assertEqual(len(winners), 1)
            body = self.s3.get_object(Bucket=self.name, Key=f"race{size}")["Body"].read()
            self.assertEqual(body, bytes(winners) * size)

    def test_no_increment_is_lost(self):
        self.s3.put_object(Bucket=self.name, Key="n", Body=b"0")

        def increment(client, _):
            done = 0
            while done < 10:
                got = client.get_object(Bucket=self.name, Key="n")
                value = int(got["Body"].read())
                try:
                    with extra_headers(client, "PutObject", If_Match=got["ETag"]):
                        client.put_object(Bucket=self.name, Key="n", Body=b"%d" % (value + 1))
                    done += 1
                except ClientError as error:
                    self.assertIn(error.response["ResponseMetadata"]["HTTPStatusCode"], (409, 412))
            return done
        self.assertEqual(sum(self.run_threads(6, increment)), 60)
        self.assertEqual(self.s3.get_object(Bucket=self.name, Key="n")["Body"].read(), b"60")


class ChecksumTest(ServerTest):
    NINE = b"123456789"
    KNOWN = {  # of "123456789", from the catalogue of parametrised CRC algorithms and FIPS 180
        "crc32": (0xCBF43926).to_bytes(4, "big"), "crc32c": (0xE3069283).to_bytes(4, "big"),
        "crc64nvme": (0xAE8B14860A799888).to_bytes(8, "big"),
        "sha1": hashlib.sha1(NINE).digest(), "sha256": hashlib.sha256(NINE).digest()}

    def setUp(self):
        self.name = self.bucket()

    def put(self, name, digest, body=NINE, key="k"):
        value = base64.b64encode(digest).decode()
        return send(self.server, "PUT", f"/{self.name}/{key}", headers={f"x-amz-checksum-{name}": value}, body=body)

    def test_each_algorithm_is_checked_kept_and_returned(self):
        for name, digest in self.KNOWN.items():
            self.assertEqual(self.put(name, digest).status, 200, name)
            header = f"x-amz-checksum-{name}"
            value = base64.b64encode(digest).decode()
            for method in ("GET", "HEAD"):
                asked = send(self.server, method, f"/{self.name}/k", headers={"x-amz-checksum-mode": "ENABLED"})
                self.assertEqual(asked.headers.get(header), value, (name, method))
                plain = send(self.server, method, f"/{self.name}/k")
                self.assertNotIn(header, plain.headers)
            ranged = send(self.server, "GET", f"/{self.name}/k",
                          headers={"x-amz-checksum-mode": "ENABLED", "range": "bytes=1-3"})
            self.assertNotIn(header, ranged.headers)

    def test_a_wrong_checksum_stores_nothing(self):
        for name, digest in self.KNOWN.items():
            answer = self.put(name, digest, body=b"123456780", key="wrong")
            self.assertEqual((answer.status, answer.code), (400, "BadDigest"), name)
            answer = self.put(name, digest[:-1], key="wrong")
            self.assertEqual((answer.status, answer.code), (400, "InvalidRequest"), name)
        self.assertEqual(send(self.server, "GET", f"/{self.name}/wrong").status, 404)

    def test_two_checksums_in_one_request_are_refused(self):
        headers = {f"x-amz-checksum-{n}": base64.b64encode(self.KNOWN[n]).decode() for n in ("crc32", "sha1")}
        answer = send(self.server, "PUT", f"/{self.name}/k", headers=headers, body=self.NINE)
        self.assertEqual((answer.status, answer.code), (400, "InvalidRequest"))

    def test_without_a_checksum_the_server_keeps_crc64nvme(self):
        send(self.server, "PUT", f"/{self.name}/k", body=self.NINE)
        answer = send(self.server, "HEAD", f"/{self.name}/k", headers={"x-amz-checksum-mode": "ENABLED"})
        self.assertEqual(answer.headers.get("x-amz-checksum-crc64nvme"),
                         base64.b64encode(self.KNOWN["crc64nvme"]).decode())

    def test_content_md5(self):
        good = base64.b64encode(hashlib.md5(self.NINE).digest()).decode()
        bad = base64.b64encode(hashlib.md5(b"x").digest()).decode()
        for value, expected in ((good, (200, "")), (bad, (400, "BadDigest")), ("nonsense", (400, "InvalidDigest")),
                                (good[:8], (400, "InvalidDigest"))):
            answer = send(self.server, "PUT", f"/{self.name}/m", headers={"content-md5": value}, body=self.NINE)
            self.assertEqual((answer.status, answer.code), expected, value)

    def test_boto3_sends_and_verifies_checksums(self):
        body = random_bytes(300 * KIB, 11)
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            sent = self.s3.put_object(Bucket=self.name, Key="b", Body=body, ChecksumAlgorithm=algorithm)
            got = self.s3.get_object(Bucket=self.name, Key="b", ChecksumMode="ENABLED")
            self.assertEqual(got["Body"].read(), body)
            self.assertEqual(got[f"Checksum{algorithm}"], sent[f"Checksum{algorithm}"])
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        self.s3.put_object(Bucket=self.name, Key="b", Body=body, ChecksumCRC32=crc)
        got = self.s3.copy_object(Bucket=self.name, Key="c", CopySource=f"{self.name}/b", ChecksumAlgorithm="SHA256")
        self.assertEqual(got["CopyObjectResult"]["ChecksumSHA256"],
                         base64.b64encode(hashlib.sha256(body).digest()).decode())


class ExpressTest(ServerTest):
    """What S3 Express has and general buckets lack: append and rename."""

    def setUp(self):
        self.name = self.bucket()

    def append(self, body, offset, key="log"):
        headers = {"x-amz-write-offset-bytes": str(offset)}
        return send(self.server, "PUT", f"/{self.name}/{key}", headers=headers, body=body)

    def rename(self, source, key, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(self.server, "PUT", f"/{self.name}/{key}", [("renameObject", "")],
                    {"x-amz-rename-source": source, **headers})

    def read(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def test_appends_grow_an_object(self):
        whole = b""
        for number, size in enumerate((10, 70 * KIB, 1, 300 * KIB, 5)):
            body = random_bytes(size, number)
            answer = self.append(body, len(whole))
            self.assertEqual(answer.status, 200, answer)
            whole += body
            self.assertEqual(self.read("log"), whole)
        self.assertEqual(self.s3.head_object(Bucket=self.name, Key="log")["ContentLength"], len(whole))

    def test_a_wrong_offset_is_refused(self):
        self.append(b"abc", 0)
        for offset in (0, 2, 4, 1 << 60):
            answer = self.append(b"x", offset)
            self.assertEqual((answer.status, answer.code), (400, "InvalidWriteOffset"), offset)
        self.assertEqual(self.append(b"x", -1).status, 400)
        self.assertEqual(self.read("log"), b"abc")

    def test_rename_moves_an_object(self):
        body = random_bytes(100 * KIB, 4)
        self.s3.put_object(Bucket=self.name, Key="old name", Body=body, Metadata={"m": "1"})
        self.assertEqual(self.rename("old%20name", "dir/new").status, 200)
        got = self.s3.get_object(Bucket=self.name, Key="dir/new")
        self.assertEqual((got["Body"].read(), got["Metadata"]), (body, {"m": "1"}))
        with self.fails("NoSuchKey", 404):
            self.read("old name")
        self.assertEqual(self.rename(f"/{self.name}/dir/new", "third").status, 200)
        self.assertEqual(self.read("third"), body)

    def test_rename_keeps_its_conditions(self):
        self.s3.put_object(Bucket=self.name, Key="a", Body=b"a")
        self.s3.put_object(Bucket=self.name, Key="b", Body=b"b")
        self.assertEqual(self.rename("a", "b", If_None_Match="*").status, 412)
        self.assertEqual(self.rename("a", "b", x_amz_rename_source_if_match='"other"').status, 412)
        self.assertEqual(self.rename("none", "c").status, 404)
        self.assertEqual((self.read("a"), self.read("b")), (b"a", b"b"))
        self.assertEqual(self.rename("a", "b").status, 200)
        self.assertEqual(self.read("b"), b"a")

    def test_rename_moves_a_prefix_whole(self):
        keys = [f"src/{n % 7}/{n}" for n in range(60)]
        for key in keys:
            self.s3.put_object(Bucket=self.name, Key=key, Body=key.encode())
        self.assertEqual(self.rename("src/", "deep/dst/").status, 200)
        listed = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.name)["Contents"]]
        moved = sorted("deep/dst" + key[3:] for key in keys)
        self.assertEqual(listed, moved)
        self.assertEqual(self.read("deep/dst/3/17"), b"src/3/17")
        answer = self.rename("deep/", "deep/dst/inside/")
        self.assertTrue(400 <= answer.status < 500, answer)


if __name__ == "__main__":
    main()
