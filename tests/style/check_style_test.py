#!/usr/bin/env python3
"""The style checker itself: each rule finds its violation and leaves good code alone."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).with_name("check_style.py")


def run_checker(files, targets=None):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        command = [sys.executable, str(CHECKER), str(root)]
        if targets is not None:
            (root / "targets.txt").write_text(targets)
            command += ["--targets", str(root / "targets.txt")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def function_of(lines):
    return "int F() {\n" + "  G();\n" * (lines - 2) + "}\n"


class StyleChecker(unittest.TestCase):
    def expect(self, files, rule):
        code, out = run_checker(files)
        if rule is None:
            self.assertEqual(code, 0, out)
        else:
            self.assertEqual(code, 1, out)
            self.assertIn(f": {rule}: ", out)

    def test_sizes(self):
        self.expect({"crypto/a.h": "// It.\n" * 250}, None)
        self.expect({"crypto/a.h": "// It.\n" * 251}, "size")
        self.expect({"crypto/a.cc": "int x;\n" * 501}, "size")

    def test_function_length(self):
        self.expect({"crypto/a.cc": function_of(70)}, None)
        self.expect({"crypto/a.cc": function_of(71)}, "function")

    def test_nesting(self):
        deep = "void F() {\n" + "if (a) {\n" * 4 + "}" * 4 + "\n}\n"
        self.expect({"crypto/a.cc": deep}, "nesting")
        self.expect({"crypto/a.cc": deep.replace("if (a) {\n" * 4, "if (a) {\n" * 3).replace("}}}}", "}}}")}, None)

    def test_parameters(self):
        self.expect({"crypto/a.cc": "int F(int a, int b, int c, int d, int e) { return a; }\n"}, None)
        self.expect({"crypto/a.cc": "int F(int a, int b, int c, int d, int e, int f) { return a; }\n"}, "parameters")
        self.expect({"crypto/a.cc": "int F(int a, int b, int c, int d, int e, int f) override { return a; }\n"}, None)
        self.expect({"crypto/a.cc": "int F(std::map<int, int> a, G<b, c, d> e) { return 0; }\n"}, None)

    def test_leftovers_and_headers(self):
        self.expect({"crypto/a.cc": "// TO" "DO: later\n"}, "leftover")
        self.expect({"crypto/a.h": "int x;\n"}, "header")

    def test_headers_open_no_namespace(self):
        self.expect({"crypto/a.h": "// It.\nusing namespace std;\n"}, "using")
        self.expect({"crypto/a.h": "// It.\n// using namespace std;\n"}, None)
        self.expect({"crypto/a.cc": "using namespace std;\n"}, None)

    def test_include_arrows(self):
        self.expect({"crypto/a.cc": '#include "server/core.h"\n'}, "arrow")
        self.expect({"server/a.cc": '#include "enlace/alert/v1/alert.pb.h"\n'}, "arrow")
        self.expect({"client/a.cc": '#include "storage/engine.h"\n'}, "arrow")
        self.expect({"server/a.cc": '#include "storage/engine.h"\n'}, None)

    def test_target_arrows(self):
        good = "\n".join(f"{name}:" for name in (
            "enlace-server", "enlace_server_core", "enlace", "enlace-admin", "enlace_crypto", "enlace_mls_public",
            "enlace_storage"))
        files = {"crypto/a.cc": "int x;\n"}
        self.assertEqual(run_checker(files, good)[0], 0)
        bad = good.replace("enlace-server:", "enlace-server: helper") + "\nhelper: enlace_mls\n"
        code, out = run_checker(files, bad)
        self.assertEqual(code, 1)
        self.assertIn("enlace-server reaches enlace_mls", out)
        self.assertEqual(run_checker(files, good.replace("enlace-server:", ""))[0], 1)

    def test_no_sources_is_an_error(self):
        self.assertEqual(run_checker({})[0], 2)


if __name__ == "__main__":
    unittest.main()
