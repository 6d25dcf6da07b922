"""The given cases, made ready to be sent now: times from the clock, hashes and sizes from files."""

import copy
import datetime
import hashlib
import json
import pathlib
import secrets

CASES = pathlib.Path(__file__).resolve().parents[1] / "data" / "cases"
FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def load(name):
    return json.loads(next(CASES.glob(name + "-*.json")).read_text(encoding="utf-8"))


def uuid7(at):
    """RFC 9562 version 7 for the time `at`."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def shift_times(value, delta):
    """Every RFC 3339 time below `value`, moved by `delta`."""
    if isinstance(value, dict):
        return {key: shift_times(entry, delta) for key, entry in value.items()}
    if isinstance(value, list):
        return [shift_times(entry, delta) for entry in value]
    if isinstance(value, str):
        try:
            return (datetime.datetime.strptime(value, FORMAT) + delta).strftime(FORMAT)
        except ValueError:
            return value
    return value


def retime(alert, now):
    """The alert as if it were written `now`: all its times keep their distance from created_at."""
    created = datetime.datetime.strptime(alert["created_at"], FORMAT)
    fresh = shift_times(copy.deepcopy(alert), now.replace(microsecond=0, tzinfo=None) - created)
    fresh["alert_id"] = uuid7(now)
    return fresh


def make_attachments(alert, folder):
    """Small files for the listed attachments; their entries get true sizes and hashes. Paths of the files."""
    paths = []
    heads = {"image/jpeg": bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes([1] * 64)
                           + bytes.fromhex("ffc0000b080001000101011100ffc40014000100000000000000000000000000000000ffda0008010100003f00d2cf20ffd9"),
             "audio/ogg": b"OggS\x00\x02" + b"\x00" * 8 + b"enlace-demo" + b"\x01\x1eOpusHead" + b"\x00" * 64}
    for entry in alert.get("attachments", ()):
        path = folder / entry["file_name"]
        path.write_bytes(heads[entry["media_type"]])
        entry["size_bytes"] = path.stat().st_size
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        paths.append(path)
    return paths
