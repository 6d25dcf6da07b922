#!/bin/sh
# Installs what the tests need, builds and runs the tests. Usage: deploy/test.sh [--full | --core]
#   (nothing)   release build of everything, all tests, AddressSanitizer, ThreadSanitizer, short fuzzing
#   --full      the same with long counts
#   --core      release build of the programs and the tests of cryptography, storage and the alert model
# Exits 0 when everything passed; the closing lines of each ctest run stand in the output.
set -eu
cd "$(dirname "$0")/.."

core=""
for argument in "$@"; do
  case "$argument" in
    --full) export ENLACE_TEST_FULL=1 ENLACE_PROPERTY_SEEDS=1000 ;;
    --core) core=yes ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
done

jobs=$(nproc)
step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

step "packages"
deploy/install-deps.sh test

step "release build"
cmake --preset release >/dev/null
if [ -n "$core" ]; then
  tests="errors_test crypto_primitives_test mls_tree_test mls_group_test merkle_test identity_test room_test
    storage_engine_test texts_test alert_json_test validation_test bad_inputs_test guard_test merge_test workflow_test"
  # shellcheck disable=SC2086
  cmake --build build/release -j "$jobs" --target enlace enlace-admin enlace-server mls_vectors $tests
  step "tests"
  pattern=$(echo $tests | tr ' ' '|')
  ctest --test-dir build/release --output-on-failure -R "^($pattern)\$|^vectors|^scan_secrets\$|^style_checker\$"
  exit 0
fi
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
