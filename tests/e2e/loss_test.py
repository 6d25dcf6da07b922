#!/usr/bin/env python3
"""The server's data is replaced by an older backup: nobody is told a lie, and after the operator's word every case goes on.

Usage: loss_test.py PROGRAMS
"""

import datetime
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import CommandFailed, trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

KEPT = "HN-2026-000801"
LOST = "HN-2026-000802"
PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")


class Loss(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-loss-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def send(self, case_ref):
        """hn opens a case for mx."""
        alert = cases.retime(cases.load("A01"), datetime.datetime.now(datetime.timezone.utc))
        alert.pop("attachments", None)
        alert["case_ref"] = case_ref
        alert["recipients"] = [{"office_id": "mx.consular", "role": "ROLE_ACTION"}]
        path = self.folder / f"{case_ref}.json"
        path.write_text(json.dumps(alert), encoding="utf-8")
        self.world.officer("hn", "send", path, "--wait=30")

    def state(self, profile, case_ref):
        """mx.consular's state in a case as a profile shows it; None while the case is not there."""
        self.world.officer(profile, "sync", expect=None)
        if case_ref not in json.dumps(self.world.officer_json(profile, "cases")):
            return None
        rows = self.world.officer_json(profile, "show", case_ref)["rows"]
        return next(row["state"] for row in rows if row["office_id"] == "mx.consular")

    def reaches(self, profile, case_ref, state):
        wait_until(lambda: self.state(profile, case_ref) == state, f"{case_ref} {state} at {profile}", timeout_s=60)

    def arrives(self, profile, case_ref):
        wait_until(lambda: self.state(profile, case_ref), f"{case_ref} at {profile}", timeout_s=60)

    def test_cases_go_on_after_the_loss_was_declared(self):
        world = self.world
        self.send(KEPT)
        self.arrives("mx", KEPT)
        backup = self.folder / "backup"
        world.run("enlace-server", "backup", backup, "--config", world.config)
        # What comes now is lost on the server: an acknowledgement, and a whole case that mx has not seen.
        world.officer("mx", "ack", KEPT, "--wait=30")
        self.reaches("hn", KEPT, "ACKNOWLEDGED")
        world.officer("mx", "lock")
        self.send(LOST)
        world.stop_server()
        shutil.rmtree(world.data / "store")
        shutil.copytree(backup / "store", world.data / "store")
        with self.assertRaises(CommandFailed):
            world.start_server()
        world.start_server("--declare-loss")

        self.reaches("hn", KEPT, "ACKNOWLEDGED")
        self.arrives("mx", LOST)
        # Both cases go on, in both directions.
        world.officer("mx", "ack", LOST, "--wait=30")
        self.reaches("hn", LOST, "ACKNOWLEDGED")
        world.officer("mx", "accept", KEPT, "--wait=30")
        for profile in ("hn", "mx"):
            self.reaches(profile, KEPT, "ACCEPTED")
        world.stop_server()
        world.run("enlace-server", "verify", "--config", world.config)


if __name__ == "__main__":
    unittest.main(verbosity=2)
