#!/usr/bin/env python3
"""compose and help with the real programs: questions on a terminal, drafts that go on, the alert that is sent.

Usage: compose_test.py PROGRAMS
"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness import CommandFailed, trial, wait_until  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path("build/release/bin")
USAGE, INTERRUPTED = 2, 130
END_OF_INPUT = "\x04"
SUBJECT = "Se busca a un joven que salió de Choluteca"
# Typed in this order; an empty answer takes what is suggested or leaves the question out.
MATTER = ["mx.consular", "", SUBJECT, "Dejó de llamar el lunes.", "Se pide buscarlo.", "", "", ""]
HANDLING = ["AMBER", "", "", "PERMITTED", "b", "2"]
PERSON = ["", "", "", "Josué", "Zúniga", "2004-08-17", "m", "Honduras", "es", "", "", "", "", ""]
CONSENT = ["s", "given", "next-of-kin", "2026-11-16 09:20"]
REST = ["n"] + [""] * 8 + ["", ""]


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="enlace-compose-"))
        cls.world = trial(cls.folder, PROGRAMS, "--small")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        shutil.rmtree(cls.folder)

    def type_into(self, arguments, lines, expect):
        """Runs `enlace` on a terminal, types `lines` one after the other; what stood on the screen."""
        world = self.world
        command = [str(world.bin / "enlace"), "--profile", "hn", "--lang", "es", "--passphrase-file",
                   str(world.passphrase), *arguments]
        leader, follower = pty.openpty()
        screen = ""
        with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=world.environment(),
                              start_new_session=True) as process:
            os.close(follower)
            waiting = list(lines)
            until = time.monotonic() + 60
            while time.monotonic() < until:
                if not select.select([leader], [], [], 0.3)[0]:
                    if process.poll() is not None:
                        break
                    # Nothing new: it waits for an answer.
                    if waiting:
                        line = waiting.pop(0)
                        os.write(leader, (line if line == END_OF_INPUT else line + "\n").encode())
                    continue
                try:
                    screen += os.read(leader, 4096).decode("utf-8", "replace")
                except OSError:
                    break
            if process.poll() is None and time.monotonic() >= until:
                process.kill()
            code = process.wait()
        os.close(leader)
        if code != expect:
            raise CommandFailed(f"exit {code}, expected {expect}\n{screen}")
        self.assertEqual(waiting, [], screen)
        return screen

    def arrived(self, subject):
        return [row for row in self.world.officer_json("mx", "inbox")["rows"] if row["subject"] == subject]

    def test_what_is_kept_goes_on_and_is_sent(self):
        first = self.type_into(["compose", "missing-migrant"], MATTER + HANDLING[:1] + [END_OF_INPUT], INTERRUPTED)
        self.assertIn("¿Qué oficinas deben actuar?", first)
        self.assertIn("Borrador guardado", first)
        last = self.type_into(["compose"], ["1"] + HANDLING[1:] + PERSON + CONSENT + REST + ["s"], 0)
        self.assertIn(SUBJECT[:10], last)
        self.assertNotIn("¿Qué oficinas deben actuar?", last)
        wait_until(lambda: self.arrived(SUBJECT), "the composed alert at mx.consular")
        case = self.arrived(SUBJECT)[0]["case_ref"]
        shown = self.world.officer("mx", "show", case).stdout
        self.assertIn("Se pide buscarlo.", shown)
        # A sent draft is gone: the next one begins with the type.
        again = self.type_into(["compose"], [END_OF_INPUT], INTERRUPTED)
        self.assertIn("¿De qué trata la alerta?", again)
        self.assertNotIn("Borradores", again)

    def test_wrong_answers_are_asked_again_and_back_goes_back(self):
        lines = ["mx.consulado", "mx.consular", "<", "?", "mx.trafficking", "", END_OF_INPUT]
        screen = self.type_into(["compose", "missing-migrant"], lines, INTERRUPTED)
        self.assertIn("No se entiende.", screen)
        self.assertEqual(screen.count("¿Qué oficinas deben actuar?"), 4)
        dropped = self.type_into(["compose"], ["x", "1", END_OF_INPUT], INTERRUPTED)
        self.assertIn("Borradores", dropped)
        self.assertIn("Asunto", dropped)

    def test_without_a_terminal_it_names_the_way(self):
        done = self.world.officer("hn", "compose", "missing-migrant", expect=USAGE)
        self.assertIn("PROMPT_IMPOSSIBLE", done.stderr)
        self.assertIn("enlace new", done.stderr)

    def test_an_unknown_type_is_refused(self):
        screen = self.type_into(["compose", "missing-person"], [], USAGE)
        self.assertIn("enlace new --list", screen)

    def test_help_has_its_pages_in_both_languages(self):
        for topic in ("states", "handling", "exit-codes", "files", "environment"):
            pages = [self.world.run("enlace", "--lang", lang, "help", topic).stdout for lang in ("es", "en")]
            self.assertNotEqual(pages[0], pages[1])
            for page in pages:
                self.assertLessEqual(max(map(len, page.splitlines())), 80)
        self.assertIn("130", self.world.run("enlace", "help", "exit-codes").stdout)
        self.assertIn("compose", self.world.run("enlace", "help").stdout)
        done = self.world.run("enlace", "help", "weather", expect=USAGE)
        self.assertIn("exit-codes", done.stderr)


if __name__ == "__main__":
    unittest.main()
