#!/usr/bin/env python3
"""Checks what STYLE.md and ARCHITECTURE.md ask of the tree and a program can see.

usage: tools/check_tree.py [ROOT]

Layering by #include, sizes of files, functions, lines and folders, a README in every folder, banned words, where raw
threads and descriptors may appear, and nothing in the tree that names a registry host or a path of one machine.
Prints one line a finding, `path:line: rule: what is wrong`, and exits 1 where there is any.
"""

import ast
import os
import re
import subprocess
import sys

from cpp_source import blank_out, functions

FLOORS = {
    "base": 0,
    "rt": 1,
    "io": 2, "kv": 2, "wire": 2,
    "net": 3, "meta": 3, "blob": 3,
    "plane": 4,
    "cache": 5, "lifecycle": 5, "sites": 5, "vector": 5, "telemetry": 5,
    "front": 6,
    "server": 7, "cli": 7,
}
GROUPS = ("front", "backend")          # each folder inside these is a module of its own
BACKEND_SEES_UP_TO = 2
SAME_FLOOR_ALLOWED = {("cli", "server")}  # `serve` is a command: cli/ starts what server/ composes
# Backends that are services of other people, spoken to over HTTP.
BACKEND_ALSO_SEES = {"backend/s3": ("net",), "backend/azure": ("net",)}
BACKEND_USERS = ("server", "cli")
# Libraries that a seam hides: their headers appear only behind it.
SEAM_HEADERS = {
    "rocksdb/": ("backend/rocksdb",),
    "liburing.h": ("rt", "backend/local"),
    "rados/": ("backend/rados",),
    "boost/asio": (),
}

MAX_FILE_LINES, MAX_HEADER_LINES, MAX_FUNCTION_LINES = 600, 300, 70
MAX_COLUMNS, MAX_FOLDER_FILES = 120, 15
ROOMS = ("src", "tests", "bench", "docs", "tools")
NOT_ROOMS = re.compile(r"(^|/)(corpus|golden|node_modules)(/|$)")  # data, not code: no README, any number of files
FREE_OF_COUNT = {"README.md", "CMakeLists.txt"}
CPP = (".h", ".cc")
CODE = CPP + (".py", ".sh", ".mjs", ".js", ".cmake")
CODE_NAMES = {"CMakeLists.txt", "run"}
GENERATED = {"package-lock.json"}

RAW_HOMES = ("rt", "backend")
RAW_WORDS = [
    (re.compile(r"\bstd::j?thread\b(?!\s*::\s*hardware_concurrency)"), "std::thread"),
    (re.compile(r"\bpthread_\w+"), "pthread_"),
    (re.compile(r"(?<![\w>:])::(socket|open|openat|accept4?)\s*\("), "a raw descriptor"),
]
BANNED_CPP = [
    (re.compile(r"\busing\s+namespace\s+std\b"), "`using namespace std`"),
    (re.compile(r"(?<![\w.>:])assert\s*\("), "`assert(`: use TP_CHECK, which is always on"),
    (re.compile(r"\bstd::endl\b"), "`std::endl` flushes: write '\\n'"),
]
SLEEPS_CPP = re.compile(r"\bthis_thread::sleep_\w+|(?<![\w.>])(::)?(sleep|usleep|nanosleep)\s*\(")
SLEEPS_PY = re.compile(r"\btime\.sleep\s*\(|(?<![\w.])sleep\s*\(")
# Written so that the patterns do not find themselves.
UNFINISHED = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X)\b(?!\(#\d+\))")
FOREIGN = [
    (re.compile(r"deb\.[d]ebian\.|registry\.[n]pmjs|\b[p]ypi\.org|files\.[p]ythonhosted|[p]roxy\.golang"),
     "a registry host"),
    (re.compile(r"(?<![\w.])/(?:[w]ork|[f]arm)/(?:main|shared|steering|in|\.library)\b"), "a path of one machine"),
    (re.compile(r'"[r]esolved":\s*"http'), "a registry host in a lock file"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


class Findings:
    """Collects findings in the order they are met."""

    def __init__(self):
        self.lines = []

    def add(self, path, line, rule, text):
        self.lines.append(f"{path}:{line}: {rule}: {text}")


def tree_files(root):
    """Tracked and new files below root, ignored ones left out; without git, every file."""
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, check=False)
    inside = subprocess.run(["git", "-C", root, "rev-parse", "--show-toplevel"],
                            capture_output=True, text=True, check=False).stdout.strip()
    if listing.returncode == 0 and os.path.realpath(inside or "/") == os.path.realpath(root):
        names = [os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
        return sorted({name for name in names if os.path.isfile(os.path.join(root, name))})
    found = []
    for folder, _, names in os.walk(root):
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def module_of(path_in_src):
    """`front/s3/ops/put.cc` -> `front/s3`; `base/hash/crc.h` -> `base`; a file directly in src/ -> ''."""
    parts = path_in_src.split("/")
    if len(parts) == 1:
        return ""
    if parts[0] in GROUPS:
        return "/".join(parts[:2]) if len(parts) > 2 else parts[0]
    return parts[0]


def group_of(module):
    return module.split("/")[0]


def may_include(user, used):
    """Whether module `user` may include module `used`; both are known and different."""
    if user == "":
        return True
    if group_of(used) == "backend":
        return user in BACKEND_USERS
    if group_of(user) == "backend":
        return FLOORS[group_of(used)] <= BACKEND_SEES_UP_TO or used in BACKEND_ALSO_SEES.get(user, ())
    if (user, used) in SAME_FLOOR_ALLOWED:
        return True
    return FLOORS[group_of(used)] < FLOORS[group_of(user)]


def check_layering(path, lines, findings):
    inside = path[len("src/"):]
    user = module_of(inside)
    if user and group_of(user) != "backend" and group_of(user) not in FLOORS:
        findings.add(path, 1, "layering", f"folder src/{group_of(user)} is not in the floor table")
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, name = match.group(1) == '"', match.group(2)
        if not quoted:
            for prefix, homes in SEAM_HEADERS.items():
                if name.startswith(prefix) and user not in homes:
                    findings.add(path, number, "layering", f"<{name}> belongs behind its seam, not in src/{user}")
            continue
        used = module_of(name)
        if group_of(used) != "backend" and group_of(used) not in FLOORS:
            findings.add(path, number, "layering", f'"{name}" is not a path below src/ in the floor table')
        elif used != user and not may_include(user, used):
            findings.add(path, number, "layering", f'src/{user} may not include "{name}": not a lower floor')


def check_size(path, text, lines, findings):
    limit = MAX_HEADER_LINES if path.endswith(".h") else MAX_FILE_LINES
    if len(lines) > limit:
        findings.add(path, limit + 1, "size", f"{len(lines)} lines; at most {limit}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            findings.add(path, number, "columns", f"{len(line)} columns; at most {MAX_COLUMNS}")
    spans = []
    if path.endswith(CPP):
        spans = functions(text)
    elif path.endswith(".py"):
        spans = python_functions(path, text, findings)
    for name, first, last in spans:
        if last - first + 1 > MAX_FUNCTION_LINES:
            findings.add(path, first, "function",
                         f"{name} has {last - first + 1} lines; at most {MAX_FUNCTION_LINES}")


def python_functions(path, text, findings):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        findings.add(path, error.lineno or 1, "python", f"does not parse: {error.msg}")
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.name, node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, kinds)]


def check_words(path, text, lines, findings):
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            findings.add(path, number, "unfinished", "name the issue that it waits for, as in (#12)")
    if path.endswith(CPP):
        code = blank_out(text).split("\n")
        for number, line in enumerate(code, 1):
            for pattern, what in BANNED_CPP:
                if pattern.search(line):
                    findings.add(path, number, "banned", what)
            if path.startswith("tests/") and SLEEPS_CPP.search(line):
                findings.add(path, number, "banned", "a sleep in a test: await the event")
            if path.startswith("src/") and group_of(module_of(path[len("src/"):])) not in RAW_HOMES:
                for pattern, what in RAW_WORDS:
                    if pattern.search(line):
                        findings.add(path, number, "raw", f"{what} belongs in src/rt or src/backend")
    elif path.endswith(".py") and path.startswith("tests/"):
        for number, line in enumerate(lines, 1):
            if SLEEPS_PY.search(line.split("#")[0]):
                findings.add(path, number, "banned", "a sleep in a test: await the event")


def check_foreign(path, lines, findings):
    for number, line in enumerate(lines, 1):
        for pattern, what in FOREIGN:
            if pattern.search(line):
                findings.add(path, number, "foreign", f"{what} may not stand in the tree")


def check_folders(files, findings):
    folders = {}
    for path in files:
        folder = os.path.dirname(path)
        if folder.split("/")[0] not in ROOMS or NOT_ROOMS.search(folder):
            continue
        while folder:
            folders.setdefault(folder, [])
            folder = os.path.dirname(folder)
        folders[os.path.dirname(path)].append(os.path.basename(path))
    for folder, names in sorted(folders.items()):
        if "README.md" not in names and folder != "src":
            findings.add(folder, 1, "readme", "no README.md: what belongs here, what does not, what to read first")
        counted = [name for name in names if name not in FREE_OF_COUNT]
        if len(counted) > MAX_FOLDER_FILES:
            findings.add(folder, 1, "folder", f"{len(counted)} files; at most {MAX_FOLDER_FILES}")


def check_tree(root):
    """Every finding in the tree below root, as lines."""
    findings = Findings()
    files = tree_files(root)
    for path in files:
        base = os.path.basename(path)
        with open(os.path.join(root, path), "rb") as handle:
            data = handle.read()
        if b"\0" in data[:8192] or NOT_ROOMS.search(os.path.dirname(path)):
            continue
        text = data.decode("utf-8", "replace")
        lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
        check_foreign(path, lines, findings)
        if base in GENERATED or not (path.endswith(CODE) or base in CODE_NAMES):
            continue
        check_size(path, text, lines, findings)
        check_words(path, text, lines, findings)
        if path.startswith("src/") and path.endswith(CPP):
            check_layering(path, lines, findings)
    check_folders(files, findings)
    return findings.lines, len(files)


def main():
    if len(sys.argv) > 2 or (len(sys.argv) == 2 and sys.argv[1].startswith("-")):
        print(__doc__, file=sys.stderr)
        return 2
    root = sys.argv[1] if len(sys.argv) == 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    lines, count = check_tree(root)
    for line in lines:
        print(line)
    print(f"check_tree: {count} files, {len(lines)} findings")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
