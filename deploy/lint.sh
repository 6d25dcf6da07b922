#!/bin/sh
# Runs the linters. Usage: deploy/lint.sh [--all | FILE...]
# Without arguments: what differs from the branch main's remote or, without one, from the last commit; --all: every source.
# Format (clang-format), house style (tests/style), protocol files (buf, where it or npm is installed) and clang-tidy, with
# compile commands of its own in build/lint. Exits 1 on a finding.
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
elif command -v npx >/dev/null; then
  npx --yes @bufbuild/buf lint proto || failed=1
else
  echo "not linted: neither buf nor npm is installed"
fi

step "clang-tidy"
units=$(for file in $files; do case "$file" in *.cc) echo "$file" ;; esac; done)
if [ -n "$units" ]; then
  # Commands that clang understands too: each source for itself, without GCC's precompiled headers.
  cmake --preset release -B build/lint -DENLACE_JOINED=OFF -DENLACE_PRECOMPILED=OFF -DENLACE_CCACHE=OFF >/dev/null
  cmake --build build/lint -j "$(nproc)" --target enlace_generated
  echo "$units" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet --warnings-as-errors='*' || failed=1
fi
exit $failed
