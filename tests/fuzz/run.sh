#!/bin/sh
# run.sh [SECONDS [TARGET...]]: builds the fuzz targets (preset fuzz) and runs each for SECONDS (10) over the kept seeds.
# Fails on a crash, an input that takes over 1 s or 64 MiB of heap (heap_limit.h), or a leak. Prints one line for each
# target; the whole log is build/fuzz/logs/TARGET.log, whose end is shown when the target failed. Inputs that failed are
# left in build/fuzz/findings/TARGET.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-10}
[ $# -eq 0 ] || shift
build=$root/build/fuzz
logs=$build/logs
mkdir -p "$logs"

quietly() {
  log=$logs/$1.log
  shift
  "$@" >"$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
}

if [ ! -e "$build/CMakeCache.txt" ]; then
  (cd "$root" && quietly configure cmake --preset fuzz)
fi
quietly build cmake --build "$build" -j2 --target fuzz_targets

if [ $# -eq 0 ]; then
  set -- $(cd "$root/tests/fuzz" && ls -- *_fuzz.cc | sed 's/_fuzz\.cc$//')
fi

# The value of a `stat::NAME: VALUE` line of libFuzzer.
stat_of() {
  sed -n "s/^stat::$1: *//p" "$logs/$2.log"
}

status=0
for target in "$@"; do
  work=$build/corpus/$target
  findings=$build/findings/$target
  mkdir -p "$work" "$findings"
  # A small quarantine of freed memory keeps the sanitizer's own use small; the limit on resident memory is a backstop
  # for the sanitizer's shadow and the program together.
  if ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=1 "$build/bin/fuzz_$target" \
      -max_total_time="$seconds" -timeout=1 -malloc_limit_mb=64 -rss_limit_mb=512 -max_len=65536 \
      -artifact_prefix="$findings/" -print_final_stats=1 \
      "$work" "$root/tests/fuzz/corpus/$target" >"$logs/$target.log" 2>&1; then
    echo "fuzz $target: ok, $(stat_of number_of_executed_units "$target") inputs in $seconds s," \
      "peak $(stat_of peak_rss_mb "$target") MiB resident"
  else
    echo "fuzz $target: FAILED, input in $findings, end of $logs/$target.log:"
    tail -n 40 "$logs/$target.log"
    status=1
  fi
done
exit $status
