#!/usr/bin/python3
"""The S3 Lifecycle API by boto3 and awscli: rules as they are set, read, refused and told of."""

import datetime
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Scratch, ServerTest, aws, extra_headers, main  # noqa: E402

UTC = datetime.timezone.utc


def rule(name="r", **parts):
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": ""}, **parts}


class LifecycleApiTest(ServerTest):
    def set_rules(self, name, *rules):
        self.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": list(rules)})

    def test_every_kind_of_rule_is_given_back(self):
        name = self.bucket()
        with self.fails("NoSuchLifecycleConfiguration", 404):
            self.s3.get_bucket_lifecycle_configuration(Bucket=name)
        rules = [
            {"ID": "and", "Status": "Disabled",
             "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}],
                                "ObjectSizeGreaterThan": 500, "ObjectSizeLessThan": 64000}},
             "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
             "Expiration": {"Days": 365}},
            {"ID": "tag", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": "<&>"}},
             "Expiration": {"Date": datetime.datetime(2030, 1, 1, tzinfo=UTC)}},
            {"ID": "size", "Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 1},
             "NoncurrentVersionTransitions": [
                 {"NoncurrentDays": 30, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 1}],
             "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 2}},
            {"ID": "markers", "Status": "Enabled", "Filter": {"Prefix": "x"},
             "Expiration": {"ExpiredObjectDeleteMarker": True}},
            {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": ""},
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        ]
        self.set_rules(name, *rules)
        got = self.s3.get_bucket_lifecycle_configuration(Bucket=name)
        self.assertEqual(got["Rules"], rules)
        fields = got["ResponseMetadata"]["HTTPHeaders"]
        self.assertEqual(fields["x-amz-transition-default-minimum-object-size"], "all_storage_classes_128K")
        self.server.restart()
        type(self).s3 = self.server.client()
        self.assertEqual(self.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"], rules)
        self.s3.delete_bucket_lifecycle(Bucket=name)
        with self.fails("NoSuchLifecycleConfiguration", 404):
            self.s3.get_bucket_lifecycle_configuration(Bucket=name)

    def test_the_older_form_is_taken_and_given_back(self):
        name = self.bucket()
        self.set_rules(name, {"ID": "old", "Prefix": "a/", "Status": "Enabled", "Expiration": {"Days": 1}})
        got = self.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]
        self.assertEqual((got["Prefix"], "Filter" in got), ("a/", False))

    def test_the_minimum_size_of_transitions_is_kept(self):
        name = self.bucket()
        with extra_headers(self.s3, "PutBucketLifecycleConfiguration",
                           x_amz_transition_default_minimum_object_size="varies_by_storage_class"):
            self.set_rules(name, rule(Expiration={"Days": 1}))
        got = self.s3.get_bucket_lifecycle_configuration(Bucket=name)
        self.assertEqual(got["ResponseMetadata"]["HTTPHeaders"]["x-amz-transition-default-minimum-object-size"],
                         "varies_by_storage_class")

    def test_rules_that_make_no_sense_are_refused_as_s3_does(self):
        name = self.bucket()
        noon = datetime.datetime(2030, 1, 1, 12, tzinfo=UTC)
        glacier = {"Days": 30, "StorageClass": "GLACIER"}
        refused = [
            ("InvalidArgument", [rule(Expiration={"Days": 0})]),
            ("InvalidArgument", [rule(Expiration={"Days": -1})]),
            ("InvalidArgument", [rule(Expiration={"Date": noon})]),
            ("InvalidArgument", [rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])]),
            ("InvalidArgument", [rule(Expiration={"Days": 30}, Transitions=[glacier])]),
            ("InvalidArgument", [rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2})]),
            ("InvalidArgument", [rule("x" * 256, Expiration={"Days": 1})]),
            ("InvalidArgument", [rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})]),
            ("InvalidArgument", [rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 0})]),
            ("InvalidRequest", [rule()]),
            ("InvalidRequest", [rule(Filter={"Tag": {"Key": "a", "Value": ""}},
                                     Expiration={"ExpiredObjectDeleteMarker": True})]),
            ("InvalidRequest", [rule(Filter={"Tag": {"Key": "a", "Value": ""}},
                                     AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})]),
            ("InvalidRequest", [rule(Filter={"And": {"Tags": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": "1"}]}},
                                     Expiration={"Days": 1})]),
            ("InvalidRequest", [rule(Transitions=[glacier], Expiration={
                "Date": datetime.datetime(2030, 1, 1, tzinfo=UTC)})]),
            ("MalformedXML", [rule(Expiration={})]),
            ("MalformedXML", [rule(Status="On", Expiration={"Days": 1})]),
            ("MalformedXML", [rule(Transitions=[{"Days": 1, "StorageClass": "STONE"}])]),
            ("MalformedXML", [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}}]),
        ]
        for code, rules in refused:
            with self.subTest(rules=rules), self.fails(code, 400):
                self.set_rules(name, *rules)
        with self.fails("NoSuchLifecycleConfiguration", 404):
            self.s3.get_bucket_lifecycle_configuration(Bucket=name)

    def test_answers_tell_when_an_object_goes(self):
        name = self.bucket()
        self.set_rules(name, rule("by tag", Filter={"And": {"Prefix": "logs/", "Tags": [{"Key": "t", "Value": "1"}]}},
                                  Expiration={"Days": 10}))
        put = self.s3.put_object(Bucket=name, Key="logs/a", Body=b"x", Tagging="t=1")
        head = self.s3.head_object(Bucket=name, Key="logs/a")
        due = datetime.datetime.now(UTC) + datetime.timedelta(days=10)
        midnight = due.replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
        expected = f'expiry-date="{midnight:%a, %d %b %Y} 00:00:00 GMT", rule-id="by%20tag"'
        self.assertEqual(put["Expiration"], expected)
        self.assertEqual(head["Expiration"], expected)
        self.assertEqual(self.s3.get_object(Bucket=name, Key="logs/a")["Expiration"], expected)
        self.s3.put_object_tagging(Bucket=name, Key="logs/a", Tagging={"TagSet": []})
        self.assertNotIn("Expiration", self.s3.head_object(Bucket=name, Key="logs/a"))

    def test_rules_by_awscli(self):
        scratch = Scratch()
        self.addCleanup(scratch.cleanup)
        name = self.bucket()
        rules = {"Rules": [rule("cli", Expiration={"Days": 5}, Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])]}
        aws(self.server, scratch, "s3api", "put-bucket-lifecycle-configuration", "--bucket", name,
            "--lifecycle-configuration", json.dumps(rules))
        got = aws(self.server, scratch, "s3api", "get-bucket-lifecycle-configuration", "--bucket", name)
        self.assertEqual(json.loads(got.stdout)["Rules"], rules["Rules"])
        aws(self.server, scratch, "s3api", "delete-bucket-lifecycle", "--bucket", name)

    def test_only_those_who_may_set_rules(self):
        keys = self.server.add_user("guest", "id-guest")
        guest = self.server.client(keys)
        name = self.bucket()
        with self.fails("AccessDenied", 403):
            guest.put_bucket_lifecycle_configuration(
                Bucket=name, LifecycleConfiguration={"Rules": [rule(Expiration={"Days": 1})]})
        with self.fails("AccessDenied", 403):
            guest.get_bucket_lifecycle_configuration(Bucket=name)
        with self.fails("AccessDenied", 403):
            guest.delete_bucket_lifecycle(Bucket=name)


if __name__ == "__main__":
    main()
