#!/usr/bin/python3
"""Object Lock by boto3 and awscli, and what file clients may do to locked objects (libnfs, NFSv3)."""

import datetime
import errno
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Scratch, ServerTest, aws, main  # noqa: E402
from nfs_calls import LIBRARY, NfsMount  # noqa: E402


def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).replace(microsecond=0)


class LockTest(ServerTest):
    def locked_bucket(self):
        name = self.bucket(ObjectLockEnabledForBucket=True)
        self.addCleanup(lambda: self.free_all(name))
        return name

    def free_all(self, name):
        """Removes what may be removed: governance and holds. What compliance keeps goes with the data directory."""
        listing = self.s3.list_object_versions(Bucket=name)
        for version in listing.get("Versions", []):
            which = {"Bucket": name, "Key": version["Key"], "VersionId": version["VersionId"]}
            self.s3.put_object_legal_hold(LegalHold={"Status": "OFF"}, **which)
            try:
                self.s3.delete_object(BypassGovernanceRetention=True, **which)
            except self.s3.exceptions.ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "AccessDenied")
        for marker in listing.get("DeleteMarkers", []):
            self.s3.delete_object(Bucket=name, Key=marker["Key"], VersionId=marker["VersionId"])

    def put(self, name, key="k", **options):
        return self.s3.put_object(Bucket=name, Key=key, Body=b"text", **options)["VersionId"]

    def retain(self, name, key="k", mode="GOVERNANCE", days=1, **options):
        self.s3.put_object_retention(Bucket=name, Key=key,
                                     Retention={"Mode": mode, "RetainUntilDate": in_days(days)}, **options)


class ConfigurationTest(LockTest):
    def test_a_bucket_made_with_locks(self):
        name = self.locked_bucket()
        configuration = self.s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
        self.assertEqual(configuration, {"ObjectLockEnabled": "Enabled"})
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=name)["Status"], "Enabled")
        with self.fails("InvalidBucketState", 409):
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})

    def test_the_default_is_given_to_new_versions(self):
        name = self.locked_bucket()
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
        self.s3.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
        got = self.s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
        self.assertEqual(got["Rule"], rule)
        self.put(name)
        head = self.s3.head_object(Bucket=name, Key="k")
        self.assertEqual(head["ObjectLockMode"], "GOVERNANCE")
        self.assertAlmostEqual(head["ObjectLockRetainUntilDate"].timestamp(), in_days(3).timestamp(), delta=60)
        upload = self.s3.create_multipart_upload(Bucket=name, Key="parts")["UploadId"]
        part = self.s3.upload_part(Bucket=name, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
        self.s3.complete_multipart_upload(Bucket=name, Key="parts", UploadId=upload, MultipartUpload={
            "Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})
        self.assertEqual(self.s3.head_object(Bucket=name, Key="parts")["ObjectLockMode"], "GOVERNANCE")

    def test_a_bucket_without_locks(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="k", Body=b"x")
        with self.fails("ObjectLockConfigurationNotFoundError", 404):
            self.s3.get_object_lock_configuration(Bucket=name)
        with self.fails("InvalidRequest", 400):
            self.s3.get_object_retention(Bucket=name, Key="k")
        with self.fails("InvalidRequest", 400):
            self.retain(name)
        with self.fails("InvalidRequest", 400):
            self.s3.put_object(Bucket=name, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
        with self.fails("InvalidBucketState", 409):
            self.s3.put_object_lock_configuration(Bucket=name,
                                                  ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})


class RetentionTest(LockTest):
    def test_governance_keeps_a_version_from_all_but_those_who_bypass(self):
        name = self.locked_bucket()
        version = self.put(name)
        self.retain(name)
        retention = self.s3.get_object_retention(Bucket=name, Key="k")["Retention"]
        self.assertEqual(retention["Mode"], "GOVERNANCE")
        with self.fails("AccessDenied", 403):
            self.s3.delete_object(Bucket=name, Key="k", VersionId=version)
        self.put(name)
        with self.fails("AccessDenied", 403):
            self.s3.delete_object(Bucket=name, Key="k", VersionId=version)
        with self.fails("AccessDenied", 403):
            self.s3.put_object_retention(Bucket=name, Key="k", VersionId=version, Retention={
                "Mode": "GOVERNANCE", "RetainUntilDate": in_days(0) + datetime.timedelta(hours=1)})
        self.s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
        with self.fails("NoSuchVersion", 404):
            self.s3.get_object(Bucket=name, Key="k", VersionId=version)

    def test_compliance_keeps_a_version_from_everybody(self):
        name = self.locked_bucket()
        version = self.put(name, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=in_days(1))
        for change in ({"Mode": "GOVERNANCE", "RetainUntilDate": in_days(2)},
                       {"Mode": "COMPLIANCE", "RetainUntilDate": in_days(0) + datetime.timedelta(hours=1)}):
            with self.fails("AccessDenied", 403):
                self.s3.put_object_retention(Bucket=name, Key="k", Retention=change, BypassGovernanceRetention=True)
        with self.fails("AccessDenied", 403):
            self.s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
        self.retain(name, mode="COMPLIANCE", days=2)
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k")["Body"].read(), b"text")

    def test_a_legal_hold_stays_until_it_is_taken_off(self):
        name = self.locked_bucket()
        version = self.put(name, ObjectLockLegalHoldStatus="ON")
        hold = self.s3.get_object_legal_hold(Bucket=name, Key="k")["LegalHold"]
        self.assertEqual(hold, {"Status": "ON"})
        with self.fails("AccessDenied", 403):
            self.s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
        removed = self.s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
        self.assertEqual([error["Code"] for error in removed["Errors"]], ["AccessDenied"])
        self.s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "OFF"})
        self.s3.delete_object(Bucket=name, Key="k", VersionId=version)

    def test_a_delete_marker_hides_and_keeps(self):
        name = self.locked_bucket()
        version = self.put(name)
        self.retain(name)
        self.assertTrue(self.s3.delete_object(Bucket=name, Key="k")["DeleteMarker"])
        with self.fails("NoSuchKey", 404):
            self.s3.get_object(Bucket=name, Key="k")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k", VersionId=version)["Body"].read(), b"text")

    def test_bad_requests(self):
        name = self.locked_bucket()
        self.put(name)
        with self.fails("InvalidArgument", 400):
            self.retain(name, days=-1)
        with self.fails("MalformedXML", 400):
            self.retain(name, mode="WHATEVER")
        with self.fails("InvalidArgument", 400):
            self.put(name, ObjectLockMode="GOVERNANCE")
        with self.fails("MalformedXML", 400):
            self.s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "MAYBE"})
        with self.fails("NoSuchObjectLockConfiguration", 404):
            self.s3.get_object_retention(Bucket=name, Key="k")

    def test_bypassing_takes_a_right_of_its_own(self):
        keys = self.server.add_user("clerk", "id-clerk")
        clerk = self.server.client(keys)
        name = self.locked_bucket()
        version = self.put(name)
        self.retain(name)
        statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:DeleteObjectVersion", "s3:DeleteObject"],
                     "Resource": f"arn:aws:s3:::{name}/*"}
        self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        with self.fails("AccessDenied", 403):
            clerk.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
        statement["Action"].append("s3:BypassGovernanceRetention")
        self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        with self.fails("AccessDenied", 403):
            clerk.delete_object(Bucket=name, Key="k", VersionId=version)
        clerk.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)

    def test_locks_survive_a_crash(self):
        name = self.locked_bucket()
        version = self.put(name, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=in_days(1))
        self.server.kill()
        self.server.start()
        type(self).s3 = self.server.client()
        with self.fails("AccessDenied", 403):
            self.s3.delete_object(Bucket=name, Key="k", VersionId=version)
        self.assertEqual(self.s3.head_object(Bucket=name, Key="k")["ObjectLockMode"], "COMPLIANCE")


class AwscliTest(LockTest):
    def test_locks_by_awscli(self):
        scratch = Scratch()
        self.addCleanup(scratch.cleanup)
        name = self.locked_bucket()
        path = scratch.write("file", b"text")

        def api(*arguments, check=True):
            done = aws(self.server, scratch, "s3api", *arguments, "--bucket", name, check=check)
            return json.loads(done.stdout) if check and done.stdout.strip() else done

        api("put-object-lock-configuration", "--object-lock-configuration",
            "ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=GOVERNANCE,Days=1}}")
        version = api("put-object", "--key", "k", "--body", path, "--object-lock-legal-hold-status", "ON")["VersionId"]
        self.assertEqual(api("get-object-legal-hold", "--key", "k")["LegalHold"]["Status"], "ON")
        self.assertEqual(api("get-object-retention", "--key", "k")["Retention"]["Mode"], "GOVERNANCE")
        denied = api("delete-object", "--key", "k", "--version-id", version, "--bypass-governance-retention",
                     check=False)
        self.assertIn("AccessDenied", denied.stderr)
        api("put-object-legal-hold", "--key", "k", "--legal-hold", "Status=OFF")
        api("delete-object", "--key", "k", "--version-id", version, "--bypass-governance-retention")


@unittest.skipUnless(LIBRARY, "libnfs is not installed")
class FileTest(LockTest):
    """The same locks for who comes by NFS."""

    def mounted(self):
        """A bucket with locks, and the same as a mount."""
        name = self.locked_bucket()
        mount = NfsMount(self.server, name)
        self.addCleanup(mount.close)
        return name, mount

    def assert_refused(self, status):
        self.assertEqual(-status, errno.EPERM)

    def assert_write_refused(self, nfs, path):
        """ACCESS says already that it may not be written, and libnfs asks before it opens for writing. WRITE to a file
        that was open by then: test_a_client_that_has_the_file_open_is_refused."""
        status, _ = nfs.open(path, os.O_RDWR)
        self.assertEqual(-status, errno.EACCES)

    def test_a_locked_file_is_not_changed_renamed_or_removed(self):
        name, nfs = self.mounted()
        self.put(name, "locked")
        self.put(name, "other")
        self.retain(name, "locked", mode="COMPLIANCE")
        self.assertEqual(nfs.read("/locked"), b"text")
        self.assert_write_refused(nfs, "/locked")
        self.assert_refused(nfs.truncate("/locked", 0))
        self.assert_refused(nfs.chmod("/locked", 0o600))
        self.assert_refused(nfs.unlink("/locked"))
        self.assert_refused(nfs.rename("/locked", "/moved"))
        self.assert_refused(nfs.rename("/other", "/locked"))
        self.assert_refused(nfs.link("/locked", "/second"))
        self.assertEqual(nfs.read("/locked"), b"text")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="locked")["Body"].read(), b"text")
        self.assertEqual(nfs.unlink("/other"), 0)

    def test_a_hold_taken_off_frees_the_file(self):
        name, nfs = self.mounted()
        self.assertEqual(nfs.create("/file", b"by nfs"), 0)
        self.s3.put_object_legal_hold(Bucket=name, Key="file", LegalHold={"Status": "ON"})
        self.assert_refused(nfs.unlink("/file"))
        self.s3.put_object_legal_hold(Bucket=name, Key="file", LegalHold={"Status": "OFF"})
        self.assertEqual(nfs.unlink("/file"), 0)

    def test_a_client_that_has_the_file_open_is_refused(self):
        name, nfs = self.mounted()
        self.assertEqual(nfs.create("/file", b"before"), 0)
        status, handle = nfs.open("/file", os.O_RDWR)
        self.assertEqual(status, 0)
        self.s3.put_object_legal_hold(Bucket=name, Key="file", LegalHold={"Status": "ON"})
        self.assertLess(nfs.write(handle, b"AFTER!"), 0)
        nfs.call("close", handle)
        self.assertEqual(self.s3.get_object(Bucket=name, Key="file")["Body"].read(), b"before")

    def test_directories_with_files_do_not_move(self):
        name, nfs = self.mounted()
        self.assertEqual(nfs.mkdir("/d"), 0)
        self.assertEqual(nfs.rename("/d", "/e"), 0)
        self.put(name, "e/f")
        self.assert_refused(nfs.rename("/e", "/d"))

    def test_a_finished_file_gets_the_default_retention(self):
        name, nfs = self.mounted()
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        self.s3.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule})
        self.assertEqual(nfs.create("/report", b"figures"), 0)
        self.assertNotIn("ObjectLockMode", self.s3.head_object(Bucket=name, Key="report"))
        self.assertEqual(nfs.chmod("/report", 0o444), 0)
        self.assertEqual(self.s3.head_object(Bucket=name, Key="report")["ObjectLockMode"], "GOVERNANCE")
        self.assert_refused(nfs.chmod("/report", 0o644))
        self.assert_refused(nfs.unlink("/report"))


if __name__ == "__main__":
    main()
