#!/bin/sh
# Installs what the tests need, builds everything and runs the tests. Usage: deploy/test.sh [--full] [--no-sanitizers]
#   (nothing)         correctness tests, sanitizers, short fuzz, kill and simulation runs: under 45 minutes on two cores
#   --full            the same scripts with long counts
#   --no-sanitizers   the release build and its tests only
# Exits 0 when everything passed; the closing lines of each ctest run stand in the output.
set -eu
cd "$(dirname "$0")/.."

full=""
sanitizers=yes
for argument in "$@"; do
  case "$argument" in
    --full) full=1 ;;
    --no-sanitizers) sanitizers="" ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
done

jobs=$(nproc)
step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

step "packages"
deploy/install-deps.sh test

# Long counts are asked for by the environment, which every test with a count reads.
[ -z "$full" ] || export ENLACE_TEST_FULL=1

step "release build"
cmake --preset release >/dev/null
cmake --build build/release -j "$jobs"

step "release tests"
ctest --test-dir build/release --output-on-failure -j "$jobs"

[ -n "$sanitizers" ] || exit 0

step "AddressSanitizer and UndefinedBehaviorSanitizer"
cmake --preset asan >/dev/null
cmake --build build/asan -j "$jobs" --target asan_tests
ctest --test-dir build/asan --output-on-failure -j "$jobs" -L '^asan$'

step "ThreadSanitizer"
cmake --preset tsan >/dev/null
cmake --build build/tsan -j "$jobs" --target tsan_tests
ctest --test-dir build/tsan --output-on-failure -j "$jobs" -L '^tsan$'

step "fuzzing"
tests/fuzz/run.sh "${ENLACE_TEST_FULL:+600}"
step "done"
