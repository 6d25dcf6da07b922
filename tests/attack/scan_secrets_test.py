#!/usr/bin/env python3
"""The scanner finds a token in every form that it promises, and nothing where there is none."""

import base64
import pathlib
import subprocess
import sys
import tempfile
import unicodedata
import unittest

SCANNER = pathlib.Path(__file__).with_name("scan_secrets.py")
FINDER = sys.argv.pop(1) if len(sys.argv) > 1 else "enlace_find_bytes"
TOKEN = "Zafiró-7Q2m-árbol"


def scan(data):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tokens").write_text(TOKEN + "\n", encoding="utf-8")
        (root / "data").mkdir()
        if data is not None:
            (root / "data" / "file").write_bytes(data)
        return subprocess.run([sys.executable, str(SCANNER), FINDER, str(root / "tokens"), str(root / "data")],
                              capture_output=True, check=False).returncode


class Scanner(unittest.TestCase):
    def test_every_form_is_found(self):
        plain = TOKEN.encode()
        for data in (plain, unicodedata.normalize("NFD", TOKEN).encode(), TOKEN.encode("utf-16-le"),
                     TOKEN.encode("utf-16-be"), plain.hex().encode()):
            self.assertEqual(scan(b"before " + data + b" after"), 1, data)

    def test_base64_is_found_at_every_alignment(self):
        for lead in (b"", b"x", b"xy", b"xyz"):
            self.assertEqual(scan(base64.b64encode(lead + TOKEN.encode() + b"tail")), 1, lead)

    def test_a_token_at_either_end_of_a_file_is_found(self):
        self.assertEqual(scan(TOKEN.encode() + b"tail"), 1)
        self.assertEqual(scan(b"head" + TOKEN.encode()), 1)

    def test_a_token_that_is_cut_off_is_none(self):
        self.assertEqual(scan(b"head" + TOKEN.encode()[:-1]), 0)

    def test_clean_data_passes_and_no_data_is_an_error(self):
        self.assertEqual(scan(b"nothing of it here" * 100), 0)
        self.assertEqual(scan(None), 2)


if __name__ == "__main__":
    unittest.main()
