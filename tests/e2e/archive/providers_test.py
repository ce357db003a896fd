"""The clients of S3 and Azure Blob Storage, and the archive tier over them, against real services.

Each service is started with keys of its own; the program archive_provider_client (TP_PROVIDER_CLIENT) then does against
it what a tier does. Credentials go by the environment and by a file, never by the command line.
"""

import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import BINARY, ROOT_KEYS, SKIPPED, Server, main, run_tool  # noqa: E402 (found through the line above)
from services import Azurite, S3rver, certificate  # noqa: E402

CLIENT = os.environ.get("TP_PROVIDER_CLIENT",
                        os.path.join(os.path.dirname(BINARY), "tests", "e2e", "archive_provider_client"))


class ProviderTest(unittest.TestCase):
    """Runs the client, all its tests or those of a filter, and shows what it said where it fails."""

    def run_client(self, kind, endpoint, bucket, credentials, tests="*", roots=None, style="path"):
        environment = {"TP_REMOTE_KIND": kind, "TP_REMOTE_ENDPOINT": endpoint, "TP_REMOTE_BUCKET": bucket,
                       "TP_REMOTE_STYLE": style, **credentials}
        if roots:
            environment["TP_REMOTE_ROOTS"] = roots
        done = run_tool([CLIENT, f"--gtest_filter={tests}"], environment, check=False, timeout_s=240)
        said = done.stdout + done.stderr
        for name, secret in credentials.items():
            if name in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN", "AWS_SECRET_ACCESS_KEY"):
                self.assertNotIn(secret, said, f"{name} is shown")
        self.assertEqual(done.returncode, 0, said[-6000:])
        self.assertRegex(said, r"\[  PASSED  \] [1-9]\d* test")

    def service(self, made):
        self.addCleanup(made.stop)
        return made.start()


def s3_keys(keys):
    return {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}


class AzureTest(ProviderTest):
    def azurite(self, tls=False):
        service = self.service(Azurite(tls))
        service.create_container()
        return service

    @staticmethod
    def keys(service):
        return {"AZURE_STORAGE_ACCOUNT": service.account, "AZURE_STORAGE_KEY": service.key}

    def test_with_an_account_key(self):
        service = self.azurite()
        self.run_client("azure", service.endpoint(), service.container, self.keys(service))

    def test_with_a_shared_access_signature(self):
        service = self.azurite()
        self.run_client("azure", service.endpoint(), service.container,
                        {"AZURE_STORAGE_ACCOUNT": service.account, "AZURE_STORAGE_SAS_TOKEN": service.sas_token()})

    def test_over_tls_which_is_verified(self):
        service = self.azurite(tls=True)
        self.run_client("azure", service.endpoint(), service.container, self.keys(service), roots=service.tls[0])
        with self.assertRaises(AssertionError, msg="a certificate that nobody vouches for") as refused:
            self.run_client("azure", service.endpoint(), service.container, self.keys(service),
                            tests="ProviderTest.WhatIsPut*")
        self.assertIn("certificate verify failed", str(refused.exception))


class S3rverTest(ProviderTest):
    """A store of somebody else's making, which does not look at signatures closely and stumbles under load."""

    def run_on(self, service, endpoint, **options):
        self.run_client("s3", endpoint, service.bucket, {**s3_keys(service.keys), "TP_REMOTE_STUMBLES": "yes, it does"},
                        tests="-ProviderTest.WrongKeys*", **options)

    def test_path_style(self):
        service = self.service(S3rver())
        self.run_on(service, service.endpoint())

    def test_virtual_host_style(self):
        service = self.service(S3rver())
        self.run_on(service, f"http://s3.localhost:{service.port}", style="virtual")

    def test_over_tls(self):
        service = self.service(S3rver(tls=True))
        self.run_on(service, service.endpoint(), roots=service.tls[0])


class TokenPlaneTest(ProviderTest):
    """A second Token Plane is the provider."""

    def provider(self, *arguments):
        server = Server(arguments=arguments)
        self.addCleanup(server.remove)
        return server.start()

    def test_path_style(self):
        server = self.provider()
        server.client().create_bucket(Bucket="archive-packs")
        self.run_client("s3", server.s3_url, "archive-packs", s3_keys(ROOT_KEYS))
        self.assertEqual(server.client().list_objects_v2(Bucket="archive-packs")["KeyCount"], 0)
        self.assertEqual(server.stop(), 0)

    def test_with_a_user_whose_rights_are_few(self):
        server = self.provider()
        server.client().create_bucket(Bucket="archive-packs")
        stranger = server.add_user("stranger")
        with self.assertRaises(AssertionError) as refused:
            self.run_client("s3", server.s3_url, "archive-packs", s3_keys(stranger), tests="ProviderTest.WhatIsPut*")
        self.assertIn("kPermissionDenied", str(refused.exception))

    def test_over_tls_and_virtual_host_style(self):
        folder = tempfile.mkdtemp(prefix="tokenplane-tls-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        files = certificate(folder, "archive-packs.localhost")
        server = Server(arguments=["--tls-certificate", files[0], "--tls-key", files[1], "--s3-domain", "localhost"])
        self.addCleanup(server.remove)
        server.start()
        endpoint = f"https://localhost:{server.port}"
        server.client(verify=False).create_bucket(Bucket="archive-packs")
        self.run_client("s3", endpoint, "archive-packs", s3_keys(ROOT_KEYS), roots=files[0])
        self.run_client("s3", endpoint, "archive-packs", s3_keys(ROOT_KEYS), roots=files[0], style="virtual",
                        tests="-ProviderTest.WrongKeys*")


if __name__ == "__main__":
    if not os.path.exists(CLIENT):
        print(f"{CLIENT} is not built")
        sys.exit(SKIPPED)
    main()
