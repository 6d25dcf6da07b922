#!/usr/bin/env python3
"""The real programs over a poor line: 64 kbit/s, 600 ms there and back, broken every 20 s.

Usage: link_test.py PROGRAMS
The line carries one officer at a time, as one office's line does. ENLACE_TEST_FULL=1 plays each part several times,
with larger attachments.
"""

import datetime
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import trial  # noqa: E402  pylint: disable=wrong-import-position
from slow_link import Line, SlowLink  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
FULL = bool(os.environ.get("ENLACE_TEST_FULL"))
ROUNDS = 3 if FULL else 1
POOR = Line(rate_bits_per_s=64000, round_trip_ms=600, reset_s=20)
NEW_MESSAGES = 200
# The goal is 30 s, which a machine that does nothing else keeps (docs/performance.md); here other tests run beside it. A
# second break, at 40 s, would show that something grew.
INBOX_S = 36
URGENT_S = 10
# What the programs need is measured; a break at a bad moment or a busy machine may fall into one try.
TRIES = 3
# More than the line carries between two breaks, so that an attachment that began anew would never arrive.
ATTACHMENT_BYTES = (1 << 20) if FULL else 200_000
# What a break takes with it, and the line's queue, counted as sent.
SENT_AGAIN_MAX = 2.5
KEPT_IN_NEWS = ("schema_version", "case_ref", "status", "alert_type", "priority", "handling", "sender", "recipients", "language",
                "requested_actions", "ack_due_at")
OFFICES = ("mx.consular", "mx.trafficking", "us.consular", "gt.consular", "pa.consular")


class PoorLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-link-"))
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        cls.world = trial(cls.folder, PROGRAMS)
        # The officers keep the address that they were invited to; the server moves behind the line.
        address = cls.world.ports["main"]
        cls.world.lock_all()
        cls.world.stop_server()
        cls.world.ports = {"enrolment": cls.world.ports["enrolment"]}
        cls.world.write_config(cls.world.charter_root)
        cls.world.start_server()
        cls.link = SlowLink(("127.0.0.1", cls.world.ports["main"]), address).start()
        cls.number = 500

    @classmethod
    def tearDownClass(cls):
        cls.link.change(Line())
        cls.world.close()
        cls.link.stop()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.link.change(Line())

    def alert(self, name, offices):
        """A given case, written now, under a number of its own, to these offices."""
        alert = cases.retime(cases.load(name), datetime.datetime.now(datetime.timezone.utc))
        alert.pop("attachments", None)
        type(self).number += 1
        alert["case_ref"] = f"HN-2026-{self.number:06}"
        alert["recipients"] = [{"office_id": office, "role": "ROLE_ACTION"} for office in offices]
        return alert

    def write(self, alert):
        path = self.files / f"{alert['alert_id']}.json"
        path.write_text(json.dumps(alert, ensure_ascii=False), encoding="utf-8")
        return path

    def send(self, officer, alert, *options):
        return self.world.officer(officer, "send", self.write(alert), *options)

    def only(self, officer):
        """Everybody else leaves the line."""
        for name in ("hn", "mx", "mxt", "us", "gt", "pa"):
            if name != officer:
                self.world.officer(name, "lock", expect=None)

    def updates(self, alert, count):
        """Short news of the case, as many as a busy night has."""
        for _ in range(count):
            now = datetime.datetime.now(datetime.timezone.utc)
            news = {key: value for key, value in alert.items() if key in KEPT_IN_NEWS}
            news.update({"alert_id": cases.uuid7(now), "message_type": "MESSAGE_TYPE_UPDATE",
                         "created_at": now.strftime(cases.FORMAT), "subject": "Sin novedad en la terminal",
                         "body": "Se buscó de nuevo en la terminal, sin resultado.",
                         "links": [{"alert_id": alert["alert_id"], "case_ref": alert["case_ref"],
                                    "type": "LINK_TYPE_UPDATES"}]})
            self.send("hn", news)

    def night_seconds(self):
        """How long the first sync takes, passphrase included, with a night's messages of a case waiting."""
        self.link.change(Line())
        alert = self.alert("A01", ["us.consular"])
        self.send("hn", alert, "--wait=30")
        self.world.officer("us", "sync")
        self.only("hn")
        self.updates(alert, NEW_MESSAGES)
        self.world.officer("hn", "sync")
        self.only("us")
        self.world.officer("us", "lock", expect=None)
        before = self.link.down.bytes
        self.link.change(POOR)
        begun = time.monotonic()
        self.world.officer("us", "sync", "--timeout", 60)
        took = time.monotonic() - begun
        print(f"night: {NEW_MESSAGES} messages in {took:.1f} s, {self.link.down.bytes - before} bytes", flush=True)
        self.link.change(Line())
        self.assertEqual(self.world.officer_json("us", "show", alert["case_ref"])["updates"], NEW_MESSAGES)
        return took

    def assert_within(self, limit_s, seconds):
        """Each round's best try keeps the limit."""
        for _ in range(ROUNDS):
            best = seconds()
            for _ in range(TRIES - 1):
                if best < limit_s:
                    break
                best = min(best, seconds())
            self.assertLess(best, limit_s)

    def test_first_inbox_after_a_night(self):
        self.assert_within(INBOX_S, self.night_seconds)

    def urgent_seconds(self):
        """How long an urgent alert takes while a large attachment is under way, which has to make room."""
        self.link.change(Line())
        self.only("hn")
        self.world.officer("hn", "sync")
        routine = self.alert("A01", ["mx.consular"])
        self.link.change(POOR)
        self.send("hn", routine, "--attach", self.attachment(routine))
        urgent = self.alert("A01", OFFICES)
        urgent["priority"] = "PRIORITY_URGENT"
        begun = time.monotonic()
        self.send("hn", urgent, "--wait=30")
        took = time.monotonic() - begun
        print(f"urgent: five offices in {took:.1f} s", flush=True)
        return took

    def test_urgent_alert_to_five_offices(self):
        self.assert_within(URGENT_S, self.urgent_seconds)

    def attachment(self, alert):
        """A file that nothing shrinks, named by the alert."""
        path = self.files / f"{alert['alert_id']}.pdf"
        path.write_bytes(b"%PDF-1.4\n" + secrets.token_bytes(ATTACHMENT_BYTES))
        alert["attachments"] = [{"attachment_id": "att-00000001", "file_name": path.name, "media_type": "application/pdf",
                                 "size_bytes": path.stat().st_size, "tlp": alert["handling"]["tlp"],
                                 "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "caption": "Expediente"}]
        return path

    def test_interrupted_attachments_resume(self):
        # Over a good line before: the pieces have grown.
        quick = self.alert("A01", ["mx.consular"])
        self.only("hn")
        self.send("hn", quick, "--attach", self.attachment(quick))
        self.world.officer("hn", "sync")
        alert = self.alert("A01", ["mx.consular"])
        path = self.attachment(alert)
        self.link.change(POOR)
        resets, sent = self.link.resets, self.link.up.bytes
        self.send("hn", alert, "--attach", path)
        self.world.officer("hn", "sync", "--timeout", 300, timeout=320)
        self.assertGreater(self.link.resets, resets, "the line broke on the way up")
        self.assertLess(self.link.up.bytes - sent, SENT_AGAIN_MAX * ATTACHMENT_BYTES, "little was sent again")
        self.link.change(Line())
        self.only("mx")
        self.world.officer("mx", "sync")
        self.link.change(POOR)
        resets, received = self.link.resets, self.link.down.bytes
        out = self.files / "saved.pdf"
        self.world.officer("mx", "attachment", alert["case_ref"], "att-00000001", "--out", out, timeout=320)
        self.assertEqual(out.read_bytes(), path.read_bytes())
        self.assertGreater(self.link.resets, resets, "the line broke on the way down")
        self.assertLess(self.link.down.bytes - received, SENT_AGAIN_MAX * ATTACHMENT_BYTES, "little was sent again")


if __name__ == "__main__":
    unittest.main(verbosity=2)
