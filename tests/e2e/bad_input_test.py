#!/usr/bin/env python3
"""Wrong input, with the real programs: each gets its reason, its exit code, and leaves nothing half done.

Usage: bad_input_test.py PROGRAMS
"""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import World, trial  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
USAGE, NETWORK, NOT_AUTHORISED, UNVERIFIED, REFUSED = 2, 3, 4, 5, 8


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-bad-input-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")
        cls.files = cls.folder / "files"
        cls.files.mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def refused(self, done, code, reason):
        """The exit code, the reason on stderr in words too, and nothing on stdout that looks like success."""
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertNotIn("✓", done.stdout)

    def nothing_queued(self):
        state = self.world.officer_json("hn", "sync")
        self.assertEqual(state["queued"], 0)
        self.assertEqual(self.world.officer_json("hn", "inbox")["rows"], [])

    def alert(self, name="A01"):
        alert = cases.retime(cases.load(name), datetime.datetime.now(datetime.timezone.utc))
        alert.pop("attachments", None)
        alert["recipients"] = [{"office_id": "mx.consular", "role": "ROLE_ACTION"}]
        return alert

    def write(self, name, text):
        path = self.files / name
        path.write_text(text if isinstance(text, str) else json.dumps(text, ensure_ascii=False), encoding="utf-8")
        return path

    def test_unknown_file(self):
        for command in ("check", "send"):
            self.refused(self.world.officer("hn", command, self.files / "none.json", expect=None), USAGE, "FILE_NOT_FOUND")

    def test_invalid_json(self):
        for name, text in (("cut.json", '{"case_ref": "HN-2026'), ("empty.json", ""), ("text.json", "hola")):
            path = self.write(name, text)
            for command in ("check", "send"):
                done = self.world.officer("hn", command, path, expect=None)
                self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
                self.assertIn("JSON_INVALID", done.stdout + done.stderr)
        self.nothing_queued()

    def test_all_violations_at_once(self):
        alert = self.alert()
        alert["persons"][0]["birth_date"] = {"year": 2190, "month": 1, "day": 1}
        alert["handling"].pop("tlp")
        alert["subject"] = "con \u202e engaño"
        alert["recipients"].append({"office_id": "mx.consulado", "role": "ROLE_INFO"})
        path = self.write("several.json", alert)
        for command, lang in (("check", "es"), ("send", "en")):
            done = self.world.officer("hn", command, path, lang=lang, expect=None)
            self.assertEqual(done.returncode, REFUSED)
            for reason in ("DATE_IN_FUTURE", "TLP_REQUIRED", "BIDI_CHARACTER", "OFFICE_UNKNOWN"):
                self.assertIn(reason, done.stdout + done.stderr)
        done = self.world.run("enlace", "--profile", "hn", "--passphrase-file", self.world.passphrase, "--output", "json",
                              "check", path, expect=REFUSED)
        answer = json.loads(done.stdout)
        self.assertFalse(answer["ok"])
        for violation in answer["violations"]:
            self.assertTrue({"field", "reason", "severity", "message", "hint"} <= set(violation), violation)
        self.nothing_queued()

    def test_unknown_office_is_named_with_a_suggestion(self):
        alert = self.alert()
        alert["recipients"] = [{"office_id": "mx.consula", "role": "ROLE_ACTION"}]
        done = self.world.officer("hn", "send", self.write("office.json", alert), expect=None)
        self.refused(done, REFUSED, "OFFICE_UNKNOWN")
        self.assertIn("mx.consular", done.stderr)
        self.nothing_queued()

    def test_oversized_body(self):
        alert = self.alert()
        alert["body"] = "a" * (3 << 20)
        done = self.world.officer("hn", "send", self.write("large.json", alert), expect=None)
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn("TOO_LARGE", done.stdout + done.stderr)
        self.nothing_queued()

    def test_wrong_passphrase(self):
        wrong = self.write("wrong", "otra frase que no es esta\n")
        self.world.officer("hn", "lock")
        done = self.world.run("enlace", "--profile", "hn", "--lang", "es", "--passphrase-file", wrong, "inbox", expect=None)
        self.refused(done, NOT_AUTHORISED, "PASSPHRASE_WRONG")
        self.world.officer("hn", "inbox")

    def test_missing_passphrase_off_a_terminal_is_a_usage_error(self):
        self.world.officer("hn", "lock")
        done = self.world.run("enlace", "--profile", "hn", "--lang", "en", "inbox", expect=None)
        self.refused(done, USAGE, "PROMPT_IMPOSSIBLE")
        self.assertIn("--passphrase-file", done.stderr)

    def invite(self, officer):
        path = self.files / f"{officer}.txt"
        self.world.admin("hn", "officer", "invite", "--office", "hn.consular", "--name", "Prueba Ficticia", "--id", officer,
                         "--out", path)
        return path

    def join(self, profile, invitation, *options, **run):
        return self.world.run("enlace", "--profile", profile, "--lang", "es", "--passphrase-file", self.world.passphrase,
                              "join", invitation, "--yes", "--no-wait", *options, **run)

    def test_used_invitation(self):
        invitation = self.invite("ofc-hn-101")
        self.join("first", invitation)
        done = self.join("second", invitation, expect=None)
        self.refused(done, NOT_AUTHORISED, "INVITATION_SPENT")
        # Nothing of the second attempt can be resumed, and the first is still asked for.
        done = self.world.run("enlace", "--profile", "second", "--passphrase-file", self.world.passphrase, "join", "--resume",
                              expect=None)
        self.assertEqual(done.returncode, NOT_AUTHORISED)
        self.assertIn("ofc-hn-101", self.world.admin("hn", "pending").stdout)

    def test_expired_invitation(self):
        invitation = self.invite("ofc-hn-102")
        later = ["faketime", "-f", "+73h", str(self.world.bin / "enlace"), "--profile", "late", "--lang", "es",
                 "--passphrase-file", str(self.world.passphrase), "join", str(invitation), "--yes", "--no-wait"]
        done = subprocess.run(later, capture_output=True, text=True, check=False, env=self.world.environment(), timeout=60)
        self.refused(done, NOT_AUTHORISED, "INVITATION_SPENT")
        self.assertNotIn("ofc-hn-102", self.world.admin("hn", "pending").stdout)

    def test_damaged_invitation(self):
        text = self.invite("ofc-hn-103").read_text()
        middle = len(text) // 2
        swapped = "x" if text[middle] != "x" else "y"
        damaged = self.write("damaged.txt", text[:middle] + swapped + text[middle + 1:])
        done = self.join("damaged", damaged, expect=None)
        self.refused(done, USAGE, "INVITATION_INVALID")

    def test_three_wrong_words_spend_the_request(self):
        words = self.files / "words"
        self.join("guesser", self.invite("ofc-hn-104"), "--words-out", words)
        right = words.read_text().split()
        wrong = self.write("wrong-words", "ofc-hn-104 " + " ".join(right[:-1] + [right[0]]) + "\n")
        for left in (2, 1):
            done = self.world.admin("hn", "approve", "ofc-hn-104", "--words", wrong, expect=None)
            self.refused(done, NOT_AUTHORISED, "WORD_WRONG")
            self.assertIn(str(left), done.stderr)
        self.refused(self.world.admin("hn", "approve", "ofc-hn-104", "--words", wrong, expect=None), NOT_AUTHORISED,
                     "WORD_SPENT")
        good = self.write("good-words", "ofc-hn-104 " + " ".join(right) + "\n")
        self.refused(self.world.admin("hn", "approve", "ofc-hn-104", "--words", good, expect=None), USAGE, "REQUEST_UNKNOWN")
        done = self.world.run("enlace", "--profile", "guesser", "--passphrase-file", self.world.passphrase, "join", "--resume",
                              expect=None)
        self.assertEqual(done.returncode, NOT_AUTHORISED, done.stderr)

    def test_server_that_is_not_the_charters(self):
        """Another server on the same port: nothing goes to it, and what is sent waits."""
        invitation = self.invite("ofc-hn-105")
        self.world.stop_server()
        impostor = World(self.folder / "impostor", PROGRAMS)
        impostor.ports = {key: self.world.ports[key] for key in ("main", "enrolment")}
        impostor.write_config()
        impostor.run("enlace-server", "init", "--config", impostor.config)
        impostor.write_config(self.world.charter_root)
        try:
            impostor.start_server()
            self.refused(self.join("victim", invitation, expect=None), UNVERIFIED, "SERVER_IDENTITY")
            self.refused(self.world.officer("hn", "sync", "--timeout", 5, expect=None), UNVERIFIED, "SERVER_IDENTITY")
        finally:
            impostor.stop_server()
            self.world.start_server()
        self.nothing_queued()
        self.join("victim", invitation)

    def test_tls_1_2_client_is_refused_and_1_3_passes(self):
        def handshake(version):
            return subprocess.run(["openssl", "s_client", "-connect", self.world.enrolment_address(), version],
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
        self.assertNotEqual(handshake("-tls1_2").returncode, 0)
        accepted = handshake("-tls1_3")
        self.assertIn(b"TLSv1.3", accepted.stdout)

    def test_case_that_does_not_exist(self):
        for command in (("show", "HN-2026-009999"), ("status", "HN-2026-009999"), ("ack", "HN-2026-009999")):
            self.refused(self.world.officer("hn", *command, expect=None), USAGE, "CASE_UNKNOWN")

    def test_unknown_command_and_missing_argument(self):
        for arguments in (("fly",), ("show",), ("send",), ("--output", "xml", "inbox")):
            self.refused(self.world.officer("hn", *arguments, expect=None), USAGE, "USAGE")


if __name__ == "__main__":
    unittest.main(verbosity=2)
