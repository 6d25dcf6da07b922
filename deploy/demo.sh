#!/bin/sh
# The whole of Enlace on one machine, from nothing: packages, build, and a play of the main job with the real programs.
#   deploy/demo.sh [--keep] [--dir DIR]
# --keep leaves the server running and prints how to go on by hand. Needs only sh and apt-get; uses sudo where it is not
# root. Everything runs on loopback, below one folder (default: a new one under /tmp).
set -eu
cd "$(dirname "$0")/.."
deploy/install-deps.sh build
cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target enlace enlace-admin enlace-server enlace_attack_ghost enlace_find_bytes
exec python3 deploy/demo.py --programs build/release/bin "$@"
