"""Stock programs on the mount: a tarball unpacked and built, git, SQLite, rsync. They read from /run/guest."""

import hashlib
import os
import shutil
import sqlite3
import stat
import subprocess

from cases import case, run, same

SHARED = "/run/guest"
ROWS = int(os.environ.get("SQLITE_ROWS", "1000000"))


def tool(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}")
    return done.stdout


def manifest(root):
    """What rsync -aH promises to carry, by path."""
    root, found, first_names = os.fsencode(root), {}, {}
    for folder, folders, names in os.walk(root):
        for name in sorted(folders + names):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            entry = [stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid]
            relative = os.path.relpath(path, root)
            if stat.S_ISLNK(status.st_mode):
                entry.append(os.readlink(path))
            else:
                entry.append(status.st_mtime_ns)
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as handle:
                    entry += [status.st_size, hashlib.sha256(handle.read()).hexdigest(), status.st_nlink]
                entry.append(first_names.setdefault(status.st_ino, relative))
            found[relative] = entry
    return found


@case()
def a_source_tarball_is_unpacked_and_built():
    tool("tar", "xf", f"{SHARED}/source.tar.gz")
    os.chdir("source")
    if shutil.which("make") and shutil.which("gcc"):
        tool("make", "-s")
        program = "./program"
    else:
        tool("sh", "build.sh")
        program = "./script"
    same(tool(program).strip(), "all parts are here: 78")


@case()
def git_clones_and_verifies():
    environment = {**os.environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
                   "GIT_CONFIG_VALUE_0": "*"}
    tool("git", "clone", "-q", f"file://{SHARED}/repository", "clone", env=environment)
    os.chdir("clone")
    same(tool("git", "status", "--porcelain", env=environment), "")
    tool("git", "fsck", "--full", "--strict", env=environment)
    same(tool("git", "rev-list", "--count", "HEAD", env=environment).strip(), "5")
    with open("file-3.txt", "a", encoding="ascii") as handle:
        handle.write("changed\n")
    tool("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "on the mount", env=environment)
    tool("git", "gc", "-q", env=environment)
    tool("git", "fsck", "--full", env=environment)


@case()
def sqlite_keeps_a_million_rows_under_random_updates():
    script = f"""
      CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER, s TEXT);
      INSERT INTO t SELECT value, value * 7, 'row ' || value FROM generate_series(1, {ROWS});
      CREATE INDEX by_v ON t(v);
    """
    for turn in range(1, 6):
        script += (f"BEGIN; UPDATE t SET v = -{turn}, s = 'changed {turn}' WHERE id IN "
                   f"(SELECT (value * 7919 * {turn}) % {ROWS} + 1 FROM generate_series(1, 2000)); COMMIT;")
    script += "PRAGMA integrity_check; SELECT count(*), sum(v < 0) > 2000 FROM t;"
    said = tool("sqlite3", "data.db", input=script)
    same(said.split(), ["ok", f"{ROWS}|1"])
    handle = os.open("data.db", os.O_RDONLY)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)
    connection = sqlite3.connect("file:data.db?mode=ro", uri=True)
    same(connection.execute("PRAGMA quick_check").fetchall(), [("ok",)])
    connection.close()


@case()
def rsync_carries_a_tree_there_and_back():
    tool("rsync", "-aH", f"{SHARED}/tree/", "there/")
    tool("rsync", "-aH", "there/", "/tmp/back/")
    want, there, back = manifest(f"{SHARED}/tree"), manifest("there"), manifest("/tmp/back")
    for name, entry in want.items():
        same(there.get(name), entry, f"there, {name!r}")
        same(back.get(name), entry, f"back, {name!r}")
    same(set(there), set(want))
    same(tool("rsync", "-aHnic", f"{SHARED}/tree/", "there/").strip(), "", "what rsync finds to do")


if __name__ == "__main__":
    run()
