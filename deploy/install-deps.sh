#!/bin/sh
# Installs the Debian 12 packages that Enlace needs. Usage: deploy/install-deps.sh [build|test|lint]
# build (the default): to build and run; test: also what the tests and sanitizers use; lint: also the linters.
# Uses sudo where it is not root. Does nothing when everything is there.
set -eu

build="build-essential cmake ninja-build ccache pkg-config git ca-certificates gettext python3
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev librocksdb-dev libsodium-dev libssl-dev zlib1g-dev
  libsqlite3-dev libcli11-dev libspdlog-dev prometheus-cpp-dev nlohmann-json3-dev libsystemd-dev libicu-dev libabsl-dev
  libjemalloc-dev
  libgtest-dev libgmock-dev libbenchmark-dev gdb"
test="clang libclang-rt-14-dev valgrind openssl procps iproute2 faketime"
lint="clang-tidy clang-format"

packages=$build
case "${1:-build}" in
  build) ;;
  test) packages="$build $test" ;;
  lint) packages="$build $test $lint" ;;
  *) sed -n '2,4p' "$0" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "needs root or sudo to install:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/tmp/enlace-apt.log 2>&1 || {
  tail -n 20 /tmp/enlace-apt.log >&2
  exit 1
}
