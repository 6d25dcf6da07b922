"""mls_vectors on files that nobody should trust: it ends with a tally and an exit code, never with a signal.

Usage: runner_test.py MLS_VECTORS [FOLDER]. FOLDER holds the official vectors, cases of which are damaged in many ways;
without it only the files made here are tried.
"""

import copy
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv[1]
FOLDER = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
TALLY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
# Damaged cases made of each official file, from its smallest cases.
DAMAGED_CASES = 150
CASE_BYTES_MAX = 60_000


def run(kind, *files):
    done = subprocess.run([PROGRAM, kind, *map(str, files)], capture_output=True, text=True, timeout=120)
    last = done.stdout.splitlines()[-1] if done.stdout else ""
    found = TALLY.match(last)
    return done.returncode, tuple(map(int, found.groups())) if found else None


def damage(value, rng):
    """Changes one thing in a JSON value, in place where it can, and returns it."""
    if isinstance(value, dict) and value:
        key = rng.choice(sorted(value))
        if rng.random() < 0.15:
            del value[key]
        else:
            value[key] = damage(value[key], rng)
        return value
    if isinstance(value, list) and value:
        at = rng.randrange(len(value))
        if rng.random() < 0.15:
            del value[at]
        else:
            value[at] = damage(value[at], rng)
        return value
    if isinstance(value, str) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return rng.choice([value[:at], value + "00", value[:at] + rng.choice("0123456789abcdefx") + value[at + 1:],
                           value[: at - at % 2] + value[at - at % 2 + 2:]])
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.8:
        return rng.choice([value + 1, value - 1, 0, -1, 2**16, 2**31, 2**32 - 1, 2**32, 2**53, value * 2 + 1])
    return rng.choice([None, "", "zz", 0, -1, 2**40, 1.5, [], {}, True, "00" * 40])


class Runner(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, text):
        path = pathlib.Path(self.folder.name) / "cases.json"
        path.write_text(text)
        return path

    def test_what_is_no_list_of_cases_fails(self):
        for text in ["", "nonsense", "17", "null", '"text"', "[", "{]"]:
            with self.subTest(text=text):
                self.assertEqual(run("treekem", self.file(text)), (1, (0, 1, 0)))

    def test_a_file_that_is_not_there_fails(self):
        self.assertEqual(run("treekem", "/nonexistent/cases.json"), (1, (0, 1, 0)))

    def test_no_case_at_all_is_not_a_pass(self):
        self.assertEqual(run("treekem", self.file("[]")), (1, (0, 0, 0)))

    def test_cases_of_unknown_suites_are_skipped_and_alone_are_not_a_pass(self):
        cases = [{"cipher_suite": suite} for suite in (0, 2, 4, 7, 0x0A0A, 65535, 65537, 2**33)]
        for kind in ("crypto-basics", "key-schedule", "treekem", "welcome", "passive-client-random", "psk-secret"):
            with self.subTest(kind=kind):
                self.assertEqual(run(kind, self.file(json.dumps(cases))), (1, (0, 0, len(cases))))

    def test_cases_that_are_no_objects_or_empty_fail(self):
        for kind in ("treekem", "tree-math", "tree-operations", "tree-validation", "messages", "secret-tree"):
            with self.subTest(kind=kind):
                self.assertEqual(run(kind, self.file('[{}, [], 1, null, "x"]')), (1, (0, 5, 0)))

    def test_wrong_command_lines_are_told(self):
        self.assertEqual(run("no-such-type", self.file("[]"))[0], 2)
        self.assertEqual(subprocess.run([PROGRAM], capture_output=True).returncode, 2)

    def test_damaged_official_cases_end_cleanly(self):
        if FOLDER is None or not FOLDER.is_dir():
            self.skipTest("the official vectors are not there")
        for path in sorted(FOLDER.glob("*.json")):
            with self.subTest(file=path.name):
                cases = [c for c in json.loads(path.read_text())
                         if c.get("cipher_suite", 1) in (1, 3) and len(json.dumps(c)) < CASE_BYTES_MAX]
                rng = random.Random(path.name)
                damaged = [damage(copy.deepcopy(rng.choice(cases)), rng) for _ in range(DAMAGED_CASES)]
                code, tally = run(path.stem, self.file(json.dumps(damaged)))
                self.assertIn(code, (0, 1))
                self.assertIsNotNone(tally)
                self.assertEqual(sum(tally), DAMAGED_CASES)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
