#!/usr/bin/env python3
"""Officers' agents come back by themselves after the server was killed, however it was restarted.

Usage: restart_test.py PROGRAMS
"""

import datetime
import json
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
KILLS = 12


class Restart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-restart-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def test_agents_find_a_server_that_was_killed(self):
        for kill in range(KILLS):
            self.world.kill_server()
            # An attempt of the agents meets the closed port in every second round, and a server that dies again in
            # the middle of their handshake in every third.
            if kill % 2:
                done = self.world.officer("hn", "sync", "--timeout", 1, expect=None)
                self.assertEqual(done.returncode, 3, done.stderr)
            self.world.start_server()
            if kill % 3 == 0:
                self.world.kill_server()
                self.world.start_server()
            for name in ("hn", "mx"):
                begun = time.monotonic()
                self.world.officer(name, "sync", "--timeout", 10)
                self.assertLess(time.monotonic() - begun, 10)

    def test_alert_queued_without_a_server_arrives_without_another_command(self):
        alert = cases.retime(cases.load("A01"), datetime.datetime.now(datetime.timezone.utc))
        alert.pop("attachments")
        alert["recipients"] = [{"office_id": "mx.consular", "role": "ROLE_ACTION"}]
        path = self.folder / "alert.json"
        path.write_text(json.dumps(alert), encoding="utf-8")
        self.world.officer("mx", "sync")
        self.world.kill_server()
        self.assertIn("en cola", self.world.officer("hn", "send", path).stdout)
        self.world.start_server()

        def arrived():
            rows = self.world.officer_json("mx", "inbox")["rows"]
            return any(row["case_ref"] == alert["case_ref"] for row in rows)

        wait_until(arrived, "the alert at mx.consular", timeout_s=45)


if __name__ == "__main__":
    unittest.main(verbosity=2)
