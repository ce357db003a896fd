#!/usr/bin/env python3
"""The checker of the tree finds each kind of fault in a small bad tree, and nothing in a good one."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tools"))

import check_tree  # noqa: E402
import cpp_source  # noqa: E402

GOOD = {
    "src/base/README.md": "# base\n",
    "src/base/result.h": "// Result.\n#pragma once\n#include <string>\nnamespace tp {\nint f();\n}\n",
    "src/base/hash/README.md": "# hash\n",
    "src/base/hash/crc.h": '#include "base/result.h"\n',
    "src/io/README.md": "# io\n",
    "src/io/file.h": '#include "base/hash/crc.h"\n',
    "src/backend/README.md": "# backend\n",
    "src/backend/local/README.md": "# local\n",
    "src/backend/local/file.h": "",
    "src/backend/local/file.cc": '#include <liburing.h>\n#include "io/file.h"\nint fd = ::open("x", 0);\n',
    "src/server/README.md": "# server\n",
    "src/server/server.h": '#include "backend/local/file.h"\n#include "io/file.h"\n',
    "src/cli/README.md": "# cli\n",
    "src/cli/serve.cc": '#include "server/server.h"\n',
    "src/main.cc": '#include "cli/serve.h"\nint main() { return 0; }\n',
}


class CheckTreeTest(unittest.TestCase):
    def findings(self, changes):
        """What the checker says of the good tree with these files added or replaced."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**GOOD, **changes}.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as handle:
                    handle.write(text)
            return check_tree.check_tree(root)[0]

    def assert_one(self, changes, where, text):
        found = self.findings(changes)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where), found)
        self.assertIn(text, found[0])

    def test_a_good_tree_has_no_findings(self):
        self.assertEqual(self.findings({}), [])

    def test_a_lower_floor_may_not_include_a_higher_one(self):
        self.assert_one({"src/base/up.h": '#include "io/file.h"\n'}, "src/base/up.h:1: layering", "lower floor")

    def test_siblings_on_one_floor_may_not_include_each_other(self):
        self.assert_one({"src/kv/README.md": "", "src/kv/engine.h": '\n#include "io/file.h"\n'},
                        "src/kv/engine.h:2: layering", "src/kv may not include")
        self.assert_one({"src/front/README.md": "", "src/front/s3/README.md": "", "src/front/nfs/README.md": "",
                         "src/front/s3/a.h": '#include "front/nfs/b.h"\n', "src/front/nfs/b.h": ""},
                        "src/front/s3/a.h:1: layering", "front/nfs/b.h")

    def test_a_module_sees_its_own_subfolders(self):
        self.assertEqual(self.findings({"src/base/all.h": '#include "base/hash/crc.h"\n'}), [])

    def test_a_backend_sees_only_the_seams(self):
        changes = {"src/meta/README.md": "", "src/meta/store.h": ""}
        self.assert_one({**changes, "src/backend/local/up.h": '#include "meta/store.h"\n'},
                        "src/backend/local/up.h:1: layering", "meta/store.h")

    def test_a_remote_backend_sees_the_network_too(self):
        remote = {"src/backend/s3/README.md": "", "src/net/README.md": "", "src/net/client.h": "",
                  "src/backend/s3/s.h": '#include "net/client.h"\n'}
        self.assertEqual(self.findings(remote), [])
        self.assert_one({**remote, "src/backend/local/n.h": '#include "net/client.h"\n'},
                        "src/backend/local/n.h:1: layering", "net/client.h")

    def test_only_the_composition_root_sees_a_backend(self):
        self.assert_one({"src/plane/README.md": "", "src/plane/p.h": '#include "backend/local/file.h"\n'},
                        "src/plane/p.h:1: layering", "backend/local/file.h")

    def test_a_backend_may_not_include_another(self):
        self.assert_one({"src/backend/memory/README.md": "",
                         "src/backend/memory/m.h": '#include "backend/local/file.h"\n'},
                        "src/backend/memory/m.h:1: layering", "backend/local/file.h")

    def test_an_unknown_folder_is_reported(self):
        self.assert_one({"src/misc/README.md": "", "src/misc/m.h": ""}, "src/misc/m.h:1: layering", "floor table")

    def test_a_quoted_include_is_a_path_below_src(self):
        self.assert_one({"src/base/b.h": '#include "../io/y.h"\n'}, "src/base/b.h:1: layering", "not a path below src/")

    def test_a_seam_hides_its_library(self):
        self.assert_one({"src/plane/README.md": "", "src/plane/p.cc": "#include <rocksdb/db.h>\n"},
                        "src/plane/p.cc:1: layering", "behind its seam")

    def test_sizes_are_limited(self):
        self.assert_one({"src/base/long.h": "\n" * 301}, "src/base/long.h:301: size", "301 lines")
        self.assertEqual(self.findings({"src/base/long.h": "\n" * 300}), [])
        self.assert_one({"src/base/long.cc": "\n" * 601}, "src/base/long.cc:601: size", "601 lines")
        self.assert_one({"src/base/wide.cc": "// " + "x" * 118 + "\n"}, "src/base/wide.cc:1: columns", "121 columns")
        body = "int f() {\n" + "  g();\n" * 69 + "}\n"
        self.assert_one({"src/base/f.cc": "\n" + body}, "src/base/f.cc:2: function", "f has 71 lines")
        self.assertEqual(self.findings({"src/base/f.cc": body.replace("  g();\n", "", 1)}), [])
        self.assert_one({"tools/README.md": "", "tools/t.py": "def f():\n" + "    g()\n" * 70},
                        "tools/t.py:1: function", "f has 71 lines")

    def test_a_folder_has_a_readme_and_few_files(self):
        self.assert_one({"docs/formats/blob.md": "", "docs/README.md": ""}, "docs/formats:1: readme", "README.md")
        self.assert_one({f"src/base/f{n}.h": "" for n in range(15)}, "src/base:1: folder", "16 files")
        self.assertEqual(self.findings({f"src/base/f{n}.h": "" for n in range(14)}), [])
        self.assertEqual(self.findings({"tests/README.md": "", "tests/fuzz/README.md": "",
                                        **{f"tests/fuzz/corpus/x/{n}": "" for n in range(40)}}), [])

    def test_banned_words_are_found_in_code_and_not_in_literals(self):
        for line in ("using namespace std;", "assert(x);", "out << std::endl;"):
            self.assert_one({"src/base/w.cc": f"// w\n{line}\n"}, "src/base/w.cc:2: banned", "")
        harmless = 'static_assert(true);\n// assert(x)\nconst char* k = "assert(std::endl)";\nx.assert(1);\n'
        self.assertEqual(self.findings({"src/base/w.cc": harmless}), [])

    def test_unfinished_work_names_an_issue(self):
        word = "TO" + "DO"
        self.assert_one({"src/base/w.cc": f"// {word}: later\n"}, "src/base/w.cc:1: unfinished", "issue")
        self.assertEqual(self.findings({"src/base/w.cc": f'// {word}(#12): later\nchar t[] = "/tmp/XXXXXX";\n'}), [])

    def test_tests_do_not_sleep(self):
        rooms = {"tests/README.md": ""}
        self.assert_one({**rooms, "tests/a.cc": "std::this_thread::sleep_for(1ms);\n"}, "tests/a.cc:1: banned", "sleep")
        self.assert_one({**rooms, "tests/a.cc": "usleep(5);\n"}, "tests/a.cc:1: banned", "sleep")
        self.assert_one({**rooms, "tests/a.py": "time.slee" + "p(1)\n"}, "tests/a.py:1: banned", "sleep")
        self.assertEqual(self.findings({**rooms, "tests/a.cc": "co_await clock.sleep(1ms);\n"}), [])

    def test_threads_and_descriptors_stay_in_the_runtime_and_the_backends(self):
        for line in ("std::thread t;", "pthread_self();", "int s = ::socket(1, 2, 3);", 'int f = ::open("x", 0);'):
            self.assert_one({"src/io/r.cc": line + "\n"}, "src/io/r.cc:1: raw", "belongs in src/rt")
        self.assertEqual(self.findings({"src/io/r.cc": "auto f = FileSystem::open(1);\n"
                                                       "int n = std::thread::hardware_concurrency();\n"}), [])

    def test_nothing_names_a_registry_or_one_machine(self):
        self.assert_one({"x.md": "get it from https://registry" + ".npmjs.org/\n"}, "x.md:1: foreign", "registry")
        self.assert_one({"x.md": "see /wo" + "rk/main/src\n"}, "x.md:1: foreign", "one machine")
        self.assert_one({"package-lock.json": '{"reso' + 'lved": "http://a/b"}\n'},
                        "package-lock.json:1: foreign", "lock")


class CppSourceTest(unittest.TestCase):
    def names(self, text):
        return [(name, first, last) for name, first, last in cpp_source.functions(text)]

    def test_finds_functions_in_namespaces_and_classes(self):
        text = ("namespace a::b {\nclass X final : public Y<int> {\n public:\n  X() : a_(1) {\n  }\n"
                "  int get() const noexcept { return a_; }\n};\n}\n"
                "template <class T>\n  requires C<T>\nT twice(T t = {})\n{\n  if (t) {\n  }\n}\n")
        self.assertEqual(self.names(text), [("X", 4, 5), ("get", 6, 6), ("twice", 9, 15)])

    def test_initializers_lambdas_and_types_are_not_functions(self):
        text = ("enum class E : int { kA, kB };\nconst std::map<int, int> kTable = {\n {1, f(2)},\n};\n"
                "auto make = [](int x) {\n  return x;\n};\nstruct S { int x = g(1); };\nint y{3};\n")
        self.assertEqual(self.names(text), [])

    def test_literals_do_not_confuse_it(self):
        text = 'void f() {\n  g("}{", \'{\', 1\'000);  // }\n  h(R"x(}}})x");\n#define Q {{{\n}\nvoid k() {}\n'
        self.assertEqual(self.names(text), [("f", 1, 5), ("k", 6, 6)])

    def test_operators_are_functions(self):
        self.assertEqual(self.names("X& X::operator=(X&& o) {\n}\nbool operator==(X a, X b) { return 1; }\n"),
                         [("X::operator=", 1, 2), ("operator==", 3, 3)])


if __name__ == "__main__":
    unittest.main()
