#!/usr/bin/env python3
"""What officers read, with the real programs: lists, search, documents, the directory, counts; on a terminal and off it.

Usage: reading_test.py PROGRAMS
"""

import csv
import datetime
import io
import json
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
USAGE, REFUSED = 2, 8
READING = (("inbox",), ("cases",), ("search", "reynosa"), ("document", "X00000171"), ("directory",), ("stats",), ("status",),
           ("show", "HN-2026-000412"), ("status", "HN-2026-000412"), ("attachment", "HN-2026-000412"))


def columns(text):
    """Columns that a line takes on a terminal."""
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return wide - sum(1 for c in text if unicodedata.combining(c))


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-reading-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")
        now = datetime.datetime.now(datetime.timezone.utc)
        cls.send(cases.retime(cases.load("A01"), now))
        drill = cases.retime(cases.load("A01"), now)
        drill.update(case_ref="HN-2026-000413", status="STATUS_EXERCISE", subject="Prueba de la sala")
        cls.send(drill)
        fraud = cases.retime(cases.load("A01"), now)
        fraud.update(case_ref="HN-2026-000414", alert_type="ALERT_TYPE_DOCUMENT_FRAUD", subject="Libretas robadas",
                     persons=[{"local_id": "p1", "role": "PERSON_ROLE_SUSPECT", "pseudonym": True,
                               "documents": [{"type": "DOCUMENT_TYPE_PASSPORT", "number": "AB100200", "number_to": "AB100299",
                                              "issuing_state": "HND", "finding": "DOCUMENT_FINDING_BLANK_STOLEN"}]}])
        fraud.pop("missing")
        cls.send(fraud)
        wait_until(cls.arrived, "three alerts at mx.consular")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    @classmethod
    def send(cls, alert):
        alert.pop("attachments", None)
        alert["recipients"] = [{"office_id": "mx.consular", "role": "ROLE_ACTION"}]
        path = cls.folder / "alert.json"
        path.write_text(json.dumps(alert), encoding="utf-8")
        cls.world.officer("hn", "send", path, "--wait=30")

    @classmethod
    def arrived(cls):
        cls.world.officer("mx", "sync")
        return len(cls.world.officer_json("mx", "cases")["rows"]) == 3

    def found(self, *words):
        return [row["case_ref"] for row in self.world.officer_json("mx", "search", *words)["rows"]]

    def test_cases_and_their_filters(self):
        def listed(*options):
            return sorted(row["case_ref"] for row in self.world.officer_json("mx", "cases", *options)["rows"])
        self.assertEqual(listed(), ["HN-2026-000412", "HN-2026-000413", "HN-2026-000414"])
        self.assertEqual(listed("--type", "document-fraud"), ["HN-2026-000414"])
        self.assertEqual(listed("--office", "hn.consular", "--since", "1h"), listed())
        self.assertEqual(listed("--office", "pa.consular"), [])
        self.assertEqual(listed("--overdue"), [])
        self.assertEqual(listed("--since", "2099-01-01"), [])
        rows = self.world.run("enlace", "--profile", "mx", "--passphrase-file", self.world.passphrase, "--output", "jsonl", "cases")
        self.assertEqual(len(rows.stdout.splitlines()), 3)
        for wrong in (("--type", "missing"), ("--since", "yesterday"), ("--limit", "0")):
            self.assertEqual(self.world.officer("mx", "cases", *wrong, expect=None).returncode, USAGE, wrong)

    def test_search_is_folded_and_numbers_come_first(self):
        for words in (("OLVIN",), ("josue",), ("Josué", "zelandieta"), ("+50400000103",)):
            self.assertIn("HN-2026-000412", self.found(*words), words)
        self.assertEqual(self.found("nadiesellamaasi"), [])
        hit = self.world.officer_json("mx", "search", "AB100200")["rows"]
        self.assertEqual([row["case_ref"] for row in hit], ["HN-2026-000414"])
        self.assertEqual(hit[0]["found_by"][0], "document")
        self.assertEqual(self.world.officer("mx", "search", "-", expect=None).returncode, USAGE)

    def test_document_within_a_stolen_range_and_by_zone(self):
        reports = self.world.officer_json("mx", "document", "ab-100250")["reports"]
        self.assertEqual([(one["case_ref"], one["in_range"]) for one in reports], [("HN-2026-000414", True)])
        zone = "P<CRIQUESALEGRE<SOLANO<<EFRAIN<<<<<<<<<<<<<<\nX000001719CRI8702285M3006302<<<<<<<<<<<<<<<2\n"
        answer = self.world.officer_json("mx", "document", "-", stdin=zone)
        self.assertEqual(answer["number"], "X00000171")
        self.assertTrue(answer["zone_fails"])
        done = self.world.officer("mx", "document", "-", stdin="no zone\nat all\n", expect=None)
        self.assertEqual(done.returncode, USAGE, done.stderr)

    def test_exercise_is_marked_in_every_view(self):
        for command in (("inbox",), ("cases",), ("search", "OLVIN"), ("show", "HN-2026-000413"), ("status", "HN-2026-000413")):
            for lang, mark in (("es", "SIMULACRO"), ("en", "EXERCISE")):
                self.assertIn(mark, self.world.officer("mx", *command, lang=lang).stdout, command)
        rows = {row["case_ref"]: row for row in self.world.officer_json("mx", "cases")["rows"]}
        self.assertEqual(rows["HN-2026-000413"]["status"], "EXERCISE")

    def test_directory_knows_who_is_on_duty_and_needs_no_server_and_no_vault(self):
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        shift = [time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in (start, start + datetime.timedelta(hours=8))]
        self.world.admin("mx", "office", "duty", "mx.consular", "--officer", "ofc-mx-021", "--from", shift[0], "--until",
                         shift[1], "--phone", "+525500000021")
        self.world.officer("hn", "sync")
        self.world.officer("hn", "lock")
        self.world.stop_server()
        try:
            answer = self.world.run("enlace", "--profile", "hn", "--output", "json", "directory", "mx.consular")
            card = json.loads(answer.stdout)["offices"][0]
            self.assertEqual(card["on_duty"][0]["officer_id"], "ofc-mx-021")
            shown = self.world.run("enlace", "--profile", "hn", "--lang", "es", "directory", "México").stdout
            self.assertIn("+525500000021", shown)
            self.assertIn("mx.trafficking", shown)
            done = self.world.run("enlace", "--profile", "hn", "--lang", "es", "directory", "mx.consula", expect=None)
            self.assertEqual(done.returncode, REFUSED)
            self.assertIn("mx.consular", done.stderr)
            # Reading goes on without a server, and says how old it is.
            for command in (("inbox",), ("cases",), ("show", "412"), ("status", "412")):
                wait_until(lambda command=command: "SIN CONEXIÓN" in self.world.officer("hn", *command).stdout,
                           f"{command} to say that there is no connection")
        finally:
            self.world.start_server()
            self.world.officer("hn", "sync")

    def test_roster_from_csv_names_the_line_that_is_wrong(self):
        roster = self.folder / "roster.csv"
        roster.write_text("officer,from,until,phone\nofc-mx-021,2026-01-01T06:00,2026-01-01T18:00,+525500000021\n"
                          "ofc-mx-021,2026-01-02T06:00,tomorrow,\n")
        done = self.world.admin("mx", "office", "duty", "mx.consular", "--csv", roster, expect=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("DUTY_LINE_INVALID", done.stderr)
        self.assertIn("3", done.stderr)

    def test_stats_withhold_small_cells_in_every_form(self):
        answer = self.world.officer_json("mx", "stats")
        self.assertIsNone(answer["cases"])
        for table in answer["tables"]:
            for cell in table["cells"]:
                self.assertTrue(cell["count"] in (None, 0) or cell["count"] >= 5, (table["table"], cell))
        done = self.world.officer("mx", "--output", "csv", "stats", "--from", "2026-01-01")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(set(rows[0]), {"table", "key", "count", "suppressed"})
        self.assertEqual(self.world.officer("mx", "--output", "csv", "inbox", expect=None).returncode, USAGE)
        self.assertEqual(self.world.officer("mx", "stats", "--from", "1/1/2026", expect=None).returncode, USAGE)

    def on_a_terminal(self, command, environment):
        """Runs a program with a terminal as stdin, stdout and stderr; what it wrote."""
        master, slave = pty.openpty()
        with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, close_fds=True) as process:
            os.close(slave)
            written = b""
            while True:
                try:
                    part = os.read(master, 65536)
                except OSError:
                    break
                if not part:
                    break
                written += part
            process.wait(timeout=60)
        os.close(master)
        return written.decode("utf-8").replace("\r\n", "\n")

    def test_screens_keep_to_the_width_with_and_without_a_terminal(self):
        for lang in ("es", "en"):
            for width in ("80", "132"):
                for locale in ("C.UTF-8", "C"):
                    environment = dict(self.world.environment(), COLUMNS=width, LC_ALL=locale)
                    for command in READING:
                        line = [str(self.world.bin / "enlace"), "--profile", "mx", "--lang", lang, "--passphrase-file",
                                str(self.world.passphrase), *command]
                        done = subprocess.run(line, capture_output=True, check=False, env=environment, timeout=60,
                                              stdin=subprocess.DEVNULL)
                        self.assertEqual(done.returncode, 0, done.stderr)
                        self.assert_fits(done.stdout.decode("utf-8"), int(width), locale, command)
                        if width == "80" and lang == "es":
                            self.assert_fits(self.on_a_terminal(line, environment), 80, locale, command)

    def assert_fits(self, text, width, locale, command):
        for line in text.splitlines():
            self.assertLessEqual(columns(line), width, (command, line))
            self.assertNotIn("\x1b", line, command)
            if locale == "C":
                self.assertTrue(line.isascii(), (command, line))


if __name__ == "__main__":
    unittest.main(verbosity=2)
