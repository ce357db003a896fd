"""Multipart uploads through boto3: parts, copies of parts, listings, completion and its conditions, abort."""

import base64
import concurrent.futures
import hashlib
import io
import random
import zlib

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from harness import MIB, ServerTest, extra_headers, main, random_bytes
from signing import send

PART = 5 * MIB


def multipart_etag(parts):
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'


class MultipartTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()

    def create(self, key="m", **options):
        return self.s3.create_multipart_upload(Bucket=self.name, Key=key, **options)["UploadId"]

    def upload(self, upload, number, body, key="m", **options):
        answer = self.s3.upload_part(Bucket=self.name, Key=key, UploadId=upload, PartNumber=number, Body=body,
                                     **options)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def complete(self, upload, parts, key="m", **options):
        return self.s3.complete_multipart_upload(Bucket=self.name, Key=key, UploadId=upload,
                                                 MultipartUpload={"Parts": parts}, **options)

    def read(self, key="m", **options):
        return self.s3.get_object(Bucket=self.name, Key=key, **options)["Body"].read()

    def test_parts_become_one_object(self):
        bodies = [random_bytes(PART, 1), random_bytes(PART + 12345, 2), random_bytes(77, 3)]
        upload = self.create(Metadata={"m": "1"}, ContentType="text/m", Tagging="t=1")
        parts = [self.upload(upload, n, body) for n, body in ((3, bodies[0]), (7, bodies[1]), (9, bodies[2]))]
        with self.fails("NoSuchKey", 404):
            self.read()
        answer = self.complete(upload, parts)
        self.assertEqual(answer["ETag"], multipart_etag(bodies))
        got = self.s3.get_object(Bucket=self.name, Key="m")
        self.assertEqual(got["Body"].read(), b"".join(bodies))
        self.assertEqual((got["Metadata"], got["ContentType"], got["TagCount"], got["ETag"]),
                         ({"m": "1"}, "text/m", 1, answer["ETag"]))
        start = PART - 10
        self.assertEqual(self.read(Range=f"bytes={start}-{start + 19}"), b"".join(bodies)[start:start + 20])

    def test_a_retried_completion_succeeds_and_a_late_part_does_not(self):
        upload = self.create()
        part = self.upload(upload, 1, b"only")
        first = self.complete(upload, [part])
        again = self.complete(upload, [part])
        self.assertEqual(first["ETag"], again["ETag"])
        with self.fails("NoSuchUpload", 404):
            self.upload(upload, 2, b"late")

    def test_a_part_uploaded_again_replaces_the_first(self):
        upload = self.create()
        old = self.upload(upload, 1, b"old")
        new = self.upload(upload, 1, b"new")
        with self.fails("InvalidPart", 400):
            self.complete(upload, [old])
        self.complete(upload, [new])
        self.assertEqual(self.read(), b"new")

    def test_bad_completions_are_refused_and_the_upload_lives_on(self):
        upload = self.create()
        small, last = self.upload(upload, 1, b"small"), self.upload(upload, 2, b"last")
        with self.fails("EntityTooSmall", 400):
            self.complete(upload, [small, last])
        with self.fails("InvalidPartOrder", 400):
            self.complete(upload, [last, small])
        with self.fails("InvalidPartOrder", 400):
            self.complete(upload, [small, small])
        with self.fails("InvalidPart", 400):
            self.complete(upload, [{"PartNumber": 5, "ETag": small["ETag"]}])
        with self.fails("InvalidPart", 400):
            self.complete(upload, [{"PartNumber": 1, "ETag": '"d41d8cd98f00b204e9800998ecf8427e"'}])
        for body in (b"", b"<CompleteMultipartUpload/>", b"<CompleteMultipartUpload><Part>"):
            answer = send(self.server, "POST", f"/{self.name}/m", [("uploadId", upload)], body=body)
            self.assertEqual((answer.status, answer.code), (400, "MalformedXML"), body)
        self.complete(upload, [last])
        self.assertEqual(self.read(), b"last")

    def test_part_numbers_and_uploads_that_do_not_exist(self):
        upload = self.create()
        for number in ("0", "10001", "-1", "x", ""):
            pairs = [("partNumber", number), ("uploadId", upload)]
            answer = send(self.server, "PUT", f"/{self.name}/m", pairs, body=b"x")
            self.assertEqual((answer.status, answer.code), (400, "InvalidArgument"), number)
        self.upload(upload, 10000, b"x")
        for bad in ("none", "../../x", "A" * 2000, upload[:-1], upload + "0"):
            with self.fails("NoSuchUpload", 404):
                self.upload(bad, 1, b"x")
            with self.fails("NoSuchUpload", 404):
                self.s3.abort_multipart_upload(Bucket=self.name, Key="m", UploadId=bad)
        with self.fails("NoSuchUpload", 404):
            self.s3.list_parts(Bucket=self.name, Key="other-key", UploadId=upload)

    def test_abort_forgets_everything(self):
        upload = self.create()
        self.upload(upload, 1, random_bytes(PART, 4))
        self.s3.abort_multipart_upload(Bucket=self.name, Key="m", UploadId=upload)
        with self.fails("NoSuchUpload", 404):
            self.s3.list_parts(Bucket=self.name, Key="m", UploadId=upload)
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket=self.name))

    def test_parts_are_listed_in_pages(self):
        upload = self.create()
        for number in (1, 2, 3, 500, 9999):
            self.upload(upload, number, b"%d" % number)
        found, marker = [], 0
        while True:
            page = self.s3.list_parts(Bucket=self.name, Key="m", UploadId=upload, MaxParts=2, PartNumberMarker=marker)
            found += [(part["PartNumber"], part["Size"], part["ETag"]) for part in page["Parts"]]
            if not page["IsTruncated"]:
                break
            marker = page["NextPartNumberMarker"]
        self.assertEqual(found, [(n, len(str(n)), '"%s"' % hashlib.md5(b"%d" % n).hexdigest())
                                 for n in (1, 2, 3, 500, 9999)])

    def test_uploads_are_listed_in_pages_with_prefix_and_delimiter(self):
        keys = ["a", "a", "b/1", "b/2", "c", "d/x"]
        made = sorted((key, self.create(key)) for key in keys)
        found, markers = [], {}
        while True:
            page = self.s3.list_multipart_uploads(Bucket=self.name, MaxUploads=2, **markers)
            found += [(entry["Key"], entry["UploadId"]) for entry in page.get("Uploads", [])]
            if not page["IsTruncated"]:
                break
            markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
        self.assertEqual(sorted(found), made)
        self.assertEqual([key for key, _ in found], [key for key, _ in made])
        page = self.s3.list_multipart_uploads(Bucket=self.name, Delimiter="/")
        self.assertEqual([entry["Key"] for entry in page["Uploads"]], ["a", "a", "c"])
        self.assertEqual([entry["Prefix"] for entry in page["CommonPrefixes"]], ["b/", "d/"])
        page = self.s3.list_multipart_uploads(Bucket=self.name, Prefix="b/")
        self.assertEqual([entry["Key"] for entry in page["Uploads"]], ["b/1", "b/2"])

    def test_parts_copied_from_objects(self):
        body = random_bytes(2 * PART, 6)
        self.s3.put_object(Bucket=self.name, Key="src", Body=body)
        source = f"{self.name}/src"
        upload = self.create()

        def copy(number, **options):
            return self.s3.upload_part_copy(Bucket=self.name, Key="m", UploadId=upload, PartNumber=number,
                                            CopySource=source, **options)["CopyPartResult"]["ETag"]
        etags = [copy(1, CopySourceRange=f"bytes=0-{PART - 1}"), copy(2, CopySourceRange=f"bytes={PART}-{PART + 99}"),
                 copy(3)]
        self.assertEqual(etags[1], '"%s"' % hashlib.md5(body[PART:PART + 100]).hexdigest())
        for bad in ("bytes=0-99999999999", "bytes=5-1", "bytes=-5", "0-5", f"bytes={2 * PART}-"):
            with self.assertRaises(ClientError) as caught:
                copy(4, CopySourceRange=bad)
            self.assertIn(caught.exception.response["Error"]["Code"], ("InvalidArgument", "InvalidRange"), bad)
        with self.fails("PreconditionFailed", 412):
            copy(4, CopySourceIfMatch='"other"')
        self.complete(upload, [{"PartNumber": 1, "ETag": etags[0]}, {"PartNumber": 3, "ETag": etags[2]}])
        self.assertEqual(self.read(), body[:PART] + body)

    def test_part_numbers_read_one_part(self):
        bodies = [random_bytes(PART, 1), b"second"]
        upload = self.create()
        self.complete(upload, [self.upload(upload, n + 1, body) for n, body in enumerate(bodies)])
        got = self.s3.get_object(Bucket=self.name, Key="m", PartNumber=2)
        self.assertEqual((got["Body"].read(), got["PartsCount"]), (b"second", 2))
        self.assertEqual(got["ContentRange"], f"bytes {PART}-{PART + 5}/{PART + 6}")
        head = self.s3.head_object(Bucket=self.name, Key="m", PartNumber=1)
        self.assertEqual((head["ContentLength"], head["PartsCount"]), (PART, 2))
        with self.fails("416", 416):
            self.s3.head_object(Bucket=self.name, Key="m", PartNumber=3)
        with self.fails("InvalidRequest", 400):
            self.s3.get_object(Bucket=self.name, Key="m", PartNumber=1, Range="bytes=0-1")

    def test_attributes_list_the_parts(self):
        bodies = [random_bytes(PART, 1), random_bytes(PART, 2), b"x"]
        upload = self.create(ChecksumAlgorithm="SHA256")
        parts = []
        for number, body in enumerate(bodies, 1):
            answer = self.s3.upload_part(Bucket=self.name, Key="m", UploadId=upload, PartNumber=number, Body=body,
                                         ChecksumAlgorithm="SHA256")
            parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]})
        done = self.complete(upload, parts)
        digests = [hashlib.sha256(body).digest() for body in bodies]
        composite = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode() + "-3"
        self.assertEqual(done["ChecksumSHA256"], composite)
        got = self.s3.get_object_attributes(Bucket=self.name, Key="m", MaxParts=2,
                                            ObjectAttributes=["ObjectParts", "Checksum", "ETag"])
        self.assertEqual(got["ETag"], multipart_etag(bodies).strip('"'))
        self.assertEqual((got["ObjectParts"]["TotalPartsCount"], got["ObjectParts"]["IsTruncated"]), (3, True))
        self.assertEqual([(p["PartNumber"], p["Size"], p["ChecksumSHA256"]) for p in got["ObjectParts"]["Parts"]],
                         [(n, PART, base64.b64encode(digests[n - 1]).decode()) for n in (1, 2)])

    def test_full_object_checksums(self):
        bodies = [random_bytes(PART, 1), b"tail"]
        whole = b"".join(bodies)
        with extra_headers(self.s3, "CreateMultipartUpload", x_amz_checksum_algorithm="CRC32",
                           x_amz_checksum_type="FULL_OBJECT"):
            upload = self.create()
        parts = [self.upload(upload, n + 1, body, ChecksumAlgorithm="CRC32") for n, body in enumerate(bodies)]
        wrong = base64.b64encode(b"\0\0\0\1").decode()
        right = base64.b64encode(zlib.crc32(whole).to_bytes(4, "big")).decode()
        with extra_headers(self.s3, "CompleteMultipartUpload", x_amz_checksum_type="FULL_OBJECT",
                           x_amz_checksum_crc32=wrong), self.fails("BadDigest", 400):
            self.complete(upload, parts)
        with extra_headers(self.s3, "CompleteMultipartUpload", x_amz_checksum_type="FULL_OBJECT",
                           x_amz_checksum_crc32=right, x_amz_mp_object_size=str(len(whole))):
            self.complete(upload, parts)
        answer = send(self.server, "HEAD", f"/{self.name}/m", headers={"x-amz-checksum-mode": "ENABLED"})
        self.assertEqual((answer.headers.get("x-amz-checksum-crc32"), answer.headers.get("x-amz-checksum-type")),
                         (right, "FULL_OBJECT"))

    def test_a_wrong_object_size_is_refused(self):
        upload = self.create()
        part = self.upload(upload, 1, b"four")
        with extra_headers(self.s3, "CompleteMultipartUpload", x_amz_mp_object_size="5"):
            with self.fails("InvalidRequest", 400):
                self.complete(upload, [part])

    def test_conditions_on_completion(self):
        first = self.create()
        part = self.upload(first, 1, b"first")
        second = self.create()
        other = self.upload(second, 1, b"second")
        with extra_headers(self.s3, "CompleteMultipartUpload", If_None_Match="*"):
            etag = self.complete(first, [part])["ETag"]
            with self.fails("PreconditionFailed", 412):
                self.complete(second, [other])
        with extra_headers(self.s3, "CompleteMultipartUpload", If_Match=etag):
            self.complete(second, [other])
        self.assertEqual(self.read(), b"second")

    def test_the_transfer_manager_uploads_in_parallel(self):
        body = random_bytes(37 * MIB + 11, 8)
        config = TransferConfig(multipart_threshold=MIB, multipart_chunksize=PART, max_concurrency=8)
        self.s3.upload_fileobj(io.BytesIO(body), self.name, "big", Config=config)
        sink = io.BytesIO()
        self.s3.download_fileobj(self.name, "big", sink, Config=config)
        self.assertEqual(sink.getvalue(), body)
        self.s3.copy({"Bucket": self.name, "Key": "big"}, self.name, "copy", Config=config)
        self.assertEqual(hashlib.sha256(self.read("copy")).digest(), hashlib.sha256(body).digest())

    def test_completions_race_with_uploads_and_aborts(self):
        for round_number in range(6):
            upload = self.create()
            part = self.upload(upload, 1, b"x" * 1000)
            acts = [lambda: self.complete(upload, [part]), lambda: self.upload(upload, 2, b"y"),
                    lambda: self.s3.abort_multipart_upload(Bucket=self.name, Key="m", UploadId=upload)]
            random.Random(round_number).shuffle(acts)
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                for future in [pool.submit(act) for act in acts]:
                    error = future.exception()
                    if error is not None:
                        self.assertIn(error.response["Error"]["Code"], ("NoSuchUpload", "OperationAborted"))
            self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket=self.name))


if __name__ == "__main__":
    main()
