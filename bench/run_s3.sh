#!/usr/bin/env bash
# Measures the S3 front against nginx, fio and Ceph radosgw in one run and prints ratios. See bench/README.md.
# usage: bench/run_s3.sh [--rounds N] [--seconds S] [--only get,put,list,rgw] [--json FILE] [--directory DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    sed -n '2,3s/^# //p' "$0"
    exit 0
  fi
done

tools/install_packages.sh build bench
. tools/build_env.sh
build_preset release tokenplane

# Loopback TCP with bbr, the default of some kernels, is several times slower than with reno and measures bbr alone: all
# peers run in a network namespace whose congestion control is reno.
if [ "$(id -u)" = 0 ] && ip netns add tokenplane-bench 2>/dev/null; then
  trap 'ip netns delete tokenplane-bench' EXIT
  ip -n tokenplane-bench link set lo up
  ip netns exec tokenplane-bench sysctl -qw net.ipv4.tcp_congestion_control=reno
  ip netns exec tokenplane-bench /usr/bin/python3 bench/s3_bench.py "$@"
else
  echo "run_s3.sh: no network namespace can be made here: using the machine's own loopback" >&2
  exec /usr/bin/python3 bench/s3_bench.py "$@"
fi
