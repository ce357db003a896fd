"""A large object in parts and in one piece, with the server's memory watched: buffers stay bounded."""

import concurrent.futures
import hashlib
import io
import os
import random

from boto3.s3.transfer import TransferConfig

from harness import GIB, MIB, ServerTest, main

SIZE = int(float(os.environ.get("TP_E2E_LARGE_GIB", "2")) * GIB)
PART = 16 * MIB
BUFFER_LIMIT_KIB = 256 * 1024  # what a 100 GiB upload may need, by the issue


class Made(io.RawIOBase):
    """A stream of `size` bytes, computed and not stored: block n is a fixed megabyte with n stamped over its start."""

    BLOCK = random.Random(42).randbytes(MIB)

    def __init__(self, size, start=0):
        super().__init__()
        self.size, self.start, self.at = size, start, 0

    @classmethod
    def bytes_at(cls, start, end):
        out = []
        for block in range(start // MIB, (end + MIB - 1) // MIB):
            stamped = block.to_bytes(16, "big") + cls.BLOCK[16:]
            out.append(stamped[max(0, start - block * MIB):min(MIB, end - block * MIB)])
        return b"".join(out)

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        self.at = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence] + offset
        return self.at

    def tell(self):
        return self.at

    def read(self, size=-1):
        end = self.size if size is None or size < 0 else min(self.size, self.at + size)
        data = self.bytes_at(self.start + self.at, self.start + end)
        self.at = end
        return data

    def readinto(self, buffer):
        data = self.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)


class LargeTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()
        self.rest_kib = self.server.status_kib("VmRSS")

    def assert_bounded(self, what):
        grown = self.server.status_kib("VmHWM") - self.rest_kib
        print(f"{what}: peak memory grew by {grown // 1024} MiB", flush=True)
        self.assertLess(grown, BUFFER_LIMIT_KIB + 128 * 1024)  # buffers and, besides, the read cache at its start

    def read_back(self, key):
        """SHA-256 of the whole object, streamed."""
        digest = hashlib.sha256()
        for block in self.s3.get_object(Bucket=self.name, Key=key)["Body"].iter_chunks(MIB):
            digest.update(block)
        return digest.hexdigest()

    @staticmethod
    def wanted_digest(size):
        digest = hashlib.sha256()
        for start in range(0, size, MIB):
            digest.update(Made.bytes_at(start, min(size, start + MIB)))
        return digest.hexdigest()

    def test_multipart_of_many_parts(self):
        upload = self.s3.create_multipart_upload(Bucket=self.name, Key="big")["UploadId"]

        def part(number):
            start = (number - 1) * PART
            body = Made.bytes_at(start, min(SIZE, start + PART))
            answer = self.s3.upload_part(Bucket=self.name, Key="big", UploadId=upload, PartNumber=number, Body=body)
            return {"PartNumber": number, "ETag": answer["ETag"]}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(part, range(1, (SIZE + PART - 1) // PART + 1)))
        self.s3.complete_multipart_upload(Bucket=self.name, Key="big", UploadId=upload,
                                          MultipartUpload={"Parts": parts})
        self.assertEqual(self.s3.head_object(Bucket=self.name, Key="big")["ContentLength"], SIZE)
        self.ranged_reads()
        self.assertEqual(self.read_back("big"), self.wanted_digest(SIZE))
        self.assert_bounded(f"{SIZE // MIB} MiB in parts")

    def ranged_reads(self):
        chance = random.Random(1)
        for _ in range(200):
            start = chance.randrange(SIZE)
            end = min(SIZE, start + chance.choice((1, 100, 64 << 10, 3 * MIB)))
            got = self.s3.get_object(Bucket=self.name, Key="big", Range=f"bytes={start}-{end - 1}")["Body"].read()
            self.assertEqual(got, Made.bytes_at(start, end), (start, end))
        tail = self.s3.get_object(Bucket=self.name, Key="big", Range="bytes=-1000")["Body"].read()
        self.assertEqual(tail, Made.bytes_at(SIZE - 1000, SIZE))

    def test_one_put_of_many_blobs(self):
        size = min(SIZE // 2, GIB) + 12345
        self.s3.put_object(Bucket=self.name, Key="one", Body=Made(size), ContentLength=size)
        self.assertEqual(self.read_back("one"), self.wanted_digest(size))
        self.assert_bounded(f"{size // MIB} MiB in one piece")

    def test_many_readers_that_stop_reading_cost_little(self):
        size = 256 * MIB
        config = TransferConfig(multipart_chunksize=PART, max_concurrency=4)
        self.s3.upload_fileobj(Made(size), self.name, "slow", Config=config)
        bodies = [self.server.client(max_pool_connections=1).get_object(Bucket=self.name, Key="slow")["Body"]
                  for _ in range(32)]
        for body in bodies:
            self.assertEqual(len(body.read(1000)), 1000)
        self.assert_bounded("32 readers that stopped")
        for body in bodies:
            body.close()
        self.assertEqual(self.read_back("slow"), self.wanted_digest(size))


if __name__ == "__main__":
    main()
