#!/usr/bin/env python3
"""How long commands take on a vault of many alerts, with the real programs and the agent running.

Usage: vault_bench.py PROGRAMS [--alerts 50000] [--runs 15] [--check] [--folder FOLDER]

Makes a small conference, fills the vault of mx.consular's officer (vault_fill), and times whole processes from start
to end. With --check the exit code is 1 when a median is over its limit. A FOLDER that a run before filled is measured
again as it is; --fill-only makes one.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import World, trial  # noqa: E402  pylint: disable=wrong-import-position

PROFILE = "mx"
OFFICE = "mx.consular"
# Name, arguments, limit in milliseconds.
COMMANDS = (
    ("inbox", ("inbox",), 150),
    ("cases", ("cases",), 150),
    ("cases --open", ("cases", "--open"), 150),
    ("cases --overdue", ("cases", "--overdue"), 150),
    ("search, document number", ("search", "E0031337"), 300),
    ("search, birth date", ("search", "2001-06-14"), 300),
    ("search, a rare word", ("search", "zunzunbaba"), 300),
    ("search, a frequent word", ("search", "babacre"), 300),
    ("search, a word of every alert", ("search", "persona"), 300),
    ("search, two words", ("search", "persona", "babacre"), 300),
    ("document", ("document", "E0031337"), 300),
    ("show", ("show", "HN-2024-031337"), 80),
    ("show, by number", ("show", "000003"), 80),
    ("status, machine", ("status",), 300),
    ("stats", ("stats",), 500),
    ("--version", ("--version",), 40),
    ("--help", ("--help",), 40),
    ("directory", ("directory", "mx.consular"), 40),
)


def timed(world, arguments, runs):
    """Milliseconds of each run, and what the last one printed."""
    command = [str(world.bin / "enlace"), "--profile", PROFILE, "--lang", "es", *arguments]
    times = []
    done = None
    for _ in range(runs):
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=world.environment(),
                              stdin=subprocess.DEVNULL, timeout=60)
        times.append((time.monotonic() - begun) * 1000)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return times, done.stdout


def filled(folder, options):
    """A new conference whose officer's vault is full of alerts."""
    world = trial(folder, options.programs, "--small")
    world.lock_all()
    begun = time.monotonic()
    world.run("vault_fill", PROFILE, world.passphrase, OFFICE, options.alerts, timeout=1200)
    vault = next((world.home / "data" / "enlace" / PROFILE).glob("vault.db"))
    print(f"{options.alerts} alerts in {time.monotonic() - begun:.0f} s; vault {vault.stat().st_size >> 20} MiB")
    (folder / "filled").touch()
    return world


def again(folder, programs):
    """The conference that stands in `folder`, its server started anew; nothing when there is none."""
    if not (folder / "filled").exists():
        return None
    world = World(folder / "conference", programs)
    line = next(line for line in world.config.read_text().splitlines() if line.startswith("charter_root"))
    world.charter_root = line.split('"')[1]
    world.ports = json.loads((world.root / "ports.json").read_text())
    world.start_server()
    return world


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--alerts", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--folder", type=pathlib.Path, help="keep everything in this folder")
    parser.add_argument("--fill-only", action="store_true")
    options = parser.parse_args()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="enlace-vault-bench-"))
    world = again(folder, options.programs) or filled(folder, options)
    late = []
    try:
        if options.fill_only:
            return 0
        world.officer(PROFILE, "unlock")
        print(f"{'command':34} {'median ms':>9} {'max ms':>8} {'limit':>6}")
        for name, arguments, limit in COMMANDS:
            times, shown = timed(world, arguments, options.runs)
            median = statistics.median(times)
            late += [name] if median > limit else []
            mark = "  LATE" if median > limit else ""
            print(f"{name:34} {median:9.1f} {max(times):8.1f} {limit:6d}{mark}   {len(shown.splitlines())} lines")
    finally:
        world.close()
        if options.folder is None:
            shutil.rmtree(folder)
    return 1 if late and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
