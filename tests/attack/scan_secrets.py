#!/usr/bin/env python3
"""Looks for planted tokens in files: plain, NFD, UTF-16 in both byte orders, base64 at each alignment, hexadecimal.

Usage: scan_secrets.py FINDER TOKENS_FILE PATH...
FINDER is the program enlace_find_bytes. TOKENS_FILE holds one token a line. Folders are walked. Prints every hit and a
summary; exits 1 when there is a hit and 2 when there was nothing to look at or something could not be read.
"""

import base64
import pathlib
import subprocess
import sys
import tempfile
import unicodedata


def encodings(token):
    plain = token.encode("utf-8")
    forms = {
        "plain": plain,
        "NFD": unicodedata.normalize("NFD", token).encode("utf-8"),
        "UTF-16LE": token.encode("utf-16-le"),
        "UTF-16BE": token.encode("utf-16-be"),
        "hex": plain.hex().encode("ascii"),
    }
    # In base64 the same bytes read in three ways, by their place modulo 3; the first and last character depend on
    # what stands around them.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        forms[f"base64+{shift}"] = encoded[(0, 2, 3)[shift]:].rstrip(b"=")[:-1]
    return forms


def files_of(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            yield from (entry for entry in sorted(path.rglob("*")) if entry.is_file() and not entry.is_symlink())
        else:
            yield path


def find(finder, needles, files):
    """The hits as (path, number of the needle)."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as patterns:
        patterns.writelines(form.hex() + "\n" for _, _, form in needles)
        patterns.flush()
        done = subprocess.run([finder, patterns.name, *map(str, files)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(done.stderr.strip())
    rows = (line.rsplit("\t", 2) for line in done.stdout.splitlines())
    return sorted({(path, int(number)) for path, _, number in rows})


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    tokens = [line for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").splitlines() if line]
    files = list(files_of(sys.argv[3:]))
    size = sum(path.stat().st_size for path in files)
    if not tokens or size == 0:
        print("nothing to look for or at", file=sys.stderr)
        return 2
    needles = [(token, name, form) for token in tokens for name, form in encodings(token).items()]
    try:
        hits = find(sys.argv[1], needles, files)
    except OSError as failed:
        print(failed, file=sys.stderr)
        return 2
    for path, number in hits:
        token, name, _ = needles[number]
        print(f"{path}: {name} of a planted token ({token[:4]}...)")
    print(f"{len(tokens)} tokens, {len(needles)} forms, {len(files)} files, {size} bytes: {len(hits)} hits")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
