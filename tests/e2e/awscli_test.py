"""awscli: a real tree of at least 20,000 files goes up, is listed, verified, changed, synced again, and deleted."""

import json
import os
import shutil

from harness import KIB, MIB, Scratch, ServerTest, aws, main, random_bytes, tree_digests

WANTED_FILES = int(os.environ.get("TP_E2E_FILES", "20000"))
LARGEST_FILE = MIB
SOURCES = ("/usr/share", "/usr/lib", "/usr/include")


def take_real_files(target, count):
    """Copies up to `count` regular files of this system, names and directories kept."""
    taken = 0
    for source in SOURCES:
        for folder, folders, names in os.walk(source):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                try:
                    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LARGEST_FILE:
                        continue
                    path.encode("utf-8")
                    place = target + path
                    os.makedirs(os.path.dirname(place), exist_ok=True)
                    shutil.copyfile(path, place)
                except (OSError, UnicodeEncodeError):
                    continue
                taken += 1
                if taken == count:
                    return taken
    return taken


class AwsCliTest(ServerTest):
    def setUp(self):
        self.scratch = Scratch()
        self.addCleanup(self.scratch.cleanup)

    def aws(self, *arguments, **options):
        return aws(self.server, self.scratch, *arguments, **options)

    def test_the_three_commands_of_the_readme(self):
        self.aws("s3", "mb", "s3://demo")
        self.scratch.write("README.md", b"read me")
        self.aws("s3", "cp", self.scratch.path("README.md"), "s3://demo/")
        self.assertIn("README.md", self.aws("s3", "ls", "s3://demo/").stdout)
        self.assertEqual(self.aws("s3", "cp", "s3://demo/README.md", "-").stdout, "read me")
        self.aws("s3", "mv", "s3://demo/README.md", "s3://demo/moved/README.md")
        self.assertIn("PRE moved/", self.aws("s3", "ls", "s3://demo").stdout)
        self.assertNotEqual(self.aws("s3", "rb", "s3://demo", check=False).returncode, 0)
        self.aws("s3", "rb", "--force", "s3://demo")

    def test_a_large_file_goes_up_in_parts(self):
        name = self.bucket()
        body = random_bytes(40 * MIB + 3, 1)
        self.scratch.write("big", body)
        self.aws("s3", "cp", self.scratch.path("big"), f"s3://{name}/big")
        self.aws("s3", "cp", f"s3://{name}/big", f"s3://{name}/copy")
        self.aws("s3", "cp", f"s3://{name}/copy", self.scratch.path("back"))
        with open(self.scratch.path("back"), "rb") as handle:
            self.assertEqual(handle.read(), body)
        self.aws("s3", "cp", "-", f"s3://{name}/piped", stdin=body)
        head = json.loads(self.aws("s3api", "head-object", "--bucket", name, "--key", "piped").stdout)
        self.assertEqual(head["ContentLength"], len(body))

    def test_a_real_tree_goes_up_and_comes_back(self):
        name = self.bucket()
        here, there, url = self.scratch.path("up"), self.scratch.path("down"), f"s3://{name}/tree"
        count = take_real_files(here, WANTED_FILES)
        if count < WANTED_FILES:
            for number in range(WANTED_FILES - count):  # a small system: its own files and made ones
                self.scratch.write(f"up/made/{number % 100}/{number}", random_bytes(number % (20 * KIB), number))
        wanted = tree_digests(here)
        self.assertGreaterEqual(len(wanted), WANTED_FILES)
        self.scratch.write("aws-config", "[default]\ns3 =\n  max_concurrent_requests = 16\n  max_queue_size = 4000\n")

        self.aws("s3", "sync", "--only-show-errors", here, url)
        keys = self.walk(name)
        self.assertEqual(keys, sorted((f"tree/{path}" for path in wanted), key=str.encode))
        self.assertEqual(self.aws("s3", "sync", here, url).stdout, "")

        self.aws("s3", "sync", "--only-show-errors", url, there)
        self.assertEqual(tree_digests(there), wanted)

        self.change_some(here, wanted)
        changed = self.aws("s3", "sync", "--delete", "--no-progress", here, url).stdout.splitlines()
        counts = tuple(sum(line.startswith(word) for line in changed) for word in ("upload:", "delete:"))
        self.assertEqual(counts, (30, 10), changed)
        self.aws("s3", "sync", "--delete", "--only-show-errors", url, there)
        self.assertEqual(tree_digests(there), tree_digests(here))

        self.aws("s3", "rm", "--recursive", "--only-show-errors", url)
        self.assertEqual(self.walk(name), [])

    def walk(self, name):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=name)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def change_some(self, root, wanted):
        """20 files change, 10 are new, 10 go."""
        paths = sorted(wanted)
        for path in paths[:20]:
            with open(os.path.join(root, path), "ab") as handle:
                handle.write(b"changed")
        for number in range(10):
            self.scratch.write(f"up/new/{number}", b"new")
        for path in paths[-10:]:
            os.unlink(os.path.join(root, path))


if __name__ == "__main__":
    main()
