"""Buckets through boto3: names, owners, locations, tags, CORS, ACLs between users, paging, and what is not built."""

import time

from harness import ServerTest, main
from signing import exchange, send

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


class BucketTest(ServerTest):
    def test_names_follow_the_rules(self):
        for good in ("abc", "a-b.c-9", "0" * 63, "my.bucket.name"):
            self.s3.create_bucket(Bucket=good)
            self.s3.head_bucket(Bucket=good)
            self.s3.delete_bucket(Bucket=good)
        for bad in ("ab", "x" * 64, "Upper", "under_score", "-lead", "trail-", "two..dots", "192.168.5.4", "dot-.x",
                    "xn--abc", "a-s3alias", "sp ace", "sthree-x", ".lead", "a%2fb", "ü" * 5):
            answer = send(self.server, "PUT", f"/{bad}")
            self.assertEqual((answer.status, answer.code), (400, "InvalidBucketName"), bad)

    def test_head_and_delete(self):
        name = self.bucket()
        self.assertEqual(self.s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.s3.put_object(Bucket=name, Key="k", Body=b"")
        with self.fails("BucketNotEmpty", 409):
            self.s3.delete_bucket(Bucket=name)
        self.s3.delete_object(Bucket=name, Key="k")
        self.s3.delete_bucket(Bucket=name)
        with self.fails("404", 404):
            self.s3.head_bucket(Bucket=name)
        with self.fails("NoSuchBucket", 404):
            self.s3.delete_bucket(Bucket=name)

    def test_a_bucket_with_an_open_upload_can_go(self):
        name = self.bucket()
        self.s3.create_multipart_upload(Bucket=name, Key="k")
        self.s3.delete_bucket(Bucket=name)

    def test_location(self):
        self.assertIsNone(self.s3.get_bucket_location(Bucket=self.bucket())["LocationConstraint"])
        answer = send(self.server, "PUT", "/bad-location", body=b"<CreateBucketConfiguration><LocationConstraint>"
                      b"no where!</LocationConstraint></CreateBucketConfiguration>")
        self.assertEqual(answer.status, 400, answer)
        answer = send(self.server, "PUT", "/bad-xml", body=b"<CreateBucketConfiguration><Loc")
        self.assertEqual((answer.status, answer.code), (400, "MalformedXML"))

    def test_the_list_is_ordered_paged_and_filtered(self):
        names = sorted(f"list-{n:02}" for n in range(7))
        for name in reversed(names):
            self.s3.create_bucket(Bucket=name)
            self.addCleanup(self.s3.delete_bucket, Bucket=name)
        answer = self.s3.list_buckets()
        listed = [entry["Name"] for entry in answer["Buckets"]]
        self.assertEqual(listed, sorted(listed))
        self.assertLessEqual(set(names), set(listed))
        self.assertTrue(answer["Owner"]["ID"])
        found, token = [], None
        while True:
            pairs = [("max-buckets", "3"), ("prefix", "list-")] + ([("continuation-token", token)] if token else [])
            page = send(self.server, "GET", "/", pairs)
            self.assertEqual(page.status, 200, page)
            got = [part.split(b"</Name>")[0].decode() for part in page.body.split(b"<Name>")[1:]]
            self.assertLessEqual(len(got), 3)
            found += got
            if b"<ContinuationToken>" not in page.body:
                break
            token = page.body.split(b"<ContinuationToken>")[1].split(b"</ContinuationToken>")[0].decode()
        self.assertEqual(found, names)

    def test_tags(self):
        name = self.bucket()
        with self.fails("NoSuchTagSet", 404):
            self.s3.get_bucket_tagging(Bucket=name)
        tags = [{"Key": "team", "Value": "ä ö"}, {"Key": "x", "Value": ""}]
        self.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        self.assertEqual(self.s3.get_bucket_tagging(Bucket=name)["TagSet"], tags)
        with self.fails("InvalidTag", 400):
            self.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [tags[0], tags[0]]})
        self.s3.delete_bucket_tagging(Bucket=name)
        with self.fails("NoSuchTagSet", 404):
            self.s3.get_bucket_tagging(Bucket=name)

    def test_what_is_not_built_says_so(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="k", Body=b"x")
        calls = {
            "replication": b"<ReplicationConfiguration/>",
            "notification": b"<NotificationConfiguration/>", "website": b"<WebsiteConfiguration/>",
            "logging": b"<BucketLoggingStatus/>", "accelerate": b"<AccelerateConfiguration/>",
            "requestPayment": b"<RequestPaymentConfiguration/>", "encryption": b"<X/>",
            "inventory": b"<X/>", "metrics": b"<X/>", "analytics": b"<X/>", "intelligent-tiering": b"<X/>"}
        for what, body in calls.items():
            answer = send(self.server, "PUT", f"/{name}", [(what, "")], body=body)
            self.assertEqual((answer.status, answer.code), (501, "NotImplemented"), what)
        for what in ("torrent", "legal-hold", "retention"):
            answer = send(self.server, "GET", f"/{name}/k", [(what, "")])
            self.assertIn(answer.status, (400, 404, 405, 501), what)
            self.assertTrue(answer.code, answer)
        for headers in ({"x-amz-server-side-encryption": "aws:kms"}, {"x-amz-object-lock-mode": "GOVERNANCE"},
                        {"x-amz-server-side-encryption-customer-algorithm": "AES256"}):
            answer = send(self.server, "PUT", f"/{name}/enc", headers=headers, body=b"x")
            self.assertGreaterEqual(answer.status, 400, headers)
        self.assertEqual(send(self.server, "GET", f"/{name}/enc").status, 404)

    def test_methods_that_make_no_sense_are_refused(self):
        name = self.bucket()
        for method, path in (("POST", "/"), ("PUT", "/"), ("DELETE", "/"), ("PATCH", f"/{name}/k"),
                             ("BREW", f"/{name}")):
            answer = send(self.server, method, path)
            self.assertIn(answer.status, (400, 403, 405, 501), (method, path, answer))


class UserTest(ServerTest):
    """Two users besides root: each owns its buckets, and ACLs share them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice_keys = cls.server.add_user("alice")
        cls.bob_keys = cls.server.add_user("bob")
        cls.alice, cls.bob = cls.server.client(cls.alice_keys), cls.server.client(cls.bob_keys)
        cls.anyone = cls.server.client(None)
        wait_for_keys(cls.alice, cls.bob)
        cls.alice_id = cls.alice.list_buckets()["Owner"]["ID"]
        cls.bob_id = cls.bob.list_buckets()["Owner"]["ID"]

    def shared(self, **options):
        return self.bucket(self.alice, ObjectOwnership="ObjectWriter", **options)

    def test_each_user_sees_its_own_buckets(self):
        self.assertEqual(len({self.alice_id, self.bob_id}), 2)
        name = self.bucket(self.alice)
        self.assertIn(name, [entry["Name"] for entry in self.alice.list_buckets()["Buckets"]])
        self.assertNotIn(name, [entry["Name"] for entry in self.bob.list_buckets()["Buckets"]])
        with self.fails("BucketAlreadyExists", 409):
            self.bob.create_bucket(Bucket=name)

    def test_a_private_bucket_is_private(self):
        name = self.bucket(self.alice)
        self.alice.put_object(Bucket=name, Key="k", Body=b"x")
        for other in (self.bob, self.anyone):
            for call in (lambda: other.get_object(Bucket=name, Key="k"), lambda: other.list_objects_v2(Bucket=name),
                         lambda: other.put_object(Bucket=name, Key="n", Body=b""),
                         lambda: other.delete_object(Bucket=name, Key="k"),
                         lambda: other.get_bucket_acl(Bucket=name), lambda: other.get_object(Bucket=name, Key="none"),
                         lambda: other.copy_object(Bucket=name, Key="c", CopySource=f"{name}/k"),
                         lambda: other.delete_bucket(Bucket=name),
                         lambda: other.create_multipart_upload(Bucket=name, Key="m")):
                with self.fails("AccessDenied", 403):
                    call()
            with self.fails("403", 403):
                other.head_bucket(Bucket=name)
        self.assertEqual(self.alice.get_object(Bucket=name, Key="k")["Body"].read(), b"x")

    def test_a_batch_delete_by_another_user_deletes_nothing(self):
        name = self.bucket(self.alice)
        self.alice.put_object(Bucket=name, Key="k", Body=b"x")
        try:
            answer = self.bob.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k"}]})
            self.assertEqual([entry["Code"] for entry in answer["Errors"]], ["AccessDenied"])
        except self.bob.exceptions.ClientError as error:
            self.assertEqual(error.response["Error"]["Code"], "AccessDenied")
        self.assertEqual(self.alice.list_objects_v2(Bucket=name)["KeyCount"], 1)

    def test_a_copy_needs_the_right_to_read_its_source(self):
        name, mine = self.bucket(self.alice), self.bucket(self.bob)
        self.alice.put_object(Bucket=name, Key="k", Body=b"secret")
        with self.fails("AccessDenied", 403):
            self.bob.copy_object(Bucket=mine, Key="stolen", CopySource=f"{name}/k")
        upload = self.bob.create_multipart_upload(Bucket=mine, Key="m")["UploadId"]
        with self.fails("AccessDenied", 403):
            self.bob.upload_part_copy(Bucket=mine, Key="m", UploadId=upload, PartNumber=1, CopySource=f"{name}/k")

    def test_canned_bucket_acls(self):
        name = self.shared(ACL="public-read")
        self.alice.put_object(Bucket=name, Key="k", Body=b"x")
        self.assertEqual(self.anyone.list_objects_v2(Bucket=name)["KeyCount"], 1)
        with self.fails("AccessDenied", 403):
            self.anyone.get_object(Bucket=name, Key="k")  # a bucket's READ lists; it does not read objects
        with self.fails("AccessDenied", 403):
            self.bob.put_object(Bucket=name, Key="n", Body=b"")
        self.alice.put_bucket_acl(Bucket=name, ACL="public-read-write")
        self.bob.put_object(Bucket=name, Key="bobs", Body=b"y")
        self.bob.delete_object(Bucket=name, Key="bobs")
        self.alice.put_bucket_acl(Bucket=name, ACL="authenticated-read")
        self.bob.list_objects_v2(Bucket=name)
        with self.fails("AccessDenied", 403):
            self.anyone.list_objects_v2(Bucket=name)
        self.alice.put_bucket_acl(Bucket=name, ACL="private")
        with self.fails("AccessDenied", 403):
            self.bob.list_objects_v2(Bucket=name)

    def test_canned_object_acls(self):
        name = self.shared()
        self.alice.put_object(Bucket=name, Key="k", Body=b"x", ACL="public-read")
        self.assertEqual(self.anyone.get_object(Bucket=name, Key="k")["Body"].read(), b"x")
        grants = self.alice.get_object_acl(Bucket=name, Key="k")["Grants"]
        self.assertIn((ALL_USERS, "READ"), [(g["Grantee"].get("URI"), g["Permission"]) for g in grants])
        self.alice.put_object_acl(Bucket=name, Key="k", ACL="authenticated-read")
        self.assertEqual(self.bob.get_object(Bucket=name, Key="k")["Body"].read(), b"x")
        with self.fails("AccessDenied", 403):
            self.anyone.get_object(Bucket=name, Key="k")
        with self.fails("AccessDenied", 403):
            self.bob.get_object_acl(Bucket=name, Key="k")

    def test_grants_to_one_user(self):
        name = self.shared()
        self.alice.put_object(Bucket=name, Key="k", Body=b"x", GrantRead=f'id="{self.bob_id}"')
        self.assertEqual(self.bob.get_object(Bucket=name, Key="k")["Body"].read(), b"x")
        policy = {"Owner": {"ID": self.alice_id}, "Grants": [
            {"Grantee": {"Type": "CanonicalUser", "ID": self.alice_id}, "Permission": "FULL_CONTROL"},
            {"Grantee": {"Type": "CanonicalUser", "ID": self.bob_id}, "Permission": "WRITE"}]}
        self.alice.put_bucket_acl(Bucket=name, AccessControlPolicy=policy)
        self.bob.put_object(Bucket=name, Key="bobs", Body=b"b")
        with self.fails("AccessDenied", 403):
            self.bob.list_objects_v2(Bucket=name)
        with self.fails("AccessDenied", 403):
            self.alice.get_object(Bucket=name, Key="bobs")  # the writer owns it, and gave no one a right
        got = self.alice.get_bucket_acl(Bucket=name)
        self.assertEqual(got["Owner"]["ID"], self.alice_id)
        self.assertEqual({(g["Grantee"]["ID"], g["Permission"]) for g in got["Grants"]},
                         {(self.alice_id, "FULL_CONTROL"), (self.bob_id, "WRITE")})
        self.bob.delete_object(Bucket=name, Key="bobs")

    def test_the_bucket_owner_can_be_given_full_control(self):
        name = self.shared(ACL="public-read-write")
        self.bob.put_object(Bucket=name, Key="k", Body=b"b", ACL="bucket-owner-full-control")
        self.assertEqual(self.alice.get_object(Bucket=name, Key="k")["Body"].read(), b"b")

    def test_bad_acls_are_refused(self):
        name = self.shared()
        with self.fails("InvalidArgument", 400):
            self.alice.put_bucket_acl(Bucket=name, ACL="public-everything")
        with self.fails("InvalidArgument", 400):
            self.alice.put_bucket_acl(Bucket=name, GrantRead='id="no-such-user"')
        answer = send(self.server, "PUT", f"/{name}", [("acl", "")], body=b"<AccessControlPolicy><Owner>",
                      keys=self.alice_keys)
        self.assertEqual((answer.status, answer.code), (400, "MalformedACLError"))

    def test_owner_enforced_buckets_refuse_acls(self):
        name = self.bucket(self.alice, ObjectOwnership="BucketOwnerEnforced")
        with self.fails("AccessControlListNotSupported", 400):
            self.alice.put_object(Bucket=name, Key="k", Body=b"", ACL="public-read")
        rules = self.alice.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        self.assertEqual(rules, [{"ObjectOwnership": "BucketOwnerEnforced"}])

    def test_a_removed_user_is_out_at_once(self):
        keys = self.server.add_user("carol")
        carol = self.server.client(keys)
        wait_for_keys(carol)
        self.assertIn("carol", self.server.cli("user", "list", "--data", self.server.data)[1])
        self.server.cli("user", "remove", "carol", "--data", self.server.data)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            answer = send(self.server, "GET", "/", keys=keys)
            if answer.status == 403:
                break
        self.assertEqual((answer.status, answer.code), (403, "InvalidAccessKeyId"))

    def test_users_survive_a_restart(self):
        name = "bobs-lasting-bucket"
        self.bob.create_bucket(Bucket=name)
        self.server.restart()
        cls = type(self)
        cls.s3 = self.server.client()
        cls.alice, cls.bob = self.server.client(self.alice_keys), self.server.client(self.bob_keys)
        cls.anyone = self.server.client(None)
        self.assertIn(name, [entry["Name"] for entry in self.bob.list_buckets()["Buckets"]])
        self.assertEqual(self.bob.list_buckets()["Owner"]["ID"], self.bob_id)
        self.bob.delete_bucket(Bucket=name)


class CorsTest(ServerTest):
    def setUp(self):
        self.name = self.bucket()
        self.rules = [{"ID": "one", "AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "PUT"],
                       "AllowedHeaders": ["x-amz-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
                      {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]}]

    def preflight(self, origin, method, wanted=""):
        headers = {"host": f"127.0.0.1:{self.server.port}", "origin": origin, "access-control-request-method": method}
        if wanted:
            headers["access-control-request-headers"] = wanted
        return exchange(self.server, "OPTIONS", f"/{self.name}/k", headers)

    def test_rules_are_kept(self):
        with self.fails("NoSuchCORSConfiguration", 404):
            self.s3.get_bucket_cors(Bucket=self.name)
        self.s3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": self.rules})
        self.assertEqual(self.s3.get_bucket_cors(Bucket=self.name)["CORSRules"], self.rules)
        self.s3.delete_bucket_cors(Bucket=self.name)
        with self.fails("NoSuchCORSConfiguration", 404):
            self.s3.get_bucket_cors(Bucket=self.name)
        bad = [{"AllowedOrigins": ["*"], "AllowedMethods": ["BREW"]}]
        with self.fails("InvalidRequest", 400):
            self.s3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": bad})

    def test_a_preflight_is_answered_by_the_first_rule_that_fits(self):
        self.assertEqual(self.preflight("https://a.example.com", "GET").status, 403)
        self.s3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": self.rules})
        good = self.preflight("https://a.example.com", "PUT", "x-amz-date, x-amz-meta-q")
        self.assertEqual(good.status, 200, good)
        self.assertEqual(good.headers["access-control-allow-origin"], "https://a.example.com")
        self.assertIn("PUT", good.headers["access-control-allow-methods"])
        self.assertIn("x-amz-date", good.headers["access-control-allow-headers"].lower())
        self.assertEqual(good.headers["access-control-max-age"], "60")
        for origin, method, wanted in (("https://evil.com", "GET", ""), ("https://a.example.com", "DELETE", ""),
                                       ("https://a.example.com", "PUT", "authorization")):
            self.assertEqual(self.preflight(origin, method, wanted).status, 403, (origin, method, wanted))
        self.assertEqual(self.preflight("https://evil.com", "HEAD").status, 200)

    def test_plain_requests_carry_the_headers(self):
        self.s3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": self.rules})
        self.s3.put_object(Bucket=self.name, Key="k", Body=b"x")
        answer = send(self.server, "GET", f"/{self.name}/k", headers={"origin": "https://b.example.com"})
        self.assertEqual(answer.headers.get("access-control-allow-origin"), "https://b.example.com")
        self.assertEqual(answer.headers.get("access-control-expose-headers"), "ETag")
        answer = send(self.server, "GET", f"/{self.name}/k", headers={"origin": "https://evil.com"})
        self.assertEqual((answer.status, answer.headers.get("access-control-allow-origin")), (200, None))


def wait_for_keys(*clients, limit_s=5):
    """A user added while the server runs can sign in within a moment."""
    deadline = time.monotonic() + limit_s
    for client in clients:
        while True:
            try:
                client.list_buckets()
                break
            except client.exceptions.ClientError:
                if time.monotonic() > deadline:
                    raise


if __name__ == "__main__":
    main()
