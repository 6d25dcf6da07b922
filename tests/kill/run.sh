#!/bin/sh
# Kills a server under load: tests/kill/run.sh [CYCLES] [SEED] [PRESET]
# 15 cycles take about a minute; a night's run is tests/kill/run.sh 5000.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
preset=${3:-release}
cmake --build "$root/build/$preset" --target kill_run kill_audit
exec "$root/build/$preset/bin/kill_run" --cycles "${1:-15}" --seed "${2:-1}"
