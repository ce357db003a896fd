"""Starts a server and runs js/js_sdk_test.mjs, Node's own test runner with @aws-sdk/client-s3, against it."""

import os
import shutil

from harness import ROOT_KEYS, ServerTest, main, run_tool

HERE = os.path.dirname(os.path.abspath(__file__))


class JsSdkTest(ServerTest):
    def test_the_javascript_sdk(self):
        node = shutil.which("node") or self.fail("node is not installed (packages.txt, section test)")
        self.assertTrue(os.path.isdir(os.path.join(HERE, "js", "node_modules")), "run `npm ci` in tests/e2e/js first")
        done = run_tool([node, "--test", os.path.join(HERE, "js", "js_sdk_test.mjs")],
                        {"TP_ENDPOINT": self.server.s3_url, "TP_ACCESS_KEY": ROOT_KEYS[0],
                         "TP_SECRET_KEY": ROOT_KEYS[1], "AWS_EC2_METADATA_DISABLED": "true"},
                        check=False, timeout_s=240)
        print(done.stdout[-12000:])
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        self.assertRegex(done.stdout, r"(?m)^\S+ fail 0$")


if __name__ == "__main__":
    main()
