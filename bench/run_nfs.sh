#!/usr/bin/env bash
# Measures the NFS front against nfs-ganesha on the same disk in one run and prints ratios. See bench/README.md.
# usage: bench/run_nfs.sh [--rounds N] [--only write,read,random,names,files] [--connections N] [--json FILE]
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
  echo "run_nfs.sh: skipped: $*" >&2
  exit 77
}

. tools/build_env.sh
if [ -z "${TOKENPLANE_BIN:-}" ]; then
  tools/install_packages.sh build bench
  build_preset release tokenplane
fi
PATH=$PATH:/usr/sbin:/sbin
for program in ganesha.nfsd rpcbind unshare ip clang++-19; do
  command -v "$program" >/dev/null || skip "there is no $program (tools/install_packages.sh bench)"
done
[ -e /usr/include/nfsc/libnfs.h ] || skip "libnfs-dev is not installed (tools/install_packages.sh bench)"

client=build/bench/nfs_bench
mkdir -p "$(dirname "$client")"
if [ ! -x "$client" ] || [ bench/nfs/nfs_bench.cc -nt "$client" ]; then
  clang++-19 -std=c++23 -O2 -g bench/nfs/nfs_bench.cc -lnfs -o "$client"
fi

# A network namespace of our own: rpcbind has port 111 to itself, and loopback TCP is reno (bbr, the default of some
# kernels, measures bbr alone). The second address is there because nfs-ganesha finds no 127.0.0.1 without another.
namespace=tokenplane-nfs-$$
[ "$(id -u)" = 0 ] || skip "it takes root to make a network namespace"
ip netns add "$namespace" 2>/dev/null || skip "no network namespace can be made here"
trap 'ip netns delete "$namespace"' EXIT
ip -n "$namespace" link set lo up
ip -n "$namespace" address add 10.97.0.1/32 dev lo
ip netns exec "$namespace" sysctl -qw net.ipv4.tcp_congestion_control=reno
ip netns exec "$namespace" /usr/bin/python3 -B bench/nfs/nfs_rounds.py --client "$PWD/$client" "$@"
