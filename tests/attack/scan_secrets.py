#!/usr/bin/env python3
"""Looks for planted tokens in files: plain, NFD, UTF-16 in both byte orders, base64 at each alignment, hexadecimal.

Usage: scan_secrets.py TOKENS_FILE PATH...
TOKENS_FILE holds one token a line. Folders are walked. Prints every hit and a summary; exits 1 when there is a hit and
2 when there was nothing to look at.
"""

import base64
import pathlib
import sys
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


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    tokens = [line for line in pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if line]
    if not tokens:
        print("no tokens", file=sys.stderr)
        return 2
    needles = [(token, name, form) for token in tokens for name, form in encodings(token).items()]
    size = hits = count = 0
    for path in files_of(sys.argv[2:]):
        data = path.read_bytes()
        size += len(data)
        count += 1
        for token, name, form in needles:
            if form in data:
                hits += 1
                print(f"{path}: {name} of a planted token ({token[:4]}...)")
    print(f"{len(tokens)} tokens, {len(needles)} forms, {count} files, {size} bytes: {hits} hits")
    if count == 0 or size == 0:
        return 2
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
