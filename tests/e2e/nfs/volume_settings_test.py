"""What an operator sets of volumes and users: export rules, quotas and uids, while the server runs and while not."""

import base64
import json
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import KIB, ROOT_KEYS, ServerTest, extra_headers, main, random_bytes  # noqa: E402


class VolumeSettingsTest(ServerTest):
    def volume(self, *arguments, check=True):
        return self.server.cli("volume", *arguments, "--data", self.server.data, check=check)

    def set(self, name, *arguments):
        return json.loads(self.volume("set", name, "--json", *arguments)[1])

    def shown(self, name):
        return json.loads(self.volume("show", name, "--json")[1])

    def admin_call(self, method, path, body=None):
        """(status, JSON) of a call on the admin port, as root."""
        request = urllib.request.Request(self.server.admin_url + path, method=method,
                                         data=None if body is None else body.encode())
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(ROOT_KEYS).encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or "null")

    def test_export_rules_have_defaults_are_set_and_survive_a_restart(self):
        name = "rules-that-stay"  # the restart leaves the clean-up of bucket() without its server
        self.s3.create_bucket(Bucket=name)
        self.assertEqual(self.shown(name)["nfs"], {
            "read_only": False, "squash": "root", "anonymous_uid": 65534, "anonymous_gid": 65534, "networks": [],
            "default_uid": 65534, "default_gid": 65534, "file_mode": "0644", "directory_mode": "0755"})
        self.set(name, "--nfs-read-only", "on", "--nfs-squash", "all", "--nfs-anonymous", "99:98")
        self.set(name, "--nfs-networks", "10.0.0.0/8,fe80::/10", "--nfs-owner", "1000:1001", "--nfs-modes", "0640:0750")
        wanted = {"read_only": True, "squash": "all", "anonymous_uid": 99, "anonymous_gid": 98,
                  "networks": ["10.0.0.0/8", "fe80::/10"], "default_uid": 1000, "default_gid": 1001,
                  "file_mode": "0640", "directory_mode": "0750"}
        self.assertEqual(self.shown(name)["nfs"], wanted)
        self.server.stop()
        self.assertEqual(self.shown(name)["nfs"], wanted)
        self.set(name, "--nfs-read-only", "off", "--nfs-networks", "default", "--quota-bytes", "1GiB")
        self.server.start()
        type(self).s3 = self.server.client()
        again = self.shown(name)
        self.assertEqual(again["nfs"], {**wanted, "read_only": False, "networks": []})
        self.assertEqual(again["quota_bytes"], 1 << 30)
        text = self.volume("show", name)[1]
        for line in ("nfs squash     all", "nfs anonymous  99:98", "nfs modes      0640:0750", "0 B of 1.0 GiB"):
            self.assertIn(line, text)
        self.assertIn(name, self.volume("list")[1])

    def test_a_quota_stops_growth_until_there_is_room(self):
        name = self.bucket()
        self.set(name, "--quota-bytes", "1MiB", "--quota-files", "3")
        body = random_bytes(700 * KIB)
        self.s3.put_object(Bucket=name, Key="a", Body=body)
        with self.fails("QuotaExceeded", 403):
            self.s3.put_object(Bucket=name, Key="b", Body=body)
        with self.fails("QuotaExceeded", 403):
            self.s3.copy_object(Bucket=name, Key="b", CopySource=f"{name}/a")
        with self.fails("QuotaExceeded", 403), extra_headers(self.s3, "PutObject",
                                                             x_amz_write_offset_bytes=str(len(body))):
            self.s3.put_object(Bucket=name, Key="a", Body=body)
        upload = self.s3.create_multipart_upload(Bucket=name, Key="b")["UploadId"]
        with self.fails("QuotaExceeded", 403):
            self.s3.upload_part(Bucket=name, Key="b", UploadId=upload, PartNumber=1, Body=body)
        self.assertEqual(self.s3.get_object(Bucket=name, Key="a")["Body"].read(), body)
        self.s3.put_object(Bucket=name, Key="b", Body=b"x")
        self.s3.put_object(Bucket=name, Key="c", Body=b"x")
        with self.fails("QuotaExceeded", 403):
            self.s3.put_object(Bucket=name, Key="d", Body=b"x")
        self.s3.delete_object(Bucket=name, Key="c")
        self.s3.put_object(Bucket=name, Key="d", Body=b"x")
        self.set(name, "--quota-bytes", "none", "--quota-files", "none")
        self.s3.put_object(Bucket=name, Key="e", Body=body)
        self.assertIn("clean", self.server.cli("check", "--data", self.server.data)[1])

    def test_users_have_uids_that_are_theirs_alone(self):
        data = ["--data", self.server.data]
        self.server.cli("user", "add", "ann", *data, "--uid", "1000", "--gid", "100")
        status, _, said = self.server.cli("user", "add", "bob", *data, "--uid", "1000", check=False)
        self.assertEqual(status, 1)
        self.assertIn("the uid is in use", said)
        self.server.cli("user", "add", "bob", *data)
        self.assertEqual(self.server.cli("user", "set", "bob", *data, "--uid", "1000", check=False)[0], 1)
        self.server.cli("user", "set", "bob", *data, "--uid", "1001", "--gid", "100")
        self.server.cli("user", "set", "ann", *data, "--uid", "none")
        self.server.cli("user", "set", "bob", *data, "--uid", "1000")
        users = json.loads(self.server.cli("user", "list", "--json", *data)[1])
        ids = {user["name"]: (user["uid"], user["gid"]) for user in users}
        self.assertEqual((ids["ann"], ids["bob"]), ((None, 100), (1000, 100)))
        for wrong in (("nobody", "--uid", "5"), ("bob",), ("bob", "--uid", "x"), ("bob", "--gid", "4294967295"),
                      ("root", "--uid", "0")):
            self.assertEqual(self.server.cli("user", "set", *wrong, *data, check=False)[0], 1, wrong)

    def test_settings_that_make_no_sense_change_nothing(self):
        name = self.bucket()
        before = self.shown(name)
        for wrong in ((), ("--nfs-squash", "some"), ("--nfs-read-only", "maybe"), ("--nfs-anonymous", "1"),
                      ("--nfs-anonymous", "1:x"), ("--nfs-owner", "4294967295:1"), ("--nfs-networks", "everywhere"),
                      ("--nfs-networks", "10.0.0.0/8,"), ("--nfs-modes", "0644"), ("--nfs-modes", "0648:0755"),
                      ("--nfs-modes", "0644:17777"), ("--quota-bytes", "much"), ("--quota-files", "-1")):
            status, _, said = self.volume("set", name, *wrong, check=False)
            self.assertNotEqual(status, 0, wrong)
            self.assertTrue(said, wrong)
        self.assertEqual(self.volume("set", "no-such-volume", "--quota-files", "1", check=False)[0], 1)
        self.assertEqual(self.volume("show", "no-such-volume", check=False)[0], 1)
        self.assertEqual(self.shown(name), before)

    def test_the_admin_port_takes_the_same_and_refuses_the_rest(self):
        name = self.bucket()
        change = '{"nfs": {"squash": "none"}, "quota_files": 9}'
        status, volume = self.admin_call("PATCH", f"/v1/volumes/{name}", change)
        self.assertEqual((status, volume["nfs"]["squash"], volume["quota_files"]), (200, "none", 9))
        self.assertEqual(self.admin_call("GET", f"/v1/volumes/{name}"), (200, volume))
        for body in ("", "[]", '{"quota_files": -1}', '{"nfs": {"uid": 1}}', '{"nfs": {"networks": ["x"]}}'):
            status, said = self.admin_call("PATCH", f"/v1/volumes/{name}", body)
            self.assertEqual(status, 400, body)
            self.assertTrue(said["error"], body)
        self.assertEqual(self.admin_call("PATCH", "/v1/volumes/no-such-volume", "{}")[0], 404)
        self.assertEqual(self.admin_call("DELETE", f"/v1/volumes/{name}")[0], 405)
        self.assertEqual(self.admin_call("PATCH", "/v1/users/nobody", '{"uid": 1}')[0], 404)
        self.assertEqual(self.server.admin(f"/v1/volumes/{name}")[0], 401)


if __name__ == "__main__":
    main()
