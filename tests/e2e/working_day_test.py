#!/usr/bin/env python3
"""A working day of four authorities through the command line, in both languages.

Usage: working_day_test.py PROGRAMS

hn, us and gt work in Spanish or English by turns, mx in Spanish. Each test is an hour of the same day, in order.
"""

import datetime
import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
USAGE, NETWORK, REFUSED = 2, 3, 8
MISSING = "HN-2026-000412"
CHILD = "MX-2026-001877"
EVERYBODY = ("hn", "mx", "us", "gt")


class WorkingDay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-day-"))
        cls.world = trial(cls.folder, PROGRAMS)
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        # Who joined first has not heard of those who came later.
        for profile in (*EVERYBODY, "pa"):
            cls.world.officer(profile, "sync")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def write(self, name, alert):
        path = self.files / name
        text = alert if isinstance(alert, str) else json.dumps(alert, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    def fresh(self, case, recipients):
        alert = cases.retime(cases.load(case), datetime.datetime.now(datetime.timezone.utc))
        alert.pop("attachments", None)
        alert["recipients"] = [{"office_id": office, "role": "ROLE_" + role} for office, role in recipients]
        return alert

    def do(self, profile, *words, lang="es", expect=0, wait=30, stdout=False):
        """A command of an officer that the server has durably before the next; its standard output, or its errors
        where it is refused."""
        done = self.world.officer(profile, *words, f"--wait={wait}", lang=lang, expect=None)
        self.assertEqual(done.returncode, expect, f"{words}\n{done.stdout}{done.stderr}")
        return done.stdout if expect == 0 or stdout else done.stderr

    def view(self, profile, case=MISSING):
        self.world.officer(profile, "sync")
        return self.world.officer_json(profile, "show", case)

    def row(self, profile, office, case=MISSING):
        view = self.view(profile, case)
        first = view["rows"][0]["alert_id"]
        return next(row for row in view["rows"] if row["office_id"] == office and row["alert_id"] == first)

    def answer_due(self, profile, office):
        return datetime.datetime.fromisoformat(self.row(profile, office)["response_due_at"])

    def reaches(self, profile, office, state, case=MISSING):
        wait_until(lambda: self.row(profile, office, case)["state"] == state, f"{office} {state} at {profile}")

    def all_reach(self, office, state, case=MISSING, profiles=EVERYBODY):
        for profile in profiles:
            self.reaches(profile, office, state, case)

    def test_08_alert_to_four_offices(self):
        alert = self.fresh("A01", (("mx.consular", "ACTION"), ("us.consular", "ACTION"), ("gt.consular", "INFO")))
        path = self.write("A01.json", alert)
        self.assertIn("nothing is wrong", self.world.officer("hn", "check", path, lang="en").stdout.lower())
        self.assertIn("✓", self.do("hn", "send", path))
        for profile, lang in (("mx", "es"), ("us", "en"), ("gt", "es")):
            self.world.officer(profile, "sync")
            self.assertIn(MISSING, self.world.officer(profile, "inbox", lang=lang).stdout)

    def test_09_acknowledge_accept_and_ask(self):
        self.assertIn("Plazo detenido", self.do("mx", "ack", "412"))
        again = self.do("mx", "ack", "412")
        self.assertIn("No se envió nada", again)
        self.assertIn("Asumido por mx.consular", self.do("mx", "accept", "412"))
        self.assertIn("detenido", self.do("mx", "ask", "412", "--note", "¿Tiene señas particulares?"))
        self.all_reach("mx.consular", "INFO_REQUESTED")
        self.assertIn("Answered", self.do("hn", "answer", "412", "--note", "Cicatriz en la ceja.", lang="en"))
        self.all_reach("mx.consular", "IN_PROGRESS")

    def test_10_what_is_not_possible_is_refused_with_its_reason(self):
        for words, reason in ((("decline", "412", "not-competent"), "ACTION_NOT_POSSIBLE"),
                              (("withdraw", "412"), "NOT_THE_ORIGIN"),
                              (("extend", "412", "2001-01-01T00:00:00Z"), "DUE_NOT_LATER")):
            refused = self.do("mx", *words, expect=REFUSED)
            self.assertIn(reason, refused)
            # Times are told as people read the clock, never in the form of the wire.
            self.assertNotRegex(refused, r"\dT\d")
        self.assertIn("ROLE_INFO_ONLY", self.do("gt", "accept", "412", lang="en", expect=REFUSED))
        self.assertIn("PROMPT_IMPOSSIBLE", self.do("mx", "ask", "412", expect=USAGE))
        self.assertIn("USAGE", self.do("us", "decline", "412", "no-such-reason", lang="en", expect=USAGE))
        self.assertIn("--field", self.do("hn", "correct", "412", "--note", "Otro apellido.", expect=USAGE))
        self.assertIn("pa.consular", self.do("us", "refer", "412", "pa.consula", expect=REFUSED))
        self.assertIn("not-competent".upper().replace("-", "_"), self.world.officer("us", "decline", "--list").stdout)
        done = self.world.run("enlace", "--profile", "mx", "--passphrase-file", self.world.passphrase, "--output", "json",
                              "withdraw", "412", expect=REFUSED)
        error = json.loads(done.stderr)
        self.assertEqual(error["reason"], "NOT_THE_ORIGIN")
        self.assertTrue(error["message"])

    def test_11_more_time_a_colleague_and_another_office(self):
        before = self.answer_due("mx", "mx.consular")
        self.assertRegex(self.do("mx", "extend", "412", "+20d"), r"pidió más tiempo, .*hasta el ")
        # A span counts from the deadline that it moves, whatever the hour.
        self.assertEqual(self.answer_due("mx", "mx.consular") - before, datetime.timedelta(days=20))
        # Nobody is given a case who could not read it: a slip of the hand, or a colleague of another office.
        for stranger in ("ofc-mx-0222", "ofc-mx-044"):
            for verb in ("assign", "handover"):
                self.assertIn("OFFICER_NOT_IN_OFFICE", self.do("mx", verb, "412", stranger, expect=REFUSED))
        self.world.enrol("mx", "mx2", "ofc-mx-022", "mx.consular")
        self.world.officer("mx", "sync")
        self.assertIn("ofc-mx-022", self.do("mx", "handover", "412", "ofc-mx-022"))
        # H2 material: the originator has to allow it.
        self.assertIn("REFERRAL_NEEDS_PERMISSION", self.do("us", "refer", "412", "pa.consular", expect=REFUSED))
        self.assertIn("permite", self.do("hn", "refer", "412", "pa.consular", "--permit"))
        wait_until(lambda: any(step["action"] == "PERMIT_REFERRAL" for step in self.view("us")["history"]), "the permission")
        self.assertIn("pa.consular", self.do("us", "refer", "412", "pa.consular", lang="en"))
        wait_until(lambda: self.row("pa", "pa.consular")["state"], "the case at pa.consular")
        self.assertIn("Zelandieta", self.world.officer("pa", "show", MISSING).stdout)
        self.do("pa", "decline", "412", "not-our-national", "--note", "No es de nuestro país.")
        self.all_reach("pa.consular", "DECLINED")
        self.all_reach("us.consular", "REFERRED")

    def test_12_update_from_a_template(self):
        template = self.files / "update.json"
        self.world.officer("mx", "update", "412", "--out", template)
        text = template.read_text(encoding="utf-8")
        text = re.sub(r'"subject": ""', '"subject": "Avance: se le vio en Monterrey"', text)
        text = re.sub(r'"body": ""', '"body": "Una vecina lo vio el lunes."', text)
        template.write_text(text, encoding="utf-8")
        self.do("mx", "send", "--new", template)
        wait_until(lambda: self.view("hn")["updates"] == 1, "the update at hn")
        self.assertIn("Monterrey", self.world.officer("hn", "show", MISSING).stdout)
        self.do("hn", "ack", "412")

    def test_12_update_that_was_given_shows_old_and_new(self):
        alert = self.fresh("A10", (("hn.consular", "ACTION"), ("us.consular", "INFO"), ("gt.consular", "INFO")))
        alert["links"][0]["alert_id"] = self.row("mx", "mx.consular")["alert_id"]
        self.do("mx", "send", self.write("A10.json", alert))
        for profile, lang, before in (("hn", "es", "antes"), ("us", "en", "before"), ("gt", "es", "antes")):
            wait_until(lambda profile=profile: self.view(profile)["updates"] == 2, f"the update at {profile}")
            self.assertIn(f"({before} ", self.world.officer(profile, "show", MISSING, lang=lang).stdout)

    def test_13_correction_is_confirmed_by_each_recipient(self):
        self.do("hn", "correct", "412", "--field", "persons[p1].family_names", "--note", "El segundo apellido.", lang="en")

        def open_confirmations():
            return [row["office_id"] for row in self.view("hn")["rows"]
                    for one in row["confirmations"] if not one["confirmed"]]

        before = open_confirmations()
        self.assertIn("mx.consular", before)
        told = next(line for line in self.world.officer("hn", "status", MISSING, lang="en").stdout.splitlines()
                    if line.startswith("Correction not confirmed yet"))
        self.assertIn("mx.consular", told)
        self.world.officer("mx", "sync")
        self.world.officer("mx", "show", MISSING)
        wait_until(lambda: "mx.consular" not in open_confirmations(), "the confirmation of mx.consular")

    def test_14_result_and_close(self):
        self.do("mx", "answer", "412", "--outcome", "located-alive", "--note", "Está en el albergue.")
        self.do("mx", "close", "412", "located-alive")
        self.all_reach("mx.consular", "CLOSED")
        self.do("hn", "close", "412", "located-alive")
        for profile in EVERYBODY:
            wait_until(lambda profile=profile: self.view(profile)["state"] == "closed", f"the end at {profile}")
        self.assertIn("CASE_CLOSED", self.do("us", "accept", "412", lang="en", expect=REFUSED))
        self.do("hn", "reopen", "412", "--note", "Falta el traslado.")
        self.do("hn", "close", "412", "returned")

    def test_15_child_is_withheld_until_an_office_accepts(self):
        alert = self.fresh("A02", (("gt.consular", "ACTION"), ("us.consular", "ACTION"), ("hn.consular", "INFO")))
        alert["sender"]["officer_id"] = "ofc-mx-021"
        secret = alert["child"]["family_claim"]
        self.do("mx", "send", self.write("A02.json", alert))
        for profile in ("gt", "us", "hn"):
            view = self.view(profile, CHILD)
            self.assertEqual(view["identity"], "withheld")
            self.assertNotIn(secret, json.dumps(view, ensure_ascii=False))
        self.do("gt", "accept", CHILD, lang="en")
        wait_until(lambda: self.view("gt", CHILD)["identity"] == "here", "the identity part at gt")
        self.assertEqual(self.view("us", CHILD)["identity"], "withheld")
        self.assertEqual(self.view("hn", CHILD)["identity"], "withheld")

    def test_16_withdrawn_and_purged(self):
        self.do("mx", "withdraw", CHILD, "--note", "Se duplicó.")
        subject = cases.load("A02")["subject"]

        def purged():
            views = [self.view(profile, CHILD) for profile in ("gt", "us", "hn")]
            return all(view["state"] == "withdrawn" and subject not in json.dumps(view, ensure_ascii=False)
                       for view in views)

        wait_until(purged, "the purge at the recipients")
        wait_until(lambda: all(one["confirmed"] for row in self.view("mx", CHILD)["rows"] for one in row["confirmations"]),
                   "the confirmations at mx")

    def test_17_without_a_server_everything_waits_in_the_queue(self):
        alert = self.fresh("A03", (("gt.consular", "ACTION"),))
        alert["case_ref"] = "US-2026-009051"
        alert["sender"]["officer_id"] = "ofc-us-005"
        self.do("us", "send", self.write("A03.json", alert), lang="en")
        self.world.officer("gt", "sync")
        self.world.kill_server()
        done = self.world.officer("gt", "accept", "US-2026-9051", lang="es")
        self.assertIn("en cola", done.stdout)
        # The alert is with the server; what waits is this office's step. Said again, it is not done yet.
        table = self.world.officer("gt", "status", "US-2026-9051").stdout
        self.assertNotRegex(table, r"gt\.consular +ACC +en cola")
        self.assertIn("En cola aquí", table)
        self.assertIn("Ya está en cola", self.do("gt", "accept", "US-2026-9051", wait=1, expect=NETWORK, stdout=True))
        queued = self.fresh("A03", (("hn.consular", "ACTION"),))
        queued.update({"case_ref": "GT-2026-009055"})
        queued["sender"].update({"office_id": "gt.consular", "officer_id": "ofc-gt-009", "country": "GTM"})
        self.world.officer("gt", "send", self.write("queued.json", queued))
        table = self.world.officer("gt", "status", "GT-2026-9055").stdout
        self.assertRegex(table, r"hn\.consular +ACC +en cola: sin conexión desde \d\d:\d\d")
        self.assertNotIn("enviada", table.splitlines()[1])
        self.world.start_server()
        self.all_reach("gt.consular", "ACCEPTED", "US-2026-009051", ("us", "gt"))

    def test_18_exercise_is_marked(self):
        alert = self.fresh("A03", (("hn.consular", "ACTION"),))
        alert.update({"case_ref": "US-2026-009052", "status": "STATUS_EXERCISE"})
        alert["sender"]["officer_id"] = "ofc-us-005"
        self.do("us", "send", self.write("exercise.json", alert), lang="en")
        self.world.officer("hn", "sync")
        self.assertIn("SIMULACRO", self.world.officer("hn", "show", "US-2026-9052").stdout)
        self.assertIn("SIMULACRO", self.do("hn", "ack", "US-2026-9052"))
        self.assertIn("EXERCISE", self.do("hn", "accept", "US-2026-9052", lang="en"))

    def test_19_template_of_a_new_alert(self):
        types = self.world.officer("hn", "new", "--list", lang="en").stdout
        self.assertIn("missing-migrant", types)
        blank = self.files / "blank.json"
        self.world.officer("hn", "new", "general-request", "--out", blank)
        done = self.world.officer("hn", "check", blank, expect=None)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("TLP_REQUIRED", done.stdout)

    def test_20_document_fraud_reaches_every_office(self):
        offices = {"mx.consular": "mx", "mx.trafficking": "mxt", "hn.consular": "hn", "us.consular": "us",
                   "gt.consular": "gt"}
        alert = self.fresh("A05", [(office, "ACTION" if office == "gt.consular" else "INFO") for office in offices])
        alert["case_ref"] = "PA-2026-009053"
        alert["sender"].update({"office_id": "pa.consular", "officer_id": "ofc-pa-003"})
        self.do("pa", "send", self.write("A05.json", alert))
        self.do("gt", "ack", "PA-2026-9053", lang="en")
        for office, profile in offices.items():
            self.assertIn(alert["subject"], json.dumps(self.view(profile, "PA-2026-009053"), ensure_ascii=False))
            wait_until(lambda office=office: self.row("pa", office, "PA-2026-009053")["delivered"], f"{office}'s receipt")
        table = self.world.officer("pa", "status", "PA-2026-9053").stdout
        for office in offices:
            self.assertIn(office, table)

    def test_21_asylum_guard_keeps_the_country_of_origin_out(self):
        alert = self.fresh("A07", (("mx.consular", "ACTION"), ("hn.consular", "INFO")))
        alert["case_ref"] = "US-2026-009054"
        alert["sender"].update({"office_id": "us.consular", "officer_id": "ofc-us-005", "country": "USA"})
        alert["group"]["by_nationality"].append({"country": "GTM", "count": 1})
        alert["group"]["total"] += 1
        alert["group"]["men"] += 1
        addressed = json.loads(json.dumps(alert))
        addressed["recipients"].append({"office_id": "gt.consular", "role": "ROLE_INFO"})
        for lang in ("es", "en"):
            self.assertIn("GUARD_EXCLUDED", self.do("us", "send", self.write("A07.json", addressed), lang=lang,
                                                    expect=REFUSED))
        self.do("us", "send", self.write("A07.json", alert), lang="en")
        self.do("mx", "ack", "US-2026-9054")
        self.assertIn("GUARD_EXCLUDED", self.do("mx", "refer", "US-2026-9054", "gt.consular", expect=REFUSED))
        self.assertEqual(self.view("hn", "US-2026-009054")["state"], "open")
        self.world.officer("gt", "sync")
        unknown = self.world.officer("gt", "show", "US-2026-9054", expect=None)
        self.assertIn("CASE_UNKNOWN", unknown.stderr)

    def test_22_cases_that_are_due_for_review(self):
        ahead = self.world.officer_json("hn", "review", "--days", "3650")
        self.assertIn("US-2026-009054", [row["case_ref"] for row in ahead["rows"]])
        self.assertEqual(ahead["due"], 0)
        for lang, words in (("es", "fecha de revisión"), ("en", "review date")):
            self.assertIn(words, self.world.officer("hn", "review", "--days", "0", lang=lang).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
