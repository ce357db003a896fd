"""Listing, versions 1 and 2, against the definition of a listing worked out in plain Python."""

import datetime
import hashlib
import random

from harness import ServerTest, main
from signing import send


class ListingTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = "listing-bucket"
        cls.s3.create_bucket(Bucket=cls.name)
        chance = random.Random(7)
        parts = ["a", "b", "aa", "a-b", "a.b", "z", "é", "0", "A", "dir", "x y", "+"]
        cls.keys = sorted({chance.choice(["/", "//", "-", "", "/"]).join(
            chance.choice(parts) for _ in range(chance.randint(1, 4))) for _ in range(400)} |
            {"dir/", "dir/a", "dir0", "dir-", "b/", "b"}, key=str.encode)
        for key in cls.keys:
            cls.s3.put_object(Bucket=cls.name, Key=key, Body=b"")

    @staticmethod
    def model(keys, prefix="", delimiter="", after=""):
        """The listing as S3 defines it: (kind, name) in order, common prefixes rolled up."""
        out = []
        for key in keys:
            if not key.startswith(prefix) or key.encode() <= after.encode():
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            item = ("key", key) if cut < 0 else ("prefix", key[:cut + len(delimiter)])
            if item[0] == "prefix" and item[1].encode() <= after.encode():
                continue
            if not out or out[-1] != item:
                out.append(item)
        return out

    @staticmethod
    def items(page):
        found = [("key", entry["Key"]) for entry in page.get("Contents", [])]
        found += [("prefix", entry["Prefix"]) for entry in page.get("CommonPrefixes", [])]
        return sorted(found, key=lambda item: item[1].encode())

    def walk_v2(self, limit, **options):
        found, token = [], {}
        while True:
            page = self.s3.list_objects_v2(Bucket=self.name, MaxKeys=limit, **options, **token)
            got = self.items(page)
            self.assertEqual(page["KeyCount"], len(got))
            self.assertLessEqual(len(got), limit)
            found += got
            if not page["IsTruncated"]:
                self.assertNotIn("NextContinuationToken", page)
                return found
            self.assertEqual(len(got), limit)
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def walk_v1(self, limit, **options):
        found, marker = [], {}
        while True:
            page = self.s3.list_objects(Bucket=self.name, MaxKeys=limit, **options, **marker)
            got = self.items(page)
            found += got
            if not page["IsTruncated"]:
                return found
            self.assertEqual(len(got), limit)
            self.assertEqual("NextMarker" in page, "Delimiter" in options)
            marker = {"Marker": page.get("NextMarker") or got[-1][1]}
            self.assertEqual(marker["Marker"], got[-1][1])

    def test_every_page_size_gives_the_same_listing(self):
        cases = [("", ""), ("", "/"), ("a", "/"), ("dir/", "/"), ("dir", "/"), ("", "a"), ("", "//"), ("b", "-"),
                 ("none", "/"), ("a/", ""), ("", "é")]
        for prefix, delimiter in cases:
            options = {name: value for name, value in (("Prefix", prefix), ("Delimiter", delimiter)) if value}
            expected = self.model(self.keys, prefix, delimiter)
            for limit in (1, 2, 7, max(1, len(expected) - 1), len(expected) or 1, len(expected) + 1, 1000):
                if len(expected) / limit > 120:
                    continue
                self.assertEqual(self.walk_v2(limit, **options), expected, (prefix, delimiter, limit))
                self.assertEqual(self.walk_v1(limit, **options), expected, (prefix, delimiter, limit))

    def test_start_after(self):
        for after in (self.keys[0], self.keys[100], self.keys[-1], "dir", "dir/", "zzz", "a/~"):
            for delimiter in ("", "/"):
                options = {"Delimiter": delimiter} if delimiter else {}
                self.assertEqual(self.walk_v2(50, StartAfter=after, **options),
                                 self.model(self.keys, "", delimiter, after), (after, delimiter))

    def test_max_keys_at_its_ends(self):
        page = self.s3.list_objects_v2(Bucket=self.name, MaxKeys=0)
        self.assertEqual((page["KeyCount"], page["IsTruncated"], page.get("Contents")), (0, False, None))
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.name, MaxKeys=5000)["MaxKeys"], 1000)
        for bad in ("-1", "x", "99999999999999999999"):
            answer = send(self.server, "GET", f"/{self.name}", [("list-type", "2"), ("max-keys", bad)])
            self.assertEqual((answer.status, answer.code), (400, "InvalidArgument"), bad)

    def test_bad_tokens_and_encodings_are_refused(self):
        for pairs in ([("list-type", "2"), ("continuation-token", "nonsense")], [("encoding-type", "rot13")],
                      [("list-type", "2"), ("continuation-token", "")]):
            answer = send(self.server, "GET", f"/{self.name}", pairs)
            self.assertEqual((answer.status, answer.code), (400, "InvalidArgument"), pairs)

    def test_fields_of_an_entry(self):
        body = b"hello"
        self.s3.put_object(Bucket=self.name, Key="dir/field", Body=body)
        self.addCleanup(self.s3.delete_object, Bucket=self.name, Key="dir/field")
        entry = self.s3.list_objects_v2(Bucket=self.name, Prefix="dir/field", FetchOwner=True)["Contents"][0]
        self.assertEqual((entry["Size"], entry["ETag"], entry["StorageClass"]),
                         (5, '"%s"' % hashlib.md5(body).hexdigest(), "STANDARD"))
        self.assertTrue(entry["Owner"]["ID"])
        self.assertNotIn("Owner", self.s3.list_objects_v2(Bucket=self.name, Prefix="dir/field")["Contents"][0])
        age = datetime.datetime.now(datetime.timezone.utc) - entry["LastModified"]
        self.assertLess(abs(age.total_seconds()), 60)

    def test_url_encoding_covers_all_names(self):
        answer = send(self.server, "GET", f"/{self.name}",
                      [("encoding-type", "url"), ("prefix", "x y"), ("delimiter", "+")])
        self.assertIn(b"<EncodingType>url</EncodingType>", answer.body)
        self.assertNotIn(b"<Key>x y", answer.body)
        self.assertTrue(b"x+y" in answer.body or b"x%20y" in answer.body, answer.body)


if __name__ == "__main__":
    main()
