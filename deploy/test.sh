#!/bin/sh
# Installs what the tests need, builds and runs the tests. Usage: deploy/test.sh [--full]
#   (nothing)   release build of everything, all tests, AddressSanitizer, ThreadSanitizer, short fuzzing
#   --full      the same with long counts
# Exits 0 when everything passed; the closing lines of each ctest run stand in the output.
set -eu
cd "$(dirname "$0")/.."

for argument in "$@"; do
  case "$argument" in
    --full) export ENLACE_TEST_FULL=1 ENLACE_PROPERTY_SEEDS=1000 ;;
    *) sed -n '2,5p' "$0" >&2; exit 2 ;;
  esac
done

jobs=$(nproc)
step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

step "packages"
deploy/install-deps.sh test

step "release build"
cmake --preset release >/dev/null
cmake --build build/release -j "$jobs"

step "release tests"
ctest --test-dir build/release --output-on-failure -j "$jobs"

step "AddressSanitizer and UndefinedBehaviorSanitizer"
cmake --preset asan >/dev/null
cmake --build build/asan -j "$jobs" --target asan_tests
ctest --test-dir build/asan --output-on-failure -j "$jobs" -L '^asan$'

step "ThreadSanitizer"
cmake --preset tsan >/dev/null
cmake --build build/tsan -j "$jobs" --target tsan_tests
ctest --test-dir build/tsan --output-on-failure -j "$jobs" -L '^tsan$'

step "fuzzing"
tests/fuzz/run.sh "$([ -n "${ENLACE_TEST_FULL:-}" ] && echo 600 || echo 10)"
step "done"
