#!/usr/bin/env python3
"""Plays the main job of Enlace with the real programs and says what it saw; see demo.sh.

Every step checks what it shows: the exit code is 0 only when all of it held.
"""

import argparse
import datetime
import json
import os
import pathlib
import secrets
import shutil
import signal
import string
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import cases  # noqa: E402  pylint: disable=wrong-import-position
from harness import CommandFailed, trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

OFFICERS = ("hn", "mx", "mxt", "us", "gt", "pa")
READERS = ("mx", "mxt", "us", "gt")
CASE = "HN-2026-000412"
GUARDED = "HN-2026-000413"
TOKENS = 200


class Demo:
    def __init__(self, folder, programs):
        self.folder = folder
        self.programs = programs
        self.world = None
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        self.begun = time.monotonic()
        self.seen = []
        self.unlock_seconds = 0.0

    # What the person at the terminal sees.

    def say(self, title):
        print(f"\n== {title}  [{time.monotonic() - self.begun:.1f} s]", flush=True)

    def show(self, text, lines=14):
        for line in text.rstrip().splitlines()[:lines]:
            print("   | " + line)

    def check(self, condition, what):
        if not condition:
            raise CommandFailed("this does not hold: " + what)
        self.seen.append(what)
        print("   ok  " + what, flush=True)

    def write(self, name, alert):
        path = self.files / name
        path.write_text(json.dumps(alert, ensure_ascii=False, indent=1), encoding="utf-8")
        return path

    # The steps.

    def conference(self):
        self.say("1, 2  charter, authorities with their CAs, offices, officers by invitation and word")
        self.world = trial(self.folder, self.programs)
        self.show(self.world.trial_output, 20)
        self.check(all(f"--profile {name}" in self.world.trial_output for name in OFFICERS), "six officers are enrolled")

    def newcomer(self):
        """One more officer of hn, by the whole flow: the administrator types the hidden word on a terminal."""
        self.say("2  one of them in full: invitation, six words, the hidden one typed, certificate")
        invitation = self.files / "invitacion.txt"
        done = self.world.run("enlace-admin", "--profile", "hn", "--lang", "es", "--passphrase-file", self.world.passphrase,
                              "--yes", "officer", "invite", "--office", "hn.consular", "--name", "Julia Paz", "--id",
                              "ofc-hn-008", "--out", invitation)
        self.show(done.stdout, 6)
        joined = self.world.officer("hn2", "join", invitation, "--yes", "--no-wait")
        self.show(joined.stdout, 12)
        words = next(line.split() for line in joined.stdout.splitlines() if line.startswith("    ") and len(line.split()) == 6)
        pending = self.world.run("enlace-admin", "--profile", "hn", "--lang", "es", "--passphrase-file",
                                 self.world.passphrase, "pending").stdout
        self.check("ofc-hn-008" in pending, "the administrator sees who asks")
        typed = []

        def hidden_word(screen):
            shown = next(line.split() for line in screen.splitlines() if "·····" in line)
            typed.append("errada" if not typed else words[shown.index("·····")])
            return typed[-1]

        screen = self.world.run_on_terminal(
            "enlace-admin", "--profile", "hn", "--lang", "es", "--passphrase-file", self.world.passphrase, "approve",
            "ofc-hn-008", prompt="Escriba la palabra que falta", answer=hidden_word)
        self.show(screen, 14)
        self.check("WORD_WRONG" in screen and len(typed) == 2, "a wrong word is refused, the right one admits")
        self.show(self.world.officer("hn2", "join", "--resume").stdout)
        self.check("hn.consular" in self.world.officer("hn2", "inbox").stdout, "the newcomer has an inbox")

    def alert(self):
        self.say("3  an alert with two attachments, from hn.consular to four offices")
        now = datetime.datetime.now(datetime.timezone.utc)
        alert = cases.retime(cases.load("A01"), now)
        self.plant(alert)
        paths = cases.make_attachments(alert, self.files)
        path = self.write("A01.json", alert)
        self.first = alert
        self.first_paths = paths
        before = self.store_bytes()
        attach = [option for one in paths for option in ("--attach", one)]
        done = self.world.officer("hn", "send", path, *attach, "--wait=30")
        self.show(done.stdout)
        self.check("✓" in done.stdout, "the server has it durably")
        self.held = self.store_bytes()[len(before):]

    def store_bytes(self):
        """The server's newest write-ahead log: what it writes goes there first."""
        return max(self.world.data.rglob("*.log"), key=lambda path: path.stat().st_mtime_ns).read_bytes()

    def plant(self, alert):
        """Random tokens in the text fields, with letters that have several encodings."""
        alphabet = string.ascii_letters + string.digits + "áéíóúñÑ"
        self.tokens = ["".join(secrets.choice(alphabet) for _ in range(12)) + "ñ" for _ in range(TOKENS)]
        self.tokens = [unicodedata.normalize("NFC", token) for token in self.tokens]
        alert["body"] += "\n" + " ".join(self.tokens[:150])
        alert["missing"]["clothing"] += " " + " ".join(self.tokens[150:170])
        alert["persons"][0]["physical_description"] += " " + " ".join(self.tokens[170:185])
        alert["events"][2]["description"] += " " + " ".join(self.tokens[185:])
        (self.files / "tokens").write_text("\n".join(self.tokens) + "\n", encoding="utf-8")

    def reading(self):
        self.say("4  four offices see it, read it, save an attachment, one acknowledges")
        for name in READERS:
            self.world.officer(name, "sync")
            inbox = self.world.officer(name, "inbox").stdout
            self.check(CASE in inbox, f"{name} has it in the inbox")
            shown = self.world.officer(name, "show", CASE).stdout
            self.check("Zelandieta" in shown, f"{name} reads it")
        self.show(self.world.officer("mx", "inbox").stdout)
        out = self.files / "saved.jpg"
        self.world.officer("gt", "attachment", "412", "att-0feeb5f5", "--out", out)
        self.check(out.read_bytes() == self.first_paths[0].read_bytes(), "an attachment is saved byte for byte")
        done = self.world.officer("mx", "ack", "412", "--wait=30")
        self.show(done.stdout)
        self.check("✓" in done.stdout, "mx.consular acknowledged")

    def status(self):
        self.say("5  hn sees per office who has it, read it, acknowledged it")

        def complete():
            self.world.officer("hn", "sync")
            rows = {row["office_id"]: row for row in self.world.officer_json("hn", "status", CASE)["rows"]}
            done = all(rows[office]["delivered"] for office in rows) and rows["mx.consular"]["acknowledged"]
            return rows if done and rows["us.consular"]["read"] else None

        rows = wait_until(complete, "receipts of all offices")
        self.show(self.world.officer("hn", "status", CASE).stdout, 20)
        self.check(len(rows) == 4, "four offices have it, by receipts of their own devices")
        self.check(rows["us.consular"]["acknowledged"] is None, "reading alone is no acknowledgement")

    def update(self):
        self.say("6, 9  mx.consular sends an update; the server is killed in the middle and started again")
        now = datetime.datetime.now(datetime.timezone.utc)
        alert = cases.retime(cases.load("A10"), now)
        alert["links"][0]["alert_id"] = self.first["alert_id"]
        path = self.write("A10.json", alert)
        self.world.kill_server()
        done = self.world.officer("mx", "send", path)
        self.show(done.stdout)
        self.check("en cola" in done.stdout, "without a server it is queued, and says so")
        self.world.start_server()
        self.world.officer("mx", "sync")
        self.world.kill_server()
        self.world.start_server()
        for name in ("hn", "us", "gt", "mxt"):
            wait_until(lambda name=name: self.synced_update(name), f"the update at {name}")
        shown = self.world.officer("us", "show", CASE).stdout
        self.show("\n".join(shown.splitlines()[:6]))
        view = self.world.officer_json("hn", "show", CASE)
        birth = [one for one in view["changes"] if one["field"].endswith("birth_date")]
        self.check(birth and birth[0]["old"] == "2004-08-17" and birth[0]["new"] == "2005-08-17",
                   "everyone sees the merged case, with what changed")
        rows = {row["office_id"]: row for row in view["rows"] if row["alert_id"] == self.first["alert_id"]}
        self.check(rows["mx.consular"]["acknowledged"], "nothing that was acknowledged is missing after SIGKILL")

    def synced_update(self, name):
        self.world.officer(name, "sync", expect=None)
        return self.world.officer_json(name, "show", CASE)["updates"] == 1

    def guard(self):
        self.say("7  the asylum guard")
        now = datetime.datetime.now(datetime.timezone.utc)
        alert = cases.retime(cases.load("A01"), now)
        alert.pop("attachments")
        alert["case_ref"] = GUARDED
        alert["handling"]["origin_country_disclosure"] = "ORIGIN_DISCLOSURE_NOT_PERMITTED"
        for person in alert["persons"]:
            person["nationalities"] = ["PAN"]
            for document in person.get("documents", ()):
                document["issuing_state"] = "PAN"
        alert["recipients"] = [{"office_id": "mx.consular", "role": "ROLE_ACTION"},
                               {"office_id": "us.consular", "role": "ROLE_INFO"}]
        honest = self.write("guarded.json", alert)
        alert["recipients"].append({"office_id": "pa.consular", "role": "ROLE_INFO"})
        done = self.world.officer("hn", "send", self.write("refused.json", alert), expect=8)
        self.show(done.stderr)
        self.check("GUARD_EXCLUDED" in done.stderr, "an excluded office can't be addressed (exit 8)")
        self.world.officer("hn", "send", honest, "--wait=30")
        for name in ("mx", "us"):
            self.world.officer(name, "sync")
        self.world.officer("hn", "lock")
        done = self.world.run("enlace_attack_ghost", "--profile", "hn", "--passphrase-file", self.world.passphrase,
                              "--case", GUARDED, "--office", "pa.consular")
        self.show(done.stdout)

        def removed():
            for name in ("mx", "us"):
                self.world.officer(name, "sync", expect=None)
            views = [self.world.officer_json(name, "show", GUARDED) for name in ("mx", "us")]
            return all(any("/pa/" in one for one in view["guard_incidents"]) for view in views)

        wait_until(removed, "the removal of the ghost")
        self.check(True, "the other members froze the room and removed the leaf of pa")
        self.world.officer("mx", "ack", GUARDED, "--wait=30")
        self.world.officer("pa", "sync", expect=None)
        self.world.officer("pa", "show", GUARDED, expect=2)
        inbox = self.world.officer_json("pa", "inbox")
        self.check(not inbox["rows"], "pa.consular got nothing, and the room goes on without it")

    def blind_server(self):
        self.say("8  the server sees nothing")
        core = self.folder / "core"
        subprocess.run(["gcore", "-o", str(core), str(self.world.server_pid())], check=True, capture_output=True)
        dump = next(self.folder.glob("core.*"))
        metrics = self.files / "metrics"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.world.ports['metrics']}/metrics", timeout=10) as page:
            metrics.write_bytes(page.read())
        self.check(b"enlace_" in metrics.read_bytes(), "the server's metrics page answers")
        scanned = self.scan(self.world.data, self.world.root / "server.log", metrics, dump)
        self.show(scanned.stdout)
        self.check(scanned.returncode == 0,
                   f"{TOKENS} planted tokens stand nowhere in its folder, log, metrics and core dump"
                   f" ({dump.stat().st_size} bytes)")
        self.check(self.scan(self.files / "A01.json").returncode == 1,
                   "the same scan finds them in the officer's own file")
        dump.unlink()
        self.side_by_side()
        self.world.officer("pa", "show", CASE, expect=2)
        self.check(True, "a device of an office that was not addressed has nothing")

    def scan(self, *paths):
        """Looks for the planted tokens, in every encoding of scan_secrets.py."""
        return subprocess.run(
            [sys.executable, str(ROOT / "tests" / "attack" / "scan_secrets.py"), str(self.world.bin / "enlace_find_bytes"),
             str(self.files / "tokens"), *map(str, paths)],
            capture_output=True, text=True, check=False)

    def side_by_side(self):
        """The officer's screen, and what the server wrote to its store when it took that alert."""
        self.check(len(self.held) > 1000, f"the server wrote {len(self.held)} bytes when it took the alert")
        print("   | what the officer reads".ljust(47) + "what the server holds of it (from its middle)")
        screen = self.world.officer("hn", "show", CASE).stdout.splitlines()
        middle = len(self.held) // 2
        for index, line in enumerate(screen[8:20]):
            at = middle + index * 12
            print("   | " + line[:40].ljust(42) + self.held[at:at + 12].hex(" "))

    def cost_of_unlocking(self):
        """How long the passphrase takes to become a key, with a locked agent; and that it is asked for once only."""
        self.world.officer("hn2", "lock")
        begun = time.monotonic()
        self.world.officer("hn2", "unlock")
        self.unlock_seconds = time.monotonic() - begun
        self.world.run("enlace", "--profile", "hn2", "inbox")

    def play(self):
        self.conference()
        self.newcomer()
        self.alert()
        self.reading()
        self.status()
        self.update()
        self.guard()
        self.blind_server()
        self.cost_of_unlocking()
        seconds = time.monotonic() - self.begun
        print(f"\nAll {len(self.seen)} checks held, in {seconds:.0f} s. An unlock takes {self.unlock_seconds:.1f} s here,"
              " which is what Argon2id\ncosts with its 256 MiB; the agent asks once per profile.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--dir", type=pathlib.Path)
    options = parser.parse_args()
    folder = options.dir or pathlib.Path(tempfile.mkdtemp(prefix="enlace-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(folder, options.programs.resolve())
    try:
        demo.play()
    except (CommandFailed, subprocess.SubprocessError, OSError) as failed:
        print(f"\nFAILED: {failed}", file=sys.stderr)
        print(f"Everything of this run stands in {folder}", file=sys.stderr)
        if demo.world:
            demo.world.close()
        return 1
    if options.keep:
        print(f"\nThe server goes on at {demo.world.main_address()}. By hand:\n"
              f"  export ENLACE_HOME={demo.world.home}\n"
              f"  {demo.world.bin}/enlace --profile hn --passphrase-file {demo.world.passphrase} inbox\n"
              f"To end it: kill {demo.world.server_pid()}")
        return 0
    demo.world.close()
    shutil.rmtree(folder)
    print("To go on by hand: deploy/demo.sh --keep, or enlace-admin trial DIR")
    return 0


if __name__ == "__main__":
    sys.exit(main())
