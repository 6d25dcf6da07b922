#!/usr/bin/env python3
"""What administrators change while the Conference runs: suspensions, moves, names of offices; and the dry run.

Usage: admin_changes_test.py PROGRAMS
"""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness import trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
NOT_AUTHORISED = 4


class AdminChanges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-changes-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def offices(self):
        self.world.officer("hn", "sync")
        return {card["office_id"]: card for card in self.world.officer_json("hn", "directory")["offices"]}

    def refusal(self, *arguments):
        done = self.world.admin("mx", *arguments, expect=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def test_1_suspended_until_resumed(self):
        self.world.officer("mx", "sync")
        self.world.admin("mx", "--dry-run", "officer", "suspend", "ofc-mx-021")
        self.world.officer("mx", "sync")
        self.world.admin("mx", "officer", "suspend", "ofc-mx-021")
        refused = wait_until(self.suspension, "the suspension to bite")
        # Whether the stream is cut or a call refused: the officer reads why.
        self.assertIn("OFFICER_SUSPENDED", refused)
        self.world.admin("mx", "officer", "resume", "ofc-mx-021")
        self.world.officer("mx", "sync")
        self.assertIn("REGISTRY_ENTRY_INVALID", self.refusal("officer", "resume", "ofc-mx-021"))

    def suspension(self):
        done = self.world.officer("mx", "sync", expect=None)
        return done.stderr if done.returncode == NOT_AUTHORISED else None

    def test_2_a_move_changes_the_office(self):
        self.assertIn("OFFICE_UNKNOWN", self.refusal("officer", "move", "ofc-mx-044", "--office", "mx.nowhere"))
        self.assertIn("ID_INVALID", self.refusal("officer", "move", "ofc-mx-999", "--office", "mx.consular"))
        self.world.admin("mx", "officer", "move", "ofc-mx-044", "--office", "mx.consular")
        offices = self.offices()
        self.assertEqual(offices["mx.consular"]["officers"], ["ofc-mx-021", "ofc-mx-044"])
        self.assertEqual(offices["mx.trafficking"]["machines"], 0)
        self.world.admin("mx", "officer", "move", "ofc-mx-044", "--office", "mx.trafficking")

    def test_3_an_office_gets_another_name_and_a_successor(self):
        self.assertIn("ID_INVALID", self.refusal("office", "rename", "mx.trafficking", "hn.trafficking"))
        self.assertIn("OFFICE_EXISTS", self.refusal("office", "rename", "mx.trafficking", "mx.consular"))
        self.world.admin("mx", "office", "rename", "mx.trafficking", "mx.trata")
        self.assertIn("mx.trata", self.offices())
        self.assertNotIn("mx.trafficking", self.offices())
        self.assertIn("OFFICE_UNKNOWN", self.refusal("office", "close", "mx.trafficking", "--successor", "mx.consular"))
        self.assertIn("USAGE", self.refusal("office", "close", "mx.trata", "--successor", "mx.trata"))
        closed = self.world.admin("mx", "--output", "json", "office", "close", "mx.trata", "--successor", "mx.consular")
        self.assertEqual(json.loads(closed.stdout)["successor"], "mx.consular")
        self.assertNotIn("mx.trata", self.offices())


if __name__ == "__main__":
    unittest.main()
