#!/bin/sh
# Runs the linters. Usage: deploy/lint.sh [--all | FILE...]
# Without arguments: what differs from the branch main's remote or, without one, from the last commit; --all: every source.
# Format (clang-format), house style (tests/style), protocol files (buf, where npm has it installed) and clang-tidy, which
# reads the release build's compile commands. Exits 1 on a finding.
set -eu
cd "$(dirname "$0")/.."
deploy/install-deps.sh lint

sources() { git ls-files -- '*.cc' '*.h'; }
case "${1:-}" in
  --all) files=$(sources) ;;
  "") files=$(git diff --name-only --diff-filter=d "$(git rev-parse --verify -q '@{upstream}' || echo HEAD)" -- '*.cc' '*.h') ;;
  -*) sed -n '2,5p' "$0" >&2; exit 2 ;;
  *) files=$* ;;
esac

failed=0
step() { printf '== %s\n' "$1"; }

step "format"
# shellcheck disable=SC2086
[ -z "$files" ] || clang-format --dry-run --Werror $files || failed=1

step "style"
python3 tests/style/check_style.py . || failed=1

step "protocol files"
if command -v buf >/dev/null; then
  buf lint proto || failed=1
elif command -v npm >/dev/null && npx --no-install buf --version >/dev/null 2>&1; then
  npx --no-install buf lint proto || failed=1
else
  echo "not linted: buf is not installed (npm install -g @bufbuild/buf)"
fi

step "clang-tidy"
units=$(for file in $files; do case "$file" in *.cc) echo "$file" ;; esac; done)
if [ -n "$units" ]; then
  cmake --preset release >/dev/null
  cmake --build build/release -j "$(nproc)" --target enlace_generated
  mkdir -p build/lint
  # Headers that GCC precompiled are none to clang.
  python3 - <<'PYTHON'
import json, pathlib, re
commands = json.loads(pathlib.Path("build/release/compile_commands.json").read_text())
for entry in commands:
    entry["command"] = re.sub(r" -fpch-preprocess| -Winvalid-pch| -include \S*cmake_pch\.hxx", "", entry["command"])
    entry["command"] = re.sub(r"^\S*cmake -E env (\S+=\S+ )*\S*ccache ", "", entry["command"])
pathlib.Path("build/lint/compile_commands.json").write_text(json.dumps(commands))
PYTHON
  echo "$units" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet --warnings-as-errors='*' || failed=1
fi
exit $failed
