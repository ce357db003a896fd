#!/usr/bin/env bash
# Measures the token cache against redis-server, memcached with extstore and fio in one run and prints ratios.
# usage: bench/run_cache.sh [--rounds N] [--seconds S] [--only dram,latency,flash] [--flash-mib N] [--json FILE]
# Status 0: every bar is met; 1: not; 77: it cannot run here, and says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    sed -n '2,4s/^# //p' "$0"
    exit 0
  fi
done

skip() {
  echo "run_cache.sh: skipped: $*" >&2
  exit 77
}

. tools/build_env.sh
if [ -z "${TOKENPLANE_BIN:-}" ]; then
  tools/install_packages.sh build bench
  build_preset release tokenplane
fi
PATH=$PATH:/usr/sbin:/sbin
for program in redis-server memcached fio unshare ip clang++-19; do
  command -v "$program" >/dev/null || skip "there is no $program (tools/install_packages.sh bench)"
done

client=build/bench/cache_bench
mkdir -p "$(dirname "$client")"
if [ ! -x "$client" ] || [ bench/cache/cache_bench.cc -nt "$client" ]; then
  clang++-19 -std=c++23 -O2 -g bench/cache/cache_bench.cc -o "$client"
fi

# A network namespace of our own, where loopback TCP is reno: bbr, the default of some kernels, measures bbr alone.
namespace=tokenplane-cache-$$
[ "$(id -u)" = 0 ] || skip "it takes root to make a network namespace"
ip netns add "$namespace" 2>/dev/null || skip "no network namespace can be made here"
trap 'ip netns delete "$namespace"' EXIT
ip -n "$namespace" link set lo up
ip netns exec "$namespace" sysctl -qw net.ipv4.tcp_congestion_control=reno
ip netns exec "$namespace" /usr/bin/python3 -B bench/cache/cache_rounds.py --client "$PWD/$client" "$@"
