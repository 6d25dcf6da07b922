#!/bin/sh
# run.sh [SECONDS [TARGET...]]: builds the fuzz targets (preset fuzz) and runs each for SECONDS (10) over the kept seeds.
# Fails on a crash, an input that takes over 1 s, a single allocation over 64 MiB, or a leak. Findings are left in
# build/fuzz/findings/TARGET.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-10}
[ $# -eq 0 ] || shift
build=$root/build/fuzz

if [ ! -e "$build/CMakeCache.txt" ]; then
  (cd "$root" && cmake --preset fuzz >/dev/null)
fi
cmake --build "$build" -j2 --target fuzz_targets

if [ $# -eq 0 ]; then
  set -- $(cd "$root/tests/fuzz" && ls -- *_fuzz.cc | sed 's/_fuzz\.cc$//')
fi
status=0
for target in "$@"; do
  work=$build/corpus/$target
  findings=$build/findings/$target
  mkdir -p "$work" "$findings"
  echo "== fuzz $target, ${seconds} s"
  # A small quarantine of freed memory keeps the sanitizer's own use out of the limit.
  if ! ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=1 "$build/bin/fuzz_$target" \
      -max_total_time="$seconds" -timeout=1 -malloc_limit_mb=64 -rss_limit_mb=512 -max_len=65536 \
      -artifact_prefix="$findings/" -print_final_stats=1 -verbosity=0 \
      "$work" "$root/tests/fuzz/corpus/$target"; then
    echo "fuzz $target: failed, see $findings"
    status=1
  fi
done
exit $status
