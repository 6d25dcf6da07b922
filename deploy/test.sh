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
# The closing lines of every ctest run stand once more at the end, where the reader of a long log looks.
check() {
  preset=$1; shift
  ctest --test-dir "build/$preset" --output-on-failure --output-log "build/$preset/ctest.log" -j "$jobs" --no-tests=error "$@"
}
closing_lines() {
  for preset in release asan tsan; do
    printf '%s: ' "$preset"
    sed -n '/tests passed/,$p' "build/$preset/ctest.log"
  done
}
step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

step "packages"
deploy/install-deps.sh test

step "release build"
cmake --preset release >/dev/null
cmake --build build/release -j "$jobs"

step "release tests"
check release

if [ -n "${ENLACE_TEST_FULL:-}" ]; then
  step "long runs: 1,000 kills, 5,000 simulated seeds"
  build/release/bin/kill_run --cycles 1000 --seed 2
  build/release/bin/sim_test --seeds 101-5100
fi

step "AddressSanitizer and UndefinedBehaviorSanitizer"
cmake --preset asan >/dev/null
if [ -n "${ENLACE_TEST_FULL:-}" ]; then
  cmake --build build/asan -j "$jobs" --target asan_tests asan_more_tests
  check asan -L '^asan(_more)?$'
else
  cmake --build build/asan -j "$jobs" --target asan_tests
  check asan -L '^asan$'
fi

step "ThreadSanitizer"
cmake --preset tsan >/dev/null
cmake --build build/tsan -j "$jobs" --target tsan_tests
check tsan -L '^tsan$'

step "fuzzing"
tests/fuzz/run.sh "$([ -n "${ENLACE_TEST_FULL:-}" ] && echo 600 || echo 10)"
step "done"
closing_lines
