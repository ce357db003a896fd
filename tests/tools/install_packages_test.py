#!/usr/bin/env python3
"""tools/install_packages.sh installs what is missing and nothing else; apt-get, dpkg-query and id are stand-ins."""

import os
import subprocess
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "install_packages.sh")
LIST = """
[build]
alpha       # why
beta        # why
[test]
gamma|sh    # there already by another way
delta|no-such-command-anywhere
"""


class InstallPackagesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write("packages.txt", LIST)
        self.stand_in("apt-get", 'echo "apt-get $*" >>"$LOG"')

    def write(self, name, text):
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as handle:
            handle.write(text)

    def stand_in(self, name, body):
        self.write(name, f"#!/bin/bash\n{body}\n")
        os.chmod(os.path.join(self.root, name), 0o755)

    def install(self, *arguments, installed=(), uid=0, path="/usr/bin:/bin"):
        self.stand_in("dpkg-query", "\n".join(f"echo '{name} installed'" for name in installed) or "exit 1")
        self.stand_in("id", f"echo {uid}")
        log = os.path.join(self.root, "log")
        environment = {"PATH": f"{self.root}:{path}", "LOG": log,
                       "TOKENPLANE_PACKAGES": os.path.join(self.root, "packages.txt")}
        done = subprocess.run(["/bin/bash", SCRIPT, *arguments], env=environment, capture_output=True, text=True,
                              check=False)
        calls = []
        if os.path.exists(log):
            with open(log, encoding="utf-8") as handle:
                calls = handle.read().splitlines()
        return done, calls

    def test_with_nothing_missing_apt_is_not_touched(self):
        done, calls = self.install("build", installed=("alpha", "beta"))
        self.assertEqual((done.returncode, calls, done.stdout), (0, [], ""))

    def test_only_what_is_missing_is_installed(self):
        done, calls = self.install("build", installed=("alpha",))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(calls[0], "apt-get update -qq")
        self.assertTrue(calls[1].endswith("--no-install-recommends beta"), calls)

    def test_a_command_that_is_there_stands_in_for_its_package(self):
        done, _ = self.install("--list", "test")
        self.assertEqual(done.stdout.split(), ["delta"])

    def test_without_root_and_sudo_it_says_what_to_do(self):
        for tool in ("awk", "env", "dirname"):
            os.symlink(f"/usr/bin/{tool}", os.path.join(self.root, tool))
        done, calls = self.install("build", uid=1000, path=self.root)
        self.assertEqual((done.returncode, calls), (1, []))
        self.assertIn("become root or install sudo", done.stderr)
        self.assertIn("alpha beta", done.stderr)

    def test_with_sudo_it_goes_through_sudo(self):
        self.stand_in("sudo", 'echo "sudo $*" >>"$LOG"')
        done, calls = self.install("build", uid=1000, installed=("beta",))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(all(call.startswith("sudo env ") for call in calls) and len(calls) == 2, calls)

    def test_an_unknown_section_is_refused(self):
        done, calls = self.install("tests")
        self.assertEqual((done.returncode, calls), (2, []))
        self.assertIn("no section [tests]", done.stderr)

    def test_the_real_list_names_a_reason_for_each_package(self):
        root = os.path.dirname(os.path.dirname(os.path.abspath(SCRIPT)))
        with open(os.path.join(root, "packages.txt"), encoding="utf-8") as handle:
            for line in handle:
                if line.strip() and line[0] not in "#[":
                    self.assertRegex(line, r"^\S+\s+# \w")


if __name__ == "__main__":
    unittest.main()
