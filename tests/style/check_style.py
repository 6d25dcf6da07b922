#!/usr/bin/env python3
"""Checks the house style that no formatter knows: sizes, nesting, parameters, include arrows, leftovers.

Usage: check_style.py ROOT [--targets FILE]
Prints one line per finding as path:line: rule: what, and exits 1 when there is any. With --targets it also checks the
arrows between CMake targets, from a file of lines "target: dependency dependency ...".
"""

import argparse
import pathlib
import re
import sys

HEADER_LINES_MAX = 250
SOURCE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
NESTING_MAX = 3
PARAMETERS_MAX = 5

FOLDERS = ("crypto", "storage", "server", "client", "proto/errors", "tests")

# Folder -> what its quoted includes may begin with. The longest folder that fits decides.
ARROWS = {
    "proto/errors": ("proto/errors/", "google/rpc/"),
    "crypto": ("crypto/",),
    "crypto/primitives": ("crypto/primitives/", "crypto/codec/"),
    "crypto/codec": ("crypto/primitives/", "crypto/codec/"),
    "crypto/mls": ("crypto/primitives/", "crypto/codec/", "crypto/mls/"),
    "crypto/merkle": ("crypto/primitives/", "crypto/codec/", "crypto/merkle/"),
    "crypto/identity": ("crypto/primitives/", "crypto/codec/", "crypto/merkle/", "crypto/identity/"),
    "storage": ("storage/", "crypto/primitives/", "crypto/codec/"),
    "server": ("server/", "storage/", "crypto/", "proto/errors/", "enlace/v1/", "enlace/store/", "google/"),
    "client": ("client/", "crypto/", "proto/errors/", "enlace/v1/", "enlace/alert/", "enlace/vault/", "google/"),
    "client/alerts": ("client/alerts/", "client/texts/", "crypto/", "proto/errors/", "enlace/alert/"),
    "client/texts": ("client/texts/", "crypto/primitives/", "proto/errors/"),
}

# Target -> targets that it must not reach, however indirectly.
FORBIDDEN_REACH = {
    "enlace-server": ("enlace_mls", "enlace_alert_proto", "enlace_alerts"),
    "enlace_server_core": ("enlace_mls", "enlace_alert_proto", "gRPC::grpc_unsecure"),
    "enlace": ("enlace_storage", "enlace_server_core"),
    "enlace-admin": ("enlace_storage", "enlace_server_core"),
    "enlace_crypto": ("enlace_proto", "enlace_errors", "enlace_storage"),
    "enlace_mls_public": ("enlace_mls",),
    "enlace_storage": ("enlace_proto", "enlace_errors", "enlace_mls_public"),
}

LEFTOVERS = re.compile(r"\b(TODO|FIXME|HACK)\b|for now\b|in a real (system|deployment)|not implemented|simplified version", re.I)
CONTROL = re.compile(r"^(?:\}?\s*else\b|if\b|for\b|while\b|switch\b|do\b|try\b|catch\b)")
SCOPE = re.compile(r"^(?:inline\s+)?namespace\b|^extern\b")
TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b(?!.*\)\s*(?:const|noexcept|override|final|->.*)*\s*$)", re.S)
LAMBDA = re.compile(r"\[[^\[\]]*\]\s*(?:\(.*\))?\s*(?:mutable|noexcept|->\s*[\w:<>,&*\s]+)*\s*$", re.S)
MACRO_TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|BENCHMARK_DEFINE_F|BENCHMARK_F)\s*\($")


def blank_literals(text):
    """The text with comments, strings and preprocessor lines blanked, newlines kept."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*',
        re.S | re.M)

    def blank(match):
        found = match.group(0)
        return '""' + "\n" * found.count("\n") if found[0] in '"R' else re.sub(r"[^\n]", " ", found)

    # Digit separators would otherwise open a character literal.
    return pattern.sub(blank, re.sub(r"(?<=\d)'(?=\d)", "_", text))


def split_parameters(text):
    """Number of parameters in the first parenthesised list of a function's head."""
    match = re.search(r"(?:operator\s*\(\s*\)|[\w~>\]=+\-*/!<&|^%]+)\s*\(", text)
    if not match:
        return 0
    depth, angle, count, seen = 0, 0, 1, False
    for char in text[match.end() - 1:]:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                break
        elif char == "<":
            angle += 1
        elif char == ">":
            angle = max(0, angle - 1)
        elif char == "," and depth == 1 and angle == 0:
            count += 1
        elif not char.isspace():
            seen = True
    return count if seen else 0


class Checker:
    def __init__(self, root):
        self.root = root
        self.findings = []

    def report(self, path, line, rule, what):
        self.findings.append(f"{path.relative_to(self.root)}:{line}: {rule}: {what}")

    def check_file(self, path):
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        limit = HEADER_LINES_MAX if path.suffix == ".h" else SOURCE_LINES_MAX
        if lines > limit:
            self.report(path, lines, "size", f"{lines} lines, the limit is {limit}")
        for number, line in enumerate(text.split("\n"), 1):
            if LEFTOVERS.search(line):
                self.report(path, number, "leftover", line.strip()[:80])
        if path.suffix == ".h" and not text.startswith("//"):
            self.report(path, 1, "header", "does not open with what it is for")
        if path.suffix == ".h" and path.relative_to(self.root).parts[0] != "tests":
            for number, line in enumerate(blank_literals(text).split("\n"), 1):
                if re.match(r"\s*using\s+namespace\b", line):
                    self.report(path, number, "using", "a header opens a namespace for everybody who includes it")
        self.check_includes(path, text)
        self.check_functions(path, blank_literals(text))

    def check_includes(self, path, text):
        folder = path.relative_to(self.root).parent.as_posix()
        fits = [name for name in ARROWS if folder == name or folder.startswith(name + "/")]
        if not fits:
            return
        allowed = ARROWS[max(fits, key=len)]
        for number, line in enumerate(text.split("\n"), 1):
            match = re.match(r'\s*#include "([^"]+)"', line)
            if not match or match.group(1).startswith(("absl/", "sodium")):
                continue
            if not match.group(1).startswith(allowed):
                self.report(path, number, "arrow", f"{folder} must not include {match.group(1)}")

    def check_functions(self, path, text):
        stack, head_start, line = [], 0, 1
        parens = 0
        for index, char in enumerate(text):
            if char == "\n":
                line += 1
            elif char == "(":
                parens += 1
            elif char == ")":
                parens -= 1
            elif char == ";" and parens <= sum(entry["parens"] for entry in stack[-1:]):
                head_start = index + 1
            elif char == "{":
                stack.append(self.open_block(path, text[head_start:index].strip(), stack, line, parens))
                head_start = index + 1
            elif char == "}" and stack:
                self.close_block(path, stack.pop(), line)
                head_start = index + 1

    def open_block(self, path, head, stack, line, parens):
        inside = any(entry["kind"] == "function" for entry in stack)
        kind = "other"
        if inside:
            if LAMBDA.search(head):
                kind = "lambda"
            elif CONTROL.match(head):
                kind = "control"
        elif SCOPE.match(head):
            kind = "namespace"
        elif TYPE.match(head):
            kind = "type"
        elif ")" in head and "=" not in head.split("(")[0]:
            kind = "function"
        entry = {"kind": kind, "line": line, "parens": parens, "head": head}
        if kind == "function":
            entry["line"] = line - head.count("\n")
            is_test = re.match(r"(?:TEST|TEST_F|TEST_P|TYPED_TEST)\b", head)
            # An override has the parameters that its base class gave it.
            given = is_test or re.search(r"\)[^)]*\boverride\b", head)
            count = 0 if given else split_parameters(re.sub(r"^template\s*<[^>]*>", "", head))
            if count > PARAMETERS_MAX:
                self.report(path, entry["line"], "parameters", f"{count}, the limit is {PARAMETERS_MAX}")
        if kind == "control":
            depth = 1
            for outer in reversed(stack):
                if outer["kind"] == "function" or outer["kind"] == "lambda":
                    break
                depth += outer["kind"] == "control"
            if depth > NESTING_MAX:
                self.report(path, line, "nesting", f"{depth} levels, the limit is {NESTING_MAX}")
        return entry

    def close_block(self, path, entry, line):
        if entry["kind"] == "function" and line - entry["line"] + 1 > FUNCTION_LINES_MAX:
            self.report(path, entry["line"], "function",
                        f"{line - entry['line'] + 1} lines, the limit is {FUNCTION_LINES_MAX}")

    def check_targets(self, path):
        graph = {}
        for line in path.read_text().splitlines():
            name, _, deps = line.partition(":")
            graph[name.strip()] = deps.split()
        for name, forbidden in FORBIDDEN_REACH.items():
            if name not in graph:
                self.findings.append(f"{path.name}: target {name} is missing")
                continue
            reached, todo = set(), [name]
            while todo:
                for dep in graph.get(todo.pop(), ()):
                    if dep not in reached:
                        reached.add(dep)
                        todo.append(dep)
            for bad in forbidden:
                if bad in reached:
                    self.findings.append(f"{path.name}: target {name} reaches {bad}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--targets", type=pathlib.Path)
    options = parser.parse_args()
    checker = Checker(options.root.resolve())
    files = sorted(path for folder in FOLDERS for suffix in ("*.h", "*.cc")
                   for path in (checker.root / folder).rglob(suffix))
    if not files:
        print("no source file found", file=sys.stderr)
        return 2
    for path in files:
        checker.check_file(path)
    if options.targets:
        checker.check_targets(options.targets)
    for finding in checker.findings:
        print(finding)
    print(f"{len(files)} files, {len(checker.findings)} findings")
    return 1 if checker.findings else 0


if __name__ == "__main__":
    sys.exit(main())
